// Checkpoints in the shape of the truth's listings, in the spellings files are found in, against the families.
#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "catalog/family_file.hpp"
#include "catalog/json.hpp"
#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/count/verify.hpp"
#include "paramcount/run.hpp"
#include "process.hpp"
#include "read/checkpoint_model.hpp"
#include "read/hf_config.hpp"

namespace paramcount {
namespace {

using nlohmann::json;
using Tensors = std::vector<NewTensor>;

std::size_t stars(const std::string& name) {
  return static_cast<std::size_t>(std::count(name.begin(), name.end(), '*'));
}

std::string numbered(std::string name, std::uint64_t first) {
  return name.replace(name.find('*'), 1, std::to_string(first));
}

/// The listing with its numbers put back. Only of listings that say which numbers those are: every layer has the same
/// tensors, and layers and experts count from 0. Empty otherwise, as with a sequence of modules (merger.mlp.0, .2),
/// whose numbers count those without weights too.
Tensors unfolded(const json& listing) {
  std::map<std::string, std::set<std::uint64_t>> layers;  // by what stands before the first number
  for (const auto& row : listing) {
    const std::string name = row[0];
    if (name.ends_with(".*.weight") || name.ends_with(".*.bias")) return {};
    if (stars(name) == 1) layers[name.substr(0, name.find('*'))].insert(row[2].get<std::uint64_t>());
  }
  Tensors tensors;
  for (const auto& row : listing) {
    const std::string name = row[0];
    const auto shape = row[1].get<std::vector<std::uint64_t>>();
    const auto copies = row[2].get<std::uint64_t>();
    if (stars(name) == 0) {
      tensors.push_back({name, "BF16", shape});
      continue;
    }
    const auto& counts = layers[name.substr(0, name.find('*'))];
    if (counts.size() != 1 || stars(name) > 2 || copies % *counts.begin() != 0) return {};
    for (std::uint64_t layer = 0; layer < *counts.begin(); ++layer) {
      const std::string in_layer = numbered(name, layer);
      if (stars(name) == 1) {
        tensors.push_back({in_layer, "BF16", shape});
        continue;
      }
      for (std::uint64_t expert = 0; expert < copies / *counts.begin(); ++expert) {
        tensors.push_back({numbered(in_layer, expert), "BF16", shape});
      }
    }
  }
  return tensors;
}

struct Truth {
  std::string name;
  std::string config;
  std::uint64_t total{0};
  Tensors tensors;
};

const std::vector<Truth>& truths() {
  static const std::vector<Truth> all = [] {
    std::vector<Truth> result;
    std::ifstream in(std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/truth/configs.jsonl");
    const Catalog catalog;
    for (std::string line; std::getline(in, line);) {
      const json row = json::parse(line);
      const std::string type = row["config"].value("model_type", "");
      if (!row.contains("tensors") || catalog.find_family(type) == nullptr) continue;
      Truth truth{row["name"], row["config"].dump(), row["total"], unfolded(row["tensors"])};
      if (truth.tensors.empty() || truth.tensors.size() > 12000) continue;
      // Classes whose listing says otherwise than the config which of two tied tables is kept are told apart below.
      result.push_back(std::move(truth));
    }
    return result;
  }();
  return all;
}

class Bench {
 public:
  Bench() : expander_(catalog_.families(), catalog_.gguf_families(), catalog_.names()) {}

  Verification verify(const Truth& truth, const Tensors& tensors) {
    write_checkpoint(folder_ / "model.safetensors", tensors);
    Model model = model_of_config(parse_json(truth.config), truth.name, catalog_);
    model.checkpoint = std::make_shared<Checkpoint>(read_checkpoint(folder_ / "model.safetensors"));
    return expander_.verify(model);
  }

  /// The parameters of the files alone, and with the config beside them.
  std::uint64_t count(const Truth& truth, const Tensors& tensors, bool with_config) {
    write_checkpoint(folder_ / "model.safetensors", tensors);
    write_bytes(folder_ / "config.json", with_config ? truth.config : "{}");
    const Model model = read_checkpoint_model(folder_.path(), catalog_);
    CHECK(model.family.empty() != with_config);
    return count_params(expander_.expand(model)).total.value;
  }

 private:
  TestFolder folder_;
  Catalog catalog_;
  Expander expander_;
};

std::string said(const Verification& v) {
  std::string text;
  const auto add = [&](const char* what, const std::vector<Verification::Item>& items) {
    for (std::size_t i = 0; i < items.size() && i < 3; ++i) {
      text += std::string(what) + " " + items[i].name + " " + items[i].remark + "\n";
    }
  };
  add("missing", v.missing);
  add("unexpected", v.unexpected);
  add("misshapen", v.misshapen);
  return text;
}

Tensors renamed(Tensors tensors, const std::function<std::string(std::string)>& rename) {
  for (auto& tensor : tensors) tensor.name = rename(tensor.name);
  return tensors;
}

/// Without the first piece, as files of bare models are.
Tensors without_prefix(const Tensors& tensors) {
  std::map<std::string, int> first;
  for (const auto& tensor : tensors) ++first[tensor.name.substr(0, tensor.name.find('.') + 1)];
  const auto most =
      std::max_element(first.begin(), first.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return renamed(tensors, [&](const std::string& name) {
    const auto rest = name.substr(std::min(name.size(), most->first.size()));
    const bool numbered = !rest.empty() && rest.front() >= '0' && rest.front() <= '9';
    return name.starts_with(most->first) && !numbered ? rest : name;
  });
}

/// LayerNorm's old names.
Tensors with_gamma(const Tensors& tensors) {
  return renamed(tensors, [](std::string name) {
    for (const auto& [now, then] : {std::pair<std::string, std::string>{"norm.weight", "norm.gamma"},
                                    {"norm.bias", "norm.beta"},
                                    {"Norm.weight", "Norm.gamma"},
                                    {"Norm.bias", "Norm.beta"}}) {
      if (name.ends_with(now)) return name.substr(0, name.size() - now.size()) + then;
    }
    return name;
  });
}

bool replace(std::string& name, const std::string& from, const std::string& to) {
  const auto at = name.find(from);
  if (at == std::string::npos) return false;
  name.replace(at, from.size(), to);
  return true;
}

/// Query, key and value in one tensor, gate and up in another, where a layer has all of them.
Tensors fused(const Tensors& tensors) {
  const std::map<std::string, std::pair<std::string, std::uint64_t>> kinds{
      {"self_attn.q_proj", {"self_attn.qkv_proj", 3}},
      {"self_attn.k_proj", {"self_attn.qkv_proj", 3}},
      {"self_attn.v_proj", {"self_attn.qkv_proj", 3}},
      {"mlp.gate_proj", {"mlp.gate_up_proj", 2}},
      {"mlp.up_proj", {"mlp.gate_up_proj", 2}}};
  const auto whole = [&](const NewTensor& tensor) -> std::pair<std::string, std::uint64_t> {
    for (const auto& [part, merged] : kinds) {
      std::string name = tensor.name;
      if (tensor.name.find("experts.") == std::string::npos && replace(name, part, merged.first)) {
        return {name, merged.second};
      }
    }
    return {tensor.name, 1};
  };
  std::map<std::string, std::uint64_t> parts;
  for (const auto& tensor : tensors) ++parts[whole(tensor).first];
  std::map<std::string, std::size_t> at;
  Tensors result;
  for (const auto& tensor : tensors) {
    const auto [name, needed] = whole(tensor);
    const bool merges = needed > 1 && parts[name] == needed;
    if (merges && at.contains(name)) {
      result[at[name]].shape[0] += tensor.shape[0];
      continue;
    }
    if (merges) at[name] = result.size();
    result.push_back({merges ? name : tensor.name, tensor.dtype, tensor.shape});
  }
  return result;
}

/// The experts of a layer in one tensor, gate and up after each other in it.
Tensors with_stacked_experts(const Tensors& tensors) {
  std::map<std::string, std::uint64_t> experts;
  Tensors result;
  for (const auto& tensor : tensors) {
    const auto where = tensor.name.find(".mlp.experts.");
    if (where == std::string::npos || !tensor.name.ends_with("_proj.weight")) {
      result.push_back(tensor);
      continue;
    }
    const bool down = tensor.name.ends_with(".down_proj.weight");
    const std::string name = tensor.name.substr(0, where + 13) + (down ? "down_proj" : "gate_up_proj");
    if (++experts[name] == 1) {
      auto shape = tensor.shape;
      if (!down) shape[0] *= 2;
      shape.insert(shape.begin(), 0);
      result.push_back({name, tensor.dtype, shape});
    }
  }
  for (auto& tensor : result) {
    const auto count = experts.find(tensor.name);
    if (count == experts.end()) continue;
    tensor.shape[0] = tensor.name.ends_with("down_proj") ? count->second : count->second / 2;
  }
  return result;
}

/// Query, key and value of equal heads, and gate and up, each in its own tensor.
Tensors split(const Tensors& tensors) {
  Tensors result;
  for (const auto& tensor : tensors) {
    std::vector<std::string> parts{""};
    if (tensor.name.ends_with("qkv_proj.weight")) parts = {"q_proj", "k_proj", "v_proj"};
    if (tensor.name.ends_with("gate_up_proj.weight")) parts = {"gate_proj", "up_proj"};
    for (const auto& part : parts) {
      NewTensor own = tensor;
      if (!part.empty()) own.name = own.name.substr(0, own.name.rfind('.', own.name.size() - 8) + 1) + part + ".weight";
      own.shape[0] /= parts.size();
      result.push_back(own);
    }
  }
  return result;
}

/// Multimodal models before 2025.
Tensors in_old_layout(const Tensors& tensors) {
  return renamed(tensors, [](std::string name) {
    if (name.starts_with("model.language_model.")) return "language_model.model." + name.substr(21);
    if (name.starts_with("lm_head.")) return "language_model." + name;
    if (name.starts_with("model.vision_tower.") || name.starts_with("model.multi_modal_projector.") ||
        name.starts_with("model.image_newline")) {
      return name.substr(6);
    }
    return name;
  });
}

TEST_CASE("checkpoints in the truth's shapes reconcile in every spelling, and count exactly") {
  Bench bench;
  std::map<std::string, int> models;
  REQUIRE(truths().size() > 150);
  for (const auto& truth : truths()) {
    INFO(truth.name);
    const auto check = [&](const char* spelling, const Tensors& tensors) {
      const Verification v = bench.verify(truth, tensors);
      if (!v.reconciles() || v.found.value != truth.total) {
        INFO(spelling << "\n" << said(v));
        CHECK(v.reconciles());
        CHECK(v.found.value == truth.total);
        return;
      }
      CHECK(v.agreeing_tensors == v.expected_tensors);
      ++models[spelling];
    };
    check("the class's", truth.tensors);
    check("bare", without_prefix(truth.tensors));
    if (const auto old = with_gamma(truth.tensors); old.back().name != truth.tensors.back().name) check("gamma", old);
    if (const auto one = fused(truth.tensors); one.size() < truth.tensors.size()) check("fused", one);
    if (const auto one = with_stacked_experts(truth.tensors); one.size() < truth.tensors.size()) check("stacked", one);
    const auto in_new_layout = [](const NewTensor& t) { return t.name.starts_with("model.language_model."); };
    if (std::any_of(truth.tensors.begin(), truth.tensors.end(), in_new_layout)) {
      check("old layout", in_old_layout(truth.tensors));
    }
  }
  CHECK(models["the class's"] >= 150);
  CHECK(models["bare"] >= 150);
  CHECK(models["gamma"] >= 20);
  CHECK(models["fused"] >= 60);
  CHECK(models["stacked"] >= 3);
  CHECK(models["old layout"] >= 3);
}

TEST_CASE("a checkpoint's total is the truth's, with a config.json and without") {
  Bench bench;
  int exact = 0;
  for (std::size_t i = 0; i < truths().size(); i += 3) {
    const auto& truth = truths()[i];
    if (truth.tensors.size() > 3000) continue;
    INFO(truth.name);
    CHECK(bench.count(truth, truth.tensors, true) == truth.total);
    CHECK(bench.count(truth, truth.tensors, false) == truth.total);
    ++exact;
  }
  CHECK(exact >= 40);
}

TEST_CASE("one tensor dropped, renamed or reshaped is the one that is named") {
  Bench bench;
  int models = 0;
  for (std::size_t i = 0; i < truths().size(); i += 2) {
    const auto& truth = truths()[i];
    if (truth.tensors.size() > 2000) continue;
    INFO(truth.name);
    ++models;
    // Not the first: of shared tables a file may keep either.
    const std::size_t at = truth.tensors.size() / 2;
    const NewTensor& victim = truth.tensors[at];

    Tensors tensors = truth.tensors;
    tensors.erase(tensors.begin() + static_cast<std::ptrdiff_t>(at));
    const Verification dropped = bench.verify(truth, tensors);
    INFO(said(dropped));
    REQUIRE(dropped.missing.size() == 1);
    const auto number = victim.name.find_first_of("0123456789");
    CHECK(dropped.missing[0].name.ends_with(number == std::string::npos ? victim.name : victim.name.substr(number)));
    CHECK(dropped.missing[0].shape == victim.shape);
    CHECK(dropped.unexpected.empty());
    CHECK(dropped.agreeing_tensors + 1 == dropped.expected_tensors);

    tensors = truth.tensors;
    tensors[at].name = "renamed." + victim.name + ".too";
    const Verification other = bench.verify(truth, tensors);
    REQUIRE(other.missing.size() == 1);
    REQUIRE(other.unexpected.size() == 1);
    CHECK(other.missing[0].name == dropped.missing[0].name);
    CHECK(other.unexpected[0].name == tensors[at].name);
    CHECK(other.unexpected[0].remark == "same shape as the missing one: renamed?");
    CHECK(other.found.value == truth.total);

    tensors = truth.tensors;
    tensors[at].shape.front() += 8;
    const Verification reshaped = bench.verify(truth, tensors);
    REQUIRE(reshaped.misshapen.size() == 1);
    CHECK(reshaped.misshapen[0].name == victim.name);
    CHECK(reshaped.misshapen[0].shape == victim.shape);
    CHECK(reshaped.misshapen[0].found == tensors[at].shape);
    CHECK(reshaped.missing.empty());
    CHECK(reshaped.unexpected.empty());
    CHECK(reshaped.found.value > truth.total);
  }
  CHECK(models >= 40);
}

const Truth& truth_named(const std::string& name) {
  const auto found =
      std::find_if(truths().begin(), truths().end(), [&](const Truth& truth) { return truth.name == name; });
  REQUIRE(found != truths().end());
  return *found;
}

bool knows(const Verification& v, const std::string& name, const std::string& what) {
  return std::any_of(v.known.begin(), v.known.end(), [&](const auto& item) {
    return item.name.find(name) != std::string::npos && item.remark.find(what) != std::string::npos;
  });
}

TEST_CASE("what is stored and is no parameter is known, and not counted") {
  Bench bench;
  const Truth& llama = truth_named("Llama-3.2-1B");
  Tensors tensors = llama.tensors;
  tensors.push_back({"lm_head.weight", "BF16", {128256, 2048}});
  for (int i = 0; i < 16; ++i) {
    tensors.push_back({"model.layers." + std::to_string(i) + ".self_attn.rotary_emb.inv_freq", "F32", {32}});
  }
  const Verification v = bench.verify(llama, tensors);
  INFO(said(v));
  CHECK(v.reconciles());
  CHECK(v.found.value == llama.total);
  CHECK(knows(v, "lm_head.weight", "tied copy"));
  CHECK(knows(v, "rotary_emb.inv_freq", "rotary table"));
  CHECK(bench.count(llama, tensors, true) == llama.total);

  const Truth& gpt2 = truth_named("gpt2");
  tensors = gpt2.tensors;
  for (int i = 0; i < 12; ++i) {
    tensors.push_back({"transformer.h." + std::to_string(i) + ".attn.bias", "F32", {1, 1, 1024, 1024}});
    tensors.push_back({"transformer.h." + std::to_string(i) + ".attn.masked_bias", "F32", {}});
  }
  const Verification masks = bench.verify(gpt2, without_prefix(tensors));
  INFO(said(masks));
  CHECK(masks.reconciles());
  CHECK(knows(masks, "attn.bias", "attention mask"));
  CHECK(bench.count(gpt2, tensors, true) == gpt2.total);
  CHECK(bench.count(gpt2, tensors, false) == gpt2.total);
}

TEST_CASE("of two tables that are one, a file may keep either") {
  Bench bench;
  const Truth& llama = truth_named("Llama-3.2-1B");
  Tensors tensors = llama.tensors;
  tensors.front() = {"lm_head.weight", "BF16", {128256, 2048}};
  const Verification v = bench.verify(llama, tensors);
  INFO(said(v));
  CHECK(v.reconciles());
  REQUIRE(v.spellings.size() == 1);
  CHECK(v.spellings[0].from == "lm_head");
  CHECK(v.spellings[0].to == "model.embed_tokens");
}

TEST_CASE("a renaming is reported with what it renamed") {
  Bench bench;
  const Verification v = bench.verify(truth_named("gpt2"), without_prefix(truth_named("gpt2").tensors));
  REQUIRE(v.spellings.size() == 1);
  CHECK(v.spellings[0].from.empty());
  CHECK(v.spellings[0].to == "transformer.");
  CHECK(v.spellings[0].tensors == 148);
}

TEST_CASE("of merged tensors one is missing and one misshapen, and each stands for all it holds") {
  Bench bench;
  const Truth& llama = truth_named("Llama-3.2-1B");
  Tensors tensors = fused(llama.tensors);
  std::erase_if(tensors, [](const NewTensor& t) { return t.name == "model.layers.3.self_attn.qkv_proj.weight"; });
  for (auto& tensor : tensors) {
    if (tensor.name == "model.layers.5.mlp.gate_up_proj.weight") tensor.shape[0] += 2;
  }
  const Verification v = bench.verify(llama, tensors);
  CHECK(v.missing.size() == 3);
  REQUIRE(v.misshapen.size() == 1);
  CHECK(v.misshapen[0].name == "model.layers.5.mlp.gate_up_proj.weight");
  CHECK(v.misshapen[0].shape == std::vector<std::uint64_t>{2 * 8192, 2048});
  CHECK(v.misshapen[0].found == std::vector<std::uint64_t>{2 * 8192 + 2, 2048});
  CHECK(v.agreeing_tensors + 5 == v.expected_tensors);
  REQUIRE(v.spellings.size() == 2);
  CHECK(v.spellings[0].from == "qkv_proj.weight");
  CHECK(v.spellings[0].to == "q_proj.weight + k_proj.weight + v_proj.weight");
}

TEST_CASE("what a family keeps whole may be stored in parts, and a missing or longer part does not pass") {
  Bench bench;
  const Truth& phi = truth_named("Phi-3-mini-4k-instruct");
  const Tensors tensors = split(phi.tensors);
  CHECK(tensors.size() == phi.tensors.size() + 32 * (2 + 1));
  const Verification whole = bench.verify(phi, tensors);
  INFO(said(whole));
  CHECK(whole.reconciles());
  CHECK(whole.found.value == phi.total);
  CHECK(whole.agreeing_tensors == whole.expected_tensors);
  REQUIRE(whole.spellings.size() == 2);
  CHECK(whole.spellings[0].from == "q_proj.weight + k_proj.weight + v_proj.weight");
  CHECK(whole.spellings[0].to == "qkv_proj.weight");
  CHECK(whole.spellings[0].tensors == 96);

  Tensors damaged = tensors;
  std::erase_if(damaged, [](const NewTensor& t) { return t.name == "model.layers.3.self_attn.k_proj.weight"; });
  const Verification less = bench.verify(phi, damaged);
  INFO(said(less));
  REQUIRE(less.missing.size() == 1);
  CHECK(less.missing[0].name == "model.layers.3.self_attn.k_proj.weight");
  CHECK(less.missing[0].shape == std::vector<std::uint64_t>{3072, 3072});
  CHECK(less.missing[0].remark == "a part of self_attn.qkv_proj.weight");
  CHECK(less.unexpected.empty());
  CHECK(less.misshapen.empty());
  CHECK(less.agreeing_tensors + 1 == less.expected_tensors);
  CHECK(less.found.value + 3072 * 3072 == phi.total);

  damaged = tensors;
  for (auto& tensor : damaged) {
    if (tensor.name == "model.layers.5.mlp.up_proj.weight") tensor.shape[0] += 2;
  }
  const Verification more = bench.verify(phi, damaged);
  INFO(said(more));
  CHECK(more.missing.empty());
  REQUIRE(more.misshapen.size() == 1);
  CHECK(more.misshapen[0].name == "model.layers.5.mlp.up_proj.weight");
  CHECK(more.misshapen[0].shape == std::vector<std::uint64_t>{8192, 3072});
  CHECK(more.misshapen[0].found == std::vector<std::uint64_t>{8194, 3072});
  CHECK(more.misshapen[0].remark == "a part of mlp.gate_up_proj.weight");
  CHECK(more.agreeing_tensors + 1 == more.expected_tensors);
  CHECK(more.found.value == phi.total + 2 * 3072);
}

TEST_CASE("of parts that no layer has right, the missing one is what the others leave, and misshapen are all") {
  Bench bench;
  const Truth& phi = truth_named("Phi-3-mini-4k-instruct");
  const Tensors tensors = split(phi.tensors);

  Tensors damaged = tensors;
  std::erase_if(damaged, [](const NewTensor& t) { return t.name.ends_with(".self_attn.v_proj.weight"); });
  const Verification without_values = bench.verify(phi, damaged);
  INFO(said(without_values));
  REQUIRE(without_values.missing.size() == 1);
  CHECK(without_values.missing[0].name == "model.layers.{0–31}.self_attn.v_proj.weight");
  CHECK(without_values.missing[0].copies == 32);
  CHECK(without_values.missing[0].shape == std::vector<std::uint64_t>{3072, 3072});
  CHECK(without_values.misshapen.empty());
  CHECK(without_values.agreeing_tensors + 32 == without_values.expected_tensors);

  std::erase_if(damaged, [](const NewTensor& t) { return t.name.ends_with(".self_attn.k_proj.weight"); });
  const Verification only_queries = bench.verify(phi, damaged);
  REQUIRE(only_queries.missing.size() == 2);
  CHECK(only_queries.missing[0].name == "model.layers.{0–31}.self_attn.k_proj.weight");
  CHECK(only_queries.missing[0].shape == std::vector<std::uint64_t>{9216, 3072});
  CHECK(only_queries.missing[0].remark == "a part of self_attn.qkv_proj.weight, whose shape that is");
  CHECK(only_queries.agreeing_tensors + 32 == only_queries.expected_tensors);

  damaged = tensors;
  for (auto& tensor : damaged) {
    if (tensor.name.ends_with(".up_proj.weight")) tensor.shape[0] += 2;
  }
  const Verification longer = bench.verify(phi, damaged);
  REQUIRE(longer.misshapen.size() == 2);
  CHECK(longer.misshapen[1].name == "model.layers.{0–31}.mlp.up_proj.weight");
  CHECK(longer.misshapen[1].shape == std::vector<std::uint64_t>{16384, 3072});
  CHECK(longer.misshapen[1].found == std::vector<std::uint64_t>{8194, 3072});
  CHECK(longer.misshapen[1].remark == "a part of mlp.gate_up_proj.weight, whose shape is expected");
  CHECK(longer.missing.empty());
  CHECK(longer.agreeing_tensors + 32 == longer.expected_tensors);
}

TEST_CASE("experts stored one by one are the stacks a family expects") {
  Bench bench;
  const Truth& oss = truth_named("gpt-oss-20b");
  Tensors tensors;
  for (const auto& tensor : oss.tensors) {
    const auto at = tensor.name.find("experts.");
    if (at == std::string::npos) {
      tensors.push_back(tensor);
      continue;
    }
    const bool bias = tensor.name.ends_with("_bias");
    const std::string end = bias ? ".bias" : ".weight";
    std::vector<std::string> parts{"down_proj"};
    if (tensor.name.find("down_proj") == std::string::npos) parts = {"gate_proj", "up_proj"};
    for (std::uint64_t expert = 0; expert < tensor.shape[0]; ++expert) {
      for (const auto& part : parts) {
        std::vector<std::uint64_t> shape{tensor.shape.back() / parts.size()};
        if (!bias) shape.push_back(tensor.shape[1]);
        tensors.push_back({tensor.name.substr(0, at + 8) + std::to_string(expert) + "." + part + end, "BF16", shape});
      }
    }
  }
  const Verification v = bench.verify(oss, tensors);
  INFO(said(v));
  CHECK(v.reconciles());
  CHECK(v.found.value == oss.total);
  CHECK(v.agreeing_tensors == v.expected_tensors);

  Tensors damaged = tensors;
  std::erase_if(damaged, [](const NewTensor& t) { return t.name == "model.layers.2.mlp.experts.5.gate_proj.weight"; });
  const Verification less = bench.verify(oss, damaged);
  INFO(said(less));
  REQUIRE(less.missing.size() == 1);
  CHECK(less.missing[0].name == "model.layers.2.mlp.experts.5.gate_proj.weight");
  CHECK(less.missing[0].shape == std::vector<std::uint64_t>{2880, 2880});
  CHECK(less.missing[0].remark == "a part of mlp.experts.gate_up_proj");
  CHECK(less.misshapen.empty());
  CHECK(less.agreeing_tensors + 1 == less.expected_tensors);

  damaged = tensors;
  std::erase_if(damaged, [](const NewTensor& t) { return t.name.find("experts.31.") != std::string::npos; });
  const Verification fewer = bench.verify(oss, damaged);
  INFO(said(fewer));
  CHECK(fewer.missing.size() == 6);
  CHECK(std::all_of(fewer.missing.begin(), fewer.missing.end(), [](const auto& item) {
    return item.name.starts_with("model.layers.{0–23}.mlp.experts.31.") && item.copies == 24;
  }));
  CHECK(fewer.misshapen.empty());
  CHECK(fewer.agreeing_tensors + 4 * 24 == fewer.expected_tensors);

  damaged = tensors;
  damaged.push_back({"model.layers.2.mlp.experts.32.down_proj.weight", "BF16", {2880, 2880}});
  const Verification extra = bench.verify(oss, damaged);
  INFO(said(extra));
  REQUIRE(extra.unexpected.size() == 1);
  CHECK(extra.unexpected[0].name == "model.layers.2.mlp.experts.32.down_proj.weight");
  CHECK(extra.missing.empty());
  CHECK(extra.misshapen.empty());
  CHECK(extra.agreeing_tensors == extra.expected_tensors);
}

TEST_CASE("verify and diff show what is spelled otherwise, and explain a difference of one tensor") {
  const TestFolder folder;
  const TestFolder other;
  const Tensors tensors = tiny(folder);
  const Tensors same = tiny(other);
  const auto page = [&](const Tensors& stored) {
    write_checkpoint(folder / "model.safetensors", stored);
    return run_words({"verify", folder.path()}).out;
  };
  CHECK_THAT(page(without_prefix(tensors)), ContainsSubstring("  spelled    (nothing) for model.  20 tensors\n"));
  write_checkpoint(other / "model.safetensors", same);
  CHECK_THAT(run_words({"diff", folder.path(), other.path()}).out,
             ContainsSubstring("  spelled  (nothing) in the first, model. in the second  20 tensors\n"));
  CHECK(run_words({"verify", folder.path(), "--get", "spellings.0.file,spellings.0.family,spellings.0.tensors"}).out ==
        "\nmodel.\n20\n");
  CHECK(run_words(
            {"diff", other.path(), folder.path(), "--get", "spellings.0.first,spellings.0.second,spellings.0.tensors"})
            .out == "model.\n\n20\n");

  Tensors changed = tensors;
  changed[2].shape = {20, 4};
  CHECK_THAT(page(changed), ContainsSubstring("  found                  452   + 16 = 4 × 4\n"));
  CHECK_THAT(run_words({"verify", folder.path(), "--color", "always"}).out,
             ContainsSubstring("\x1b[31mdoes not reconcile\x1b[0m"));
  changed[2].shape = {13, 4};
  CHECK_THAT(page(changed), ContainsSubstring("  found                  424   - 12 = 3 × 4\n"));
  changed[2].shape = {16, 5};
  CHECK_THAT(page(changed), ContainsSubstring("  found                  452   + 16\n"));
  changed[2].shape = {20, 4};
  changed[1].shape = {5};
  CHECK_THAT(page(changed), ContainsSubstring("  found                  453   + 17\n"));

  changed = tensors;
  for (const char* layer : {"model.layers.0.", "model.layers.1."}) {
    changed.push_back({std::string(layer) + "self_attn.rotary_emb.inv_freq", "F32", {1}});
  }
  changed.push_back({"model.layers.0.attn.masked_bias", "F32", {}});
  const std::string known = page(changed);
  CHECK_THAT(known, ContainsSubstring("2 × self_attn.rotary_emb.inv_freq  rotary table, not counted\n"));
  CHECK_THAT(known, ContainsSubstring("attn.masked_bias                   attention mask, not counted\n"));
}

TEST_CASE("several layers without a tensor are one line") {
  Bench bench;
  const Truth& llama = truth_named("Llama-3.2-1B");
  Tensors tensors = llama.tensors;
  std::erase_if(tensors, [](const NewTensor& t) {
    return t.name.ends_with("k_proj.weight") && t.name.find(".1") != std::string::npos;
  });
  const Verification v = bench.verify(llama, tensors);
  REQUIRE(v.missing.size() == 1);
  CHECK(v.missing[0].name == "model.layers.{1,10–15}.self_attn.k_proj.weight");
  CHECK(v.missing[0].copies == 7);
}

}  // namespace
}  // namespace paramcount
