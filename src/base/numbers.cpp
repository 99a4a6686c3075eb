#include "base/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

struct Scale {
  double factor;
  std::string_view suffix;
};
constexpr std::array<Scale, 4> kScales{{{1e12, " T"}, {1e9, " B"}, {1e6, " M"}, {1e3, " K"}}};

/// A number of units of 10^-decimals, digits grouped: 134,205 with two decimals is 1,342.05.
std::string grouped_units(std::uint64_t units, int decimals) {
  std::array<char, 32> buffer;  // 20 digits, 6 commas, a point and zeros before it
  char* at = buffer.data() + buffer.size();
  const auto digit = [&] {
    *--at = static_cast<char>('0' + units % 10);
    units /= 10;
  };
  for (int i = 0; i < decimals; ++i) digit();
  if (decimals > 0) *--at = '.';
  digit();
  for (int i = 1; units > 0; ++i) {
    if (i % 3 == 0) *--at = ',';
    digit();
  }
  return {at, buffer.data() + buffer.size()};
}

/// The same of digits that fmt wrote.
std::string group(std::string digits) {
  const std::size_t end = std::min(digits.find('.'), digits.size());
  const std::size_t start = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = end; at > start + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

void drop_zeros(std::string& text) {
  if (text.find('.') == std::string::npos) return;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
}

}  // namespace

/// As "{:.2f}" writes it: most numbers by whole ones, those near a tie by fmt, which compares every digit.
std::string fixed(double value, int decimals) {
  constexpr std::array<double, 4> kTens{1, 10, 100, 1000};
  if (value >= 0 && value < 1e8 && decimals >= 0 && decimals < static_cast<int>(kTens.size())) {
    const double units = value * kTens[static_cast<std::size_t>(decimals)];
    const double below = std::floor(units);
    const double rest = units - below;
    if (std::abs(rest - 0.5) > 1e-3) {
      return grouped_units(static_cast<std::uint64_t>(below) + (rest > 0.5 ? 1 : 0), decimals);
    }
  }
  return group(fmt::format("{:.{}f}", value, decimals));
}

namespace {

std::string with_scale(double value, bool keep_zeros) {
  for (const auto& [factor, suffix] : kScales) {
    // 999.995 K is 1.00 M: rounding decides the scale.
    if (std::abs(value) < factor * (1 - 5e-6)) continue;
    std::string text = fixed(value / factor, 2);
    if (!keep_zeros) drop_zeros(text);
    return text.append(suffix);
  }
  return fixed(value, value == std::floor(value) ? 0 : 2);
}

}  // namespace

std::string grouped(std::uint64_t value) { return grouped_units(value, 0); }
std::string several(std::uint64_t count, std::string_view one) {
  return joined({grouped(count), " ", one, count == 1 ? "" : "s"});
}

std::string shape_text(const std::vector<std::uint64_t>& shape, std::string_view times) {
  std::string text;
  for (const auto size : shape) text += joined({text.empty() ? std::string_view{} : times, std::to_string(size)});
  return text.empty() ? "scalar" : text;
}

std::string scaled(double value) { return with_scale(value, true); }
std::string scaled_short(double value) { return with_scale(value, false); }

std::string scientific(double value, int digits) {
  std::string text = fmt::format("{:.{}e}", value, digits - 1);
  const auto e = text.find('e');
  if (e != std::string::npos) {
    // e+25 reads e25; e-05 reads e-5.
    std::string exponent = text.substr(e + 1);
    const bool negative = exponent.starts_with('-');
    exponent.erase(0, exponent.find_first_not_of("+-0"));
    text = text.substr(0, e) + "e" + (negative ? "-" : "") + (exponent.empty() ? "0" : exponent);
  }
  return text;
}

std::string significant(double value, int digits) {
  if (value == 0 || !std::isfinite(value)) return "0";
  const auto magnitude = [](double v) { return static_cast<int>(std::floor(std::log10(std::abs(v)))); };
  const double unit = std::pow(10.0, magnitude(value) - digits + 1);
  const double rounded = std::round(value / unit) * unit;
  return fixed(rounded, std::max(0, digits - 1 - magnitude(rounded)));
}

std::string in_gib(std::uint64_t bytes) { return significant(static_cast<double>(bytes) / 0x1p30) + " GiB"; }

double parse_number(std::string_view text, std::string_view option, bool binary, double most) {
  const auto fail = [&](const std::string& what) {
    return usage_error(std::string(option) + " " + printable(text) + ": " + what);
  };
  std::string digits;
  for (const char c : trim(text)) {
    if (c != ',' && c != '_') digits += c;
  }
  double value{};
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (result.ec == std::errc::result_out_of_range) throw fail("too large");
  if (result.ec != std::errc{}) throw fail("expected a number, such as 8192, 128k or 15T");
  const std::string_view suffix(result.ptr, static_cast<std::size_t>(digits.data() + digits.size() - result.ptr));
  constexpr std::string_view kSuffixes = "kmbgt";
  if (!suffix.empty()) {
    const char letter = lower(suffix).front();
    const auto at = kSuffixes.find(letter);
    if (suffix.size() != 1 || at == std::string_view::npos) {
      throw fail("'" + printable(suffix) + "' is not a suffix; known: k, M, B or G, T");
    }
    constexpr std::array<double, 5> kDecimal{1e3, 1e6, 1e9, 1e9, 1e12};
    constexpr std::array<double, 5> kBinary{0x1p10, 0x1p20, 0x1p30, 0x1p30, 0x1p40};
    value *= binary ? kBinary[at] : kDecimal[at];
  }
  if (!(value > 0)) throw fail("must be above 0");
  if (!(value <= most)) throw fail("too large; at most " + scaled_short(most));
  return value;
}

std::uint64_t parse_count(std::string_view text, std::string_view option, bool binary, std::uint64_t most) {
  const double value = parse_number(text, option, binary, static_cast<double>(most));
  if (value != std::floor(value)) {
    throw usage_error(std::string(option) + " " + printable(text) + ": expected a whole number");
  }
  return static_cast<std::uint64_t>(value);
}

}  // namespace paramcount
