#include "speed_fit.hpp"

#include <algorithm>
#include <cmath>

namespace paramcount {
namespace {

/// Ranges hold this share of unseen rows: a little more than the 80 % they promise, since those were seen once.
constexpr double kRangeShare = 0.82;
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

std::string maker_of(const std::string& device_class) { return device_class.substr(0, device_class.find('-')); }

}  // namespace

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

double rounded(double value) {
  if (value == 0) return 0;
  const double scale = std::pow(10, 2 - std::floor(std::log10(std::fabs(value))));
  return std::round(value * scale) / scale;
}

Rows of(const Rows& rows, const std::function<bool(const Measured&)>& wanted) {
  Rows some;
  for (const auto* row : rows) {
    if (wanted(*row)) some.push_back(row);
  }
  return some;
}

double weight_of(const Weighted& values) {
  double sum = 0;
  for (const auto& [value, weight] : values) sum += weight;
  return sum;
}

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

void Fitted::fit_llama_cpp(const Rows& all) {
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

void Fitted::fit_served(const Rows& all) {
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

}  // namespace paramcount
