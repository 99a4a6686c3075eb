// Compares what is predicted of llama.cpp's files with what its own converter, quantiser and allocator said.
// Usage: paramcount_gguf_truth FOLDER, the folder being tests/truth. Prints what differs and how much agrees.
// Exit 0 only when every model and every row that is not listed as known agrees.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/gguf.hpp"
#include "paramcount/estimate/kv_cache.hpp"
#include "paramcount/estimate/llama_cpp.hpp"
#include "paramcount/estimate/weights.hpp"
#include "read/hf_config.hpp"

namespace {

using nlohmann::json;
using namespace paramcount;

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> result;
  for (const auto cell : split(line, '\t')) result.emplace_back(cell);
  return result;
}

/// The rows of a file of tab-separated values, after its line of headings.
template <class Visit>
void each_row(const std::string& path, const Visit& visit) {
  std::ifstream in(path);
  if (!in) throw Error(path + ": cannot be read");
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) visit(cells(line));
}

class Checker {
 public:
  explicit Checker(std::string folder)
      : folder_(std::move(folder)), expander_(catalog_.families(), catalog_.gguf_families()) {}

  int run() {
    models();
    sizes();
    memory();
    return failed_ ? 1 : 0;
  }

 private:
  void models() {
    std::ifstream in(folder_ + "/gguf_models.jsonl");
    if (!in) throw Error(folder_ + "/gguf_models.jsonl: cannot be read");
    int agreeing = 0;
    int all = 0;
    for (std::string line; std::getline(in, line);) {
      json row = json::parse(line);
      json config = row["config"];
      config.update(row["overrides"]);
      if (config.contains("text_config")) config["text_config"].update(row["overrides"]);
      const std::string name = row["model"];
      ++all;
      try {
        const Model model = model_of_config(parse_json(config.dump()), name, catalog_);
        GgufInventory inventory = expander_.expand_gguf(model);
        std::string wrong;
        if (inventory.arch != row["arch"]) wrong += " arch " + inventory.arch;
        if (inventory.elements() != row["elements"]) {
          wrong += fmt::format(" elements {}, truth {}", inventory.elements(), row["elements"].get<std::uint64_t>());
        }
        if (inventory.tensor_count() != row["tensors"]) {
          wrong += fmt::format(" tensors {}, truth {}", inventory.tensor_count(), row["tensors"].get<std::uint64_t>());
        }
        const auto& metadata = row["metadata"];
        if (metadata.contains("block_count") && metadata["block_count"] != inventory.blocks) {
          wrong += fmt::format(" blocks {}", inventory.blocks);
        }
        if (wrong.empty()) {
          ++agreeing;
        } else {
          fail(name + ":" + wrong);
        }
        inventories_.emplace(name, std::move(inventory));
        plain_.emplace(name, expander_.expand(model));
      } catch (const Error& error) {
        fail(name + ": " + error.what());
      }
    }
    fmt::print("models: architecture, elements, tensors and blocks of {} of {} agree\n", agreeing, all);
  }

  void sizes() {
    std::map<std::string, std::pair<int, int>> by_model;
    int agreeing = 0;
    int refused = 0;
    int all = 0;
    each_row(folder_ + "/gguf_sizes.tsv", [&](const std::vector<std::string>& row) {
      ++all;
      auto& [good, rows] = by_model[row[0]];
      ++rows;
      const auto inventory = inventories_.find(row[0]);
      if (inventory == inventories_.end()) return;
      std::string ours;
      try {
        const auto type = catalog_.find<FileType>(row[1]);
        if (!type) throw Error(row[1] + ": no such file type");
        const GgufFile file = quantise(inventory->second, *type, row[2] == "1",
                                       [this](std::string_view id) { return catalog_.dtype(id); });
        std::map<std::string, int> types;
        for (const auto& tensor : file.tensors) ++types[ggml_name(tensor.type->id)];
        std::string text;
        for (const auto& [id, count] : types) text += (text.empty() ? "" : ",") + id + "=" + std::to_string(count);
        ours = fmt::format("{}\t{}\t{}", file.tensor_bytes.value, file.data_bytes.value, text);
      } catch (const Error& error) {
        if (row[5] == "refused") {
          ++refused;
          ++good;
          return;
        }
        ours = error.what();
      }
      const std::string truth = row[3] + "\t" + row[4] + "\t" + row[5];
      if (ours == truth) {
        ++agreeing;
        ++good;
      } else if (++shown_[row[0]] <= 2) {
        fail(row[0] + " " + row[1] + (row[2] == "1" ? " imatrix" : "") + ":\n  ours  " + ours + "\n  truth " + truth);
      }
    });
    for (const auto& [model, counts] : by_model) {
      if (counts.first != counts.second) fail(fmt::format("{}: {} of {} sizes", model, counts.first, counts.second));
    }
    fmt::print("sizes: {} of {} rows exact to the byte and type, {} refused as llama-quantize refuses\n", agreeing, all,
               refused);
  }

  /// One row of gguf_memory.tsv by the names of its columns.
  struct MemoryRow {
    std::string model, device, quant;
    std::uint64_t ctx, ubatch, sequences, outputs, kv, window, state, compute, model_device, model_host;
    bool flash, unified, swa_full;
    std::string keys, values;
  };

  static MemoryRow memory_row(const std::vector<std::string>& c) {
    const auto number = [&](std::size_t i) { return std::stoull(c.at(i)); };
    const bool gpu = c.at(1) == "simgpu";
    return {c[0],
            c[1],
            c[2],
            number(3),
            number(8),
            number(9),
            number(12),
            number(13),
            number(14),
            number(15),
            number(gpu ? 16 : 17),
            number(18),
            number(19),
            c[7] == "1",
            c[10] == "1",
            c[11] == "1",
            c[5],
            c[6]};
  }

