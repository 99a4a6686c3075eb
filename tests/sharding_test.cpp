// What tensor parallelism divides: every tensor of every family has one axis, and what is left whole is so by name.
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "catch.hpp"
#include "estimate/layout_dims.hpp"
#include "estimate/trained_model.hpp"
#include "estimate/training_stages.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/estimate/layout.hpp"
#include "paramcount/estimate/runtime.hpp"
#include "paramcount/estimate/weights.hpp"
#include "process.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kLarge = 8 << 20;  ///< elements of all copies that are not to be on every device unsaid

class Families {
 public:
  Inventory inventory(const std::string& name) { return expander_.expand(*catalog_.find_model(name)); }
  /// As llama.cpp has it.
  std::vector<Tensor> gguf(const std::string& name) {
    return expander_.expand_gguf(*catalog_.find_model(name)).tensors;
  }
  const Catalog& catalog() const { return catalog_; }

  /// Calls with the largest catalog model of every family, and with families without one at their class's defaults.
  template <class Visit>
  int each(const Visit& visit) {
    std::map<std::string, std::pair<std::uint64_t, std::string>> largest;
    catalog_.each_model([&](const ModelListing& listing) {
      if (listing.total == 0) return;
      auto& known = largest[std::string(listing.family)];
      if (listing.total >= known.first) known = {listing.total, std::string(listing.id)};
    });
    int seen = 0;
    catalog_.each_name(Catalog::Kind::family, [&](std::string_view name, bool is_id) {
      if (!is_id) return;
      const std::string family(name);
      Inventory inventory;
      try {
        if (const auto at = largest.find(family); at != largest.end()) {
          inventory = this->inventory(at->second.second);
        } else {
          Model model;
          model.family = family;
          inventory = expander_.expand(model);
        }
      } catch (const Error&) {
        return;  // its class has no defaults
      }
      visit(family, inventory);
      ++seen;
    });
    return seen;
  }

 private:
  Catalog catalog_;
  Expander expander_{catalog_.families(), catalog_.gguf_families(), catalog_.names(), catalog_.inventories()};
};

std::uint64_t elements_of(const Divided& params, std::uint64_t tp) {
  return params.split / tp + (params.split % tp != 0 ? 1 : 0) + params.repeated + params.expert;
}

TEST_CASE("every tensor of every family has an axis, and no large one is on every device unless it is named",
          "[axes]") {
  Families families;
  const auto& sharding = families.catalog().sharding();
  const int seen = families.each([&](const std::string& family, const Inventory& inventory) {
    for (const auto& tensor : inventory.tensors) {
      if (tensor.role.is_buffer()) continue;
      INFO(family << ": " << name_of(tensor.role) << " " << tensor.name.text());
      const auto* row = sharding_of(tensor, inventory, sharding);
      REQUIRE(row != nullptr);
      switch (tensor.role.kind) {
        case RoleKind::attention:
        case RoleKind::mixer:
        case RoleKind::ffn:
        case RoleKind::shared_expert:
        case RoleKind::expert:
        case RoleKind::embedding:
        case RoleKind::vision:
          if (tensor.params().value < kLarge || split_of(tensor, inventory, sharding) != Split::none) break;
          CHECK_FALSE(row->names.empty());
          break;
        case RoleKind::norm:
        case RoleKind::router:
        case RoleKind::position:
          CHECK(split_of(tensor, inventory, sharding) == Split::none);
          break;
        default:
          break;
      }
    }
  });
  CHECK(seen > 300);
}

TEST_CASE("every name of sharding.json is one of a family's tensors or of a GGUF's", "[axes]") {
  Families families;
  std::set<std::pair<std::string, std::string>> unmet;  // name and row
  for (const auto& row : families.catalog().sharding().rows()) {
    for (const auto& name : row.names) unmet.emplace(name, row.id);
  }
  const auto meet = [&](const std::string& tensor) {
    std::string name = "." + tensor;
    for (const std::string suffix : {".weight", ".bias"}) {
      if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
    }
    std::erase_if(unmet, [&](const auto& one) {
      const std::string& end = one.first;
      return end.ends_with(".*") ? name.find("." + end.substr(0, end.size() - 1)) != std::string::npos
                                 : name.ends_with("." + end);
    });
  };
  // Rows of families, whatever the config.
  families.catalog().each_name(Catalog::Kind::family, [&](std::string_view name, bool is_id) {
    if (!is_id) return;
    for (const auto& row : families.catalog().family(name).tensors) meet(row.name);
  });
  for (const char* model : {"llama-3.1-8b", "deepseek-v3", "jamba-v0.1", "gemma-3n-e2b"}) {
    for (const auto& tensor : families.gguf(model)) meet(tensor.name.text());
  }
  for (const auto& [name, row] : unmet) FAIL_CHECK(row << ": " << name);
  CHECK(unmet.empty());
}

