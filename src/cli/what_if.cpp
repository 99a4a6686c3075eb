#include "cli/what_if.hpp"

#include "base/text.hpp"
#include "catalog/json.hpp"
#include "cli/model_name.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/what_if.hpp"
#include "report/what_if_report.hpp"

namespace paramcount {
namespace {

/// A number, true, false, null, a list; anything else is a text.
Value read_value(const std::string& text) {
  try {
    return parse_json(text);
  } catch (const Error&) {
    return Value(text);
  }
}

WhatIfRequest request_of(const WhatIfOptions& options, const Catalog& catalog) {
  WhatIfRequest request;
  for (const auto& text : options.set) {
    const auto at = text.find('=');
    if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
      throw usage_error("--set " + printable(text) + ": expected NAME=VALUE, such as n_layers=16");
    }
    request.set.emplace_back(trim(text.substr(0, at)), read_value(std::string(trim(text.substr(at + 1)))));
  }
  if (!options.sparsity.empty()) request.sparsity = parse_sparsity(options.sparsity);
  if (!options.to.empty()) {
    request.sibling = find_whole_model(options.to, catalog);
  }
  return request;
}

/// Before and after are compared in bytes and FLOPs: speed, time and money are another page's.
void refuse_what_is_not_compared(const Scenario& scenario) {
  const auto& training = scenario.training;
  const auto refuse = [](bool given, const char* option) {
    if (given) {
      throw usage_error(std::string(option) +
                        ": not compared before and after; --set, --sparsity, --to and --diff compare bytes and FLOPs");
    }
  };
  refuse(scenario.decode, "--decode");
  refuse(scenario.layout.given(), "--tp, --pp, --ep, --dp");
  refuse(static_cast<bool>(training.device), "--device");
  refuse(training.devices.has_value(), "--devices");
  refuse(training.mfu.has_value(), "--mfu");
  refuse(training.price.has_value(), "--price");
}

}  // namespace

void add_what_if_options(OptionSet& set, WhatIfOptions& options) {
  set.option("--set", options.set, "NAME=VALUE",
             "a dimension or config key: n_layers=16, n_kv_heads=8, vocab_size=32000", "What if");
  set.option("--sparsity", options.sparsity, "S", "prune the layers' weight matrices: a fraction such as 0.5, or 2:4",
             "What if");
  set.option("--to", options.to, "MODEL", "compare with this model instead", "What if");
  set.flag("--diff", options.diff, "show before and after for two formats: --dtype bf16,int4", "What if");
}

int run_what_if(const std::string& name, const WhatIfOptions& options, Scenario scenario, const OutputOptions& output,
                const Invocation& invocation) {
  const Catalog& catalog = *invocation.session.catalog;
  refuse_what_is_not_compared(scenario);
  const Model model = find_whole_model(name, catalog);
  if (scenario.formats.empty()) scenario.formats = formats_in_names({&model, 1}, false, catalog);
  const std::string where = shown_name(model);
  const WhatIfRequest request = request_of(options, catalog);
  auto& report = invocation.session.report;
  try {
    const WhatIf answer = what_if(model, request, scenario, catalog, *invocation.session.expander);
    report.models.push_back(what_if_tree(answer));
    const ReportOptions wanted = parts(output, invocation);
    if (wanted.pages) report.pages.push_back(what_if_page(answer, report.models.front(), wanted.style));
  } catch (const Error& error) {
    throw error.code() == ExitCode::usage ? error : located(where, error);
  }
  return print(report, output, invocation);
}

}  // namespace paramcount
