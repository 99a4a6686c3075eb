#include "cli/scenario_options.hpp"

#include "cli/memory_options.hpp"
#include "cli/training_options.hpp"

namespace paramcount {

void add_scenario_options(OptionSet& set, ScenarioOptions& o) {
  const auto flag = [&](const char* name, bool& value, const Label& text) { set.flag(name, value, text, "Memory"); };
  set.option("--dtype", o.dtypes, "D[,D...]",
             "formats of the weights: bf16, int4, awq, q4_k_m, gguf:bf16, experts=mxfp4,default=bf16", "Memory");
  set.option("--context", o.context, "N", "tokens in the cache (k is 1,024); default min(8192, the model's own)",
             "Memory");
  set.option("--batch", o.batch, "N", "sequences in the cache; default 1", "Memory");
  flag("--imatrix", o.imatrix, "llama.cpp's quantiser is given an importance matrix");
  set.option("--kv-dtype", o.kv_dtype, "K[:V]", "number format of the cache: q8_0, fp8, q8_0:q4_0; default fp16",
             "Memory");
  set.option("--runtime", o.runtime, "R[:KNOBS]", runtime_names() + " (kv --help says more)", "Memory");
  flag("--decode", o.decode, "what generating a token takes at best, on --device and --devices");
  set.option("--tokens", o.tokens, "N", "training tokens (15T, 300B); default as published, or 20 per parameter",
             "Training");
  set.option("--device", o.device, "NAME", "accelerator; default as published, or h100-sxm", "Training");
  set.option("--devices", o.devices, "N", "how many; default as published, or 1", "Training");
  set.option("--mfu", o.mfu, "X", "share of the peak in use, 0 to 1; default as published, or 0.40", "Training");
  set.option("--price", o.price, "X", "dollars per device and hour; default the median of dated quotes", "Training");
}

Scenario read_scenario(const ScenarioOptions& o, const Catalog& catalog) {
  Scenario scenario;
  scenario.formats = read_formats(o.dtypes, o.imatrix, catalog);
  if (!o.context.empty()) scenario.context = read_context(o.context);
  if (!o.batch.empty()) scenario.batch = read_sequences(o.batch);
  if (!o.kv_dtype.empty()) std::tie(scenario.keys, scenario.values) = read_cache_dtypes(o.kv_dtype, catalog);
  if (!o.runtime.empty()) scenario.runtime = parse_runtime(o.runtime);
  scenario.decode = o.decode;
  if (!o.tokens.empty()) scenario.training.tokens = read_tokens(o.tokens);
  if (!o.device.empty()) scenario.training.device = catalog.device(o.device);
  if (!o.devices.empty()) scenario.training.devices = read_devices(o.devices);
  if (!o.mfu.empty()) scenario.training.mfu = read_share(o.mfu, "--mfu");
  if (!o.price.empty()) scenario.training.price = read_dollars(o.price, "--price");
  return scenario;
}

}  // namespace paramcount
