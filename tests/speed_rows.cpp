#include "speed_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "estimate/fitting.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/speed.hpp"
#include "truth_row.hpp"

namespace paramcount {
namespace {

class Reader {
 public:
  Reader(const Catalog& catalog, Expander& expander) : catalog_(catalog), expander_(expander) {}

  /// Nothing, with a line on standard output: the row cannot be predicted.
  std::optional<Measured> read(const Value& row) {
    try {
      return measured(row);
    } catch (const Error& error) {
      fmt::print("{} | no answer | {}\n", text(row, "id"), error.what());
      return std::nullopt;
    }
  }

 private:
  static SpeedConstants ones(std::uint64_t chunk) {
    SpeedConstants one;
    one.bandwidth = one.compute = one.prompt_compute = one.layer_s = one.host_bandwidth = 1;
    one.chunk = chunk;
    return one;
  }

  Measured measured(const Value& row) {
    Measured result;
    result.id = text(row, "id");
    result.kind = text(row, "kind");
    result.tokens_per_second = number(row, "tok_s");
    result.small_host = row.find("small_host") != nullptr;
    result.watts = number(row, "power_w");
    const std::string backend = text(row, "backend");
    result.backend = backend;
    const bool llama = backend.starts_with("llama.cpp");
    const bool served = result.kind == "throughput" || result.kind == "mlperf";
    result.program = served ? "served" : "llama.cpp";
    const Model model = catalog_.model(text(row, "model"));
    const Inventory inventory = expander_.expand(model);
    FitRequest request;
    const std::string device = text(row, "device");
    request.device = device.find('=') == std::string::npos ? catalog_.device(device)
                                                           : std::make_shared<const Device>(parse_device(device));
    result.device = request.device->name;
    result.device_class = request.device->speed_class();
    result.limit_watts = request.device->power.value;
    request.runtime = parse_runtime(served ? "tensorrt-llm" : llama ? "llama.cpp" : "vllm");
    const double bytes = number(row, "bytes_read");
    const WeightFormat format = weight_format(
        bytes > 0 || result.kind == "offload" ? (llama ? "q4_k_m" : "bf16") : text(row, "dtype"), true, catalog_);
    result.prompt = number(row, "prompt", result.kind == "end_to_end" ? 64 : 0);
    result.generate = number(row, "generate", result.kind == "end_to_end" ? 256 : 0);
    const auto depth = count(row, "depth", 0);
    const auto tokens = static_cast<std::uint64_t>(result.prompt + result.generate);
    request.context = std::max<std::uint64_t>(1, tokens + depth);
    result.batch = number(row, "batch", 1);
    request.layout.tensor = count(row, "tp", 1);
    request.layout.pipeline = count(row, "pp", 1);
    const Fitting fitting(model, inventory, request, catalog_, expander_);
    CacheRequest cache =
        with_runtime(cache_request(request, *request.context, catalog_), *request.runtime, format, request, catalog_);
    if (result.kind == "mlperf") return mlperf(row, result, fitting, format, cache, request);
    const Fit fit = fitting.fit(format, cache, request.layout.layout());
    if (!fit.problem.empty()) throw Error(fit.problem);
    if (result.kind == "throughput") {
      if (!fit.ok) throw Error("does not fit");
      result.batch =
          static_cast<double>(std::min<std::uint64_t>(fit.max_batch, 2048 * request.layout.pipeline.value_or(1)));
    }
    if (result.kind == "end_to_end" && !fit.ok) throw Error("does not fit, and where the rest was is not told");
    fill(row, result, fit, fitting.serving(fit, format, cache), format, depth);
    return result;
  }

  /// On the layout that serves most, which the rows do not tell.
  Measured mlperf(const Value& row, Measured result, const Fitting& fitting, const WeightFormat& format,
                  const CacheRequest& cache, const FitRequest& request) {
    const auto devices = count(row, "devices", 1);
    std::optional<Measured> best;
    for (const std::uint64_t tp : {1, 2, 4, 8}) {
      if (devices % tp != 0) continue;
      Layout layout;
      layout.tensor = tp;
      const Fit fit = fitting.fit(format, cache, layout);
      if (!fit.ok || fit.max_batch == 0) continue;
      Measured one = result;
      one.batch = static_cast<double>(std::min<std::uint64_t>(fit.max_batch, 2048));
      fill(row, one, fit, fitting.serving(fit, format, cache), format, 0);
      const auto groups = static_cast<double>(devices / tp);
      one.tokens_per_second /= groups;  // replicas that know nothing of each other
      // By the program's own constants.
      const auto constants = speed_constants("served", *request.device, catalog_);
      if (!best || predicted(one, *constants) * groups >
                       predicted(*best, *constants) * result.tokens_per_second / best->tokens_per_second) {
        best = one;
      }
    }
    if (!best) throw Error("does not fit");
    return *best;
  }

