// Holds the speeds of `fit` against what others measured: tests/truth/speed.jsonl. Fits the constants of
// data/speed.json on random halves of the rows, prints the error on the other halves, and fails where a group is beyond
// its limit, or where data/speed.json is not what the fit on all rows gives. Usage: paramcount_speed_truth TRUTH_FOLDER
// [--write SPEED_JSON]
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "estimate/fitting.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/estimate/speed.hpp"

namespace paramcount {
namespace {

/// The seeds of the halvings.
constexpr std::array<std::uint32_t, 12> kSeeds{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
/// Ranges hold this share of unseen rows: a little more than the 80 % they promise, since those were seen once.
constexpr double kRangeShare = 0.82;

double number(const Value& row, std::string_view key, double fallback = 0) {
  const auto* value = row.find(key);
  if (value == nullptr) return fallback;
  if (const auto* whole = value->as<std::int64_t>()) return static_cast<double>(*whole);
  const auto* real = value->as<double>();
  return real != nullptr ? *real : fallback;
}

std::string text(const Value& row, std::string_view key) {
  const auto* value = row.find(key);
  const auto* string = value != nullptr ? value->as<std::string>() : nullptr;
  return string != nullptr ? *string : "";
}

std::uint64_t count(const Value& row, std::string_view key, std::uint64_t fallback) {
  return static_cast<std::uint64_t>(number(row, key, static_cast<double>(fallback)));
}

/// What a row's time is made of, each with constants of 1.
struct Measured {
  std::string id, kind, backend, device, device_class, program;
  double tokens_per_second{0};
  bool small_host{false};
  double watts{0}, limit_watts{0};
  double batch{1}, in_flight{1}, prompt{0}, generate{0};
  struct Step {
    double bandwidth{0}, compute{0}, layers{0}, link{0}, host{0}, host_layers{0};
  } step;
  struct Reading {
    double multiplying{0}, weights{0}, layers{0}, link{0};
  } reading;
  bool grouped{false};  ///< tensor parallel
  /// Averages over whole requests, many of a device by one person, tell of that device together as much as these rows.
  double weight{1};
  double flat{0};  ///< 0.55 of the bandwidth, as llmfit takes it
};

using Rows = std::vector<const Measured*>;

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

/// Tokens per second as the row's kind means it.
double predicted(const Measured& row, const SpeedConstants& c) {
  if (row.kind == "prefill") return row.prompt / reading_seconds(row, c);
  const double step = step_seconds(row, c);
  if (row.kind == "decode_b1" || row.kind == "offload" || row.kind == "batched") return row.batch / step;
  return row.batch * row.generate / (row.in_flight * reading_seconds(row, c) + row.generate * step);
}

double residual(const Measured& row, const SpeedConstants& c) {
  return std::log(row.tokens_per_second / predicted(row, c));
}

double loss(const Rows& rows, const SpeedConstants& c) {
  double sum = 0;
  for (const auto* row : rows) sum += row->weight * std::fabs(residual(*row, c));
  return sum;
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

double median(const std::vector<double>& values) { return quantile(values, 0.5); }

/// Values with their weights.
using Weighted = std::vector<std::pair<double, double>>;

double median(Weighted values) {
  std::sort(values.begin(), values.end());
  double all = 0;
  for (const auto& [value, weight] : values) all += weight;
  double below = 0;
  for (const auto& [value, weight] : values) {
    below += weight;
    if (below >= all / 2) return value;
  }
  return 0;
}

/// Three significant digits, so that the file and the fit are the same.
double rounded(double value) {
  if (value == 0) return 0;
  const double scale = std::pow(10, 2 - std::floor(std::log10(std::fabs(value))));
  return std::round(value * scale) / scale;
}

/// One constant and the values tried.
struct Tried {
  double SpeedConstants::*constant;
  std::vector<double> values;
};

std::vector<double> steps(double from, double to, double by) {
  std::vector<double> values;
  for (double value = from; value <= to + by / 2; value += by) values.push_back(rounded(value));
  return values;
}

const std::vector<double> kShares = steps(0.4, 0.95, 0.03);
const std::vector<double> kLayerSeconds{0,     5e-6, 10e-6, 15e-6, 20e-6, 30e-6, 40e-6, 60e-6,
                                        80e-6, 1e-4, 13e-5, 16e-5, 20e-5, 25e-5, 30e-5, 40e-5};

/// One constant after the other, until none of the values tried is better.
SpeedConstants descend(const Rows& rows, SpeedConstants start, const std::vector<Tried>& tried) {
  double best = loss(rows, start);
  for (bool better = true; better;) {
    better = false;
    for (const auto& [constant, values] : tried) {
      for (const double value : values) {
        SpeedConstants other = start;
        other.*constant = value;
        const double now = loss(rows, other);
        if (now < best - 1e-9) {
          best = now;
          start = other;
          better = true;
        }
      }
    }
  }
  return start;
}

/// Both together: their errors make up for each other.
SpeedConstants fit_decode(const Rows& rows, const SpeedConstants& start) {
  SpeedConstants best = start;
  double least = 1e300;
  for (const double share : kShares) {
    for (const double layer : kLayerSeconds) {
      SpeedConstants one = start;
      one.bandwidth = share;
      one.layer_s = layer;
      const double now = loss(rows, one);
      if (now < least) {
        least = now;
        best = one;
      }
    }
  }
  return best;
}

Rows of(const Rows& rows, const std::function<bool(const Measured&)>& wanted) {
  Rows some;
  for (const auto* row : rows) {
    if (wanted(*row)) some.push_back(row);
  }
  return some;
}

std::string maker_of(const std::string& device_class) { return device_class.substr(0, device_class.find('-')); }

/// What all averages of one device weigh together, in rows.
constexpr double kDeviceWeight = 3;

/// A class with fewer rows of its own takes the maker's, and a maker the constants of all devices.
constexpr double kFewRows = 6;

class Fitted {
 public:
  explicit Fitted(const Rows& rows) {
    fit_llama_cpp(rows);
    fit_served(rows);
  }

  [[nodiscard]] const SpeedConstants& of(const Measured& row) const {
    const auto own = rows_.find(row.program + "-" + row.device_class);
    return own != rows_.end() ? own->second : rows_.at(row.program + "-any");
  }
  [[nodiscard]] std::map<std::string, SpeedConstants>& all() { return rows_; }

 private:
  void fit_llama_cpp(const Rows& all) {
    const Rows decode =
        paramcount::of(all, [](const Measured& row) { return row.kind == "decode_b1" || row.kind == "end_to_end"; });
    const auto weight = [](const Rows& rows) {
      double sum = 0;
      for (const auto* row : rows) sum += row->weight;
      return sum;
    };
    SpeedConstants any;
    any.program = "llama.cpp";
    any.device_class = "any";
    any.compute = 0.5;
    any.chunk = 512;
    any.sequences = 256;
    any.prompt_compute = 0.4;
    any = fit_decode(decode, any);
    any.decode_rows = decode.size();
    std::map<std::string, SpeedConstants> own{{"any", any}};
    std::map<std::string, Rows> makers, classes;
    for (const auto* row : decode) {
      if (row->device_class == "other") continue;
      makers[maker_of(row->device_class)].push_back(row);
      classes[row->device_class].push_back(row);
    }
    for (const auto& [name, rows] : classes) {
      const Rows& made = makers[maker_of(name)];
      if (weight(made) < kFewRows) continue;
      SpeedConstants one = fit_decode(made, any);
      // What the class differs from its maker by, in part where its rows are few.
      Weighted residuals;
      for (const auto* row : rows) residuals.emplace_back(residual(*row, one), row->weight);
      const double n = weight(rows);
      const double faster = std::exp(median(residuals) * n / (n + kFewRows));
      one.bandwidth = std::min(0.95, one.bandwidth * faster);
      one.layer_s /= faster;
      one.device_class = name;
      one.decode_rows = rows.size();
      own[name] = one;
    }
    const Rows batched =
        paramcount::of(all, [](const Measured& row) { return row.kind == "batched" && row.program == "llama.cpp"; });
    const Rows prompts = paramcount::of(all, [](const Measured& row) { return row.kind == "prefill"; });
    const Rows offload = paramcount::of(all, [](const Measured& row) { return row.kind == "offload"; });
    std::map<std::string, Rows> prompts_of;
    for (const auto* row : prompts) prompts_of[row->device_class].push_back(row);
    const auto class_of = [&](const Measured& row) -> const SpeedConstants& {
      const auto found = own.find(row.device_class);
      return found != own.end() ? found->second : own.at("any");
    };
    // The same share for all classes: few cards have such rows.
    const auto best = [&](const Rows& rows, double SpeedConstants::*constant, const std::vector<double>& values) {
      double least = 1e300;
      double found = values.front();
      for (const double value : values) {
        double sum = 0;
        for (const auto* row : rows) {
          SpeedConstants one = class_of(*row);
          one.*constant = value;
          sum += std::fabs(residual(*row, one));
        }
        if (sum < least) {
          least = sum;
          found = value;
        }
      }
      return found;
    };
    if (!batched.empty()) {
      const double compute = best(batched, &SpeedConstants::compute, steps(0.1, 0.95, 0.05));
      for (auto& [name, one] : own) one.compute = compute;
    }
    const double prompt = prompts.empty() ? 0.4 : best(prompts, &SpeedConstants::prompt_compute, steps(0.05, 1, 0.05));
    for (auto& [name, one] : own) {
      one.prompt_compute = prompt;
      const auto found = prompts_of.find(name);
      if (found == prompts_of.end()) continue;
      one.prompt_rows = found->second.size();
      if (found->second.size() < 3) continue;
      one.prompt_compute = best(found->second, &SpeedConstants::prompt_compute, steps(0.05, 1, 0.05));
    }
    own["any"].prompt_rows = prompts.size();
    for (const auto* row : batched) {
      ++own["any"].batched_rows;
      const auto found = own.find(row->device_class);
      if (found != own.end()) ++found->second.batched_rows;
    }
    double host = 0.55;
    double layer = 0;
    double least = 1e300;
    for (const double share : steps(0.3, 0.9, 0.05)) {
      for (const double seconds : {0.0, 50e-6, 100e-6, 150e-6, 200e-6, 250e-6, 300e-6, 400e-6}) {
        double sum = 0;
        for (const auto* row : offload) {
          SpeedConstants one = class_of(*row);
          one.host_bandwidth = share;
          one.host_layer_s = seconds;
          sum += std::fabs(residual(*row, one));
        }
        if (sum < least) {
          least = sum;
          host = share;
          layer = seconds;
        }
      }
    }
    for (auto& [name, one] : own) {
      one.host_bandwidth = host;
      one.host_layer_s = layer;
      rows_["llama.cpp-" + name] = one;
    }
  }

  /// What a layer costs is taken from batch 1, where it is seen best.
  void fit_served(const Rows& all) {
    const Rows rows = paramcount::of(all, [](const Measured& row) { return row.kind == "throughput"; });
    SpeedConstants any = rows_.at("llama.cpp-any");
    any.program = "served";
    any.host_bandwidth = any.host_layer_s = 0;
    any.decode_rows = any.prompt_rows = 0;
    any.batched_rows = rows.size();
    any.chunk = 8192;
    any.sequences = 2048;
    any.bandwidth = 0.7;
    any.compute = any.prompt_compute = 0.5;
    any.group_layer_s = 40e-6;
    any.sequence_s = 8e-6;
    any.prompt_token_s = 6e-6;
    const std::vector<double> small{0, 1e-6, 2e-6, 4e-6, 6e-6, 8e-6, 10e-6, 15e-6, 20e-6};
    any = descend(rows, any,
                  {{&SpeedConstants::bandwidth, steps(0.5, 0.95, 0.05)},
                   {&SpeedConstants::compute, steps(0.1, 0.9, 0.1)},
                   {&SpeedConstants::prompt_compute, steps(0.1, 0.9, 0.1)},
                   {&SpeedConstants::group_layer_s, {0, 20e-6, 40e-6, 80e-6, 120e-6}},
                   {&SpeedConstants::sequence_s, small},
                   {&SpeedConstants::prompt_token_s, small}});
    rows_["served-any"] = any;
  }

  std::map<std::string, SpeedConstants> rows_;
};

double weight_of(const Weighted& values) {
  double sum = 0;
  for (const auto& [value, weight] : values) sum += weight;
  return sum;
}

/// The shortest range of factors that holds so much of the residuals.
SpeedRange range_of(Weighted residuals) {
  std::sort(residuals.begin(), residuals.end());
  double all = 0;
  for (const auto& [value, weight] : residuals) all += weight;
  double least = 1e300;
  SpeedRange range;
  double inside = 0;  // the weight of [first, last)
  std::size_t last = 0;
  for (std::size_t first = 0; first < residuals.size(); ++first) {
    while (last < residuals.size() && inside < kRangeShare * all) inside += residuals[last++].second;
    if (inside < kRangeShare * all) break;
    const double width = residuals[last - 1].first - residuals[first].first;
    if (width < least) {
      least = width;
      range = {std::exp(residuals[first].first), std::exp(residuals[last - 1].first)};
    }
    inside -= residuals[first].second;
  }
  return {std::min(1.0, rounded(range.low)), std::max(1.0, rounded(range.high))};
}

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

struct Group {
  std::string name;
  std::function<bool(const Measured&)> wanted;
  double median_limit, p80_limit;  ///< 0: printed, not bound
  bool unseen;                     ///< half of its rows is fitted to
};

const std::vector<Group>& groups() {
  static const std::vector<Group> all{
      {"speed: batch 1", [](const Measured& r) { return r.kind == "decode_b1" && !r.small_host; }, 0.15, 0.34, true},
      {"speed: batch 1, cards on small hosts", [](const Measured& r) { return r.kind == "decode_b1" && r.small_host; },
       0, 0, true},
      {"speed: batch 1, llmfit bench", [](const Measured& r) { return r.kind == "end_to_end"; }, 0, 0, true},
      {"speed: small batches", [](const Measured& r) { return r.kind == "batched"; }, 0, 0, true},
      {"speed: throughput, TensorRT-LLM", [](const Measured& r) { return r.kind == "throughput"; }, 0.25, 0, true},
      {"speed: prompts", [](const Measured& r) { return r.kind == "prefill"; }, 0, 0, true},
      {"speed: weights in the host's memory", [](const Measured& r) { return r.kind == "offload"; }, 0, 0, true},
      {"speed: MLPerf 5.1", [](const Measured& r) { return r.kind == "mlperf"; }, 0, 0, false},
  };
  return all;
}

/// Which of the ranges holds for a row.
SpeedRange SpeedConstants::*range_kind(const Measured& row) {
  if (row.kind == "prefill") return &SpeedConstants::prompt;
  if (row.kind == "offload") return &SpeedConstants::offload;
  if (row.kind == "decode_b1" || row.kind == "end_to_end") return &SpeedConstants::decode;
  return &SpeedConstants::batched;
}

/// Rows of one backend on one class of devices, when they were not fitted to.
struct Unseen {
  std::vector<double> errors;
  double inside{0};
};

struct Score {
  std::vector<double> medians, p80s, inside, widths;
};

std::string text_of(const SpeedConstants& c) {
  const auto share = [](const char* key, double value) { return fmt::format("\"{}\": {}", key, rounded(value)); };
  const auto micro = [](const char* key, double value) { return fmt::format("\"{}\": {}", key, rounded(value * 1e6)); };
  const auto range = [](const char* key, const SpeedRange& r) {
    return fmt::format("\"{}\": [{}, {}]", key, r.low, r.high);
  };
  const auto text = [](const char* key, const std::string& value) { return fmt::format("\"{}\": \"{}\"", key, value); };
  const auto whole = [](const char* key, std::uint64_t value) { return fmt::format("\"{}\": {}", key, value); };
  const std::vector<std::vector<std::string>> lines{
      {text("id", c.program + "-" + c.device_class), text("program", c.program), text("devices", c.device_class)},
      {text("text", c.text)},
      {share("bandwidth", c.bandwidth), micro("layer_us", c.layer_s), micro("group_layer_us", c.group_layer_s),
       share("compute", c.compute), micro("sequence_us", c.sequence_s)},
      {share("prompt_compute", c.prompt_compute), micro("prompt_token_us", c.prompt_token_s), whole("chunk", c.chunk),
       whole("sequences", c.sequences)},
      c.host_bandwidth > 0
          ? std::vector<std::string>{share("host_bandwidth", c.host_bandwidth), micro("host_layer_us", c.host_layer_s)}
          : std::vector<std::string>{},
      {range("decode_range", c.decode), range("batched_range", c.batched), range("prompt_range", c.prompt)},
      {range("offload_range", c.offload), share("power", c.power), range("power_range", c.watts)},
      {whole("decode_rows", c.decode_rows), whole("batched_rows", c.batched_rows), whole("prompt_rows", c.prompt_rows)},
      {text("source", c.source)}};
  std::string all;
  for (const auto& line : lines) {
    std::string told;
    for (const auto& part : line) told += (told.empty() ? "" : ", ") + part;
    if (!told.empty()) all += (all.empty() ? "    { " : ",\n      ") + told;
  }
  return all + " }";
}

std::string named(const std::string& id) {
  if (id == "llama.cpp-any") return "local programs on all kinds of devices";
  if (id == "llama.cpp-nvidia-ada") return "local programs on NVIDIA cards since Ada";
  if (id == "llama.cpp-nvidia-ampere") return "local programs on NVIDIA Ampere cards";
  if (id == "llama.cpp-nvidia-turing") return "local programs on NVIDIA Volta and Turing cards";
  if (id == "llama.cpp-nvidia-pascal") return "llama.cpp on NVIDIA cards before Volta";
  if (id == "llama.cpp-amd") return "llama.cpp on AMD devices";
  if (id == "llama.cpp-apple") return "llama.cpp on Apple devices";
  if (id == "served-any") return "TensorRT-LLM at full load on NVIDIA devices of data centres";
  return id;
}

int run(const std::string& folder, const std::string& write) {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families(), catalog.names(), catalog.inventories());
  Reader reader(catalog, expander);
  std::vector<Measured> rows;
  const std::string whole = read_file(folder + "/speed.jsonl", std::size_t{16} << 20U);
  for (const auto line : split(whole, '\n')) {
    if (line.empty()) continue;
    if (auto row = reader.read(parse_json(line))) rows.push_back(std::move(*row));
  }
  std::map<std::string, double> averages;
  for (const auto& row : rows) averages[row.device] += row.kind == "end_to_end" ? 1 : 0;
  for (auto& row : rows) {
    if (row.kind == "end_to_end") row.weight = std::min(1.0, kDeviceWeight / averages[row.device]);
  }
  Rows all;
  for (const auto& row : rows) all.push_back(&row);
  const Rows fitted_rows = of(all, [](const Measured& row) { return row.kind != "mlperf"; });

  // Residuals and errors on rows that the fit has not seen.
  std::map<std::string, Weighted> residuals;
  std::map<std::string, Score> scores;
  std::map<std::string, Unseen> by_class;
  struct Half {
    Rows test;
    Fitted fitted;
  };
  std::vector<Half> halves;
  for (const auto seed : kSeeds) {
    // Each kind is halved by itself. The engine is the standard's own, so that every library shuffles alike.
    std::mt19937 engine(seed);
    std::map<std::string, Rows> kinds;
    for (const auto* row : fitted_rows) kinds[row->kind].push_back(row);
    Rows train;
    Rows test;
    for (auto& [kind, some] : kinds) {
      for (std::size_t i = some.size(); i > 1; --i) std::swap(some[i - 1], some[engine() % i]);
      for (std::size_t i = 0; i < some.size(); ++i) (i % 2 == 0 ? train : test).push_back(some[i]);
    }
    halves.push_back({test, Fitted(train)});
    const Fitted& fitted = halves.back().fitted;
    for (const auto* row : test) {
      const char* kind = row->kind == "prefill"                        ? "prompt"
                         : row->kind == "offload"                      ? "offload"
                         : range_kind(*row) == &SpeedConstants::decode ? "decode"
                                                                       : "batched";
      residuals[row->program + kind].emplace_back(residual(*row, fitted.of(*row)), row->weight);
      if (range_kind(*row) == &SpeedConstants::decode) {
        residuals[row->program + "decode" + row->device_class].emplace_back(residual(*row, fitted.of(*row)),
                                                                            row->weight);
      }
    }
  }
  Fitted final_fit(fitted_rows);
  std::vector<double> power;
  for (const auto& row : rows) {
    if (row.watts > 0 && row.limit_watts > 0 && row.kind == "decode_b1")
      power.push_back(std::log(row.watts / row.limit_watts));
  }
  const double usual_power = rounded(std::exp(median(power)));
  Weighted power_residuals;
  for (const double one : power) power_residuals.emplace_back(one - std::log(usual_power), 1);
  const auto set_ranges = [&](SpeedConstants& c) {
    const std::string program = c.program;
    c.batched = range_of(residuals[program + "batched"]);
    // Servers were measured full; one sequence alone is as sure as those.
    const auto& own = residuals[program + "decode" + c.device_class];
    const bool enough = weight_of(own) >= kFewRows * static_cast<double>(kSeeds.size()) / 2;
    c.decode = program == "served" ? c.batched : range_of(enough ? own : residuals[program + "decode"]);
    c.prompt = program == "served" ? range_of(residuals["llama.cppprompt"]) : range_of(residuals[program + "prompt"]);
    if (program != "served") c.offload = range_of(residuals[program + "offload"]);
    c.power = usual_power;
    c.watts = range_of(power_residuals);
    c.text = named(c.program + "-" + c.device_class);
    c.source = "tests/truth/speed.jsonl, fitted by scripts/fit-speed";
  };
  std::string file = "{\n  \"speed\": [\n";
  bool first = true;
  for (auto& [id, constants] : final_fit.all()) {
    set_ranges(constants);
    file += (first ? "" : ",\n") + text_of(constants);
    first = false;
  }
  file += "\n  ]\n}\n";
  for (auto& half : halves) {
    for (auto& [id, constants] : half.fitted.all()) set_ranges(constants);
    for (const auto* row : half.test) {
      const SpeedConstants& constants = half.fitted.of(*row);
      const double ours = predicted(*row, constants);
      const SpeedRange& range = constants.*range_kind(*row);
      auto& unseen = by_class[row->kind + " | " + row->backend + " | " + row->device_class];
      unseen.errors.push_back(std::fabs(ours / row->tokens_per_second - 1));
      if (row->tokens_per_second >= ours * range.low && row->tokens_per_second <= ours * range.high) ++unseen.inside;
    }
    for (const auto& group : groups()) {
      const Rows tested = of(group.unseen ? half.test : all, group.wanted);
      if (tested.empty()) continue;
      std::vector<double> errors, widths;
      double inside = 0;
      for (const auto* row : tested) {
        const SpeedConstants& constants = half.fitted.of(*row);
        const double ours = predicted(*row, constants);
        errors.push_back(std::fabs(ours / row->tokens_per_second - 1));
        const SpeedRange& range = constants.*range_kind(*row);
        if (row->tokens_per_second >= ours * range.low && row->tokens_per_second <= ours * range.high) ++inside;
        widths.push_back(range.high / range.low);
      }
      auto& score = scores[group.name];
      score.medians.push_back(median(errors));
      score.p80s.push_back(quantile(errors, 0.8));
      score.inside.push_back(inside / static_cast<double>(tested.size()));
      score.widths.push_back(median(widths));
    }
  }
  int failures = 0;
  for (const auto& row : rows) {
    const double ours = predicted(row, final_fit.of(row));
    fmt::print("{} | {} | {} | {} | {:.4g} | {:.4g} | {:+.0f} %\n", row.id, row.kind, row.device, row.device_class,
               row.tokens_per_second, ours, 100 * (ours / row.tokens_per_second - 1));
  }
  fmt::print("kind | backend | class | rows | median error | 80 % below | inside\n");
  for (const auto& [name, unseen] : by_class) {
    const auto n = of(all, [&](const Measured& row) {
                     return row.kind + " | " + row.backend + " | " + row.device_class == name;
                   }).size();
    fmt::print("- {} | {} | {:.1f} % | {:.1f} % | {:.0f} %\n", name, n, 100 * median(unseen.errors),
               100 * quantile(unseen.errors, 0.8), 100 * unseen.inside / static_cast<double>(unseen.errors.size()));
  }
  for (const auto& group : groups()) {
    const auto& score = scores[group.name];
    if (score.medians.empty()) continue;
    const double middle = median(score.medians);
    const double p80 = median(score.p80s);
    const auto n = of(all, group.wanted).size();
    const double inside = median(score.inside);
    fmt::print("= {} | {} | {:.0f} | {:.1f} % | {:.1f} %\n", group.name, n, inside * static_cast<double>(n),
               100 * middle, 100 * p80);
    fmt::print("  range: {:.2f} from low to high, {:.0f} % inside\n", median(score.widths), 100 * inside);
    if ((group.median_limit > 0 && middle > group.median_limit) || (group.p80_limit > 0 && p80 > group.p80_limit)) {
      fmt::print("  BEYOND {:.0f} %, {:.0f} %\n", 100 * group.median_limit, 100 * group.p80_limit);
      ++failures;
    }
  }
  // The flat rule, on the same rows.
  std::vector<double> flat;
  for (const auto& row : rows) {
    if (row.kind == "decode_b1" && !row.small_host) flat.push_back(std::fabs(row.flat / row.tokens_per_second - 1));
  }
  fmt::print("~ bandwidth x 0.55, as llmfit takes it, on the rows of batch 1: {:.1f} %, {:.1f} %\n", 100 * median(flat),
             100 * quantile(flat, 0.8));
  if (!write.empty()) {
    if (std::FILE* out = std::fopen(write.c_str(), "wb")) {
      std::fputs(file.c_str(), out);
      std::fclose(out);
    }
    return 0;
  }
  // What is shipped is what the fit gives, but for ties that another computer's last digit decides.
  std::map<std::string, SpeedConstants> shipped;
  for (const auto& constants : catalog.speeds()) shipped[constants.program + "-" + constants.device_class] = constants;
  for (const auto& [id, fresh] : final_fit.all()) {
    const auto found = shipped.find(id);
    const Rows own = of(fitted_rows, [&](const Measured& row) { return &final_fit.of(row) == &fresh; });
    const bool close = [&] {
      if (found == shipped.end()) return false;
      const auto near = [](const SpeedRange& one, const SpeedRange& other) {
        return std::fabs(one.low / other.low - 1) < 0.05 && std::fabs(one.high / other.high - 1) < 0.05;
      };
      const SpeedConstants& old = found->second;
      return (own.empty() || std::fabs(loss(own, old) / loss(own, fresh) - 1) < 0.01) &&
             near(old.decode, fresh.decode) && near(old.batched, fresh.batched) && near(old.prompt, fresh.prompt) &&
             near(old.watts, fresh.watts);
    }();
    if (close) continue;
    fmt::print("data/speed.json: {} is not what the fit gives; scripts/fit-speed --write writes it\n", id);
    ++failures;
  }
  if (shipped.size() != final_fit.all().size()) {
    fmt::print("data/speed.json: {} rows, and the fit gives {}\n", shipped.size(), final_fit.all().size());
    ++failures;
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace paramcount

int main(int argc, char** argv) {
  if (argc != 2 && !(argc == 4 && std::string_view(argv[2]) == "--write")) {
    fmt::print(stderr, "usage: paramcount_speed_truth TRUTH_FOLDER [--write SPEED_JSON]\n");
    return 2;
  }
  try {
    return paramcount::run(argv[1], argc == 4 ? argv[3] : "");
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