TEST_CASE("devices of tensor parallelism hold no less than the whole together, and one holds it all", "[axes]") {
  Families families;
  families.each([&](const std::string& family, const Inventory& inventory) {
    const TrainedModel model = trained_model(inventory);
    if (model.too_deep) return;
    INFO(family);
    const auto held = [&](std::uint64_t tp) {
      std::uint64_t sum = elements_of({.split = model.table + model.head}, tp) + elements_of(model.first, tp) +
                          elements_of(model.last, tp);
      for (const auto kind : model.layers) sum += elements_of(model.kinds[kind].params, tp);
      return sum;
    };
    CHECK(held(1) == count_params(inventory).total.value);
    for (const std::uint64_t tp : {2U, 4U, 8U}) CHECK(tp * held(tp) >= held(1));
  });
}

TEST_CASE("devices that serve hold no less than the whole together, and one holds it all", "[axes]") {
  Families families;
  const WeightFormat bf16 = weight_format("bf16", false, families.catalog());
  const RuntimeProfile& ideal = *find_runtime("ideal");
  families.each([&](const std::string& family, const Inventory& inventory) {
    INFO(family);
    const auto held = [&](std::uint64_t tp) {
      const auto load = stage_loads(inventory, {bf16, bf16, bf16, true}, ideal, {.tensor = tp}).front();
      return (load.weights - load.tables).value;
    };
    CHECK(held(1) == 2 * count_params(inventory).total.value);
    for (const std::uint64_t tp : {2U, 4U, 8U}) {
      CHECK(tp * held(tp) >= held(1));
      CHECK(held(tp) <= held(1));
    }
  });
}

TEST_CASE("tensors are divided as Megatron-Core's and vLLM's parallel layers divide them", "[axes]") {
  struct Case {
    const char *model, *end;
    TensorAxis axis;
    Split split;
  };
  using A = TensorAxis;
  constexpr std::array kCases{
      Case{"gpt-2", "attn.c_attn.weight", A::column, Split::tensor},
      Case{"gpt-2", "attn.c_attn.bias", A::column, Split::tensor},
      Case{"gpt-2", "attn.c_proj.weight", A::row, Split::tensor},
      Case{"gpt-2", "attn.c_proj.bias", A::row, Split::none},
      Case{"gpt-2", "mlp.c_fc.bias", A::column, Split::tensor},
      Case{"gpt-2", "wte.weight", A::vocabulary, Split::tensor},
      Case{"gpt-2", "wpe.weight", A::replicated, Split::none},
      Case{"llama-3.1-8b", "self_attn.k_proj.weight", A::column, Split::tensor},
      Case{"llama-3.1-8b", "mlp.down_proj.weight", A::row, Split::tensor},
      Case{"llama-3.1-8b", "input_layernorm.weight", A::replicated, Split::none},
      Case{"deepseek-v3", "self_attn.q_a_proj.weight", A::replicated, Split::none},
      Case{"deepseek-v3", "self_attn.kv_a_proj_with_mqa.weight", A::replicated, Split::none},
      Case{"deepseek-v3", "self_attn.q_b_proj.weight", A::column, Split::tensor},
      Case{"deepseek-v3", "self_attn.kv_b_proj.weight", A::column, Split::tensor},
      Case{"deepseek-v3", "self_attn.o_proj.weight", A::row, Split::tensor},
      Case{"deepseek-v3", "shared_experts.down_proj.weight", A::row, Split::tensor},
      Case{"deepseek-v3", "mlp.gate.weight", A::replicated, Split::none},
      Case{"deepseek-v3", "eh_proj.weight", A::column, Split::tensor},
      Case{"deepseek-v4-flash-0731", "self_attn.kv_proj.weight", A::replicated, Split::none},
      Case{"deepseek-v4-flash-0731", "self_attn.o_b_proj.weight", A::row, Split::tensor},
      Case{"mixtral-8x7b", "experts.{expert}.w2.weight", A::expert, Split::expert},
      Case{"gpt-oss-20b", "experts.down_proj_bias", A::expert, Split::expert},
      Case{"jamba-v0.1", "mamba.x_proj.weight", A::row, Split::tensor},
      Case{"jamba-v0.1", "mamba.dt_proj.weight", A::column, Split::tensor},
      Case{"jamba-v0.1", "mamba.A_log", A::column, Split::tensor},
      Case{"jamba-v0.1", "mamba.conv1d.weight", A::column, Split::tensor},
      Case{"mamba2-2.7b", "mixer.out_proj.weight", A::row, Split::tensor},
      Case{"qwen3-next-80b-a3b", "linear_attn.in_proj_qkvz.weight", A::column, Split::tensor},
      Case{"qwen3-next-80b-a3b", "linear_attn.dt_bias", A::column, Split::tensor},
      Case{"qwen3-next-80b-a3b", "shared_expert_gate.weight", A::replicated, Split::none},
      Case{"gemma-3n-e2b", "per_layer_projection.weight", A::replicated, Split::none},
      Case{"gemma-3n-e2b", "laurel.linear_right.weight", A::row, Split::tensor},
      Case{"gemma-3n-e2b", "embed_tokens_per_layer.weight", A::vocabulary, Split::tensor},
      Case{"falcon-7b", "self_attention.dense.weight", A::row, Split::tensor},
      Case{"bert-base-uncased", "attention.output.dense.bias", A::row, Split::none},
      Case{"bert-base-uncased", "intermediate.dense.bias", A::column, Split::tensor},
      Case{"bert-base-uncased", "token_type_embeddings.weight", A::replicated, Split::none},
      Case{"t5-small", "EncDecAttention.o.weight", A::row, Split::tensor},
      Case{"kimi-k2", "self_attn.q_a_proj.weight", A::replicated, Split::none},
  };
  Families families;
  for (const auto& one : kCases) {
    INFO(one.model << " " << one.end);
    const Inventory inventory = families.inventory(one.model);
    const auto& sharding = families.catalog().sharding();
    int found = 0;
    for (const auto& tensor : inventory.tensors) {
      if (!tensor.name.text().ends_with(one.end)) continue;
      ++found;
      CHECK(sharding_of(tensor, inventory, sharding)->axis == one.axis);
      CHECK(split_of(tensor, inventory, sharding) == one.split);
    }
    CHECK(found > 0);
  }
}

