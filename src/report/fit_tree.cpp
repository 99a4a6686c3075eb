#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/family_line.hpp"
#include "report/fit_report.hpp"
#include "report/fit_speed_report.hpp"
#include "report/memory_report.hpp"
#include "report/tree.hpp"

namespace paramcount {
namespace {

constexpr const char* kTogether = "weights + KV cache + buffers and runtime";
constexpr const char* kSpare = "usable − together";
constexpr const char* kLayout = "the options, else the usual layout that the runtime can build";
constexpr const char* kSplit = "the options, else as llama.cpp's --fit chooses: common/fit.cpp @08033df0";

Measure signed_bytes(std::int64_t bytes) { return {bytes, Unit::bytes}; }

void tell_range(Tree& tree, const std::string& key, const std::string& label, Bytes low, Bytes likely, Bytes high,
                const std::string& source) {
  const Said said = low == high ? Said::counted : Said::estimated;
  tree.leaf(Label(key), Label(label), likely, {}, Label(source), said);
  tree.leaf(Label(key + "_low"), Label(label + ", low"), low, {}, Label(source), said);
  tree.leaf(Label(key + "_high"), Label(label + ", high"), high, {}, Label(source), said);
}

/// What a memory figure rests on.
Said said_of_sum(const Fit& fit) {
  const bool exact = fit.weights_low == fit.weights_high && fit.overhead_low == fit.overhead_high;
  return exact ? Said::counted : Said::estimated;
}

void tell_reach(const Fit& fit, Tree& tree, Said said) {
  tree.leaf("max_context", "longest context", Measure(fit.max_context, Unit::count), kLongestThatFits, {}, said);
  tree.leaf("max_batch", "most sequences", Measure(fit.max_batch, Unit::count), kMostThatFit, {}, said);
}

void tell_layout(const Fit& fit, Tree& tree) {
  tree.text("device", "device", fit.device->id.empty() ? fit.device->name : fit.device->id);
  tree.text("device_name", "device", fit.device->name);
  if (!fit.device->maker.empty()) tree.text("device_maker", "maker", fit.device->maker);
  tree.leaf("devices", "devices", fit.layout.devices(), "tp × pp × dp", kLayout);
  tree.leaf("tp", "tensor parallel", fit.layout.tensor, {}, kLayout);
  tree.leaf("pp", "pipeline parallel", fit.layout.pipeline, {}, kLayout);
  tree.leaf("ep", "expert parallel", fit.layout.expert, {}, kLayout);
  tree.leaf("dp", "data parallel", fit.layout.data, {}, kLayout);
}

void tell_offload(const Fit& fit, Tree& tree) {
  if (!fit.split) return;
  tree.leaf("gpu_layers", "layers on the device (-ngl)", std::min(fit.split->gpu_layers, fit.layers), {}, kSplit);
  tree.leaf("layers", "layers, the output counted as one", fit.layers, {}, "block_count + 1");
  tree.leaf("cpu_moe_layers", "layers with experts in host memory (--n-cpu-moe)", fit.split->cpu_experts, {}, kSplit);
  tree.leaf("host_bytes", "in host memory", fit.host, {}, "llama.cpp: src/llama-model.cpp", Said::estimated);
  if (fit.ram) tree.leaf("ram_bytes", "host memory", *fit.ram, {}, "--ram", Said::given);
}

void tell_ladder(const FitAnswer& answer, Tree& tree) {
  const auto list = tree.list("ladder", "formats");
  for (const auto& fit : answer.fits) {
    const Said said = said_of_sum(fit);
    const auto row = tree.group("");
    tree.text("dtype", "number format", fit.dtype);
    tree.leaf("ok", "fits", fit.ok);
    if (!fit.problem.empty()) {
      tree.text("problem", "why not", fit.problem);
      continue;
    }
    tree.leaf("weights_bytes", "weights", fit.weights, {}, std::string(fit.runtime.profile->serving.source),
              fit.weights_low == fit.weights_high ? Said::counted : Said::estimated);
    tree.leaf("together_bytes", "together", fit.together(), kTogether, {}, said);
    tree.leaf("spare_bytes", "spare", signed_bytes(fit.spare()), kSpare, {}, said);
    tree.leaf("max_context", "longest context", fit.max_context, kLongestThatFits, {}, said);
    if (fit.max_context_half) {
      tree.leaf(Label("max_context_" + fit.half_dtype), Label("longest context, cache in " + fit.half_dtype),
                *fit.max_context_half, kLongestThatFits, {}, said);
    }
    tree.leaf("max_batch", "most sequences", fit.max_batch, kMostThatFit, {}, said);
    if (fit.perplexity) {
      tree.leaf("perplexity_more", "increase in perplexity by quantising", {fit.perplexity->more, Unit::none}, {},
                fit.perplexity->source + ", " + fit.perplexity->model, Said::published);
    }
    tell_offload(fit, tree);
    tell_speed_briefly(fit, tree, false);
  }
}

}  // namespace

Row fit_tree(const FitAnswer& answer) {
  const Fit& fit = answer.fits[answer.best];
  Row row = Row::group("fit", "fit");
  RowTree tree(row);
  tree.leaf("ok", "fits", answer.ok());
  if (!fit.problem.empty()) tree.text("problem", "why not", fit.problem);
  tell_layout(fit, tree);
  tree.text("dtype", "number format", fit.dtype);
  tree.text("runtime", "runtime", fit.runtime.id);
  tree.leaf("context", "context", answer.context.value, {}, "--context", said_of(answer.context.origin));
  tree.leaf("batch", "sequences", answer.cache.sequences, {}, "--batch");
  tree.text("kv_dtype", "format of the cache", cache_dtype(answer.cache));
  tree.leaf("memory_bytes", "memory of a device", fit.memory, {}, printable(fit.device->source));
  if (fit.problem.empty()) {
    const Said said = said_of_sum(fit);
    const std::string source(fit.runtime.profile->serving.source);
    tree.leaf("utilization", "share of the memory in use", {fit.utilization, Unit::none}, {}, source);
    tree.leaf("usable_bytes", "usable", fit.usable, {}, source,
              fit.runtime.profile->serving.of_free ? Said::estimated : Said::counted);
    tell_range(tree, "weights_bytes", "weights, " + fit.dtype, fit.weights_low, fit.weights, fit.weights_high, source);
    if (fit.tables.value > 0) tree.leaf("rotary_tables_bytes", "of which rotary tables", fit.tables, {}, source);
    tell_range(tree, "kv_cache_bytes", "KV cache, " + cache_dtype(answer.cache), fit.cache, fit.cache, fit.cache,
               std::string(fit.runtime.profile->source));
    tell_range(tree, "overhead_bytes", "buffers and runtime", fit.overhead_low, fit.overhead, fit.overhead_high,
               "the sum of the overheads");
    if (!fit.overheads.empty()) {
      const auto list = tree.list("overheads", "buffers and runtime");
      for (const auto& part : fit.overheads) {
        const auto inside = tree.group("");
        tree.text("part", "part", part.key);
        tell_range(tree, "bytes", std::string(part.label), part.low, part.likely, part.high, std::string(part.source));
      }
    }
    tree.leaf("together_bytes", "together", fit.together(), kTogether, {}, said);
    tree.leaf("spare_bytes", "spare", signed_bytes(fit.spare()), kSpare, {}, said);
    tell_reach(fit, tree, said);
    if (fit.room) {
      tree.leaf("kv_cache_tokens", "GPU KV cache size, tokens", fit.room->tokens, {}, source, said);
      if (fit.room->tokens_before > 0) {
        tree.leaf("kv_cache_tokens_before_0_22", "the same as printed before vLLM 0.22", fit.room->tokens_before, {},
                  source, said);
      }
      tree.leaf("max_concurrency", "maximum concurrency", {fit.room->concurrency, Unit::none}, {}, source, said);
    }
    tell_offload(fit, tree);
    tell_speed(fit, answer.model, tree);
  }
  if (!answer.remedies.empty()) {
    const auto list = tree.list("would_do", "what would fit");
    for (const auto& remedy : answer.remedies) {
      const auto one = tree.group("");
      tree.text("text", "what would fit", remedy.text);
    }
  }
  if (answer.ladder) tell_ladder(answer, tree);
  return row;
}

}  // namespace paramcount
