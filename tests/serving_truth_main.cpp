// Holds `fit` against what vLLM, SGLang and TensorRT-LLM print when they start: tests/truth/serving.jsonl. Prints each
// comparison, and fails where a group's median or worst error is beyond its limit.
// Usage: paramcount_serving_truth TRUTH_FOLDER
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/estimate/fit.hpp"
#include "truth_row.hpp"

namespace paramcount {
namespace {

constexpr double kGiB = 0x1p30;

/// Rows that are about something else than a plain start, and what.
struct Known {
  std::string_view id, what, reason;
};
constexpr std::array<Known, 7> kKnown{{
    {"log028", "tokens", "the line is of one rank, and the smallest rank decides"},
    {"log056", "tokens", "the line is of one rank, and the smallest rank decides"},
    {"log033", "weights", "two stages, and the line is of the lighter one"},
    {"log034", "weights", "a version that gave the last stage the layer left over"},
    {"log039", "weights", "--cpu-offload-gb 30"},
    {"log047", "tokens", "a draft head is one more layer in the cache"},
    {"log082", "weights", "a LoRA adapter is loaded too"},
}};

const Known* known(const std::string& id, std::string_view what) {
  const auto at =
      std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& k) { return k.id == id && k.what == what; });
  return at == kKnown.end() ? nullptr : &*at;
}

struct Group {
  double median_limit, worst_limit;
  std::vector<double> errors{};  ///< ours / theirs - 1
  std::size_t beyond{0};
};

class Comparison {
 public:
  void add(const std::string& group, const std::string& id, const std::string& label, double theirs, double ours,
           double low, double high, const Known* why) {
    const double error = ours / theirs - 1;
    fmt::print("{} | {} | {} | {:.4f} | {:.4f} | {:+.3f} %", group, id, label, theirs, ours, 100 * error);
    if (low != high) fmt::print(" | {:.2f} to {:.2f}", low, high);
    if (why != nullptr) {
      fmt::print(" | not counted: {}\n", why->reason);
      return;
    }
    fmt::print("\n");
    auto& all = groups_.at(group);
    all.errors.push_back(error);
    // A range says how certain an estimate is: a measurement within it is not a miss.
    const bool inside = low != high && theirs >= low * 0.999 && theirs <= high * 1.001;
    if (std::fabs(error) > all.worst_limit && !inside) {
      fmt::print("  BEYOND {:.2f} %\n", 100 * all.worst_limit);
      ++all.beyond;
      ++failures_;
    }
  }

  int finish() {
    for (auto& [name, group] : groups_) {
      if (group.errors.empty()) continue;
      std::vector<double> sizes;
      for (const double error : group.errors) sizes.push_back(std::fabs(error));
      std::sort(sizes.begin(), sizes.end());
      const double median = sizes[sizes.size() / 2];
      fmt::print("= {} | {} | {} | {:.2f} % | {:.2f} %\n", name, sizes.size(), sizes.size() - group.beyond,
                 100 * median, 100 * sizes.back());
      if (median > group.median_limit) {
        fmt::print("  median BEYOND {:.2f} %\n", 100 * group.median_limit);
        ++failures_;
      }
    }
    return failures_;
  }

 private:
  // Limits: the printed figures have three or four digits; a printed GiB is +-0.005, which 5 GiB makes 0.1 %.
  std::map<std::string, Group> groups_{{"vLLM, SGLang: weights on a rank, 16 bits, tp 1", {0.001, 0.01}},
                                       {"vLLM: weights on a rank, 16 bits, tp > 1", {0.01, 0.02}},
                                       {"vLLM: weights on a rank, quantised", {0.015, 0.05}},
                                       {"vLLM, SGLang: tokens of a cache", {0.0011, 0.0025}},
                                       {"vLLM: tokens of a cache, hybrids", {0.05, 0.05}},
                                       {"vLLM: maximum concurrency", {0.002, 0.005}}};
  int failures_{0};
};

std::optional<std::uint64_t> count(const Value& row, std::string_view key) {
  const double value = number(row, key);
  return value > 0 ? std::optional(static_cast<std::uint64_t>(value)) : std::nullopt;
}

