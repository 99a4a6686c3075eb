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
#include <random>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "speed_fit.hpp"

namespace paramcount {
namespace {

/// The seeds of the halvings.
constexpr std::array<std::uint32_t, 12> kSeeds{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

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
      {"speed: weights in host memory", [](const Measured& r) { return r.kind == "offload"; }, 0, 0, true},
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
  std::vector<Measured> rows;
  const std::string whole = read_file(folder + "/speed.jsonl", std::size_t{16} << 20U);
  for (const auto line : split(whole, '\n')) {
    if (line.empty()) continue;
    if (auto row = read_measured(parse_json(line), catalog, expander)) rows.push_back(std::move(*row));
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
  // The shipped constants are those of the fit, except for ties that another computer's last digit decides.
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
