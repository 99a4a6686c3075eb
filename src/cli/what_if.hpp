// The what-if options of the main command, which change the model, and the before/after page.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "paramcount/estimate/answer.hpp"

namespace paramcount {

struct WhatIfOptions {
  std::vector<std::string> set;
  std::string sparsity, to;
  bool diff = false;

  [[nodiscard]] bool asked() const { return diff || !set.empty() || !sparsity.empty() || !to.empty(); }
};

void add_what_if_options(OptionSet& set, WhatIfOptions& options);

/// Returns the exit code.
[[nodiscard]] int run_what_if(const std::string& model, const WhatIfOptions& options, Scenario scenario,
                              const OutputOptions& output, const Invocation& invocation);

}  // namespace paramcount
