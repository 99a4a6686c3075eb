#include "report/figures.hpp"

#include <tuple>
#include <utility>

#include "base/numbers.hpp"

namespace paramcount {

namespace {

/// Two decimals, or two significant digits where those would say nothing.
std::string gigabytes(double value) { return value > 0 && value < 0.01 ? significant(value, 2) : fixed(value, 2); }

}  // namespace

std::string gb(Bytes bytes) { return gigabytes(static_cast<double>(bytes.value) / 1e9); }
std::string gib(Bytes bytes) { return gigabytes(static_cast<double>(bytes.value) / 0x1p30); }

std::string amount(double value) {
  for (const auto& [from, factor, suffix] : {std::tuple{1e12, 1e12, " T"}, std::tuple{1e9, 1e9, " B"},
                                             std::tuple{1e6, 1e6, " M"}, std::tuple{1e4, 1e3, " K"}}) {
    if (value >= from * 0.9995) return significant(value / factor, 3) + suffix;
  }
  return significant(value, 3);
}

std::string money(double dollars) {
  if (dollars < 99.95) return "$" + fixed(dollars, 2);
  for (const auto& [factor, suffix] : {std::pair{1e9, " B"}, std::pair{1e6, " M"}, std::pair{1e3, " K"}}) {
    if (dollars >= factor * 0.9995) return "$" + significant(dollars / factor, 3) + suffix;
  }
  return "$" + significant(dollars, 3);
}

std::string percent(double share_of_one) {
  std::string text = significant(share_of_one * 100, 3);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
  }
  return text + " %";
}

}  // namespace paramcount
