// Options of commands that answer the main question: --dtype, --context, --tokens and other assumptions.
#pragma once

#include <string>
#include <vector>

#include "cli/media_options.hpp"
#include "cli/memory_options.hpp"
#include "cli/options.hpp"
#include "cli/training_options.hpp"
#include "paramcount/estimate/answer.hpp"

namespace paramcount {

/// What was typed, before it means anything.
struct ScenarioOptions {
  std::vector<std::string> dtypes;
  std::string context, batch, kv_dtype, runtime;
  MediaOptions media;
  LayoutOptions layout;
  TrainingOptions training;
  bool imatrix = false;
  bool decode = false;
};

/// Adds --dtype, --context and so on, in the groups Memory and Training.
void add_scenario_options(OptionSet& set, ScenarioOptions& options);

/// Throws Error with exit code usage "--dtype ...".
[[nodiscard]] Scenario read_scenario(const ScenarioOptions& options, const Catalog& catalog);

}  // namespace paramcount