  void memory() {
    int all = 0;
    int caches = 0;
    int buffers = 0;
    int asked = 0;
    int estimated = 0;
    int in_range = 0;
    std::map<std::string, int> wrong;
    std::map<std::string, std::vector<double>> ratios;
    each_row(folder_ + "/gguf_memory.tsv", [&](const std::vector<std::string>& cells) {
      const MemoryRow row = memory_row(cells);
      const auto inventory = inventories_.find(row.model);
      ++all;
      if (inventory == inventories_.end()) return;
      const GgufInventory& gguf = inventory->second;
      const Inventory& plain = plain_.at(row.model);
      RuntimeChoice runtime = parse_runtime("llama.cpp");
      runtime.knobs = {{"ubatch", row.ubatch},
                       {"ctx", row.ctx},
                       {"unified", row.unified},
                       {"swa-full", row.swa_full},
                       {"no-flash", !row.flash}};
      try {
        const CacheRequest request{row.ctx / row.sequences, row.sequences, catalog_.dtype(row.keys),
                                   catalog_.dtype(row.values), runtime};
        const KvCache cache = kv_cache(gguf.state, plain, request);
        if (cache.full.value == row.kv && cache.window.value == row.window && cache.state.value == row.state) {
          ++caches;
        } else if (++wrong[row.model] <= 2) {
          fail(fmt::format("{} ctx {} {}:{} flash {}: cache {} {} {}, truth {} {} {}", row.model, row.ctx, row.keys,
                           row.values, row.flash, cache.full.value, cache.window.value, cache.state.value, row.kv,
                           row.window, row.state));
        }
        const LlamaCppMemory process = llama_cpp_memory(gguf, file(row, gguf), plain, request, cache);
        ++asked;
        const bool gpu = row.device == "simgpu";
        const bool same =
            gpu ? process.gpu_model.value == row.model_device && process.gpu_host_model.value == row.model_host
                : process.cpu_model.value == row.model_host;
        if (same) {
          ++buffers;
        } else if (++wrong[row.model + " buffers"] <= 1) {
          fail(fmt::format("{} {} {}: model {} {} {}, truth {} {}", row.model, row.device, row.quant,
                           process.gpu_model.value, process.gpu_host_model.value, process.cpu_model.value,
                           row.model_device, row.model_host));
        }
        if (row.outputs == row.sequences) {
          const auto& compute = gpu ? process.gpu_compute : process.cpu_compute;
          const double ratio = static_cast<double>(row.compute) / static_cast<double>(compute.likely.value);
          in_range += row.compute >= compute.low.value && row.compute <= compute.high.value ? 1 : 0;
          ratios[std::string(gpu ? "GPU" : "CPU") + (row.flash ? "" : ", no flash attention")].push_back(ratio);
          if (verbose_ && (row.compute < compute.low.value || row.compute > compute.high.value)) {
            fmt::print("{} {} {} {}:{} ubatch {} flash {} seqs {}: {:.2f}\n", row.model, row.device, row.ctx, row.keys,
                       row.values, row.ubatch, row.flash, row.sequences, ratio);
          }
        }
      } catch (const Error& error) {
        fail(fmt::format("{}: {}", row.model, error.what()));
      }
    });
    fmt::print("memory: full, window and state bytes of {} of {} rows exact; model buffers of {} of {}\n", caches, all,
               buffers, asked);
    fmt::print("compute buffers, truth over estimate      rows      min       5%   median      95%      max\n");
    for (auto& [what, list] : ratios) {
      std::sort(list.begin(), list.end());
      const auto at = [&sorted = list](double share) {
        return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
      };
      fmt::print("  {:36}{:8}{:9.2f}{:9.2f}{:9.2f}{:9.2f}{:9.2f}\n", what, list.size(), at(0), at(0.05), at(0.5),
                 at(0.95), at(1));
      estimated += static_cast<int>(list.size());
    }
    fmt::print("  within the range given: {} of {}\n", in_range, estimated);
    if (in_range * 100 < estimated * 95) fail("compute buffers: fewer than 95 of 100 within the range");
  }

  const GgufFile& file(const MemoryRow& row, const GgufInventory& gguf) {
    auto& slot = files_[row.model + " " + row.quant];
    if (!slot) {
      FileType type = *catalog_.find<FileType>(row.quant);
      // The converter, not the quantiser, made this one: experts as they are published, all else in bf16.
      if (row.quant == "mxfp4_moe") {
        type.rules = {{TensorCategory::any, "mxfp4", {RuleCondition::is_3d}}, {TensorCategory::any, "bf16", {}}};
      }
      slot = std::make_unique<GgufFile>(
          quantise(gguf, type, false, [this](std::string_view id) { return catalog_.dtype(id); }));
    }
    return *slot;
  }

  static std::string ggml_name(const std::string& id) { return id == "fp32" ? "f32" : id == "fp16" ? "f16" : id; }

  void fail(const std::string& what) {
    failed_ = true;
    fmt::print("{}\n", what);
  }

  std::string folder_;
  Catalog catalog_;
  Expander expander_;
  std::map<std::string, GgufInventory> inventories_;
  std::map<std::string, Inventory> plain_;
  std::map<std::string, std::unique_ptr<GgufFile>> files_;
  std::map<std::string, int> shown_;
  bool verbose_{std::getenv("VERBOSE") != nullptr};
  bool failed_{false};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: paramcount_gguf_truth FOLDER\n", stderr);
    return 2;
  }
  try {
    return Checker(argv[1]).run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "paramcount_gguf_truth: %s\n", error.what());
    return 1;
  }
}
