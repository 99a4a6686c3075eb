// paramcount scale: the best use of a budget, or where models stand, by published scaling laws.

#include "paramcount/estimate/scale.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/model_name.hpp"
#include "cli/options.hpp"
#include "cli/training_options.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/device_name.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "report/scale_report.hpp"

namespace paramcount {
namespace {

struct ScaleOptions {
  OutputOptions output;
  std::vector<std::string> models;
  std::string compute, params, tokens, budget, device, mfu, price, law;
};

void declare(OptionSet& set, ScaleOptions& o, CommonOptions& common) {
  set.words(o.models, "MODEL", "existing models to compare with the laws: catalog names, config.json files");
  set.option("--compute", o.compute, "FLOPS", "training compute in FLOPs: 1e24", "One of");
  set.option("--params", o.params, "N", "parameters: 7B", "One of");
  set.option("--tokens", o.tokens, "D", "training tokens: 15T; with models, the tokens they were trained on", "One of");
  set.option("--budget", o.budget, "$", "dollars: '$1M'", "One of");
  set.option("--device", o.device, "NAME", "accelerator to rent; default " + std::string(kDefaultDevice), "Money");
  set.option("--mfu", o.mfu, "X", "model FLOPs utilisation, 0.41 or 41%; default " + fixed(kDefaultMfu, 2), "Money");
  set.option("--price", o.price, "X", "dollars per device-hour; default the median of dated quotes", "Money");
  set.option("--law", o.law, "NAME",
             "scaling law that predicts the loss; default " + std::string(kDefaultLaw) + " (list laws)", "Laws");
  add_config_options(set, common);
  add_output_options(set, o.output);
  set.footer(
      "Examples:\n"
      "  paramcount scale --budget '$1M'\n"
      "  paramcount scale --params 7B --device h200\n"
      "  paramcount scale gpt-2-xl gpt-3-175b llama-3.1-405b");
}

}  // namespace

int run_scale(const Invocation& invocation) {
  OptionSet set(
      "Find the best use of a budget, what more of it buys, and where existing models stand, by published scaling "
      "laws.");
  ScaleOptions o;
  declare(set, o, invocation.session.options);
  if (!parse(set, invocation, "scale")) return static_cast<int>(ExitCode::answered);
  check(o.output);
  const Catalog& catalog = open_catalog(o.output, invocation);
  auto& report = invocation.session.report;
  std::optional<double> tokens;
  if (!o.tokens.empty()) tokens = read_tokens(o.tokens);
  ScalingLaw law = catalog.law(o.law.empty() ? kDefaultLaw : std::string_view(o.law));
  if (!o.models.empty()) {
    if (!o.compute.empty() || !o.params.empty() || !o.budget.empty()) {
      throw usage_error("scale: models, or one of --compute, --params and --budget, not both");
    }
    if (!law.predicts_loss()) {
      throw usage_error("--law " + printable(o.law) + ": predicts no loss; list laws shows which do");
    }
    if (!o.device.empty() || !o.mfu.empty() || !o.price.empty()) {
      throw usage_error("--device, --mfu, --price: only with one of --compute, --params, --tokens and --budget");
    }
    std::vector<ScaledModel> models;
    for (const auto& name : o.models) {
      Model model = find_whole_model(name, catalog);
      const std::string where = shown_name(model);
      try {
        models.push_back(scale_model(std::move(model), tokens, catalog, *invocation.session.expander));
      } catch (const Error& error) {
        throw located(where, error);
      }
    }
    report = scaled_models_report(models, law.id, parts(o.output, invocation));
  } else {
    ScaleRequest request;
    if (!o.compute.empty()) request.compute = parse_number(o.compute, "--compute", false, 1e40);
    if (!o.params.empty()) request.params = parse_number(o.params, "--params", false, 1e18);
    request.tokens = tokens;
    if (!o.budget.empty()) request.budget = read_dollars(o.budget, "--budget");
    if (!o.device.empty()) request.device = find_one_device(o.device, catalog);
    if (!o.mfu.empty()) request.mfu = read_share(o.mfu, "--mfu");
    if (!o.price.empty()) request.price = read_dollars(o.price, "--price");
    request.law = std::move(law);
    report = scale_report(scale(request, catalog), parts(o.output, invocation));
  }
  return print(report, o.output, invocation);
}

}  // namespace paramcount
