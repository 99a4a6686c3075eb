// Trained parameters against what PEFT printed, for names as its users write them.
#include <algorithm>
#include <string>

#include "catalog/json.hpp"
#include "catch.hpp"
#include "count/module_names.hpp"
#include "count/name_groups.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/estimate/lora.hpp"

namespace paramcount {
namespace {

struct Names {
  Catalog catalog;
  Expander expander{catalog.families(), catalog.gguf_families(), catalog.names(), catalog.inventories()};

  Lora lora(const Model& model, const std::string& text) {
    const Inventory inventory = expander.expand(model);
    return count_lora(inventory, expander.class_parameters(model, inventory), parse_lora(text));
  }
  std::uint64_t trained(const std::string& model, const std::string& text) {
    return lora(catalog.model(model), text).trained.value;
  }
  std::uint64_t of_config(const std::string& config, const std::string& text) {
    Model model;
    model.config = parse_json(config);
    model.family = *model.config.find("model_type")->as<std::string>();
    return lora(model, text).trained.value;
  }
  std::string refusal(const std::string& model, const std::string& text) {
    try {
      static_cast<void>(trained(model, text));
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  }
};

constexpr const char* kSeven = "q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj";

TEST_CASE("names of modules train what PEFT's print_trainable_parameters said") {
  Names names;
  struct Row {
    const char* model;
    std::string lora;
    std::uint64_t trained;
    const char* source;
  };
  const auto row = GENERATE(values<Row>({
      {"gemma-4-26b-a4b", "8:" + std::string(kSeven), 9'292'800, "oumi-ai/oumi#2492"},
      {"qwen3.5-35b-a3b",
       "8:in_proj_qkv,in_proj_z,in_proj_a,in_proj_b,out_proj,q_proj,k_proj,v_proj,o_proj,shared_expert.gate_proj,"
       "shared_expert.up_proj,shared_expert.down_proj",
       10'583'040, "kvcache-ai/ktransformers#2146"},
      {"qwen3.5-35b-a3b", "8:in_proj_qkv,in_proj_z,in_proj_a,in_proj_b,out_proj," + std::string(kSeven), 10'583'040,
       "kvcache-ai/ktransformers#2146"},
      {"llama-7b", "8:q_proj,v_proj", 4'194'304, "ymcui/Chinese-LLaMA-Alpaca#189"},
      {"llama-3.2-1b", "8:q_proj", 524'288, "peft 0.18, docs/source/quicktour.md"},
      {"llama-3.2-3b", "32:q_proj,v_proj", 9'175'040, "peft, method_comparison/MetaMathQA: lora, rank32"},
      {"llama-3.2-3b", "10:up_proj,gate_proj,down_proj", 9'461'760, "the same: rank10-target-mlp"},
      {"opt-6.7b", "16:q_proj,v_proj", 8'388'608, "peft, examples/int8_training/Finetune_opt_bnb_peft.ipynb"},
      {"flan-t5-large", "16:q,v", 4'718'592, "peft, examples/int8_training/Finetune_flan_t5_large_bnb_peft.ipynb"},
      // Seven names were given; the experts' are fused and gate_proj, up_proj and down_proj matched nothing.
      {"mixtral-8x7b", "256:q_proj,k_proj,v_proj,o_proj", 218'103'808, "peft, examples/KappaTune: LoRA_Global"},
  }));
  INFO(row.model << " " << row.lora << ": " << row.source);
  CHECK(names.trained(row.model, row.lora) == row.trained);
}

TEST_CASE("embedding and head take adapters by name, tied or not") {
  Names names;
  // peft, examples/causal_language_modeling/peft_lora_clm_with_additional_tokens.ipynb: 27 tokens added.
  CHECK(names.of_config(R"({"model_type": "mistral", "vocab_size": 32027, "num_key_value_heads": 8})",
                        "64:embed_tokens,lm_head,q_proj,v_proj") == 31'886'720);
  // A tied head is a module of its own: V + d twice.
  CHECK(names.trained("llama-3.2-1b", "8:embed_tokens,lm_head") == 2U * 8 * (128'256 + 2048));
  CHECK(names.trained("llama-3.2-1b", "8:q_proj,modules_to_save=embed_tokens") == 524'288 + 128'256U * 2048);
  CHECK(names.trained("llama-3.2-1b", "8:q_proj,modules_to_save=embed_tokens,lm_head") ==
        524'288 + 2 * 128'256U * 2048);
  // Modules trained in full have no adapter.
  CHECK(names.trained("llama-3.2-1b", "8:q_proj,lm_head,modules_to_save=lm_head") == 524'288 + 128'256U * 2048);
}

TEST_CASE("all-linear is every linear layer but the output head") {
  Names names;
  CHECK(names.trained("llama-3.1-8b", "16:all-linear") == 41'943'040);
  CHECK(names.trained("llama-3.1-8b", "16:all-linear") == names.trained("llama-3.1-8b", "16:" + std::string(kSeven)));
  // Routers that are an nn.Linear, the vision tower's and what joins it: 8 × rows and columns of each.
  const auto lora = names.lora(names.catalog.model("qwen3.5-35b-a3b"), "8:all-linear");
  std::string all;
  for (const auto& target : lora.targets) all += target.name.text() + "\n";
  CHECK(all.find("mlp.shared_expert_gate\n") != std::string::npos);
  CHECK(all.find("visual.blocks.{layer}.attn.qkv\n") != std::string::npos);
  CHECK(all.find("mlp.gate\n") == std::string::npos);
  CHECK(all.find("experts.") == std::string::npos);
  CHECK(all.find("lm_head") == std::string::npos);
  CHECK(all.find("embed") == std::string::npos);
}

TEST_CASE("fused experts take adapters by target_parameters alone, each expert its own") {
  Names names;
  // gpt-oss-20b: 24 layers of 32 experts, [2880, 5760] and [2880, 2880].
  CHECK(names.trained("gpt-oss-20b", "8:target_parameters=mlp.experts.gate_up_proj,mlp.experts.down_proj") ==
        24U * 32 * 8 * (2880 + 5760 + 2880 + 2880));
  // Mixtral's files hold three matrices for each expert, its class two parameters for all of them.
  CHECK(names.trained("mixtral-8x7b", "8:target_parameters=experts.gate_up_proj") == 32U * 8 * 8 * (4096 + 28'672));
  CHECK(names.trained("mixtral-8x7b", "8:target_parameters=0.mlp.experts.down_proj") == 8U * 8 * (4096 + 14'336));
  CHECK(names.refusal("mixtral-8x7b", "8:w1").find("target_parameters=experts.gate_up_proj") != std::string::npos);
  CHECK(names.refusal("qwen3-30b-a3b", "8:q_proj,gate_proj").find("--lora gate_proj") == 0);
  // A shared expert is a module like any; so is the dense layer of DeepSeek-V3.
  CHECK(names.trained("deepseek-v3", "8:down_proj") == 3U * 8 * (7168 + 18'432) + 58U * 8 * (7168 + 2048));
  // The class of remote code has a module for each expert.
  CHECK(names.of_config(R"({"model_type": "kimi_k2", "num_hidden_layers": 2, "first_k_dense_replace": 1,
                            "n_routed_experts": 4, "num_experts_per_tok": 2, "hidden_size": 7168, "moe_intermediate_size": 2048})",
                        "8:experts.3.down_proj") == 8U * (7168 + 2048));
}

TEST_CASE("every class layout is about names that the family has") {
  const Catalog catalog;
  const Spellings common = catalog.spellings();
  const FamilyLookup families = catalog.families();
  catalog.each_name(Catalog::Kind::family, [&](std::string_view id, bool is_id) {
    if (!is_id) return;
    const Family& family = families(id);
    const auto& layout = family.class_layout;
    std::string names;
    for (const auto& row : family.tensors) {
      std::string name = row.name;
      for (const auto& [from, to] : layout.rename) {
        if (const auto at = name.find(from); at != std::string::npos) name.replace(at, from.size(), to);
      }
      names += fold_pattern(name) + "\n";
    }
    const auto ends = [&](const std::string& end) { return names.find(end + "\n") != std::string::npos; };
    INFO(id << "\n" << names);
    for (const auto& end : layout.parameters) CHECK(ends(end));
    for (const auto& [from, to] : layout.rename) CHECK(names.find(to) != std::string::npos);
    for (const auto& whole : layout.fused) {
      Spellings spellings = family.spellings;
      spellings.append(common);
      bool known = false;
      for (const auto& merge : spellings.merges) {
        known = known || (merge.whole == whole && std::all_of(merge.parts.begin(), merge.parts.end(), ends));
      }
      CHECK(known);
    }
  });
}

TEST_CASE("a name that no module ends in is refused with those there are") {
  Names names;
  const auto text = names.refusal("llama-3.1-8b", "8:q_proj,qproj");
  CHECK(
      text ==
      "--lora qproj: neither a role nor the end of a module name; the model has embed_tokens, q_proj, k_proj, v_proj, "
      "o_proj, gate_proj, up_proj, down_proj, lm_head");
  CHECK(names.refusal("llama-3.1-8b", "8:self_attn").find("PEFT has no adapter") != std::string::npos);
  CHECK(names.refusal("llama-3.1-8b", "8:proj").find("neither a role nor the end of a module name") !=
        std::string::npos);
  CHECK(names.refusal("mamba-2.8b", "8:conv1d").find("convolution") != std::string::npos);
  // peft/tuners/lora/layer.py, Conv2d: A keeps the kernel, 14 by 14 of three colours, and B is one by one.
  CHECK(names.trained("llava-1.5-7b", "8:patch_embedding") == 8U * (3 * 14 * 14 + 1024));
  CHECK_THROWS_AS(parse_lora("8:modules_to_save=lm_head"), Error);
  CHECK_THROWS_AS(parse_lora("8:save=lm_head"), Error);
}

TEST_CASE("a target names a path that equals it or ends in it after a dot") {
  const std::vector<Axis> axes{{"layer", {{0, 3}}}, {"expert", {{0, 7}}}};
  const auto path = TensorName::of_pattern("model.layers.{layer}.mlp.experts.{expert}.up_proj");
  CHECK(named_by("up_proj", path, axes) == Named::all);
  CHECK(named_by("proj", path, axes) == Named::none);
  CHECK(named_by("experts.7.up_proj", path, axes) == Named::some);
  CHECK(named_by("experts.8.up_proj", path, axes) == Named::none);
  CHECK(named_by("model.layers.2.mlp.experts.0.up_proj", path, axes) == Named::some);
  CHECK(named_by("x.model.layers.2.mlp.experts.0.up_proj", path, axes) == Named::none);
  CHECK(named_by("lm_head", TensorName("lm_head"), {}) == Named::all);
  CHECK(named_by("head", std::string_view("lm_head")) == false);
  // `re.match(r".*?\.[^.]*\.(\d+)\.", key)`
  CHECK(layer_of("model.layers.17.mlp.experts.3.up_proj") == 17);
  CHECK_FALSE(layer_of("layers.17.mlp").has_value());
  CHECK_FALSE(layer_of("model.layers.17").has_value());
}

}  // namespace
}  // namespace paramcount
