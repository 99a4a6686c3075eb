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
  throw usage_error("--assert " + printable(text) +
                    ": expected KEY <= VALUE (or < > >= == !=); keys and numbers may be added and multiplied");
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

/// "fit.ok": a flag alone has to be true. Nothing if the text is not a flag.
std::optional<Comparison> read_flag(const Report& report, const std::string& text) {
  if (text.find_first_of("<>=! +*") != std::string::npos) return std::nullopt;
  const Meaning meaning = look_up(report, "--assert", text);
  const bool flags = std::all_of(meaning.values.begin(), meaning.values.end(),
                                 [](const Value* value) { return value != nullptr && value->as<bool>() != nullptr; });
  return flags ? std::optional<Comparison>({text, "==", "true"}) : std::nullopt;
}

/// "8e9", "-1.5", "8B", "24GiB": exact up to 2^63, which long double holds; nothing if it is not a number.
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

/// A sum of products of keys and numbers, as it was written.
using Product = std::vector<std::string>;
using Sum = std::vector<Product>;

/// Splits at "+" and "*"; the sign of an exponent ("1e+9") is not a sum.
Sum read_sum(const std::string& text, const std::string& whole) {
  Sum sum{{""}};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool exponent =
        i > 1 && (text[i - 1] == 'e' || text[i - 1] == 'E') && text[i - 2] >= '0' && text[i - 2] <= '9';
    if (text[i] == '*') {
      sum.back().emplace_back();
    } else if (text[i] == '+' && !exponent) {
      sum.push_back({""});
    } else {
      sum.back().back() += text[i];
    }
  }
  for (auto& product : sum) {
    for (auto& factor : product) {
      factor = trim(factor);
      if (factor.empty()) not_understood(whole);
    }
  }
  return sum;
}

bool is_single(const Sum& sum) { return sum.size() == 1 && sum.front().size() == 1; }

/// One side of a comparison, looked up once for all objects.
class Side {
 public:
  Side(Sum sum, const Report& report, const std::string& text) : sum_(std::move(sum)), text_(text) {
    for (const auto& product : sum_) {
      auto& factors = factors_.emplace_back();
      for (const auto& factor : product) {
        Factor& made = factors.emplace_back();
        made.number = number_of(factor);
        if (!made.number) made.meaning = look_up(report, "--assert", factor);
      }
    }
  }

  [[nodiscard]] bool of_whole() const {
    bool whole = true;
    for (const auto& factors : factors_) {
      for (const auto& factor : factors) whole = whole && (factor.number || factor.meaning.of_whole);
    }
    return whole;
  }

  /// Its value for an object.
  [[nodiscard]] long double of(std::size_t object, const std::string& name) const {
    long double total = 0;
    for (std::size_t p = 0; p < sum_.size(); ++p) {
      long double product = 1;
      for (std::size_t f = 0; f < sum_[p].size(); ++f) {
        const Factor& factor = factors_[p][f];
        product *= factor.number ? *factor.number : value_of(factor.meaning, sum_[p][f], object, name);
      }
      total += product;
    }
    return total;
  }

 private:
  struct Factor {
    std::optional<long double> number;
    Meaning meaning;
  };

  [[nodiscard]] long double value_of(const Meaning& meaning, const std::string& key, std::size_t object,
                                     const std::string& name) const {
    const Value* const value = meaning.of_whole ? meaning.values.front() : meaning.values[object];
    if (value == nullptr) throw Error(name + "no " + printable(key) + ", so --assert has no answer");
    if (const auto* whole = value->as<std::int64_t>()) return static_cast<long double>(*whole);
    const auto* number = value->as<double>();
    if (number == nullptr)
      throw usage_error("--assert " + printable(text_) + ": " + printable(key) + " is not a number");
    return *number;
  }

  Sum sum_;
  std::string text_;
  std::vector<std::vector<Factor>> factors_;
};

/// A number as --get prints it.
std::string written(long double number) {
  const auto whole = static_cast<std::int64_t>(number);
  if (std::fabs(number) < 0x1p62L && static_cast<long double>(whole) == number) return bare(Value(whole));
  return bare(Value(static_cast<double>(number)));
}

/// The same for a text or a flag, which are equal to the other side's text or not.
bool holds_text(const std::string& text, const Comparison& comparison, const Value& value) {
  if (comparison.symbol != "==" && comparison.symbol != "!=")
    throw usage_error("--assert " + printable(text) + ": " + comparison.key + " is not a number; use == or !=");
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
    const auto flag = read_flag(report, text);
    const Comparison comparison = flag ? *flag : read_comparison(text);
    const auto fail = [&](const std::string& name, const std::string& found) {
      failed += name + printable(comparison.key) + " is " + found + ", not " + std::string(comparison.symbol) + " " +
                printable(comparison.value) + "\n";
    };
    Sum left = read_sum(comparison.key, text);
    // A single key may be a text or a flag; whether it is, its values say.
    const bool may_be_text = is_single(left) && !number_of(left.front().front());
    const Meaning meaning = may_be_text ? look_up(report, "--assert", comparison.key) : Meaning{};
    const bool is_text = std::any_of(meaning.values.begin(), meaning.values.end(),
                                     [](const Value* value) { return value != nullptr && !value->is_number(); });
    if (is_text) {
      for (std::size_t i = 0; i < meaning.values.size(); ++i) {
        const std::string name = meaning.of_whole ? "" : name_of_object(report.models[i], i) + ": ";
        const Value* value = meaning.values[i];
        if (value == nullptr) throw Error(name + "no " + printable(comparison.key) + ", so --assert has no answer");
        if (!holds_text(text, comparison, *value)) fail(name, one_line(*value));
      }
      continue;
    }
    Sum right = read_sum(comparison.value, text);
    const bool digit = comparison.value.front() >= '0' && comparison.value.front() <= '9';
    if (is_single(right) && !number_of(comparison.value) && digit) {
      throw usage_error("--assert " + printable(text) + ": " + comparison.key + " is a number");
    }
    const Side a(std::move(left), report, text);
    const Side b(std::move(right), report, text);
    const bool whole = a.of_whole() && b.of_whole();
    const std::size_t objects = whole ? 1 : report.models.size();
    for (std::size_t i = 0; i < objects; ++i) {
      const std::string name = whole ? "" : name_of_object(report.models[i], i) + ": ";
      const long double found = a.of(i, name);
      if (!holds(comparison.symbol, found, b.of(i, name))) fail(name, written(found));
    }
  }
  return failed;
}

}  // namespace paramcount
