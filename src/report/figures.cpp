#include "report/figures.hpp"

#include <tuple>
#include <utility>

#include "base/numbers.hpp"
#include "base/text.hpp"

namespace paramcount {

namespace {

thread_local FigureStyle current;

/// Two decimals, or two significant digits where those would say nothing.
std::string gigabytes(double value) { return value > 0 && value < 0.01 ? significant(value, 2) : fixed(value, 2); }

/// The quotient to its last digit, which a power of two in the divisor always has.
std::string exactly(std::uint64_t bytes, std::uint64_t divisor) {
  std::string text = grouped(bytes / divisor);
  std::uint64_t rest = bytes % divisor;
  if (rest > 0) text += '.';
  while (rest > 0) {
    rest *= 10;
    text += static_cast<char>('0' + rest / divisor);
    rest %= divisor;
  }
  return text;
}

/// Every digit of the double, those before the point grouped.
std::string all_digits(double value) {
  std::string text = shortest(value);
  const auto whole = text.find_first_not_of("0123456789");
  if (text.find('e') != std::string::npos || whole == 0 || value < 0 || value >= 1e15) return text;
  return grouped(static_cast<std::uint64_t>(value)) + (whole == std::string::npos ? "" : text.substr(whole));
}

void erase_column(PageTable& table, std::size_t at) {
  const auto erase = [&](Line& line) {
    if (at < line.cells.size()) line.cells.erase(line.cells.begin() + static_cast<std::ptrdiff_t>(at));
  };
  erase(table.head);
  for (auto& line : table.lines) erase(line);
}

}  // namespace

void set_figure_style(FigureStyle style) { current = std::move(style); }
const FigureStyle& figure_style() { return current; }

void keep_units(Report& report, const std::string& units) {
  const std::string_view other = units == "si" ? "GiB" : "GB";
  for (auto& page : report.pages) {
    for (auto& table : page.tables) {
      const auto& heads = table.head.cells;
      for (std::size_t i = heads.size(); i-- > 0;) {
        if (heads[i].text == other) erase_column(table, i);
      }
    }
  }
}

std::string range_text(Bytes low, Bytes high) {
  return current.units == "si" ? gb(low) + " to " + gb(high) + " GB" : gib(low) + " to " + gib(high) + " GiB";
}

std::string gb(Bytes bytes) {
  return current.precise ? exactly(bytes.value, 1'000'000'000) : gigabytes(static_cast<double>(bytes.value) / 1e9);
}
std::string gib(Bytes bytes) {
  return current.precise ? exactly(bytes.value, 1U << 30U) : gigabytes(static_cast<double>(bytes.value) / 0x1p30);
}

std::string amount(double value) {
  if (current.precise) return all_digits(value);
  for (const auto& [from, factor, suffix] : {std::tuple{1e12, 1e12, " T"}, std::tuple{1e9, 1e9, " B"},
                                             std::tuple{1e6, 1e6, " M"}, std::tuple{1e4, 1e3, " K"}}) {
    if (value >= from * 0.9995) return significant(value / factor, 3) + suffix;
  }
  return significant(value, 3);
}

std::string money(double dollars) {
  if (current.precise) return "$" + all_digits(dollars);
  if (dollars < 99.95) return "$" + fixed(dollars, 2);
  for (const auto& [factor, suffix] : {std::pair{1e9, " B"}, std::pair{1e6, " M"}, std::pair{1e3, " K"}}) {
    if (dollars >= factor * 0.9995) return "$" + significant(dollars / factor, 3) + suffix;
  }
  return "$" + significant(dollars, 3);
}

std::string percent(double share_of_one) {
  if (current.precise) return shortest(share_of_one * 100) + " %";
  std::string text = significant(share_of_one * 100, 3);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
  }
  return text + " %";
}

std::string operations(double flops) { return current.precise ? shortest(flops) : scientific(flops); }
std::string rounded(double value) { return current.precise ? all_digits(value) : significant(value, 3); }

}  // namespace paramcount
