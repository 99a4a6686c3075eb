// Holds the estimates of training against what papers, model cards and their tables print: tests/truth/training.json.
// Prints each comparison with its error and fails on the first group that has one beyond its limit.
// Usage: paramcount_training_truth TRUTH_FOLDER
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "catalog/json.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/optimizer.hpp"
#include "paramcount/catalog/scaling_law.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/estimate/energy.hpp"
#include "paramcount/estimate/flops.hpp"
#include "paramcount/estimate/lora.hpp"
#include "paramcount/estimate/scaling.hpp"
#include "paramcount/estimate/training_memory.hpp"
#include "paramcount/estimate/training_plan.hpp"

namespace paramcount {
namespace {

constexpr double kDay = 86400;
constexpr double kA100 = 312e12;  ///< dense bf16 peak, as the papers take it

class Comparison {
 public:
  /// What follows belongs to that source, until the next.
  void group(const std::string& name) { groups_.push_back({name, {}, 0}); }
  /// Figures, how many lie within their limits, the median and the worst relative error of each source.
  void summarise() {
    for (auto& group : groups_) {
      auto& errors = group.errors;
      std::sort(errors.begin(), errors.end());
      fmt::print("= {} | {} | {} | {:.2f} % | {:.2f} %\n", group.name, errors.size(), errors.size() - group.beyond,
                 100 * errors[errors.size() / 2], 100 * errors.back());
    }
  }
  /// Relative error within `limit`.
  void relative(const std::string& what, double theirs, double ours, double limit) {
    add(what, theirs, ours, theirs == 0 ? std::fabs(ours) : std::fabs(ours / theirs - 1), limit, "");
  }
  /// Absolute difference within `limit`.
  void absolute(const std::string& what, double theirs, double ours, double limit) {
    add(what, theirs, ours, std::fabs(ours - theirs), limit, " abs");
  }
  [[nodiscard]] int failures() const { return failures_; }
  [[nodiscard]] int count() const { return count_; }

