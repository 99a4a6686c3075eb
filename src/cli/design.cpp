// paramcount design: an architecture from a budget, and its config.json.
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
  set.option("--params", o.params, "N", "parameters in all: 7B", "Budget");
  set.option("--compute", o.compute, "FLOPS", "FLOPs of training, which a scaling law splits: 1e23", "Budget");
  set.option("--fits", o.fits, "DEVICE", "the largest that this device serves: rtx-4090, memory=48GiB", "Budget");
  set.option("--law", o.law, "NAME",
             "the scaling law of --compute and of the training tokens; default " + std::string(kDefaultLaw), "Budget");
  set.option("--like", o.like, "FAMILY|MODEL",
             "llama, qwen3-moe; or a model whose shape is taken; default the family of the most published sizes",
             "Shape");
  set.option("--layers", o.layers, "N", "so many layers; all that is not given is chosen", "Shape");
  set.option("--d-model", o.width, "N", "the width of the model", "Shape");
  set.option("--head-dim", o.head_dim, "N", "size of a head", "Shape");
  set.option("--kv-heads", o.kv_heads, "N", "KV heads: fewer make the cache smaller", "Shape");
  set.option("--vocab", o.vocab, "N", "tokens of the vocabulary", "Shape");
  set.option("--context", o.context, "N", "the longest context (k is 1,024); with --fits, what has to fit", "Shape");
  set.flag("--tied", o.tied, "the head is the table of the tokens again", "Shape");
  set.flag("--untied", o.untied, "the head is a matrix of its own", "Shape");
  set.option("--experts", o.experts, "N", "a mixture of so many experts in a layer", "Experts");
  set.option("--active", o.active, "N", "parameters that one token uses: 2B", "Experts");
  set.option("--experts-per-token", o.experts_per_token, "N", "experts that one token uses", "Experts");
  set.option("--dtype", o.dtypes, "D", "with --fits: number format of the weights; default bf16", "Load");
  set.option("--batch", o.batch, "N", "with --fits: sequences at once; default 1", "Load");
  set.option("--kv-dtype", o.kv_dtype, "K[:V]", "with --fits: number format of the KV cache; default fp16", "Load");
  set.option("--runtime", o.runtime, "R[:KNOBS]", "with --fits: " + runtime_names(), "Load");
  set.flag("--config", o.config, "print the config.json alone", "Output");
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
      "Exit: 0 designed, 1 could not, 2 usage, 3 no such shape; it says what would do");
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
  if (o.tied && o.untied) throw usage_error("--tied, --untied: one of them");
  if (o.tied || o.untied) request.tied = o.tied;
  if (!request.fits && (!o.dtypes.empty() || !o.batch.empty() || !o.kv_dtype.empty() || !o.runtime.empty())) {
    throw usage_error("--dtype, --batch, --kv-dtype, --runtime: of what has to fit; name a device with --fits");
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
  OptionSet set("An architecture from a budget, by the shapes of published models.");
  DesignOptions o;
  declare(set, o);
  if (!parse(set, invocation, "design")) return static_cast<int>(ExitCode::answered);
  check(o.output);
  const auto& common = invocation.session.options;
  if (o.config && (!common.get.empty() || !common.asserts.empty() || common.explain || o.output.format != "text")) {
    throw usage_error("--config: prints the config.json alone; without --format, --get, --assert and --explain");
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
