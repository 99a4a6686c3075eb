// What evaluating a family may take: configs and families that ask for too much are refused, long ones are quick.
#include "count/work.hpp"

#include <ctime>
#include <functional>
#include <random>

#include "catch.hpp"
#include "count/list_index.hpp"
#include "family_helper.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "read/hf_config.hpp"

namespace paramcount {
namespace {

/// Seconds of this process; on a machine of any speed what is quadratic takes many times the limits asked for below.
template <class Work>
double seconds(const Work& work) {
  const auto before = std::clock();
  work();
  return static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
}

Inventory read(const std::string& config) {
  const Catalog catalog;
  Expander expander(catalog.families(), {}, catalog.names());
  return expander.expand(model_of_config(parse_json(config), "x", catalog));
}

std::string joined(int count, const std::function<std::string(int)>& item) {
  std::string text;
  for (int i = 0; i < count; ++i) text += (i == 0 ? "" : ", ") + item(i);
  return text;
}

TEST_CASE("a list with an entry for each of many layers is looked through once", "[work]") {
  const std::string layers = R"("num_hidden_layers": 60000, )";
  const auto even = [](int i) { return std::to_string(2 * i); };
  Inventory moe;
  CHECK(seconds([&] {
          moe =
              read(R"({"model_type": "qwen2_moe", )" + layers + R"("mlp_only_layers": [)" + joined(30000, even) + "]}");
        }) < 5);
  std::uint64_t dense = 0;
  for (const auto& tensor : moe.tensors)
    dense += tensor.name.text().ends_with("mlp.up_proj.weight") ? tensor.copies : 0;
  CHECK(dense == 30000);
  CHECK(seconds([&] {
          static_cast<void>(read(R"({"model_type": "bamba", "num_hidden_layers": 60000, "attn_layer_indices": [)" +
                                 joined(30000, even) + "]}"));
        }) < 5);
  const std::string family = R"J({"family": "f", "source": "test", "keys": {"at": null, "n": 1},
    "dims": {"place": "index_of($at, layer)"}, "indices": {"layer": "$n"},
    "tensors": [["ffn", "w.{layer}", ["place < 0 ? 1 : 2"]]]})J";
  CHECK(seconds([&] {
          const auto inventory = expand_text(family, R"({"n": 60000, "at": [)" + joined(30000, even) + "]}");
          CHECK(count_params(inventory).total == Params{90000});
        }) < 5);
}

TEST_CASE("an index of a list finds what a walk through it finds", "[work]") {
  std::mt19937 random(7);  // NOLINT: the same every time
  const auto pick = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  const std::function<Value(int)> any = [&](int depth) -> Value {
    switch (pick(depth > 1 ? 6 : 7)) {
      case 0:
        return pick(9);
      case 1:
        return pick(9) / 2.0;
      case 2:
        return std::string(1, static_cast<char>('a' + pick(4)));
      case 3:
        return pick(2) == 0;
      case 4:
        return Value{};
      case 5:
        return pick(2) == 0 ? Value(9007199254740993) : Value(9007199254740992.0);
      default:
        return Value::List{any(depth + 1)};
    }
  };
  for (int round = 0; round < 200; ++round) {
    Value::List list;
    for (int i = pick(40); i > 0; --i) list.push_back(any(0));
    const ListIndex index(list);
    for (int i = 0; i < 50; ++i) {
      const Value item = any(0);
      std::optional<std::size_t> walked;
      for (std::size_t at = 0; at < list.size() && !walked; ++at) {
        if (ValueView(list[at]) == ValueView(item)) walked = at;
      }
      CHECK(index.find(ValueView(item)) == walked);
    }
  }
}