FitRequest request_of(const Value& row, const Catalog& catalog) {
  FitRequest request;
  const double memory = number(row, "total_gpu_memory_gib");
  request.device = std::make_shared<Device>(parse_device(fmt::format("memory={}GiB", memory > 0 ? memory : 80)));
  std::string runtime = text(row, "engine");
  if (runtime == "tensorrt-llm" && number(row, "block_size_tokens") > 0) {
    runtime += fmt::format(":block={}", *count(row, "block_size_tokens"));
  }
  if (runtime == "vllm" && number(row, "max_num_batched_tokens") > 0) {
    runtime += fmt::format(":batched={}", *count(row, "max_num_batched_tokens"));
  }
  if (number(row, "decode_context_parallel") > 1) {
    runtime += (runtime.find(':') == std::string::npos ? ":" : ",") +
               fmt::format("dcp={}", *count(row, "decode_context_parallel"));
  }
  request.runtime = parse_runtime(runtime);
  const std::string dtype = text(row, "dtype");
  request.formats.push_back(weight_format(dtype.empty() ? "bf16" : dtype, false, catalog));
  request.layout.tensor = count(row, "tp");
  request.layout.pipeline = count(row, "pp");
  request.layout.expert = count(row, "ep");
  if (const std::string cache = text(row, "kv_dtype"); !cache.empty()) {
    request.keys = catalog.dtype(cache);
    request.values = request.keys;
  }
  if (const double share = number(row, "gpu_memory_utilization_or_mem_fraction"); share > 0)
    request.utilization = share;
  request.context = count(row, "concurrency_for_tokens");
  if (!request.context) request.context = count(row, "max_model_len_tokens");
  return request;
}

/// Versions before 0.22 print blocks over groups.
bool prints_blocks(const std::string& version) {
  int major = 0;
  int minor = 0;
  return std::sscanf(version.c_str(), "%d.%d", &major, &minor) == 2 && major == 0 && minor < 22;
}

int run(const std::string& folder) {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families(), catalog.names(), catalog.inventories());
  Comparison comparison;
  int problems = 0;
  const std::string rows = read_file(folder + "/serving.jsonl", std::size_t{16} << 20U);
  for (const auto line : split(rows, '\n')) {
    if (line.empty()) continue;
    const Value row = parse_json(line);
    const std::string id = text(row, "id");
    const std::string dtype = text(row, "dtype");
    const auto tp = static_cast<int>(number(row, "tp"));
    const std::string label = fmt::format("{} {} tp {}", text(row, "catalog_id"), dtype, tp);
    try {
      FitRequest request = request_of(row, catalog);
      const bool half = dtype.empty() || dtype == "bf16" || dtype == "fp16";
      if (const double weights = number(row, "weights_gib"); weights > 0) {
        const FitAnswer answer = fit(catalog.model(text(row, "catalog_id")), request, catalog, expander);
        const Fit& ours = answer.fits.front();
        if (!ours.problem.empty()) throw Error(ours.problem);
        comparison.add(half ? (tp > 1 ? "vLLM: weights on a rank, 16 bits, tp > 1"
                                      : "vLLM, SGLang: weights on a rank, 16 bits, tp 1")
                            : "vLLM: weights on a rank, quantised",
                       id, label, weights, static_cast<double>(ours.weights.value) / kGiB,
                       static_cast<double>(ours.weights_low.value) / kGiB,
                       static_cast<double>(ours.weights_high.value) / kGiB, known(id, "weights"));
      }
      const double cache = number(row, "available_kv_gib") + number(row, "k_gib") + number(row, "v_gib");
      double tokens = number(row, "kv_tokens");
      if (tokens == 0) tokens = number(row, "gpu_blocks") * number(row, "block_size_tokens");
      if (cache <= 0 || tokens <= 0) continue;
      request.cache_memory = Bytes{static_cast<std::uint64_t>(cache * kGiB)};
      const FitAnswer answer = fit(catalog.model(text(row, "catalog_id")), request, catalog, expander);
      const auto& room = answer.fits.front().room;
      if (!room) throw Error("no room");
      const bool hybrid = room->tokens_before > 0;
      const bool before = hybrid && prints_blocks(text(row, "engine_version"));
      comparison.add(hybrid ? "vLLM: tokens of a cache, hybrids" : "vLLM, SGLang: tokens of a cache", id, label, tokens,
                     static_cast<double>(before ? room->tokens_before : room->tokens), 0, 0, known(id, "tokens"));
      if (const double most = number(row, "max_concurrency_x"); most > 0) {
        comparison.add("vLLM: maximum concurrency", id, label, most, std::round(room->concurrency * 100) / 100, 0, 0,
                       known(id, "tokens"));
      }
    } catch (const Error& error) {
      fmt::print("{} | {} | {}\n", id, label, error.what());
      ++problems;
    }
  }
  return comparison.finish() + problems;
}

}  // namespace
}  // namespace paramcount

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: paramcount_serving_truth TRUTH_FOLDER\n");
    return 2;
  }
  try {
    return paramcount::run(argv[1]) == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
