// Options of `train` for the layout of a run over devices.
#pragma once

#include <string>

#include "cli/memory_options.hpp"
#include "cli/option_set.hpp"
#include "paramcount/estimate/training_request.hpp"

namespace paramcount {

/// What was typed, before it means anything.
struct TrainingLayoutOptions {
  LayoutOptions parallel;
  std::string vpp, cp, etp, micro_batch, global_batch, stage_layers, optimizer_instances;
  std::string framework, attention, loss, workspace, offload;
  bool sp = false, fsdp = false, dropout = false, mtp = false, dora = false, compile = false, plan = false,
       largest = false;
};
void add_training_layout_options(OptionSet& set, TrainingLayoutOptions& options);
/// Throws Error naming the option.
void read_training_layout(const TrainingLayoutOptions& options, TrainingRequest& request);

}  // namespace paramcount
