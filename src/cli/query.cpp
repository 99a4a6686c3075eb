#include "cli/query.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "report/keys.hpp"

namespace paramcount {
namespace {

bool undisclosed(const Row& object) {
  const Found found = find_value(object, "disclosed");
  return found.value != nullptr && *found.value == Value(false);
}

bool none_disclosed(const Report& report) {
  return !report.models.empty() && std::all_of(report.models.begin(), report.models.end(), undisclosed);
}

[[noreturn]] void unknown_key(const Report& report, const std::string& option, const std::string& key) {
  if (key.empty()) throw usage_error(option + ": expected a key, such as params.total");
  Suggestions suggestions(key);
  const auto consider = [&](const std::string& known, const Row&, const Value&) { suggestions.consider(known); };
  for (const auto& object : report.models) each_value(object, consider);
  for (const auto& extra : report.extras) {
    each_value(extra, [&](const std::string& known, const Row&, const Value&) {
      suggestions.consider(extra.key.text() + "." + known);
    });
  }
  throw usage_error(option + " " + printable(key) + ": no such key." +
                    suggestions.hint(" 'paramcount help keys' lists them."));
}

/// What a key means: a value of each object (nullptr where it has none), or one of the whole.
struct Meaning {
  bool of_whole{false};
  std::vector<const Value*> values;
};

Meaning look_up(const Report& report, const std::string& option, const std::string& key) {
  if (key.empty()) unknown_key(report, option, key);
  Meaning meaning;
  bool any = false;
  const auto take = [&](const Found& found) {
    if (found.row != nullptr && found.value == nullptr) {
      std::string inside;
      for (const auto& child : found.row->children) {
        if (inside.size() < 60 && !child.key.empty()) inside += (inside.empty() ? "" : ", ") + child.key.text();
      }
      throw usage_error(option + " " + printable(key) + ": more than one value. " +
                        (inside.empty() ? "Add a number: " + printable(key) + ".0" : "Inside are " + inside));
    }
    any = any || found.value != nullptr;
    return found.value;
  };
  for (const auto& extra : report.extras) {
    const std::string prefix = extra.key.text() + ".";
    if (!key.starts_with(prefix)) continue;
    if (const auto* value = take(find_value(extra, std::string_view(key).substr(prefix.size())))) {
      return {true, {value}};
    }
  }
  for (const auto& object : report.models) meaning.values.push_back(take(find_value(object, key)));
  if (!any && !none_disclosed(report)) unknown_key(report, option, key);
  return meaning;
}

/// A line never carries a line break of its own.
std::string one_line(const Value& value) { return printable(bare(value)); }

struct Comparison {
  std::string key;
  std::string_view symbol;
  std::string value;
};

constexpr std::array<std::string_view, 6> kOperators{"<=", ">=", "==", "!=", "<", ">"};

[[noreturn]] void not_understood(const std::string& text) {
  throw usage_error("--assert " + printable(text) + ": expected KEY <= VALUE (or < > >= == !=)");
}

Comparison read_comparison(const std::string& text) {
  const auto at = text.find_first_of("<>=!");
  if (at == std::string::npos) not_understood(text);
  for (const auto symbol : kOperators) {
    if (text.compare(at, symbol.size(), symbol) != 0) continue;
    std::string value(trim(std::string_view(text).substr(at + symbol.size())));
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
      value = value.substr(1, value.size() - 2);
    std::string key(trim(std::string_view(text).substr(0, at)));
    if (key.empty() || value.empty()) not_understood(text);
    return {std::move(key), symbol, std::move(value)};
  }
  not_understood(text);
}

/// "8e9", "-1.5", "8B", "24GiB": exact up to 2^63, which long double holds; nothing when it is no number.
std::optional<long double> number_of(const std::string& text) {
  static constexpr std::array<std::pair<std::string_view, long double>, 15> kSuffixes{{{"KiB", 0x1p10L},
                                                                                       {"MiB", 0x1p20L},
                                                                                       {"GiB", 0x1p30L},
                                                                                       {"TiB", 0x1p40L},
                                                                                       {"kB", 1e3L},
                                                                                       {"KB", 1e3L},
                                                                                       {"MB", 1e6L},
                                                                                       {"GB", 1e9L},
                                                                                       {"TB", 1e12L},
                                                                                       {"k", 1e3L},
                                                                                       {"K", 1e3L},
                                                                                       {"M", 1e6L},
                                                                                       {"B", 1e9L},
                                                                                       {"G", 1e9L},
                                                                                       {"T", 1e12L}}};
  if (text.find_first_not_of("0123456789.eE+-kKMGTiB ") != std::string::npos) return std::nullopt;
  char* end = nullptr;
  const long double number = std::strtold(text.c_str(), &end);
  if (end == text.c_str() || !std::isfinite(number)) return std::nullopt;
  const auto rest = trim(std::string_view(end));
  if (rest.empty()) return number;
  for (const auto& [suffix, factor] : kSuffixes) {
    if (rest == suffix) return number * factor;
  }
  return std::nullopt;
}

template <class T>
bool holds(std::string_view symbol, const T& a, const T& b) {
  if (symbol == "<=") return a <= b;
  if (symbol == ">=") return a >= b;
  if (symbol == "<") return a < b;
  if (symbol == ">") return a > b;
  return (a == b) == (symbol == "==");
}

bool holds(const std::string& text, const Comparison& comparison, const Value& value) {
  if (value.is_number()) {
    const auto* whole = value.as<std::int64_t>();
    const auto found = whole != nullptr ? static_cast<long double>(*whole) : *value.as<double>();
    const auto wanted = number_of(comparison.value);
    if (!wanted) throw usage_error("--assert " + printable(text) + ": " + comparison.key + " is a number");
    return holds(comparison.symbol, found, *wanted);
  }
  if (comparison.symbol != "==" && comparison.symbol != "!=")
    throw usage_error("--assert " + printable(text) + ": " + comparison.key + " is no number, use == or !=");
  return holds(comparison.symbol, bare(value), comparison.value);
}

std::string name_of_object(const Row& object, std::size_t at) {
  const Found found = find_value(object, "id");
  return found.value != nullptr ? one_line(*found.value) : std::to_string(at);
}

}  // namespace

std::string get_values(const Report& report, const std::vector<std::string>& keys) {
  std::vector<Meaning> meanings;
  for (const auto& text : keys) {
    for (const auto key : split(text, ',')) meanings.push_back(look_up(report, "--get", std::string(trim(key))));
  }
  std::string out;
  if (none_disclosed(report)) return out;
  const auto add = [&](const Value* value) { out += (value != nullptr ? one_line(*value) : std::string()) + "\n"; };
  for (std::size_t i = 0; i < report.models.size(); ++i) {
    for (const auto& meaning : meanings) {
      if (!meaning.of_whole) add(meaning.values[i]);
    }
  }
  for (const auto& meaning : meanings) {
    if (meaning.of_whole) add(meaning.values.front());
  }
  return out;
}

std::string failed_assertions(const Report& report, const std::vector<std::string>& expressions) {
  std::string failed;
  if (none_disclosed(report)) return failed;
  for (const auto& text : expressions) {
    const Comparison comparison = read_comparison(text);
    const Meaning meaning = look_up(report, "--assert", comparison.key);
    for (std::size_t i = 0; i < meaning.values.size(); ++i) {
      const std::string name = meaning.of_whole ? "" : name_of_object(report.models[i], i) + ": ";
      const Value* value = meaning.values[i];
      if (value == nullptr) throw Error(name + "no " + printable(comparison.key) + ", so --assert has no answer");
      if (!holds(text, comparison, *value)) {
        failed += name + printable(comparison.key) + " is " + one_line(*value) + ", not " +
                  std::string(comparison.symbol) + " " + printable(comparison.value) + "\n";
      }
    }
  }
  return failed;
}

}  // namespace paramcount
