// paramcount design: an architecture for a budget, and its config.json.
#include "paramcount/estimate/design.hpp"

#include <tuple>

#include "base/numbers.hpp"
#include "base/output.hpp"
#include "cli/command.hpp"
#include "cli/memory_options.hpp"
#include "cli/options.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/device_name.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "report/design_report.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kMostParams = 1'000'000'000'000'000;
constexpr std::uint64_t kMostOfADim = 16'777'216;

struct DesignOptions {
  OutputOptions output;
  std::string params, compute, fits, like, law;
  std::string active, experts, experts_per_token;
  std::string width, layers, head_dim, kv_heads, vocab, context;
  bool tied{false}, untied{false}, config{false};
  std::vector<std::string> dtypes;
  std::string batch, kv_dtype, runtime;
};

void declare(OptionSet& set, DesignOptions& o) {
  set.option("--params", o.params, "N", "total parameters: 7B", "Budget");
  set.option("--compute", o.compute, "FLOPS",
             "training compute in FLOPs, split into parameters and tokens by a scaling law: 1e23", "Budget");
  set.option("--fits", o.fits, "DEVICE", "the largest model that this device can serve: rtx-4090, memory=48GiB",
             "Budget");
  set.option("--law", o.law, "NAME",
             "scaling law for --compute and the training tokens; default " + std::string(kDefaultLaw), "Budget");
  set.option("--like", o.like, "FAMILY|MODEL",
             "family whose shapes to follow (llama, qwen3-moe), or a model whose shape to scale; default the family "
             "with the most published sizes",
             "Shape");
  set.option("--layers", o.layers, "N", "number of layers; whatever is not given is chosen", "Shape");
  set.option("--d-model", o.width, "N", "model width (d_model)", "Shape");
  set.option("--head-dim", o.head_dim, "N", "head dimension", "Shape");
  set.option("--kv-heads", o.kv_heads, "N", "KV heads; fewer make the KV cache smaller", "Shape");
  set.option("--vocab", o.vocab, "N", "vocabulary size", "Shape");
  set.option("--context", o.context, "N", "maximum context (k is 1,024); with --fits, the context that has to fit",
             "Shape");
  set.flag("--tied", o.tied, "tie the output head to the input embedding", "Shape");
  set.flag("--untied", o.untied, "give the output head a matrix of its own", "Shape");
  set.option("--experts", o.experts, "N", "mixture of experts with this many experts per layer", "Experts");
  set.option("--active", o.active, "N", "active parameters per token: 2B", "Experts");
  set.option("--experts-per-token", o.experts_per_token, "N", "active experts per token", "Experts");
  set.option("--dtype", o.dtypes, "D", "with --fits: number format of the weights; default bf16", "Load");
  set.option("--batch", o.batch, "N", "with --fits: batch size; default 1", "Load");
  set.option("--kv-dtype", o.kv_dtype, "K[:V]", "with --fits: number format of the KV cache; default fp16", "Load");
  set.option("--runtime", o.runtime, "R[:KNOBS]", "with --fits: " + runtime_names(), "Load");
  set.flag("--config", o.config, "print only the config.json", "Output");
  add_output_options(set, o.output);
  set.footer(
      "Widths, depths and vocabularies are those of published models of the family;\n"
      "those of like size and the newest count most. Where fewer than five models are\n"
      "within a factor of three of the size, or the design is unlike all of them, the\n"
      "page says extrapolated. What is not chosen, such as norms, is as in one of them.\n"
      "Examples:\n"
      "  paramcount design --params 7B\n"
      "  paramcount design --params 30B --active 3B --like qwen3-moe\n"
      "  paramcount design --compute 1e23 --vocab 64000 --layers 40\n"
      "  paramcount design --fits rtx-4090 --dtype q4_k_m --context 32k\n"
      "  paramcount design --params 7B --config | paramcount -\n"
      "Exit: 0 designed, 1 could not, 2 usage, 3 no shape meets the request; the message says what would help");
}

DesignRequest request_of(const DesignOptions& o, const Catalog& catalog) {
  DesignRequest request;
  const auto number = [](const std::string& text, const char* option, std::uint64_t most, bool binary = false) {
    return text.empty() ? std::nullopt : std::optional(parse_count(text, option, binary, most));
  };
  request.params = number(o.params, "--params", kMostParams);
  if (!o.compute.empty()) request.compute = parse_number(o.compute, "--compute", false, 1e40);
  if (!o.fits.empty()) request.fits = find_one_device(o.fits, catalog);
  if (!o.law.empty()) request.law = catalog.law(o.law);
  request.like = o.like;
  request.active = number(o.active, "--active", kMostParams);
  request.experts = number(o.experts, "--experts", kMostOfADim);
  request.experts_per_token = number(o.experts_per_token, "--experts-per-token", kMostOfADim);
  request.width = number(o.width, "--d-model", kMostOfADim);
  request.layers = number(o.layers, "--layers", 100'000);
  request.head_dim = number(o.head_dim, "--head-dim", kMostOfADim);
  request.kv_heads = number(o.kv_heads, "--kv-heads", kMostOfADim);
  request.vocab = number(o.vocab, "--vocab", 1'000'000'000);
  if (!o.context.empty()) request.context = read_context(o.context);
  if (o.tied && o.untied) throw usage_error("--tied, --untied: give one");
  if (o.tied || o.untied) request.tied = o.tied;
  if (!request.fits && (!o.dtypes.empty() || !o.batch.empty() || !o.kv_dtype.empty() || !o.runtime.empty())) {
    throw usage_error("--dtype, --batch, --kv-dtype, --runtime: need --fits DEVICE");
  }
  request.serving.formats = read_formats(o.dtypes, true, catalog);
  request.serving.context = request.context;
  if (!o.batch.empty()) request.serving.batch = read_sequences(o.batch);
  if (!o.kv_dtype.empty()) {
    std::tie(request.serving.keys, request.serving.values) = read_cache_dtypes(o.kv_dtype, catalog);
  }
  if (!o.runtime.empty()) request.serving.runtime = parse_runtime(o.runtime);
  return request;
}

}  // namespace

int run_design(const Invocation& invocation) {
  OptionSet set("Design an architecture for a budget, guided by the shapes of published models.");
  DesignOptions o;
  declare(set, o);
  if (!parse(set, invocation, "design")) return static_cast<int>(ExitCode::answered);
  check(o.output);
  const auto& common = invocation.session.options;
  if (o.config && (!common.get.empty() || !common.asserts.empty() || common.explain || o.output.format != "text")) {
    throw usage_error("--config: prints only the config.json; leave out --format, --get, --assert and --explain");
  }
  const Catalog& catalog = open_catalog(o.output, invocation);
  const Design answer = design(request_of(o, catalog), catalog, *invocation.session.expander);
  if (o.config) {
    if (o.output.file.empty()) {
      invocation.out += design_config(answer);
    } else {
      write_file(o.output.file, design_config(answer));
    }
    return static_cast<int>(ExitCode::answered);
  }
  invocation.session.report = design_report(answer, parts(o.output, invocation));
  return print(invocation.session.report, o.output, invocation);
}

}  // namespace paramcount
