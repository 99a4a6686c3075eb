// Holds the peak memory of training against what others measured or computed: tests/truth/training_memory.jsonl.
// Prints each row and a table by source, next to the states alone, and fails where a source's median or
// worst error is beyond its limit.
// Usage: paramcount_training_memory_truth TRUTH_FOLDER
#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "catalog/family_file.hpp"
#include "catalog/json.hpp"
#include "paramcount/estimate/training_step.hpp"
#include "training_memory_comparison.hpp"
#include "training_memory_rows.hpp"

namespace paramcount {
namespace {

using nlohmann::json;

constexpr double kGiB = 0x1p30;
constexpr std::size_t kMostBytes = 16U << 20U;

/// TFLOP/s of a device from its tokens a second, in the convention that the source counts in. `more`: what it counts as
/// a parameter besides.
void conventions(const json& row, const Inventory& inventory, FlopsConvention convention, const std::string& source,
                 double more, Comparison& compare) {
  const auto& measured = row["measured"];
  const TokenWork work = token_work(inventory, row["seq"].get<std::uint64_t>());
  const double flops = training_work(convention, Recompute::none, work, {}).model + 6 * more;
  const double ours = flops * measured["tokens_s_gpu"].get<double>() / 1e12;
  compare.add(source, text(row, "id"), measured["tflops_gpu"].get<double>(), ours, 0.99 * ours, 1.01 * ours, 0, 0);
}

/// Steps of few micro-batches from the one of many, in the same layout: the efficiency that the long one shows, the
/// bubble, gradients and optimizer as they are estimated.
void steps(const std::map<std::string, std::vector<json>>& runs, Expander& expander, const Family& family,
           const Catalog& catalog, Comparison& compare) {
  for (const auto& [name, rows] : runs) {
    const auto batches = [](const json& row) { return row["gbs"].get<std::uint64_t>(); };
    const json* longest = &rows.front();
    for (const auto& row : rows) {
      if (batches(row) > batches(*longest)) longest = &row;
    }
    const Inventory inventory = inventory_of(rows.front()["dims"], expander, family);
    const auto seconds = [&](const json& row, double mfu) {
      TrainingSetup setup = setup_of(row, json::object(), "megatron", catalog);
      setup.device = catalog.device("b200");
      StepWork work;
      work.flops_per_token = 6 * static_cast<double>(token_work(inventory, setup.sequence).weights);
      work.peak = *setup.device->peak_for("bf16");
      work.mfu = mfu;
      return step_time(inventory, setup, work).seconds();
    };
    double low = 0.001;
    double high = 10;
    const double measured = (*longest)["measured"]["step_s"].get<double>();
    for (int i = 0; i < 60; ++i) {
      const double middle = (low + high) / 2;
      (seconds(*longest, middle) > measured ? low : high) = middle;
    }
    for (const auto& row : rows) {
      if (&row == longest) continue;
      const double ours = seconds(row, low);
      compare.add("steps of few micro-batches from many", text(row, "id"), row["measured"]["step_s"].get<double>(),
                  ours, 0.9 * ours, 1.1 * ours, 0, 0);
    }
  }
}

/// Activations of the first stage, as the paper counts them: without statistics of norms, and without the layer that is
/// being recomputed. Figure 1 in GiB, figure 7 in percent of those without recomputation and sequence parallelism.
void korthikanti(const json& row, const Inventory& inventory, const Catalog& catalog, Comparison& compare) {
  const auto gib = [&](const json& of) {
    TrainingSetup setup = setup_of(of, json::object(), "", catalog);
    setup.unfused = true;
    setup.dropout = true;
    setup.layout.global_batch.reset();
    const PeakMemory memory = training_peak(inventory, setup);
    const auto& first = memory.stages.front();
    return static_cast<double>(memory.layers.front().kept.value) * static_cast<double>(first.layers) * first.in_flight /
           kGiB;
  };
  const auto& measured = row["measured"];
  const std::string id = text(row, "id");
  if (measured.contains("activation_gib")) {
    const double theirs = measured["activation_gib"].get<double>();
    const double ours = gib(row);
    compare.add("activations, Korthikanti, figure 1", id, theirs, ours, 0.9995 * ours, 1.0005 * ours, 0, 0);
  } else if (measured.contains("activation_pct_of_none")) {
    json plain = row;
    plain["recompute"] = "none";
    plain["sp"] = false;
    const double ours = 100 * gib(row) / gib(plain);
    // Read off a figure.
    compare.add("activations, Korthikanti, figure 7", id, measured["activation_pct_of_none"].get<double>(), ours,
                0.988 * ours, 1.012 * ours, 0, 0);
  }
}

/// Runs that did run on a card of known size: none may be called impossible.
void foundry(const json& row, const Inventory& inventory, const Catalog& catalog, Comparison& compare) {
  static const std::map<std::string, const char*> kCards{
      {"h100_80gb", "h100"}, {"a100_80gb", "a100"}, {"a100_40gb", "a100-40gb"}};
  TrainingSetup setup = setup_of(row, json::object(), "torchtitan", catalog);
  setup.optimizer = catalog.optimizer(text(row, "weights") == "bf16" ? "adamw-bf16" : "adamw-fp32");
  setup.loss.kind = LossKind::Kind::fused;
  setup.device = catalog.device(kCards.at(text(row, "hardware")));
  compare.ran(text(row, "id"), training_peak(inventory, setup));
}

int run(const std::string& folder) {
  const Catalog catalog;
  const Family family =
      read_family(resolve_family(parse_json(read_file(folder + "/training_memory_family.json", kMostBytes)), nullptr));
  Expander expander([&](std::string_view) -> const Family& { return family; });
  Expander built_in(catalog.families(), catalog.gguf_families(), catalog.names(), catalog.inventories());
  Comparison compare({{"peak memory, SimuMax on B200", {0.01, 0.02}},
                      {"peak memory, Megatron's tests, dense", {0.02, 0.30}},
                      {"peak memory, Megatron's tests, experts", {0.04, 0.12}},
                      {"peak memory, torchtitan", {0.08, 0.12}},
                      {"peak memory, LitGPT, adapters", {0.02, 0.08}},
                      {"peak memory, PEFT, adapters", {0.02, 0.10}},
                      {"peak memory, torchtune", {0.08, 0.20}},
                      {"FLOPs: llm-foundry, matmul", {0.003, 0.25}},
                      {"FLOPs: Megatron-Bridge, causal", {0.003, 0.25}},
                      {"steps of few micro-batches from many", {0.08, 0.15}},
                      {"activations, Korthikanti, figure 1", {0.0005, 0.001}},
                      {"activations, Korthikanti, figure 7", {0.01, 0.04}}});
  const std::string lines = read_file(folder + "/training_memory.jsonl", kMostBytes);
  std::map<std::string, std::vector<json>> simumax;
  std::size_t at = 0;
  while (at < lines.size()) {
    const auto end = lines.find('\n', at);
    const json row = json::parse(lines.substr(at, end - at));
    at = end == std::string::npos ? lines.size() : end + 1;
    const auto& measured = row["measured"];
    if (text(row, "id").starts_with("korthikanti/fig"))
      korthikanti(row, inventory_of(row["dims"], expander, family), catalog, compare);
    if (text(row, "id").starts_with("llm-foundry") && row["dims"].is_object()) {
      foundry(row, inventory_of(row["dims"], expander, family), catalog, compare);
    }
    if (measured.contains("tflops_gpu") && measured.contains("tokens_s_gpu") && text(row, "kind") == "pretrain") {
      const std::string id = text(row, "id");
      if (id.starts_with("llm-foundry") && row["dims"].is_object()) {
        // scripts/train/benchmarking/collect_results.py: 6 of every parameter, learned positions too.
        conventions(row, inventory_of(row["dims"], expander, family), FlopsConvention::matmul,
                    "FLOPs: llm-foundry, matmul", row["seq"].get<double>() * row["dims"]["hidden"].get<double>(),
                    compare);
      } else if (id.starts_with("megatron-bridge") && !text(row, "catalog").empty() && row["seq"].is_number()) {
        conventions(row, built_in.expand(catalog.model(text(row, "catalog"))), FlopsConvention::causal,
                    "FLOPs: Megatron-Bridge, causal", 0, compare);
      }
    }
    if (!measured.contains("peak_gib") || !row["dims"].is_object()) continue;
    const std::string id = text(row, "id");
    const json flags = flags_of(row);
    // The rows of LitGPT and PEFT are of models that the catalog knows, with norms that the dimensions do not tell.
    const auto inventory_for = [&](const json& of) {
      const bool known = of["lora"].is_object() && !text(of, "catalog").empty();
      return known ? built_in.expand(catalog.model(text(of, "catalog"))) : inventory_of(of["dims"], expander, family);
    };
    const auto add = [&](const std::string& source, const TrainingSetup& setup, bool last) {
      const PeakMemory memory = training_peak(inventory_for(row), setup);
      const auto& stage = last ? memory.stages.back() : memory.most();
      compare.add(source, id, measured["peak_gib"].get<double>(), static_cast<double>(stage.peak.value) / kGiB,
                  static_cast<double>(stage.low.value) / kGiB, static_cast<double>(stage.high.value) / kGiB,
                  static_cast<double>(stage.static_bytes().value) / kGiB,
                  setup.framework->id == "megatron"
                      ? theirs_of_megatron(row, setup, static_cast<double>(memory.most().static_bytes().value) / kGiB)
                      : 0);
    };
    if (id.starts_with("simumax")) {
      TrainingSetup setup = setup_of(row, flags, "megatron", catalog);
      setup.device = catalog.device("b200");
      setup.loss.kind = LossKind::Kind::fused;
      add("peak memory, SimuMax on B200", setup, false);
      simumax[id.substr(0, id.find("mbc"))].push_back(row);
    } else if (id.starts_with("megatron-golden")) {
      // Other optimizers, formats and parts of Megatron than the rules speak of.
      bool other = row["zero"] == "fsdp" || text(row, "optimizer").find("adam") == std::string::npos;
      for (const auto* flag : {"fp8", "defer", "losssplit", "mgs", "mods"}) other = other || flags.contains(flag);
      if (other) continue;
      TrainingSetup setup = setup_of(row, flags, "megatron", catalog);
      setup.device = catalog.device(id.find("a100") != std::string::npos ? "a100" : "h100");
      if (id.find("gb200") != std::string::npos) setup.device = catalog.device("b200");
      if (flags.value("det", "") == ":4096:8" || !flags.contains("gg")) {
        const bool ampere = id.find("a100") != std::string::npos;
        const double cublas = !ampere || flags.value("det", "") == ":4096:8" ? 32 : 8.125;
        const double engine = (ampere ? 4 : 32) * (flags.contains("gg") ? 4 : 1);
        setup.workspace = Bytes{static_cast<std::uint64_t>((2 * cublas + engine) * 0x1p20)};
      }
      setup.optimizer_instances = flags.contains("inst") ? flags["inst"].get<std::uint64_t>() : 1;
      if (flags.contains("unevenf") || flags.contains("unevenl")) {
        const auto first = number(flags, "unevenf", 0);
        const auto last = number(flags, "unevenl", 0);
        const auto pp = setup.layout.pipeline;
        const auto middle = (number(row["dims"], "layers", 0) - first - last) / (pp - (first > 0) - (last > 0));
        setup.stage_layers.assign(pp, middle);
        if (first > 0) setup.stage_layers.front() = first;
        if (last > 0) setup.stage_layers.back() = last;
      }
      if (flags.contains("fusedce")) setup.loss.kind = LossKind::Kind::native;
      if (text(row, "weights") == "fp32") setup.optimizer = catalog.optimizer("adamw-fp32");
      setup.mtp = row["dims"].contains("mtp_layers");
      add(row["dims"].contains("moe") ? "peak memory, Megatron's tests, experts"
                                      : "peak memory, Megatron's tests, dense",
          setup, true);
    } else if (id.starts_with("litgpt/lora") || id.starts_with("peft/lora") || id.starts_with("torchtune/flags")) {
      const bool lora = row["lora"].is_object();
      if (id.find("bdlora") != std::string::npos || (lora && id.starts_with("torchtune"))) continue;
      // Of LitGPT's runs on two devices the peak is of loading: the whole model in addition to its shard.
      if (number(row, "n_gpus", 1) > 1) continue;
      const std::string framework = id.starts_with("peft") ? "transformers" : id.substr(0, id.find('/'));
      TrainingSetup setup = setup_of(row, flags, framework, catalog);
      const Inventory inventory = inventory_for(row);
      if (lora) setup.adapters = adapters_of(row, inventory, catalog);
      if (lora) setup.optimizer = catalog.optimizer(setup.framework->adapter_optimizer);
      if (id.starts_with("torchtune")) techniques(id, setup);
      add(id.starts_with("litgpt") ? "peak memory, LitGPT, adapters"
          : id.starts_with("peft") ? "peak memory, PEFT, adapters"
                                   : "peak memory, torchtune",
          setup, false);
    } else if (id.starts_with("torchtitan")) {
      TrainingSetup setup = setup_of(row, flags, "torchtitan", catalog);
      if (text(row, "note").find("loss compiled") != std::string::npos) setup.loss.kind = LossKind::Kind::fused;
      if (text(row, "hardware") == "h200") setup.layout.recompute = Recompute::selective;
      add("peak memory, torchtitan", setup, false);
    }
  }
  steps(simumax, expander, family, catalog, compare);
  return compare.finish() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace paramcount

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: paramcount_training_memory_truth TRUTH_FOLDER\n");
    return 2;
  }
  try {
    return paramcount::run(argv[1]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
