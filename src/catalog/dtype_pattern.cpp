#include "catalog/dtype_pattern.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "catalog/fields.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;  ///< of the names in braces

constexpr std::string_view kAny = "any";          ///< in place of a list: any text
constexpr std::string_view kDecimal = "decimal";  ///< a number with or without decimals
constexpr std::uint64_t kHundred = 100;           ///< decimals are kept to hundredths

/// "4" as "4.0": decimals are spelled with at least one digit behind the point.
std::string spelled(std::string_view number) {
  std::string text(number);
  return text.find('.') == std::string::npos ? text + ".0" : text;
}

/// Hundredths of a number such as "4.25"; nothing when it is none, or not above 0 and at most 16.
std::optional<std::uint64_t> hundredths(std::string_view text) {
  double number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool plain = text.find_first_not_of("0123456789.") == std::string_view::npos;
  constexpr double kMost = 16;
  if (error != std::errc() || end != text.data() + text.size() || !plain || number <= 0 || number > kMost) {
    return std::nullopt;
  }
  const auto whole = static_cast<std::uint64_t>(number * kHundred + 0.5);
  return static_cast<double>(whole) / kHundred == number ? std::optional(whole) : std::nullopt;
}

bool is_allowed(const Value& allowed, std::string_view text) {
  if (const auto* kind = allowed.as<std::string>()) return *kind == kAny ? !text.empty() : hundredths(text).has_value();
  const auto* list = allowed.as<Value::List>();
  return list != nullptr && std::any_of(list->begin(), list->end(), [&](const Value& value) {
           const auto* number = value.as<std::int64_t>();
           return number != nullptr && std::to_string(*number) == text;
         });
}

/// Reads the name by the pattern: each placeholder in braces has one of its values.
bool matches(std::string_view pattern, std::string_view name, const Value& values, Values& out) {
  const auto open = pattern.find('{');
  if (open == std::string_view::npos) return pattern == name;
  const auto close = pattern.find('}', open);
  if (close == std::string_view::npos || !name.starts_with(pattern.substr(0, open))) return false;
  const std::string_view placeholder = pattern.substr(open + 1, close - open - 1);
  const Value* allowed = values.find(placeholder);
  const std::string_view rest = name.substr(open);
  for (std::size_t length = rest.size(); allowed != nullptr && length > 0; --length) {
    const std::string_view value = rest.substr(0, length);
    if (!is_allowed(*allowed, value)) continue;
    if (!matches(pattern.substr(close + 1), rest.substr(length), values, out)) continue;
    const bool decimal = allowed->as<std::string>() != nullptr && *allowed->as<std::string>() == kDecimal;
    out[std::string(placeholder)] = decimal ? spelled(value) : std::string(value);
    return true;
  }
  return false;
}

std::string filled_text(std::string_view text, const Values& values) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto close = text[at] == '{' ? text.find('}', at) : std::string_view::npos;
    const auto value =
        close != std::string_view::npos ? values.find(text.substr(at + 1, close - at - 1)) : values.end();
    if (value == values.end()) {
      out += text[at++];
    } else {
      out += value->second;
      at = close + 1;
    }
  }
  return out;
}

/// A text that is one placeholder becomes its number, where it is one.
Value filled(const Value& value, const Values& values) {
  if (const auto* text = value.as<std::string>()) {
    const std::string full = filled_text(*text, values);
    std::int64_t number{};
    const auto [end, error] = std::from_chars(full.data(), full.data() + full.size(), number);
    const bool whole = text->starts_with('{') && text->find('}') + 1 == text->size();
    if (whole && error == std::errc() && end == full.data() + full.size()) return Value(number);
    return Value(full);
  }
  if (const auto* list = value.as<Value::List>()) {
    Value::List items;
    for (const auto& item : *list) items.push_back(filled(item, values));
    return Value(std::move(items));
  }
  if (const auto* object = value.as<Value::Object>()) {
    Value::Object members;
    for (const auto& [key, item] : *object) members.emplace_back(key, filled(item, values));
    return Value(std::move(members));
  }
  return value;
}

Value row_with(const Value& pattern, const Values& values) {
  Value row{Value::Object{}};
  for (const auto& [key, value] : *pattern.as<Value::Object>()) {
    if (key == "values" || key == "aliases" || key == "usual") continue;
    row.set(key, filled(value, values));
  }
  // 3.25 bits are 325 for a hundred elements.
  if (const auto* bits = row.find("bits"); bits != nullptr && bits->as<std::string>() != nullptr) {
    const auto whole = hundredths(*bits->as<std::string>());
    if (!whole) throw Error("/bits: expected a number, got " + brief(*bits));
    const bool plain = *whole % kHundred == 0;
    row.set("bits", Value(static_cast<std::int64_t>(plain ? *whole / kHundred : *whole)));
    if (!plain) row.set("elements", Value(static_cast<std::int64_t>(kHundred)));
  }
  return row;
}

/// What is usual: "usual", or the first of a list.
Values usual_of(const Value& pattern) {
  Values values;
  for (const auto& [name, allowed] : object_of(*pattern.find("values"), "/values")) {
    if (const auto* list = allowed.as<Value::List>(); list != nullptr && !list->empty()) {
      if (const auto* first = list->front().as<std::int64_t>()) values[name] = std::to_string(*first);
    }
  }
  if (const auto* usual = pattern.find("usual")) {
    for (const auto& [name, value] : object_of(*usual, "/usual")) {
      const auto* text = value.as<std::string>();
      const auto* number = value.as<std::int64_t>();
      values[name] = text != nullptr ? *text : number != nullptr ? std::to_string(*number) : std::string();
    }
  }
  return values;
}

}  // namespace

bool is_dtype_pattern(const Value& row) { return row.find("values") != nullptr; }

bool means_usual(std::string_view row_id, std::string_view name) {
  return row_id.find('{') != std::string_view::npos && name.find('{') == std::string_view::npos;
}

std::optional<Value> dtype_row_of(const Value& pattern, std::string_view name) {
  const std::string wanted = lower(name);
  std::vector<std::string> names{need_text(*pattern.find("id"), "/id")};
  if (const auto* aliases = pattern.find("aliases")) {
    for (const auto& alias : list_of(*aliases, "/aliases")) names.push_back(need_text(alias, "/aliases"));
  }
  for (const auto& one : names) {
    Values values;
    if (!matches(one, wanted, *pattern.find("values"), values)) continue;
    for (const auto& [usual, value] : usual_of(pattern)) values.try_emplace(usual, value);
    return row_with(pattern, values);
  }
  return std::nullopt;
}

Value example_of(const Value& pattern) {
  if (pattern.find("id") == nullptr) throw Error("/id: missing");
  Value row = row_with(pattern, usual_of(pattern));
  row.set("id", *pattern.find("id"));
  if (const auto* aliases = pattern.find("aliases")) row.set("aliases", *aliases);
  if (const auto* name = pattern.find("name")) row.set("name", *name);
  return row;
}

}  // namespace paramcount