TEST_CASE("a family that asks for too many steps is refused", "[work]") {
  const auto dim = [](int i) {
    const std::string next = "x" + std::to_string(i + 1);
    return "\"x" + std::to_string(i) + "\": \"max(" + next + ", " + next + " + 1)\"";
  };
  const auto family = [&](const std::string& tensors) {
    return R"({"family": "f", "source": "test", "dims": {)" + joined(100, dim) +
           R"(, "x100": "layer - other", "d": "x0 > 5 ? 4 : 4"}, "indices": {"layer": "1400", "other": "1400"},
              "tensors": [)" +
           tensors + "]}";
  };
  CHECK_THAT(expand_failure(family(R"(["ffn", "w.{layer}.{other}", ["d"]])"), "{}"),
             ContainsSubstring("takes more than 20 million steps"));
  // Many rows, each of them harmless.
  const auto row = [](int i) {
    return R"(["ffn", "w)" + std::to_string(i) + R"(.{layer}.{other}", ["x100 - x100 + 1"]])";
  };
  CHECK_THAT(expand_failure(family(joined(40, row)), "{}"), ContainsSubstring("million steps"));
}

TEST_CASE("parts without end are refused", "[work]") {
  const std::string family = R"({"family": "f", "source": "test", "dims": {"x": "p.x"},
    "parts": [{"part": "p", "family": "'f'", "config": "$"}], "tensors": [["ffn", "w", ["x"]]]})";
  CHECK_THAT(expand_failure(family, "{}"), ContainsSubstring("nested deeper than 16"));
}

TEST_CASE("families with many keys are read quickly", "[work]") {
  constexpr int kMany = 70000;
  const auto key = [](int i) { return "\"k" + std::to_string(i) + "\": 1"; };
  const auto dim = [](int i) { return "\"d" + std::to_string(i) + "\": \"$k" + std::to_string(i) + "\""; };
  const auto alias = [](int i) { return "\"k" + std::to_string(i) + R"(": ["o)" + std::to_string(i) + "\"]"; };
  CHECK(seconds([&] {
          const auto inventory = expand_text(R"({"family": "f", "source": "test", "keys": {)" + joined(kMany, key) +
                                                 R"(}, "aliases": {)" + joined(kMany, alias) + R"(}, "dims": {)" +
                                                 joined(kMany, dim) + R"(}, "tensors": [["ffn", "w", ["d69999"]]]})",
                                             R"({"o69999": 5})");
          CHECK(count_params(inventory).total == Params{5});
        }) < 15);
}

TEST_CASE("what a family becomes is bounded", "[work]") {
  const auto failure = [](const std::string& family) { return expand_failure(family, "{}"); };
  const std::string head = R"({"family": "f", "source": "test", "tensors": [)";
  const auto row = [](int) { return std::string(R"(["ffn", "w", ["1"]])"); };
  CHECK_THAT(
      failure(head + R"({"prefix": ")" + std::string(20000, 'p') + R"(", "tensors": [)" + joined(1000, row) + "]}]}"),
      ContainsSubstring("/tensors/0/tensors: more than 16 MiB"));
  CHECK_THAT(failure(head + joined(100'001, row) + "]}"), ContainsSubstring("/tensors: more than 100,000 rows"));
}

TEST_CASE("a config of very many values is refused, one of many labels is not", "[work]") {
  const auto label = [](int i) { return "\"" + std::to_string(i) + "\": \"LABEL_" + std::to_string(i) + "\""; };
  const std::string head = R"({"model_type": "llama", "architectures": ["LlamaForSequenceClassification"], )";
  const auto inventory = read(head + R"("id2label": {)" + joined(100'000, label) + "}}");
  const auto& score = inventory.tensors.back();
  CHECK(score.shape == std::vector<std::uint64_t>{100'000, 4096});
  const auto zero = [](int) { return std::string("0"); };
  CHECK_THROWS_WITH(read(head + R"("x": [)" + joined(1'000'000, zero) + "]}"),
                    ContainsSubstring("more than 1,000,000 values"));
}

}  // namespace
}  // namespace paramcount
