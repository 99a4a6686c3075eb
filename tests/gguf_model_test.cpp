// A GGUF file as a model: headers with the metadata and the totals that llama.cpp's own converter gave for published
// models have to give the dimensions, counts and caches of those models' configs.
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "base/text.hpp"
#include "catalog/json.hpp"
#include "catch.hpp"
#include "gguf_writer.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/count/verify.hpp"
#include "paramcount/estimate/kv_cache.hpp"
#include "read/checkpoint_model.hpp"
#include "read/hf_config.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

constexpr std::uint32_t kF32 = 0;
constexpr std::uint32_t kBf16 = 30;

void update(Value& into, const Value& from) {
  for (const auto& [key, value] : *from.as<Value::Object>()) into.set(key, value);
}

/// A row of tests/truth/gguf_models.jsonl.
struct Row {
  std::string name, arch;
  Value config;
  Value metadata;  ///< keys of the architecture without its prefix
  std::uint64_t elements{}, tensors{};
};

std::vector<Row> truth_rows() {
  std::ifstream in(std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/truth/gguf_models.jsonl");
  std::vector<Row> rows;
  for (std::string line; std::getline(in, line);) {
    const Value row = parse_json(line);
    const auto text = [&](std::string_view key) { return *row.find(key)->as<std::string>(); };
    const auto count = [&](std::string_view key) {
      return static_cast<std::uint64_t>(*row.find(key)->as<std::int64_t>());
    };
    Value config = *row.find("config");
    update(config, *row.find("overrides"));
    if (auto* inner = config.find("text_config")) update(*inner, *row.find("overrides"));
    rows.push_back(
        {text("model"), text("arch"), std::move(config), *row.find("metadata"), count("elements"), count("tensors")});
  }
  return rows;
}

void write_value(GgufWriter& file, const std::string& key, const Value& value) {
  if (const auto* flag = value.as<bool>()) {
    file.boolean(key, *flag ? 1 : 0);
  } else if (const auto* whole = value.as<std::int64_t>()) {
    file.u32(key, static_cast<std::uint32_t>(*whole));
  } else if (const auto* number = value.as<double>()) {
    file.f32(key, static_cast<float>(*number));
  } else if (const auto* text = value.as<std::string>()) {
    file.text(key, *text);
  } else if (const auto* list = value.as<Value::List>()) {
    if (list->front().as<bool>() != nullptr) {
      std::vector<bool> flags;
      for (const auto& item : *list) flags.push_back(*item.as<bool>());
      file.booleans(key, flags);
    } else if (list->front().as<std::int64_t>() != nullptr) {
      std::vector<std::int32_t> numbers;
      for (const auto& item : *list) numbers.push_back(static_cast<std::int32_t>(*item.as<std::int64_t>()));
      file.i32s(key, numbers);
    }
  }
}

void each_name(const Tensor& tensor, std::size_t axis, const std::string& name,
               const std::function<void(const std::string&)>& visit) {
  if (axis == tensor.axes.size()) return visit(name);
  for (const auto& range : tensor.axes[axis].ranges) {
    for (auto value = range.first; value <= range.last; ++value) {
      std::string own = name;
      replace_all(own, "{" + tensor.axes[axis].index + "}", std::to_string(value));
      each_name(tensor, axis + 1, own, visit);
    }
  }
}

GgufWriter file_of(const Row& row, const GgufInventory& tensors) {
  GgufWriter file;
  file.text("general.architecture", row.arch);
  file.text("general.name", row.name);
  for (const auto& [key, value] : *row.metadata.as<Value::Object>()) write_value(file, row.arch + "." + key, value);
  for (const auto& tensor : tensors.tensors) {
    each_name(tensor, 0, tensor.name.text(), [&](const std::string& name) {
      const bool vector = tensor.shape.size() < 2;
      file.tensor(name, {tensor.shape.rbegin(), tensor.shape.rend()}, vector ? kF32 : kBf16,
                  tensor.elements() * (vector ? 4 : 2));
    });
  }
  return file;
}

/// Runs of layers that keep the same, whatever rows they come from.
std::string caches(const Inventory& inventory) {
  std::map<std::uint64_t, std::multiset<std::string>> by_layer;
  for (const auto& state : inventory.state) {
    std::string text = std::to_string(static_cast<int>(state.kind)) + ":" + std::to_string(state.elements()) + ":" +
                       std::to_string(state.window);
    if (state.layer_axis < 0) {
      by_layer[UINT64_MAX].insert(text);
      continue;
    }
    const auto& axis = state.axes[static_cast<std::size_t>(state.layer_axis)];
    for (const auto& range : axis.ranges) {
      for (auto layer = range.first; layer <= range.last; ++layer) by_layer[layer].insert(axis.index + text);
    }
  }
  std::string all;
  for (const auto& [layer, texts] : by_layer) {
    all += std::to_string(layer) + "{";
    for (const auto& text : texts) all += text + " ";
    all += "}";
  }
  return all;
}

TEST_CASE("a GGUF file gives the dimensions, counts and caches of the config it was converted from") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families(), catalog.names());
  const TestFolder folder;
  const auto rows = truth_rows();
  CHECK(rows.size() == 74);
  for (const auto& row : rows) {
    INFO(row.name);
    const Model model = model_of_config(row.config, row.name, catalog);
    const Inventory config = expander.expand(model);
    const std::string path = folder / "model.gguf";
    file_of(row, expander.expand_gguf(model)).write(path);
    const Model read = read_checkpoint_model(path, catalog);
    for (const Model& expected : {model, read}) {
      Model held = expected;
      held.checkpoint = read.checkpoint;
      CHECK(expander.verify(held).reconciles());
      Checkpoint renamed = *read.checkpoint;
      renamed.tensors.front().name = "of.another.name";
      held.checkpoint = std::make_shared<Checkpoint>(std::move(renamed));
      const Verification found = expander.verify(held);
      CHECK(found.missing.size() == 1);
      CHECK(found.unexpected.size() == 1);
      const Inventory counted = expander.expand(held);
      CHECK(counted.stored->missing == 1);
      CHECK(counted.stored->unexpected == 1);
      CHECK(counted.stored->unverified());
    }
    const Inventory file = expander.expand(read);
    const StoredSummary& stored = *file.stored;
    CHECK(stored.tensors == row.tensors);
    CHECK_FALSE(stored.unverified());
    CHECK(stored.difference.empty());
    CHECK(stored.rivals.empty());
    std::uint64_t elements = 0;
    for (const auto& tensor : file.tensors) elements += tensor.params().value;
    CHECK(elements == row.elements);
    const ParamCounts ours = count_params(file);
    const ParamCounts theirs = count_params(config);
    const auto metadata = [&](std::string_view key) {
      return static_cast<std::uint64_t>(*row.metadata.find(key)->as<std::int64_t>());
    };
    if (file.dim("max_positions") != nullptr) CHECK(file.count("max_positions") == metadata("context_length"));
    CHECK(file.count("vocab_size") == metadata("vocab_size"));
    // llama.cpp's converter cuts gemma 3's vocabulary to its tokens and pads gemma 3n's second table.
    if (row.arch != "gemma3" && row.arch != "gemma3n") {
      // Towers are written to a file of their own.
      CHECK(ours.towers == Params{});
      CHECK(ours.total == theirs.total - theirs.towers);
      CHECK(ours.active == theirs.active - theirs.towers);
      if (theirs.towers == Params{}) CHECK(ours.matmul == theirs.matmul);
      CHECK(ours.mtp == theirs.mtp);
    }
    // A converted Mistral does not say that its class has a window, and llama.cpp uses none.
    const bool says_nothing = row.arch == "llama" && config.dim("window") != nullptr;
    for (const std::string_view dim :
         {"d_model", "n_layers", "n_heads", "n_kv_heads", "head_dim", "v_head_dim", "d_ff", "n_experts",
          "experts_per_token", "d_ff_expert", "kv_lora_rank", "q_lora_rank", "qk_rope_head_dim", "d_inner", "d_state",
          "d_conv", "window", "tied_embeddings"}) {
      INFO(dim);
      const auto* a = file.dim(dim);
      const auto* b = config.dim(dim);
      if (b == nullptr || (dim == "window" && says_nothing)) continue;
      // What a class has by default for experts that a model has none of is nothing a file says.
      if (dim.find("expert") != dim.npos && ours.of(RoleKind::expert).total == Params{}) continue;
      CHECK((a != nullptr ? brief(*a) : "none") == brief(*b));
    }
    if (!says_nothing) CHECK(caches(file) == caches(config));
  }
}

