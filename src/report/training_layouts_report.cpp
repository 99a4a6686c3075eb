// Layouts of a search and the time of a step: figures and tables.
#include <algorithm>
#include <utility>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/training_peak_report.hpp"

namespace paramcount {
namespace {

constexpr const char* kSearched = "of those that divide and fit";

}  // namespace

void tell_step(const StepTime& step, Tree& tree) {
  const auto seconds = [&](const Label& key, const Label& label, double value, const Label& formula,
                           const Label& source = {}) {
    tree.leaf(key, label, number_value(value), formula, source, Said::estimated);
  };
  seconds("seconds_per_step", "seconds of a step", step.seconds(), "Σ of its parts");
  const auto group = tree.group("step", "a step, seconds");
  tree.leaf("global_batch", "sequences", step.global_batch, "as given, or 4 Mi tokens and 1/8 for each device",
            "Touvron et al. 2023, arXiv:2307.09288, section 2.2");
  seconds("compute", "computing", step.compute, "FLOPs with what is recomputed / (devices × peak × MFU)");
  seconds("bubble", "waiting for the pipeline", step.bubble, "(pp − 1)/(vpp·micro-batches), and the largest stage",
          "Narayanan et al. 2021, arXiv:2104.04473, section 2.2");
  seconds("tensor", "sums of activations over tp", step.tensor,
          "layers × micro-batches × passes × 2 sums × 2·(tp − 1)/tp × 2·t·h / link", "arXiv:1909.08053");
  seconds("context", "keys and values round cp", step.context, "micro-batches × 3 × 2·t·(k + v)·(cp − 1) / link",
          "Liu et al. 2023, arXiv:2310.01889");
  seconds("expert", "tokens to experts and back", step.expert,
          "layers × micro-batches × passes × 2 × k·2·t·h/S·(ep − 1)/ep / link");
  seconds("data", "gradients and weights over dp", step.data, "what computing a micro-batch does not cover");
  seconds("optimizer", "the optimizer", step.optimizer,
          "bytes of gradients and weights, twice those of master copy and states / memory bandwidth");
  tree.leaf("mfu", "MFU of the step", {step.mfu, Unit::share}, "FLOPs / (devices × peak × seconds)", {},
            Said::estimated);
}

void tell_layouts(const TrainingAnswer& answer, Tree& tree) {
  if (answer.layouts.empty()) return;
  const auto list = tree.list("layouts", "layouts, the fastest first");
  for (const auto& plan : answer.layouts) {
    const auto& layout = plan.setup.layout;
    const auto row = tree.group("");
    const auto number = [&](const Label& key, const Label& label, std::uint64_t value) {
      tree.leaf(key, label, value, kSearched);
    };
    tell_degrees(layout, kSearched, tree);
    number("zero_stage", "ZeRO stage", layout.zero);
    number("micro_batch", "sequences of a micro-batch", layout.micro_batch);
    number("global_batch", "sequences of a step", plan.step.global_batch);
    tree.text("recompute", "recomputation", kRecomputeNames[static_cast<std::size_t>(layout.recompute)]);
    tree.leaf("peak_bytes", "peak", plan.peak, "the fullest stage", {}, Said::estimated);
    tree.leaf("seconds_per_step", "seconds of a step", number_value(plan.step.seconds()), "Σ of its parts", {},
              Said::estimated);
    tree.leaf("mfu", "MFU", {plan.step.mfu, Unit::share}, "FLOPs / (devices × peak × seconds)", {}, Said::estimated);
  }
}

PageTable layouts_table(const TrainingAnswer& answer, const Figures& figures) {
  PageTable table;
  table.own_grid = true;
  table.tight = true;
  // A column that says 1 of every layout is left out.
  const auto some = [&](std::uint64_t TrainingLayout::*size) {
    return std::any_of(answer.layouts.begin(), answer.layouts.end(),
                       [&](const TrainingLayoutPlan& plan) { return plan.setup.layout.*size > 1; });
  };
  std::vector<std::pair<const char*, const char*>> sizes;  // heading and key
  if (some(&TrainingLayout::pipeline)) sizes.emplace_back("pp", "pp");
  if (some(&TrainingLayout::interleaved)) sizes.emplace_back("vpp", "vpp");
  if (some(&TrainingLayout::context)) sizes.emplace_back("cp", "cp");
  if (some(&TrainingLayout::expert)) sizes.emplace_back("ep", "ep");
  sizes.insert(sizes.end(), {{"dp", "dp"},
                             {"ZeRO", "zero_stage"},
                             {"micro", "micro_batch"},
                             {"batch", "global_batch"},
                             {"recompute", "recompute"}});
  table.head = {{"Layouts", Style::strong}, {}};
  for (const auto& size : sizes) table.head.cells.push_back({size.first});
  for (const auto& head : {byte_unit(figures.style()), std::string("s/step"), std::string("MFU")}) {
    table.head.cells.push_back({head});
  }
  for (std::size_t i = 0; i < answer.layouts.size(); ++i) {
    const std::string key = "layouts." + std::to_string(i) + ".";
    const auto& plan = answer.layouts[i];
    Line line{{"tp " + grouped(plan.setup.layout.tensor)}, {}};
    for (const auto& size : sizes) line.cells.push_back(figures.cell(key + size.second));
    line.cells.push_back(figures.gibibytes(key + "peak_bytes", 1));
    line.cells.push_back(figures.dressed(key + "seconds_per_step", significant(plan.step.seconds(), 3)));
    line.cells.push_back(figures.cell(key + "mfu"));
    // Where the time goes that is not computing.
    const auto share = [&](const char* what, double seconds) {
      const double percent = 100 * seconds / plan.step.seconds();
      return percent < 1 ? std::string() : std::string(what) + " " + fixed(percent, 0) + " %";
    };
    std::string why;
    for (const auto& text :
         {share("bubble", plan.step.bubble), share("tp", plan.step.tensor), share("cp", plan.step.context),
          share("ep", plan.step.expert), share("dp", plan.step.data), share("optimizer", plan.step.optimizer)}) {
      if (!text.empty()) why += (why.empty() ? "" : ", ") + text;
    }
    line.remark = {why.empty() ? "computes nearly all the time" : why, Style::dim};
    table.lines.push_back(std::move(line));
  }
  return table;
}

}  // namespace paramcount
