// The layouts of a search and the time of a step: figures and tables.
#include <algorithm>
#include <utility>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/training_peak_report.hpp"

namespace paramcount {
namespace {

constexpr const char* kSearched = "among the layouts that divide the model and fit";

}  // namespace

void tell_step(const StepTime& step, Tree& tree) {
  const auto seconds = [&](const Label& key, const Label& label, double value, const Label& formula,
                           const Label& source = {}) {
    tree.leaf(key, label, number_value(value), formula, source, Said::estimated);
  };
  seconds("seconds_per_step", "seconds per step", step.seconds(), "Σ of its parts");
  const auto group = tree.group("step", "seconds per step");
  tree.leaf("global_batch", "sequences", step.global_batch, "as given, or 4 Mi tokens and 1/8 for each device",
            "Touvron et al. 2023, arXiv:2307.09288, section 2.2");
  seconds("compute", "computing", step.compute, "FLOPs including recomputation / (devices × peak × MFU)");
  seconds("bubble", "pipeline bubble", step.bubble, "(pp − 1)/(vpp·micro-batches), and the largest stage",
          "Narayanan et al. 2021, arXiv:2104.04473, section 2.2");
  seconds("tensor", "communication of activations over tp", step.tensor,
          "layers × micro-batches × passes × 2 sums × 2·(tp − 1)/tp × 2·t·h / link", "arXiv:1909.08053");
  seconds("context", "communication of keys and values over cp", step.context,
          "micro-batches × 3 × 2·t·(k + v)·(cp − 1) / link", "Liu et al. 2023, arXiv:2310.01889");
  seconds("expert", "tokens to experts and back", step.expert,
          "layers × micro-batches × passes × 2 × k·2·t·h/S·(ep − 1)/ep / link");
  seconds("data", "gradients and weights over dp", step.data, "what the computing of a micro-batch does not overlap");
  seconds("optimizer", "the optimizer", step.optimizer,
          "bytes of gradients and weights, twice those of master copy and states / memory bandwidth");
  tree.leaf("mfu", "MFU of the step", {step.mfu, Unit::share}, "FLOPs / (devices × peak × seconds)", {},
            Said::estimated);
}

void tell_layouts(const TrainingAnswer& answer, Tree& tree) {
  if (answer.layouts.empty()) return;
  const auto list = tree.list("layouts", "layouts, fastest first");
  for (const auto& plan : answer.layouts) {
    const auto& layout = plan.setup.layout;
    const auto row = tree.group("");
    const auto number = [&](const Label& key, const Label& label, std::uint64_t value) {
      tree.leaf(key, label, value, kSearched);
    };
    tell_degrees(layout, kSearched, tree);
    number("zero_stage", "ZeRO stage", layout.zero);
    number("micro_batch", "sequences per micro-batch", layout.micro_batch);
    number("global_batch", "sequences per step", plan.step.global_batch);
    tree.text("recompute", "recomputation", kRecomputeNames[static_cast<std::size_t>(layout.recompute)]);
    tree.leaf("peak_bytes", "peak", plan.peak, "the fullest stage", {}, Said::estimated);
    tell_step(plan.step, tree);
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
    line.cells.push_back(
        figures.rounded(key + "seconds_per_step", significant(figures.number(key + "seconds_per_step"), 3)));
    line.cells.push_back(figures.cell(key + "mfu"));
    // Where the time goes that is not computing.
    Cell why{"", Style::dim, key + "seconds_per_step"};
    for (const auto& [what, part] : {std::pair{"bubble", "bubble"},
                                     {"tp", "tensor"},
                                     {"cp", "context"},
                                     {"ep", "expert"},
                                     {"dp", "data"},
                                     {"optimizer", "optimizer"}}) {
      const std::string seconds = key + "step." + part;
      const double percent = 100 * figures.number(seconds) / figures.number(key + "seconds_per_step");
      if (percent < 1) continue;
      why.text += joined({why.text.empty() ? "" : ", ", what, " ", fixed(percent, 0), " %"});
      why.key += " " + seconds;
    }
    line.remark = why.text.empty() ? Cell{"computes nearly all the time", Style::dim} : why;
    table.lines.push_back(std::move(line));
  }
  return table;
}

}  // namespace paramcount