TEST_CASE("what llama.cpp keeps for a GGUF file is what its allocator said") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families(), catalog.names());
  const TestFolder folder;
  std::map<std::string, Inventory> models;
  for (const auto& row : truth_rows()) {
    const std::string path = folder / "model.gguf";
    file_of(row, expander.expand_gguf(model_of_config(row.config, row.name, catalog))).write(path);
    models.emplace(row.name, expander.expand(read_checkpoint_model(path, catalog)));
  }
  std::ifstream in(std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/truth/gguf_memory.tsv");
  std::string line;
  std::getline(in, line);
  int rows = 0;
  while (std::getline(in, line)) {
    const auto cells = split(line, '\t');
    const auto number = [&](std::size_t i) { return std::stoull(std::string(cells.at(i))); };
    const auto model = models.find(std::string(cells[0]));
    REQUIRE(model != models.end());
    RuntimeChoice runtime = parse_runtime("llama.cpp");
    runtime.knobs = {{"ctx", number(3)},
                     {"ubatch", number(8)},
                     {"no-flash", cells[7] != "1"},
                     {"unified", cells[10] == "1"},
                     {"swa-full", cells[11] == "1"}};
    const std::uint64_t sequences = number(9);
    const CacheRequest request{number(3) / sequences, sequences, catalog.dtype(cells[5]), catalog.dtype(cells[6]),
                               runtime};
    const KvCache cache = kv_cache(model->second.gguf->state, model->second, request);
    INFO(line);
    REQUIRE(cache.full.value == number(13));
    REQUIRE(cache.window.value == number(14));
    REQUIRE(cache.state.value == number(15));
    ++rows;
  }
  CHECK(rows > 1000);
}