 private:
  void add(const std::string& what, double theirs, double ours, double error, double limit, const char* kind) {
    const bool fine = error <= limit;
    ++count_;
    failures_ += fine ? 0 : 1;
    auto& group = groups_.back();
    group.errors.push_back(theirs == 0 ? std::fabs(ours) : std::fabs(ours / theirs - 1));
    group.beyond += fine ? 0U : 1U;
    fmt::print("{} {:<58} theirs {:<12.6g} ours {:<12.6g} error {:.3g}{} (limit {:.3g})\n", fine ? "  " : "! ", what,
               theirs, ours, error, kind, limit);
  }
  struct Group {
    std::string name;
    std::vector<double> errors;
    std::size_t beyond{0};
  };
  std::vector<Group> groups_;
  int failures_{0};
  int count_{0};
};

double number(const Value& row, std::string_view key) {
  const auto* value = row.find(key);
  if (value == nullptr) return std::nan("");
  if (const auto* whole = value->as<std::int64_t>()) return static_cast<double>(*whole);
  const auto* real = value->as<double>();
  return real != nullptr ? *real : std::nan("");
}

double number(const Value& value) {
  if (const auto* whole = value.as<std::int64_t>()) return static_cast<double>(*whole);
  const auto* real = value.as<double>();
  return real != nullptr ? *real : std::nan("");
}

const Value::List& list(const Value& value) { return *value.as<Value::List>(); }
const std::string& text(const Value& value) { return *value.as<std::string>(); }

/// What the named inputs of a published run make of one of its figures, by the program's own formulas.
double derive(const Value& run, const std::string& out) {
  const auto get = [&](std::string_view key) { return number(run, key); };
  double device_hours = get("accel_hours");
  if (std::isnan(device_hours)) device_hours = get("days") * 24 * get("n_accel");
  const double pue = std::isnan(get("pue")) ? 1 : get("pue");
  if (out == "total_flops") {
    const double active = std::isnan(get("active_params")) ? get("params") : get("active_params");
    return training_flops_6nd({static_cast<std::uint64_t>(active)}, get("tokens")).value;
  }
  if (out == "days") {
    return device_time({get("total_flops")}, {get("tflops_per_dev") * 1e12}, 1).value / get("n_accel") / kDay;
  }
  if (out == "accel_hours") return get("n_accel") * get("days") * 24;
  if (out == "energy_mwh") return energy(device_hours, {get("watts_per_dev")}, 1, pue).value / 1000;
  return std::nan("");
}

void runs(const Value& truth, Comparison& compare) {
  for (const auto& run : list(*truth.find("runs"))) {
    for (const auto& check : list(*run.find("checks"))) {
      const std::string out = text(*check.find("out"));
      const auto& from = list(*check.find("from"));
      const auto has = [&](std::string_view key) {
        return std::any_of(from.begin(), from.end(), [&](const Value& name) { return text(name) == key; });
      };
      double ours = 0;
      if (out == "tco2e") {
        const double pue = has("pue") ? number(run, "pue") : 1;
        const KilowattHours kwh = has("energy_mwh")
                                      ? KilowattHours{number(run, "energy_mwh") * 1000 * pue}
                                      : energy(number(run, "accel_hours"), {number(run, "watts_per_dev")}, 1, pue);
        ours = carbon(kwh, number(run, "kgco2_per_kwh") * 1000).value;
      } else if (out == "energy_mwh" && !has("pue")) {
        ours = energy(number(run, "accel_hours"), {number(run, "watts_per_dev")}, 1, 1).value / 1000;
      } else {
        ours = derive(run, out);
      }
      compare.relative(text(*run.find("model")) + ": " + out, number(run, out), ours, number(check, "rel"));
    }
  }
}

void zero(const Value& truth, const Catalog& catalog, Comparison& compare) {
  const Value& table = *truth.find("zero");
  const Optimizer adam = catalog.optimizer("adamw");
  const auto& ranks = list(*table.find("dp"));
  for (const auto& [size, params] : {std::pair{"7.5B", 7.5e9}, std::pair{"128B", 128e9}, std::pair{"1T", 1e12}}) {
    std::uint64_t stage = 0;
    for (const auto* column : {"P_os", "P_os+g", "P_os+g+p"}) {
      ++stage;
      const auto& cells = list(*table.find(size)->find(column));
      for (std::size_t i = 0; i < cells.size(); ++i) {
        const double theirs = number(cells[i]);
        const auto n = static_cast<std::uint64_t>(number(ranks[i]));
        const double ours =
            static_cast<double>(training_memory({static_cast<std::uint64_t>(params)}, adam, stage, n).total().value) /
            1e9;
        // The paper rounds some columns and cuts others: one unit of the last printed place.
        std::string digits = fmt::format("{}", theirs);
        const auto dot = digits.find('.');
        const double unit =
            dot == std::string::npos ? 1 : std::pow(10.0, -static_cast<double>(digits.size() - dot - 1));
        compare.absolute(fmt::format("ZeRO table 1: {} {} over {}", size, column, n), theirs, ours, unit);
      }
    }
  }
}

/// A GPT as the Megatron papers train it.
Inventory megatron(double hidden, double layers, double heads, double vocab, double sequence, Expander& expander) {
  Model model;
  model.family = "gpt2";
  const auto dim = [&](const char* name, double value) {
    model.dims.emplace_back(name, Value(static_cast<std::int64_t>(value)));
  };
  dim("d_model", hidden);
  dim("n_layers", layers);
  dim("n_heads", heads);
  dim("d_ff", 4 * hidden);
  dim("vocab_size", vocab);
  dim("max_positions", sequence);
  model.dims.emplace_back("tied_embeddings", Value(true));
  return expander.expand(model);
}

void narayanan(const Value& truth, Expander& expander, Comparison& compare) {
  const Value& tables = *truth.find("narayanan");
  constexpr double kVocab = 51200;
  constexpr double kSequence = 2048;
  for (const auto& row : list(*tables.find("table1"))) {
    const auto cell = [&](std::size_t i) { return number(list(row)[i]); };
    const Inventory inventory = megatron(cell(2), cell(3), cell(1), kVocab, kSequence, expander);
    const std::string name = fmt::format("Narayanan table 1, {} B: ", cell(0));
    compare.absolute(name + "parameters", cell(0), static_cast<double>(count_params(inventory).total.value) / 1e9,
                     0.06);
    compare.absolute(name + "% of peak", cell(9), 100 * cell(8) * 1e12 / kA100, 0.6);
    compare.relative(name + "PFLOP/s together", cell(10), cell(6) * cell(8) / 1000, 0.005);
  }
  for (const auto& row : list(*tables.find("table2"))) {
    const auto cell = [&](std::size_t i) { return number(list(row)[i]); };
    const bool large = cell(1) > 500;
    const Inventory inventory = large ? megatron(20480, 105, 128, kVocab, kSequence, expander)
                                      : megatron(12288, 96, 96, kVocab, kSequence, expander);
    const TokenWork work = token_work(inventory, 2048);
    const double per_token =
        training_work(FlopsConvention::megatron, Recompute::full, work, count_params(inventory).active).hardware;
    const Seconds time = device_time({per_token * 300e9}, {cell(6) * 1e12}, 1);
    compare.absolute(fmt::format("Narayanan table 2: {} {} B on {}, days", text(list(row)[0]), cell(1), cell(4)),
                     cell(7), time.value / cell(4) / kDay, 1.1);
  }
  // "34 days" and "84 days" of the text: 8 FLOPs a parameter and token.
  const auto days = [](double params, double tokens, double devices, double tflops) {
    TokenWork plain;
    const double per_token =
        training_work(FlopsConvention::six_nd, Recompute::full, plain, {static_cast<std::uint64_t>(params)}).hardware;
    return device_time({per_token * tokens}, {tflops * 1e12}, 1).value / devices / kDay;
  };
  compare.absolute("Narayanan section 5.1: 175 B, 1,024 GPUs, days", 34, days(175e9, 300e9, 1024, 140), 1);
  compare.absolute("Narayanan section 5.1: 1 T, 3,072 GPUs, days", 84, days(1e12, 450e9, 3072, 163), 1);
}

void korthikanti(const Value& truth, Expander& expander, Comparison& compare) {
  for (const auto& row : list(*truth.find("korthikanti"))) {
    const auto cell = [&](std::string_view key) { return number(row, key); };
    const Inventory inventory =
        megatron(cell("hidden"), cell("layers"), cell("heads"), cell("vocab"), cell("seq"), expander);
    const TokenWork work = token_work(inventory, static_cast<std::uint64_t>(cell("seq")));
    const TrainingWork per_token = training_work(FlopsConvention::megatron, Recompute::selective, work, {});
    const double tokens_per_second = cell("gbs") * cell("seq") / cell("seconds");
    const std::string name = "Korthikanti tables 3 and 5, " + text(*row.find("model")) + ": ";
    // The printed seconds have three digits: of 1.10 s that is 0.5 %.
    compare.absolute(name + "MFU", cell("mfu"), utilisation(per_token.model, tokens_per_second, cell("gpus"), {kA100}),
                     0.0025);
    if (!std::isnan(cell("hfu"))) {
      compare.absolute(name + "HFU", cell("hfu"),
                       utilisation(per_token.hardware, tokens_per_second, cell("gpus"), {kA100}), 0.0025);
    }
  }
}

void tables(const Value& truth, const Catalog& catalog, Expander& expander, Comparison& compare) {
  for (const auto& row : list(*truth.find("gpt3_d1")->find("rows"))) {
    const auto cell = [&](std::size_t i) { return number(list(row)[i]); };
    const std::string& name = text(list(row)[0]);
    TokenWork work;
    work.stack_share = name.starts_with("T5") ? 0.5 : 1;
    const Params params{static_cast<std::uint64_t>(std::llround(cell(1) * 1e6))};
    const double flops = training_work(FlopsConvention::six_nd, Recompute::none, work, params).model * cell(2) * 1e9;
    compare.relative("GPT-3 table D.1: " + name + ", FLOPs", cell(3), flops, 0.01);
    compare.relative("GPT-3 table D.1: " + name + ", PF-days", cell(4), flops / 8.64e19, 0.01);
  }
  for (const auto& row : list(*truth.find("flan")->find("rows"))) {
    const auto cell = [&](std::size_t i) { return number(list(row)[i]); };
    const std::string& name = text(list(row)[0]);
    // Printed 2.5e23 where 0.2 % needs 2.5e24.
    if (name.find("U-PaLM") != std::string::npos) continue;
    compare.absolute("Chung table 2: " + name + ", finetuning %", cell(3), 100 * cell(2) / cell(1), 0.06);
  }
  for (const auto& [id, row] :
       {std::pair{"palm-8b", "r8B"}, std::pair{"palm-62b", "r62B"}, std::pair{"palm-540b", "r540B"}}) {
    const auto model = catalog.find_model(id);
    const Inventory inventory = expander.expand(*model);
    const ParamCounts params = count_params(inventory);
    const TokenWork work = token_work(inventory, 2048);
    const double per_token = training_work(FlopsConvention::palm, Recompute::none, work, params.active).model;
    compare.relative(std::string("PaLM table 22: ") + id + ", TFLOP a token",
                     number(list(*truth.find("palm22")->find(row))[0]), per_token / 1e12, 0.02);
    if (std::string_view(id) == "palm-540b") {
      const double plain = training_work(FlopsConvention::six_nd, Recompute::none, work, params.active).model;
      compare.absolute("PaLM section 4.1: MFU without attention", 0.457, utilisation(plain, 238.3e3, 6144, {275e12}),
                       0.0006);
      compare.absolute("PaLM section 4.1: MFU", 0.462, utilisation(per_token, 238.3e3, 6144, {275e12}), 0.0006);
    }
  }
  const auto gpt3 = catalog.find_model("gpt-3-175b");
  const Lora lora = count_lora(expander.expand(*gpt3), {}, parse_lora("4:q,v"));
  compare.relative("LoRA, GPT-3 175B, rank 4 on q and v", 18874368, static_cast<double>(lora.trained.value), 0);
  const Optimizer adam = catalog.optimizer("adamw");
  const Optimizer grads32 = catalog.optimizer("megatron");
  compare.relative("Ultra-Scale Playbook: 70 B in GB", 1120,
                   static_cast<double>(training_memory({70'000'000'000}, adam, 0, 1).total().value) / 1e9, 0);
  compare.relative("Megatron-LM: bytes a parameter", 18, grads32.bytes_per_parameter(), 0);
  const Seconds h800{2.788e6 * 3600};
  compare.relative("DeepSeek-V3: 2.788 M hours at $2", 5.576e6, (DollarsPerHour{2} * h800).value, 1e-9);
  const auto llama = catalog.find_model("llama-3.1-405b");
  const Flops flops = training_flops_6nd(count_params(expander.expand(*llama)).active, 15.6e12);
  compare.relative("Llama 3.1 405B: FLOPs", 3.8e25, flops.value, 0.005);
  compare.absolute("Llama 3.1 405B: MFU of its 30.84 M hours", 0.346, implied_mfu(flops, {989e12}, 30.84e6), 0.0005);
}

void scaling(const Value& truth, const Catalog& catalog, Comparison& compare) {
  for (const auto& row : list(*truth.find("chinchilla3"))) {
    const double n = number(list(row)[0]);
    const double d = number(list(row)[2]);
    const bool rounded = n == 67e9;  // its tokens are printed as 1.5 T
    compare.relative(fmt::format("Chinchilla table 3: {:.3g}, FLOPs", n), number(list(row)[1]),
                     training_flops_6nd({static_cast<std::uint64_t>(n)}, d).value, rounded ? 0.05 : 0.02);
    compare.absolute(fmt::format("Chinchilla table 3: {:.3g}, D/N within 20 to 22.4", n), 21.2, d / n, 1.23);
  }
  const std::vector<std::pair<const char*, ScalingLaw>> laws{{"hoffmann", catalog.law("hoffmann-3-rounded")},
                                                             {"hoffmann_unrounded", catalog.law("hoffmann-3")},
                                                             {"epoch", catalog.law("besiroglu")}};
  const ScalingLaw kaplan = catalog.law("kaplan");
  for (const auto& row : list(*truth.find("losses"))) {
    const Allocation at{number(row, "N"), number(row, "D")};
    const std::string name = "loss, " + text(*row.find("model")) + ": ";
    for (const auto& [key, law] : laws) {
      compare.absolute(name + law.id, number(row, key), *predicted_loss(law, at), 5.1e-5);
    }
    compare.absolute(name + "kaplan, N alone", number(row, "kaplan_LN"), *loss_of_params(kaplan, at.params), 5.1e-5);
    compare.absolute(name + "kaplan, D alone", number(row, "kaplan_LD"), *loss_of_tokens(kaplan, at.tokens), 5.1e-5);
  }
  for (const auto& row : list(*truth.find("optima"))) {
    for (const auto& [key, law] : laws) {
      const Allocation best = best_split(law, {number(row, "C")});
      const auto& pair = list(*row.find(key));
      const std::string name = fmt::format("optimum at {:.3g}, {}: ", number(row, "C"), law.id);
      compare.relative(name + "N", number(pair[0]), best.params, 1e-9);
      compare.relative(name + "D", number(pair[1]), best.tokens, 1e-9);
    }
  }
  compare.relative("Hoffmann 2022: Kaplan's best N at 1e21", 4.68e9, best_split(kaplan, {1e21}).params, 0.002);
  compare.relative("Hoffmann 2022: approach 1's best N at 1e21", 2.86e9,
                   best_split(catalog.law("hoffmann-1"), {1e21}).params, 0.03);
}

int run(const std::string& folder) {
  const Value truth = parse_json(read_file(folder + "/training.json", kMostJsonBytes));
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families());
  Comparison compare;
  compare.group("published runs: what follows from what");
  runs(truth, compare);
  compare.group("memory under ZeRO (table 1)");
  zero(truth, catalog, compare);
  compare.group("Megatron: parameters, rates, days (Narayanan, tables 1 and 2)");
  narayanan(truth, expander, compare);
  compare.group("MFU and HFU (Korthikanti, tables 3 and 5)");
  korthikanti(truth, expander, compare);
  compare.group("FLOPs: GPT-3 table D.1, PaLM table 22, FLAN table 2, LoRA, single figures");
  tables(truth, catalog, expander, compare);
  compare.group("scaling laws: losses, optima, Chinchilla table 3");
  scaling(truth, catalog, compare);
  compare.summarise();
  fmt::print("{} figures compared, {} beyond their limits\n", compare.count(), compare.failures());
  return compare.failures() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace paramcount

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: paramcount_training_truth TRUTH_FOLDER\n", stderr);
    return 2;
  }
  try {
    return paramcount::run(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "paramcount_training_truth: %s\n", error.what());
    return 1;
  }
}
