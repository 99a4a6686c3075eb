// Names of tensors that a stranger chose: braces, stars, thousands of numbers. What a file calls a tensor is what every
// command calls it; nothing in it is read as a pattern of ours.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/budgets.hpp"
#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "count/name_groups.hpp"
#include "gguf_writer.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/tensor_name.hpp"
#include "process.hpp"

namespace paramcount {
namespace {

using Json = nlohmann::json;

std::string many(const std::string& piece, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

const std::vector<std::string>& hostile_names() {
  static const std::vector<std::string> kNames{"a{",
                                               "a}",
                                               "a{}",
                                               "{",
                                               "}{",
                                               "a{x}",
                                               "a.{x}.0.w",
                                               "a.{x}.1.w",
                                               "a.{x}.3.w",
                                               "{layer}.weight",
                                               "model.layers.{layer}.mlp.up_proj.weight",
                                               "model.layers.*.mlp.up_proj.weight",
                                               "a{x}{y}{z}{1}{2}{3}{4}",
                                               "*",
                                               "*.0.*",
                                               "*.1.*",
                                               "**.5",
                                               "b.*.0",
                                               "b.*.1",
                                               "c.999999999.w",
                                               "c.1000000000.w",
                                               "c.007.w",
                                               "d.{0-3}.1",
                                               "d.{0–3}.1",
                                               "\\u00ff.1.x",
                                               "\\u00ff.2.x",
                                               "e.{n1}.5",
                                               "e.{n1}.6",
                                               "f.{n1}.{n2}.1.2",
                                               "f.{n1}.{n2}.1.3",
                                               "a\\\"b",
                                               "blk.{layer}.x",
                                               "g" + many(".1", 100),
                                               "g" + many(".1", 99) + ".2",
                                               "h" + many("{", 300),
                                               "h" + many("{x}.1", 50)};
  return kNames;
}

std::vector<std::string> as_read(std::vector<std::string> names) {
  for (auto& name : names) name = Json::parse("\"" + name + "\"").get<std::string>();
  std::sort(names.begin(), names.end());
  return names;
}

void write_all(const std::string& path) {
  std::vector<NewTensor> tensors;
  for (const auto& name : hostile_names()) tensors.push_back({name, "F32", {4}});
  write_checkpoint(path, tensors);
}

void write_gguf(const std::string& path, const std::vector<std::string>& names, const std::string& arch) {
  GgufWriter file;
  file.text("general.architecture", arch);
  for (const auto& name : names) file.tensor(name, {4}, 0, 16);
  file.write(path);
}

std::vector<std::string> names_listed(const std::string& path) {
  const auto ran = run_words({"tensors", path, "--all", "--format", "json"});
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  std::vector<std::string> names;
  const auto report = Json::parse(ran.out);
  for (const auto& tensor : report.at("models").at(0).at("tensors")) {
    names.push_back(tensor.at("name").get<std::string>());
    CHECK(tensor.at("params") == 4);
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST_CASE("tensors --all gives the name that the file has, whatever it looks like") {
  const TestFolder folder;
  const auto expected = as_read(hostile_names());
  write_all(folder / "x.safetensors");
  CHECK(names_listed(folder / "x.safetensors") == expected);
  for (const char* arch : {"llama", "unheard-of"}) {
    write_gguf(folder / "x.gguf", expected, arch);
    CHECK(names_listed(folder / "x.gguf") == expected);
  }
}

TEST_CASE("each such name alone is listed as it is, folded or not") {
  const TestFolder folder;
  for (const auto& name : as_read(hostile_names())) {
    INFO(name);
    write_checkpoint(folder / "x.safetensors",
                     {{Json(name).dump().substr(1, Json(name).dump().size() - 2), "F32", {4}}});
    CHECK(names_listed(folder / "x.safetensors") == std::vector<std::string>{name});
    const auto folded = run_words({"tensors", folder / "x.safetensors", "--format", "json"});
    const auto tensors = Json::parse(folded.out).at("models").at(0).at("tensors");
    REQUIRE(tensors.size() == 1);
    CHECK(tensors.at(0).at("name") == name);
  }
}

TEST_CASE("every command takes such names in every format") {
  const TestFolder folder;
  write_all(folder / "x.safetensors");
  write_gguf(folder / "x.gguf", as_read(hostile_names()), "llama");
  auto more = hostile_names();
  more.pop_back();
  more.push_back("other.{x}.{y}");
  std::vector<NewTensor> tensors;
  for (const auto& name : more) tensors.push_back({name, "F32", {2, 2}});
  write_checkpoint(folder / "y.safetensors", tensors);
  write_bytes(folder / "config.json", R"({"model_type": "llama", "hidden_size": 4, "intermediate_size": 8,
      "num_hidden_layers": 4, "num_attention_heads": 2, "vocab_size": 16})");
  for (const std::string format : {"text", "json", "jsonl", "csv", "tsv", "markdown", "latex", "html"}) {
    for (const std::string file : {"y.safetensors", "x.gguf"}) {
      for (const std::vector<std::string>& command :
           std::vector<std::vector<std::string>>{{},
                                                 {"tensors"},
                                                 {"tensors", "--all"},
                                                 {"tensors", "--dtype", "q4_k_m"},
                                                 {"layers"},
                                                 {"kv"},
                                                 {"train"},
                                                 {"metadata"},
                                                 {"explain"},
                                                 {"diff", folder / "x.safetensors"},
                                                 {"verify", folder / "config.json"},
                                                 {"train", "--lora", "8:{x},w"}}) {
        auto words = command;
        words.push_back(folder / file);
        words.insert(words.end(), {"--format", format});
        const auto ran = run_words(words);
        INFO(Json(words).dump() << "\n" << ran.err);
        CHECK((ran.code == 0 || ran.code == 1 || ran.code == 2 || ran.code == 3));
        CHECK((!ran.out.empty() || !ran.err.empty()));
      }
    }
    CHECK(run_words({"scan", folder.path(), "--format", format}).code <= 1);
  }
}

TEST_CASE("a literal star or brace is not a copy of a family's tensors") {
  const TestFolder folder;
  auto tensors = tiny(folder);
  for (auto& tensor : tensors) {
    if (tensor.name == "model.layers.0.mlp.up_proj.weight") tensor.name = "model.layers.*.mlp.up_proj.weight";
    if (tensor.name == "model.layers.0.mlp.down_proj.weight") tensor.name = "model.layers.{layer}.mlp.down_proj.weight";
  }
  write_checkpoint(folder / "model.safetensors", tensors);
  const auto ran = run_words({"verify", folder.path(), "--format", "json"});
  const auto report = Json::parse(ran.out);
  const std::string text = report.dump();
  CHECK(text.find("\"model.layers.*.mlp.up_proj.weight\"") != std::string::npos);
  CHECK(text.find("\"model.layers.{layer}.mlp.down_proj.weight\"") != std::string::npos);
  CHECK(text.find("\"model.layers.0.mlp.up_proj.weight\"") != std::string::npos);
}

TEST_CASE("a name of thousands of numbers has a bounded number of indices") {
  const TestFolder folder;
  for (const std::size_t count : {std::size_t{17}, std::size_t{1000}, std::size_t{30'000}}) {
    const std::string name = "a" + many(".0", count);
    write_checkpoint(folder / "x.safetensors", {{name, "F32", {4}}, {name + ".1", "F32", {4}}});
    CHECK(names_listed(folder / "x.safetensors") == std::vector<std::string>{name, name + ".1"});
    std::string key;
    std::vector<std::uint32_t> numbers;
    fold_name(name, key, numbers);
    CHECK(numbers.size() == kMostNumbers);
  }
}

TEST_CASE("a scan takes names of thousands of numbers on a stack of 256 kB") {
  const TestFolder folder;
  write_checkpoint(folder / "x.safetensors", {{"a" + many(".0", 30'000), "F32", {4}}});
  const auto ran = run_shell("(ulimit -s 256; paramcount scan " + folder.path() + " --format json)");
  CHECK(ran.code == 0);
}

TEST_CASE("thousands of names of many numbers that have nothing in common are listed") {
  std::vector<std::string> names(kMostNumbers, "n");
  std::vector<std::uint32_t> numbers;
  std::uint32_t random = 1;
  constexpr std::size_t kCount = 20'000;
  for (std::size_t i = 0; i < kCount; ++i) {
    for (std::size_t n = 0; n + 1 < kMostNumbers; ++n) {
      random = random * 1664525 + 1013904223;
      numbers.push_back((random >> 24U) % 7);
    }
    numbers.push_back(static_cast<std::uint32_t>(i));
  }
  std::uint64_t copies = 0;
  for (const auto& axes : axes_of(numbers, kCount, names)) {
    std::uint64_t product = 1;
    for (const auto& axis : axes) product *= axis.size();
    copies += product;
  }
  CHECK(copies == kCount);
}

TEST_CASE("a pattern differs from a literal name that looks like it") {
  const auto pattern = TensorName::of_pattern("a.{x}.b.{y}");
  const TensorName literal("a.{x}.b.{y}");
  CHECK(pattern.text() == literal.text());
  CHECK(!(pattern == literal));
  CHECK(pattern.with([](std::size_t i) { return std::to_string(i); }) == "a.0.b.1");
  CHECK(literal.with([](std::size_t i) { return std::to_string(i); }) == "a.{x}.b.{y}");
  CHECK(fold_pattern(pattern, {}).axes.size() == 2);
  CHECK(fold_pattern(literal, {}).axes.empty());
  CHECK(fold_pattern(pattern, {}).key != fold_pattern(TensorName("a.*.b.*"), {}).key);
  CHECK_THROWS_AS(TensorName::of_pattern("a.{x"), Error);
  TensorName mixed("a.{z}.");
  mixed.add_index("x");
  mixed.add(".{y}");
  CHECK(mixed.with([](std::size_t) { return "7"; }) == "a.{z}.7.{y}");
  CHECK(mixed.cut(8).indices().empty());
  CHECK(mixed.cut(9).indices().size() == 1);
  mixed.replace(0, 6, TensorName::of_pattern("{q}."));
  CHECK(mixed.with([](std::size_t i) { return std::to_string(i); }) == "0.1.{y}");
}

TEST_CASE("tuples of numbers become the products that make them up") {
  const std::vector<std::string> names{"a", "b", "c"};
  // {0,1} × {0–3} × {5} and {2} × {0} × {5,6}
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t a = 0; a < 2; ++a) {
    for (std::uint32_t b = 0; b < 4; ++b) numbers.insert(numbers.end(), {a, b, 5});
  }
  numbers.insert(numbers.end(), {2, 0, 5, 2, 0, 6});
  const auto products = axes_of(numbers, 10, names);
  REQUIRE(products.size() == 2);
  CHECK(products[0] == std::vector<Axis>{{"a", {{0, 1}}}, {"b", {{0, 3}}}, {"c", {{5, 5}}}});
  CHECK(products[1] == std::vector<Axis>{{"a", {{2, 2}}}, {"b", {{0, 0}}}, {"c", {{5, 6}}}});
  CHECK(axes_of({}, 1, {}).size() == 1);
  CHECK(axes_of({3, 1, 2, 9}, 4, {"n"}) == std::vector<std::vector<Axis>>{{{"n", {{1, 3}, {9, 9}}}}});
}

}  // namespace
}  // namespace paramcount