TEST_CASE("experts in tensors of their own, as in files before April 2024, are counted as routed") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families(), catalog.names());
  const TestFolder folder;
  for (const auto& row : truth_rows()) {
    if (row.name != "Mixtral-8x22B-v0.1") continue;
    GgufWriter file;
    file.text("general.architecture", row.arch);
    for (const auto& [key, value] : *row.metadata.as<Value::Object>()) write_value(file, row.arch + "." + key, value);
    const GgufInventory today = expander.expand_gguf(model_of_config(row.config, row.name, catalog));
    for (const auto& tensor : today.tensors) {
      each_name(tensor, 0, tensor.name.text(), [&](const std::string& name) {
        if (tensor.shape.size() < 3) {
          file.tensor(name, {tensor.shape.rbegin(), tensor.shape.rend()}, kBf16, tensor.elements() * 2);
          return;
        }
        for (std::uint64_t expert = 0; expert < tensor.shape[0]; ++expert) {
          std::string own = name;
          replace_all(own, "_exps.", "." + std::to_string(expert) + ".");
          file.tensor(own, {tensor.shape[2], tensor.shape[1]}, kBf16, tensor.elements() / tensor.shape[0] * 2);
        }
      });
    }
    file.write(folder / "old.gguf");
    const Inventory inventory = expander.expand(read_checkpoint_model(folder / "old.gguf", catalog));
    CHECK_FALSE(inventory.stored->unverified());
    CHECK(inventory.family == "mixtral");
    const ParamCounts counts = count_params(inventory);
    CHECK(counts.total.value == row.elements);
    CHECK(counts.active.value == 39'152'031'744);
    return;
  }
  FAIL("the truth has no Mixtral");
}

TEST_CASE("tensors of an unknown architecture are counted under the role that their names suggest") {
  const TestFolder folder;
  const Catalog catalog;
  GgufWriter file;
  file.text("general.architecture", "unheard-of");
  std::uint64_t size = 1;
  const auto add = [&](const std::string& name) {
    size *= 2;
    file.tensor(name, {size}, kF32, size * 4);
  };
  const std::vector<std::pair<std::string, RoleKind>> roles{{"token_embd.weight", RoleKind::embedding},
                                                            {"position_embd.weight", RoleKind::position},
                                                            {"blk.0.attn_q.weight", RoleKind::attention},
                                                            {"blk.0.attn_norm.weight", RoleKind::norm},
                                                            {"blk.0.ffn_up.weight", RoleKind::ffn},
                                                            {"blk.0.ffn_gate_inp.weight", RoleKind::router},
                                                            {"blk.0.ffn_up_exps.weight", RoleKind::expert},
                                                            {"blk.0.ffn_up_shexp.weight", RoleKind::shared_expert},
                                                            {"blk.0.ssm_in.weight", RoleKind::mixer},
                                                            {"v.patch_embd.weight", RoleKind::vision},
                                                            {"a.conv1d.weight", RoleKind::audio},
                                                            {"mm.0.weight", RoleKind::projector},
                                                            {"output.weight", RoleKind::head}};
  for (const auto& [name, role] : roles) add(name);
  for (const char* name : {"blk.0.ssm_conv1d.weight", "blk.0.ssm_a", "blk.0.attn_q.bias", "blk.0.attn_sinks.weight",
                           "rope_freqs.weight", "blk.0.exp_probs_b.bias"}) {
    add(name);
  }
  file.write(folder / "x.gguf");
  Expander expander(catalog.families(), catalog.gguf_families(), catalog.names());
  const Inventory inventory = expander.expand(read_checkpoint_model(folder / "x.gguf", catalog));
  CHECK(inventory.stored->unverified());
  const ParamCounts counts = count_params(inventory);
  std::map<RoleKind, std::uint64_t> expected;
  size = 1;
  for (const auto& [name, role] : roles) expected[role] += size *= 2;
  const std::uint64_t last = size;
  // The convolution and the decay belong to the mixer; a bias and sinks to attention; the other two are not parameters.
  expected[RoleKind::mixer] += 2 * last + 4 * last;
  expected[RoleKind::attention] += 8 * last + 16 * last;
  for (const auto& [role, total] : expected) {
    INFO(static_cast<int>(role));
    CHECK(counts.of(role).total.value == total);
  }
  CHECK(counts.total.value == 32 * last - 2);
  CHECK(counts.buffers.value == 32 * last + 64 * last);
}

}  // namespace
}  // namespace paramcount
