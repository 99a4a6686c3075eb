#include "training_memory_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace paramcount {
namespace {

constexpr double kGiB = 0x1p30;

}  // namespace

void Comparison::add(const std::string& source, const std::string& id, double theirs, double ours, double low,
                     double high, double states, double megatron) {
  auto& group = sources_.at(source);
  if (megatron > 0) group.megatron.push_back(std::fabs(megatron / theirs - 1));
  const double error = ours / theirs - 1;
  const bool inside = theirs >= low && theirs <= high;
  group.errors.push_back(std::fabs(error));
  if (states > 0) group.states.push_back(std::fabs(states / theirs - 1));
  group.inside += inside ? 1U : 0U;
  fmt::print("{} | {} | {:.3f} | {:.3f} | {:+.2f} % | {:.2f} to {:.2f}{}\n", source, id, theirs, ours, 100 * error, low,
             high, inside ? "" : " | outside");
}

void Comparison::ran(const std::string& id, const PeakMemory& memory) {
  ++ran_;
  const double gib = static_cast<double>(memory.most().peak.value) / kGiB;
  if (memory.ok) fitted_ += 1;
  fmt::print("llm-foundry | {} | {:.2f} of {:.2f}{}\n", id, gib,
             static_cast<double>(memory.setup.device->memory.value) / kGiB, memory.ok ? "" : " | impossible");
}

int Comparison::finish() {
  int failures = fitted_ == ran_ ? 0 : 1;
  fmt::print("= llm-foundry: runs that ran, said to fit | {} | {} | |\n", ran_, fitted_);
  for (auto& [name, group] : sources_) {
    if (group.errors.empty()) continue;
    std::sort(group.errors.begin(), group.errors.end());
    const double median = group.errors[group.errors.size() / 2];
    const double worst = group.errors.back();
    const bool bad = median > group.median_limit || worst > group.worst_limit;
    failures += bad ? 1 : 0;
    fmt::print("= {} | {} | {} | {:.2f} % | {:.2f} %\n", name, group.errors.size(), group.inside, 100 * median,
               100 * worst);
    const auto others = [](const char* whose, std::vector<double>& errors) {
      if (errors.empty()) return;
      std::sort(errors.begin(), errors.end());
      fmt::print("  {}: median {:.1f} %, worst {:.1f} %\n", whose, 100 * errors[errors.size() / 2],
                 100 * errors.back());
    };
    others("states alone", group.states);
    others("Megatron's theoretical_memory_usage", group.megatron);
    if (bad)
      fmt::print("  BEYOND median {:.2f} %, worst {:.2f} %\n", 100 * group.median_limit, 100 * group.worst_limit);
  }
  return failures;
}

}  // namespace paramcount
