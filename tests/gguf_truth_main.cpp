// Compares what is predicted of llama.cpp's files with what its own converter, quantiser and allocator said.
// Usage: paramcount_gguf_truth FOLDER, the folder being tests/truth. Prints what differs and how much agrees.
// Exit 0 only when every model and every row that is not listed as known agrees.

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/catalog.hpp"
#include "paramcount/error.hpp"
#include "paramcount/expand.hpp"
#include "paramcount/gguf.hpp"
#include "paramcount/weights.hpp"
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
        const auto type = catalog_.find_file_type(row[1]);
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

  static std::string ggml_name(const std::string& id) { return id == "fp32" ? "f32" : id == "fp16" ? "f16" : id; }

  void fail(const std::string& what) {
    failed_ = true;
    fmt::print("{}\n", what);
  }

  std::string folder_;
  Catalog catalog_;
  Expander expander_;
  std::map<std::string, GgufInventory> inventories_;
  std::map<std::string, int> shown_;
  bool failed_{false};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: paramcount_gguf_truth FOLDER\n");
    return 2;
  }
  try {
    return Checker(argv[1]).run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "paramcount_gguf_truth: {}\n", error.what());
    return 1;
  }
}
