// What a family's dimensions are worth: the evaluator against a naive one.
#include "paramcount/count/expand.hpp"

#include <fstream>
#include <map>

#include "catch.hpp"
#include "family_helper.hpp"
#include "naive_scope.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "read/hf_config.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

/// Programs of the built-in families, made on first use.
struct Programs {
  Program& of(std::string_view name) {
    const Family& family = catalog.family(name);
    return *made.try_emplace(&family, std::make_unique<Program>(family)).first->second;
  }
  Catalog catalog;
  std::map<const Family*, std::unique_ptr<Program>> made;
  ProgramLookup lookup{[this](std::string_view name) -> Program& { return of(name); }};
};

/// What it evaluates to; nothing when it fails.
template <class Evaluate>
std::optional<Value> outcome(const Evaluate& evaluate) {
  try {
    return evaluate();
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string text_of(const std::optional<Value>& value) { return value ? brief(*value) : "an error"; }

/// Compares a dimension, and its expression alone, for the current indices.
void compare(Scope& scope, NaiveScope& naive, std::size_t dim) {
  const Expression& expression = scope.program().dim(dim);
  const auto expected = outcome([&] { return naive.dim(dim); });
  const auto remembered = outcome([&] { return scope.dim(dim).value(); });
  const auto expected_whole = outcome([&] { return naive.whole(expression); });
  const auto whole = outcome([&] { return scope.evaluate(expression).value(); });
  if (remembered == expected && whole == expected_whole) return;
  FAIL_CHECK(scope.program().family().id << ": " << scope.program().family().dims[dim].name << ": expected "
                                         << text_of(expected) << ", got " << text_of(remembered)
                                         << "; its expression: expected " << text_of(expected_whole) << ", got "
                                         << text_of(whole));
}

/// Every dimension of a scope and of its parts, for all values of its indices.
void compare_all(Scope& scope, NaiveScope& naive, std::uint64_t most) {
  Program& program = scope.program();
  std::map<std::size_t, std::vector<std::size_t>> along;
  for (std::size_t dim = 0; dim < program.family().dims.size(); ++dim) {
    compare(scope, naive, dim);
    const auto needs = program.dim_needs(dim);
    for (std::size_t index = 0; index < kMostIndices; ++index) {
      if (((needs >> index) & 1U) != 0) along[index].push_back(dim);
    }
  }
  for (const auto& [index, dims] : along) {
    const auto count = outcome([&, of = index] { return Value(static_cast<std::int64_t>(scope.index_count(of))); });
    if (!count) continue;
    for (std::uint64_t at = 0; at < std::min(most, static_cast<std::uint64_t>(*count->as<std::int64_t>())); ++at) {
      scope.at(index, at);
      naive.at(index, at);
      for (const auto dim : dims) compare(scope, naive, dim);
    }
    scope.leave(index);
    naive.leave(index);
  }
  for (std::size_t i = 0; i < program.family().parts.size(); ++i) {
    Scope* inner = nullptr;
    NaiveScope* naive_inner = nullptr;
    const auto made = outcome([&] { return Value((inner = scope.part(i)) != nullptr); });
    CHECK(made == outcome([&] { return Value((naive_inner = naive.part(i)) != nullptr); }));
    if (inner != nullptr && naive_inner != nullptr) compare_all(*inner, *naive_inner, most);
  }
}

const Family* family_of_config(const Programs& programs, const Value& config) {
  return programs.catalog.find_family(*config.find("model_type")->as<std::string>());
}

void compare_config(Programs& programs, const Value& config) {
  Program& program = programs.of(*config.find("model_type")->as<std::string>());
  Scope scope(program, config, programs.lookup);
  NaiveScope naive(program, config, programs.lookup);
  compare_all(scope, naive, 1000);
}

TEST_CASE("the evaluator agrees with a naive one on every dimension of every known config") {
  Programs programs;
  std::ifstream file(std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/truth/configs.jsonl");
  std::size_t configs = 0;
  for (std::string line; std::getline(file, line);) {
    const Value entry = parse_json(line);
    INFO(*entry.find("name")->as<std::string>());
    const Value& config = *entry.find("config");
    if (family_of_config(programs, config) == nullptr) continue;
    compare_config(programs, config);
    ++configs;
  }
  CHECK(configs > 300);
}

TEST_CASE("the evaluator agrees with a naive one where keys have odd values") {
  const Value::List odd{Value{}, -1, 0, 3, 1.5, true, "x", Value::List{}, Value::List{2, "a"}, Value::Object{}};
  Programs programs;
  std::ifstream file(std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/truth/configs.jsonl");
  std::size_t turn = 0;
  for (std::string line; std::getline(file, line); ++turn) {
    Value config = *parse_json(line).find("config");
    const Family* family = family_of_config(programs, config);
    if (family == nullptr) continue;
    auto& members = *config.as<Value::Object>();
    auto& [key, value] = members[turn % members.size()];
    if (key == "model_type") continue;
    value = odd[turn % odd.size()];
    INFO(line.substr(0, 40) << ", " << key << " " << brief(value));
    compare_config(programs, config);
  }
}

TEST_CASE("what fails once says the same when it fails again") {
  // The part of a condition that no index changes is tried first, then the whole.
  const auto said = [](const std::string& condition) {
    return expand_failure(R"({"family": "f", "source": "t", "keys": {"k": []}, "dims": {"bad": "$k[0]"},
        "indices": {"i": "3"}, "tensors": [["ffn", "w.{i}", ["1"], ")" +
                              condition + "\"]]}",
                          "{}");
  };
  CHECK(said("bad == 1 and i > 0") == "/k (default of family f): has 0 entries, entry 0 is needed");
  CHECK(said("i > 0 and bad == 1") == "/k (default of family f): has 0 entries, entry 0 is needed");
}

TEST_CASE("a part that cannot be had is an error wherever it is asked for") {
  const auto said = [](const std::string& condition, const std::string& part_dims) {
    return expand_failure(R"({"family": "f", "source": "t", "keys": {"inner": {}}, "dims": {}, "indices": {"i": "3"},
        "parts": [{"part": "vis", "family": "'g'", "config": "$inner", "prefix": "v.")" +
                              part_dims + R"(}], "tensors": [["ffn", "w.{i}", ["1"], ")" + condition + "\"]]}",
                          "{}");
  };
  for (const auto* condition : {"vis.n == null and i > 0", "i > 0 and vis.n == null"}) {
    CHECK_THAT(said(condition, R"(, "dims": {"n": "1"})"), ContainsSubstring("has no dimension of that name"));
    CHECK_THAT(said(condition, R"(, "if": "vis.n == 1")"), ContainsSubstring("vis is defined by itself"));
  }
}

}  // namespace
}  // namespace paramcount
