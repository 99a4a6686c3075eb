#include "report/figures.hpp"

#include <cmath>
#include <tuple>
#include <utility>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/keys.hpp"

namespace paramcount {

namespace {

/// Two decimals, or two significant digits where those would say nothing.
std::string gigabytes(double value) { return value > 0 && value < 0.01 ? significant(value, 2) : fixed(value, 2); }

/// Bytes of a GB or a GiB.
std::uint32_t unit_of(bool si) { return si ? 1'000'000'000 : 1U << 30U; }

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

double number_of(const Value& value) {
  if (const auto* whole = value.as<std::int64_t>()) return static_cast<double>(*whole);
  const auto* number = value.as<double>();
  return number != nullptr ? *number : 0;
}

std::uint64_t count_of(const Value& value) {
  const auto* whole = value.as<std::int64_t>();
  return whole != nullptr && *whole > 0 ? static_cast<std::uint64_t>(*whole) : 0;
}

/// Without its sign: missing memory is negative bytes.
Bytes size_of(const Value& value) {
  const auto* whole = value.as<std::int64_t>();
  if (whole == nullptr || *whole >= 0) return {count_of(value)};
  return {static_cast<std::uint64_t>(-(*whole + 1)) + 1};
}

std::string in_unit(Bytes bytes, bool si, const FigureStyle& style) {
  if (style.precise) return exactly(bytes.value, unit_of(si));
  return gigabytes(static_cast<double>(bytes.value) / unit_of(si));
}

std::string amount_text(double value, const FigureStyle& style) {
  if (style.precise) return all_digits(value);
  for (const auto& [from, factor, suffix] : {std::tuple{1e12, 1e12, " T"}, std::tuple{1e9, 1e9, " B"},
                                             std::tuple{1e6, 1e6, " M"}, std::tuple{1e4, 1e3, " K"}}) {
    if (value >= from * 0.9995) return significant(value / factor, 3) + suffix;
  }
  return significant(value, 3);
}

std::string money_text(double dollars, const FigureStyle& style) {
  if (style.precise) return "$" + all_digits(dollars);
  if (dollars >= 1e-4 && dollars < 0.0995) return "$" + significant(dollars, 2);
  if (dollars < 99.95) return "$" + fixed(dollars, 2);
  for (const auto& [factor, suffix] : {std::pair{1e9, " B"}, std::pair{1e6, " M"}, std::pair{1e3, " K"}}) {
    if (dollars >= factor * 0.9995) return "$" + significant(dollars / factor, 3) + suffix;
  }
  return "$" + significant(dollars, 3);
}

std::string percent_text(double share_of_one, const FigureStyle& style) {
  if (style.precise) return shortest(share_of_one * 100) + " %";
  std::string text = significant(share_of_one * 100, 3);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
  }
  return text + " %";
}

std::string operations_text(double flops, const FigureStyle& style) {
  return style.precise ? shortest(flops) : scientific(flops);
}

std::string three(double value, const FigureStyle& style) {
  return style.precise ? all_digits(value) : significant(value, 3);
}

/// 15.6 T as somebody wrote it; 3.80e25 with the digits it was published with.
std::string as_said(double value, Unit unit) {
  if (unit != Unit::flops) return value < 1000 ? shortest(value) : scaled_short(value);
  const std::string digits = shortest(value);
  const auto exponent = digits.find('e');
  return exponent == std::string::npos ? scientific(value)
                                       : scientific(value, static_cast<int>(exponent > 1 ? exponent - 1 : 1));
}

/// "379 MWh": in kWh, MWh or GWh as people say it.
std::string energy_text(double kwh, bool stated, const FigureStyle& style) {
  if (style.precise) return all_digits(kwh) + " kWh";
  const auto& [factor, unit] = kwh >= 999.5e3 ? std::pair{1e6, " GWh"}
                               : kwh >= 999.5 ? std::pair{1e3, " MWh"}
                                              : std::pair{1.0, " kWh"};
  return (stated ? shortest(kwh / factor) : significant(kwh / factor, 3)) + unit;
}

std::string number_text(double value, Unit unit, Said said, const FigureStyle& style) {
  const bool stated = said == Said::published || said == Said::given;
  switch (unit) {
    case Unit::none:
    case Unit::bits:
      return shortest(value);
    case Unit::count:
    case Unit::params:
      if (is_uncertain(said)) return amount_text(value, style);
      return style.precise || value < 1e15 ? fixed(value, 0) : shortest(value);
    case Unit::bytes:
      break;
    case Unit::amount:
    case Unit::tokens:
    case Unit::hours:
      return stated && !style.precise ? as_said(value, unit) : amount_text(value, style);
    case Unit::flops:
      return said == Said::published && !style.precise ? as_said(value, unit) : operations_text(value, style);
    case Unit::flops_per_s:
      if (style.precise) return all_digits(value / 1e12);
      return fixed(value / 1e12, value < 99.5e12 && value != 1e12 ? 1 : 0);
    case Unit::bytes_per_s:
      return style.precise ? all_digits(value / 1e9) : fixed(value / 1e9, 0);
    case Unit::usd:
      return money_text(value, style);
    case Unit::usd_per_hour:
      return "$" + (style.precise ? all_digits(value) : fixed(value, 2)) + "/h";
    case Unit::seconds:
      return value < 1 ? three(value * 1000, style) + " ms" : three(value, style) + " s";
    case Unit::rate:
      return three(value, style);
    case Unit::days:
    case Unit::watts:
      return stated && !style.precise ? shortest(value) : three(value, style);
    case Unit::kwh:
      return energy_text(value, stated, style);
    case Unit::tonnes:
      return value < 0.1 && !style.precise ? significant(value * 1000, 3) + " kg"
                                           : (stated && !style.precise ? shortest(value) : three(value, style)) + " t";
    case Unit::share:
      return percent_text(value, style);
    case Unit::factor:
      return (value == 1 ? "1" : three(value, style)) + " ×";
    case Unit::loss:
      return style.precise ? all_digits(value) : fixed(value, 3);
  }
  return shortest(value);
}

}  // namespace

Said said_of(Origin origin) {
  return origin == Origin::given ? Said::given : origin == Origin::published ? Said::published : Said::assumed;
}

bool is_uncertain(Said said) { return said == Said::assumed || said == Said::estimated; }

std::string figure_text(const Value& value, Unit unit, Said said, const FigureStyle& style) {
  if (value.is_null()) return kNone;
  if (!value.is_number()) return printable(bare(value));
  const auto* whole = value.as<std::int64_t>();
  const std::string mark = is_uncertain(said) ? "~" : "";
  if (unit == Unit::bytes) {
    const bool si = style.units != FigureStyle::Units::iec;
    const bool negative = whole != nullptr && *whole < 0;
    return mark + (negative ? "-" : "") + in_unit(size_of(value), si, style) + (si ? " GB" : " GiB");
  }
  const bool plain = unit == Unit::none || unit == Unit::count || unit == Unit::params;
  if (plain && whole != nullptr && *whole >= 0) return mark + grouped(static_cast<std::uint64_t>(*whole));
  return mark + number_text(number_of(value), unit, said, style);
}

Figures::Figures(const Row& object, const FigureStyle& style, std::string prefix)
    : object_(object), style_(style), prefix_(std::move(prefix)) {}

std::string Figures::full(std::string_view key) const { return prefix_ + std::string(key); }

const Row* Figures::find(std::string_view key) const {
  const Found found = find_value(object_, key);
  return found.value != nullptr && !found.value->is_null() ? found.row : nullptr;
}

std::vector<Figures> Figures::members(std::string_view list) const {
  std::vector<Figures> members;
  const Row* found = find_value(object_, list).row;
  for (std::size_t i = 0; found != nullptr && i < found->children.size(); ++i) {
    members.emplace_back(found->children[i], style_, full(list) + "." + std::to_string(i) + ".");
  }
  return members;
}

double Figures::number(std::string_view key) const {
  const Row* figure = find(key);
  return figure != nullptr ? number_of(figure->value) : 0;
}

std::string Figures::text(std::string_view key) const {
  const Row* figure = find(key);
  return figure != nullptr ? figure_text(*figure, style_) : kNone;
}

Cell Figures::cell(std::string_view key, Style style) const {
  const Row* figure = find(key);
  if (figure == nullptr) return {kNone};
  return {figure_text(*figure, style_), is_uncertain(figure->said) ? Style::caution : style, full(key)};
}

Cell Figures::dressed(std::string_view key, std::string text, Style style) const {
  const Row* figure = find(key);
  if (figure == nullptr) return {kNone};
  const bool uncertain = is_uncertain(figure->said);
  return {(uncertain ? "~" : "") + std::move(text), uncertain ? Style::caution : style, full(key)};
}

Cell Figures::billions(std::string_view key) const {
  const double b = number(key) / 1e9;
  return dressed(key, style_.precise ? all_digits(b) : fixed(b, b < 0.1 ? 4 : 2));
}

Cell Figures::rounded(std::string_view key, std::string text) const {
  return dressed(key, style_.precise ? all_digits(number(key)) : std::move(text));
}

Cell Figures::count(std::string_view key) const { return style_.precise ? cell(key) : scaled(key); }

Cell Figures::scaled(std::string_view key, Style style) const {
  return dressed(key, paramcount::scaled(number(key)), style);
}

Cell Figures::share(std::string_view part, std::string_view whole) const {
  const double percent = 100.0 * number(part) / number(whole);
  return {percent < 0.05 ? "< 0.1 %" : fixed(percent, 1) + " %", Style::dim, full(part) + " " + full(whole)};
}

Cell Figures::shape(std::string_view key, std::string_view times) const {
  const Row* found = find_value(object_, key).row;
  const auto* list = found != nullptr ? found->value.as<Value::List>() : nullptr;
  if (list == nullptr) return {kNone};
  std::vector<std::uint64_t> sizes;
  for (const auto& size : *list) sizes.push_back(count_of(size));
  return {shape_text(sizes, times), Style::plain, full(key)};
}

std::vector<Cell> Figures::bytes(std::string_view key) const {
  std::vector<Cell> cells;
  cells.reserve(3);
  const Row* figure = find(key);
  if (figure == nullptr) {
    for (std::size_t i = 0; i < byte_units(style_).size(); ++i) cells.push_back({kNone});
    return cells;
  }
  const auto* whole = figure->value.as<std::int64_t>();
  const std::string sign = whole != nullptr && *whole < 0 ? "-" : "";
  for (auto& text : byte_texts(size_of(figure->value), style_)) cells.push_back(dressed(key, sign + text));
  return cells;
}

Cell Figures::gibibytes(std::string_view key, int decimals) const {
  return dressed(key, in_byte_unit(number(key), decimals, style_));
}

std::vector<Cell> Figures::byte_heads() const {
  std::vector<Cell> heads;
  for (auto& unit : byte_units(style_)) heads.push_back({std::move(unit)});
  return heads;
}

Line Figures::bytes_line(std::string_view key, std::string label) const {
  const Row* figure = find(key);
  if (label.empty() && figure != nullptr) label = figure->label.text();
  return {{std::move(label)}, bytes(key)};
}

Line Figures::line(std::string_view key, std::string label) const {
  const Row* figure = find(key);
  if (label.empty() && figure != nullptr) label = figure->label.text();
  return {{std::move(label)}, cells_of(cell(key))};
}

std::string byte_unit(const FigureStyle& style) { return style.units == FigureStyle::Units::si ? "GB" : "GiB"; }

std::string in_byte_unit(double bytes, int decimals, const FigureStyle& style) {
  const bool si = style.units == FigureStyle::Units::si;
  const double size = std::abs(bytes);
  return (bytes < 0 ? "-" : "") +
         (style.precise ? exactly(static_cast<std::uint64_t>(size), unit_of(si)) : fixed(size / unit_of(si), decimals));
}

std::vector<std::string> byte_units(const FigureStyle& style) {
  switch (style.units) {
    case FigureStyle::Units::si:
      return {"GB"};
    case FigureStyle::Units::iec:
      return {"GiB"};
    case FigureStyle::Units::both:
      break;
  }
  return {"GB", "GiB"};
}

std::vector<std::string> byte_texts(Bytes bytes, const FigureStyle& style) {
  std::vector<std::string> texts;
  if (style.units != FigureStyle::Units::iec) texts.push_back(in_unit(bytes, true, style));
  if (style.units != FigureStyle::Units::si) texts.push_back(in_unit(bytes, false, style));
  return texts;
}

std::string range_text(Bytes low, Bytes high, const FigureStyle& style) {
  const bool si = style.units == FigureStyle::Units::si;
  return in_unit(low, si, style) + " to " + in_unit(high, si, style) + (si ? " GB" : " GiB");
}

std::string both_units(Bytes bytes, const FigureStyle& style) {
  const auto units = byte_units(style);
  const auto texts = byte_texts(bytes, style);
  std::string text;
  for (std::size_t i = 0; i < units.size(); ++i) text += (text.empty() ? "" : ", ") + texts[i] + " " + units[i];
  return text;
}

}  // namespace paramcount