  void fill(const Value& row, Measured& result, const Fit& fit, Serving serving, const WeightFormat& format,
            std::uint64_t depth) const {
    const Device& device = *fit.device;
    const bool llama = result.program == "llama.cpp";
    const auto layers = static_cast<double>(serving.work.layers());
    if (const double bytes = number(row, "bytes_read"); bytes > 0) serving.work.replace_weights({bytes, {}});
    if (result.kind == "offload") {
      const double experts = number(row, "bytes_experts");
      const double other = number(row, "bytes_other");
      const double experts_there = number(row, "experts_on_host");
      const double layers_there = number(row, "layers_on_host");
      serving.work.replace_weights({other * (1 - layers_there) + experts * (1 - experts_there), {}});
      serving.host.weights = {other * layers_there + experts * experts_there, {}};
      serving.host.cache_share = layers_there;
      serving.host.layers = static_cast<std::uint64_t>(std::lround(std::max(layers_there, experts_there) * layers));
      serving.host.bandwidth = number(row, "host_gb_s") * 1e9;
    }
    const auto chunk = count(row, "ubatch", llama ? 512 : 8192);
    const auto peak = multiplying_peak(device, format, llama);
    const auto model = [&](const SpeedConstants& constants) {
      return SpeedModel(serving.work, device, fit.layout, constants, peak, serving.cache_share, serving.host);
    };
    const auto batch = static_cast<std::uint64_t>(result.batch);
    const auto mean = depth + static_cast<std::uint64_t>(result.prompt + result.generate / 2);
    const PassTime step = model(ones(chunk)).step(batch, mean);
    result.in_flight = std::max(1.0, result.batch / static_cast<double>(fit.layout.pipeline));
    result.step = {step.bandwidth, step.compute, layers,
                   step.link,      step.host,    static_cast<double>(serving.host.layers)};
    result.grouped = fit.layout.tensor > 1;
    const double read = serving.work.weight_bytes(result.batch);
    result.flat = device.bandwidth * 0.55 / read;
    if (result.prompt <= 0) return;
    if (!peak) throw Error("no peak of the device is known");
    const auto tokens = static_cast<std::uint64_t>(result.prompt);
    SpeedConstants one = ones(chunk);
    one.bandwidth = 1e30;
    const auto multiplying = *model(one).prompt(tokens);
    one = ones(chunk);
    one.prompt_compute = 1e30;
    const auto reading = *model(one).prompt(tokens);
    const double passes = reading.launches;  // times layers
    // A full batch shares its passes.
    const double shared = result.batch > 1 ? result.prompt / static_cast<double>(chunk) /
                                                 std::ceil(result.prompt / static_cast<double>(chunk))
                                           : 1;
    const double attention =
        depth == 0 || !peak ? 0
                            : (serving.work.prompt_attention(tokens, depth) - serving.work.prompt_attention(tokens)) /
                                  (static_cast<double>(fit.layout.tensor) * peak->value);
    result.reading = {multiplying.compute + attention, reading.bandwidth * shared, passes * shared, reading.link};
  }

  const Catalog& catalog_;
  Expander& expander_;
};

}  // namespace

double step_seconds(const Measured& row, const SpeedConstants& c) {
  return row.step.bandwidth / c.bandwidth + row.step.compute / c.compute + row.step.layers * c.layer_s +
         (row.grouped ? row.step.layers * c.group_layer_s : 0) + row.in_flight * c.sequence_s + row.step.link +
         (row.step.host_layers > 0 ? row.step.host / c.host_bandwidth + row.step.host_layers * c.host_layer_s : 0);
}

double reading_seconds(const Measured& row, const SpeedConstants& c) {
  return std::max(row.reading.multiplying / c.prompt_compute, row.reading.weights / c.bandwidth) +
         row.reading.layers * (c.layer_s + (row.grouped ? c.group_layer_s : 0)) + row.prompt * c.prompt_token_s +
         row.reading.link;
}

double predicted(const Measured& row, const SpeedConstants& c) {
  if (row.kind == "prefill") return row.prompt / reading_seconds(row, c);
  const double step = step_seconds(row, c);
  if (row.kind == "decode_b1" || row.kind == "offload" || row.kind == "batched") return row.batch / step;
  return row.batch * row.generate / (row.in_flight * reading_seconds(row, c) + row.generate * step);
}

double residual(const Measured& row, const SpeedConstants& c) {
  return std::log(row.tokens_per_second / predicted(row, c));
}

std::optional<Measured> read_measured(const Value& row, const Catalog& catalog, Expander& expander) {
  return Reader(catalog, expander).read(row);
}

}  // namespace paramcount