TEST_CASE("a folder says otherwise for a family of its own", "[axes]") {
  TestFolder folder;
  std::ofstream(folder / "sharding.json") << R"({"sharding": [{"id": "mine", "axis": "replicated", "family": "llama",
    "roles": ["attention"], "names": ["self_attn.q_proj"], "source": "me"}]})";
  const Catalog catalog({folder.path()});
  Families families;
  const auto axis = [&](const char* model, const std::string& end) {
    const Inventory inventory = families.inventory(model);
    for (const auto& tensor : inventory.tensors) {
      if (tensor.name.text().ends_with(end)) return sharding_of(tensor, inventory, catalog.sharding())->axis;
    }
    return TensorAxis::expert;
  };
  CHECK(axis("llama-3.1-8b", "self_attn.q_proj.weight") == TensorAxis::replicated);
  CHECK(axis("llama-3.1-8b", "self_attn.k_proj.weight") == TensorAxis::column);
  CHECK(axis("qwen3-32b", "self_attn.q_proj.weight") == TensorAxis::column);
  const Finished own = run_words({"train", "llama-3.1-8b", "--tp", "8", "--device", "h100", "--get",
                                  "training_memory.stages.0.weights_bytes", "--catalog", folder.path()});
  const Finished built_in = run_words(
      {"train", "llama-3.1-8b", "--tp", "8", "--device", "h100", "--get", "training_memory.stages.0.weights_bytes"});
  // Seven eighths of 32 matrices of 4096 × 4096, 2 bytes each, more.
  CHECK(std::strtoull(own.out.c_str(), nullptr, 10) - std::strtoull(built_in.out.c_str(), nullptr, 10) ==
        32ULL * 4096 * 4096 * 2 * 7 / 8);
}

TEST_CASE("tp divides the recurrent-state heads, and states without heads do not prevent it", "[axes]") {
  const auto said = [](const char* model, const char* tp) {
    return run_words({"train", model, "--device", "h100", "--tp", tp}).err;
  };
  CHECK_THAT(said("mamba2-2.7b", "7"), ContainsSubstring("tp 7 does not divide 80 recurrent-state heads"));
  CHECK(said("mamba2-2.7b", "8").empty());
  CHECK(said("rwkv-4-7b", "2").empty());
  // megatron/core/transformer/transformer_config.py: heads of keys and values, or tp, divide the other.
  CHECK_THAT(said("falcon-7b", "8"), ContainsSubstring("tp 8 does not divide 71 heads"));
  CHECK(said("llama-3.1-8b", "16").empty());
  CHECK_THAT(said("deepseek-v3", "4"), ContainsSubstring("impossible"));
}

TEST_CASE("a row of sharding.json that means nothing is refused", "[axes]") {
  const auto said = [](const std::string& row) {
    TestFolder folder;
    std::ofstream(folder / "sharding.json") << "{\"sharding\": [" << row << "]}";
    return run_words({"train", "llama-3.1-8b", "--tp", "2", "--catalog", folder.path()}).err;
  };
  CHECK_THAT(said(R"({"id": "a", "axis": "diagonal", "source": "me"})"),
             ContainsSubstring("/axis: expected replicated, column, row, vocabulary or expert"));
  CHECK_THAT(said(R"({"id": "a", "axis": "row", "names": ["o_proj.weight"], "source": "me"})"),
             ContainsSubstring("/names: expected ends of names without .weight and .bias"));
  CHECK_THAT(said(R"({"id": "a", "axis": "row", "roles": ["attentoin"], "source": "me"})"),
             ContainsSubstring("attentoin"));
}

}  // namespace
}  // namespace paramcount
