#include "cli/scenario_options.hpp"

#include "cli/memory_options.hpp"
#include "paramcount/estimate/defaults.hpp"

namespace paramcount {

void add_scenario_options(OptionSet& set, ScenarioOptions& o) {
  const auto flag = [&](const char* name, bool& value, const Label& text) { set.flag(name, value, text, "Memory"); };
  set.option("--dtype", o.dtypes, "D[,D...]",
             "number formats of the weights: bf16, int4, awq, q4_k_m, gguf:bf16, experts=mxfp4,default=bf16", "Memory");
  set.option("--context", o.context, "N",
             "context length, tokens in the KV cache (k is 1,024); default min(" + std::to_string(kDefaultContext) +
                 ", the model's)",
             "Memory");
  add_media_options(set, o.media, "Memory");
  set.option("--batch", o.batch, "N", "batch size, sequences in the KV cache; default 1", "Memory");
  flag("--imatrix", o.imatrix, "assume the GGUF is quantised with an importance matrix (imatrix)");
  set.option("--kv-dtype", o.kv_dtype, "K[:V]", "number format of the KV cache: q8_0, fp8, q8_0:q4_0; default fp16",
             "Memory");
  set.option("--runtime", o.runtime, "R[:KNOBS]", runtime_names() + " (kv --help says more)", "Memory");
  add_layout_options(set, o.layout, "Memory per device");
  flag("--decode", o.decode,
       "lower bound on the time per generated token (memory bandwidth), on --device and --devices");
  add_training_options(set, o.training, "1", "Training", "Training");
}

Scenario read_scenario(const ScenarioOptions& o, const Catalog& catalog) {
  Scenario scenario;
  scenario.formats = read_formats(o.dtypes, o.imatrix, catalog);
  if (!o.context.empty()) scenario.context = read_context(o.context);
  if (!o.batch.empty()) scenario.batch = read_sequences(o.batch);
  if (!o.kv_dtype.empty()) std::tie(scenario.keys, scenario.values) = read_cache_dtypes(o.kv_dtype, catalog);
  if (!o.runtime.empty()) scenario.runtime = parse_runtime(o.runtime);
  scenario.media = read_media(o.media);
  scenario.layout = read_layout(o.layout);
  scenario.decode = o.decode;
  scenario.serving = o.decode || scenario.layout.given() || !o.batch.empty() || !o.runtime.empty();
  read_training_options(o.training, catalog, scenario.training);
  return scenario;
}

}  // namespace paramcount
