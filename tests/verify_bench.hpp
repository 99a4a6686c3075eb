// Checkpoints in the shape of the truth's listings, to be held against the families.
#pragma once

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "catalog/family_file.hpp"
#include "catalog/json.hpp"
#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/count/verify.hpp"
#include "paramcount/run.hpp"
#include "process.hpp"
#include "read/checkpoint_model.hpp"
#include "read/hf_config.hpp"

#include "respelled_checkpoint.hpp"
#include "tests/paths.hpp"

namespace paramcount {

using nlohmann::json;

inline std::size_t stars(const std::string& name) {
  return static_cast<std::size_t>(std::count(name.begin(), name.end(), '*'));
}

inline std::string numbered(std::string name, std::uint64_t first) {
  return name.replace(name.find('*'), 1, std::to_string(first));
}

/// The listing with its numbers put back. Only of listings that say which numbers those are: every layer has the same
/// tensors, and layers and experts count from 0. Empty otherwise, as with a sequence of modules (merger.mlp.0, .2),
/// whose numbers count those without weights too.
inline Tensors unfolded(const json& listing) {
  std::map<std::string, std::set<std::uint64_t>> layers;  // by the part before the first number
  for (const auto& row : listing) {
    const std::string name = row[0];
    if (name.ends_with(".*.weight") || name.ends_with(".*.bias")) return {};
    if (stars(name) == 1) layers[name.substr(0, name.find('*'))].insert(row[2].get<std::uint64_t>());
  }
  Tensors tensors;
  for (const auto& row : listing) {
    const std::string name = row[0];
    const auto shape = row[1].get<std::vector<std::uint64_t>>();
    const auto copies = row[2].get<std::uint64_t>();
    if (stars(name) == 0) {
      tensors.push_back({name, "BF16", shape});
      continue;
    }
    const auto& counts = layers[name.substr(0, name.find('*'))];
    if (counts.size() != 1 || stars(name) > 2 || copies % *counts.begin() != 0) return {};
    for (std::uint64_t layer = 0; layer < *counts.begin(); ++layer) {
      const std::string in_layer = numbered(name, layer);
      if (stars(name) == 1) {
        tensors.push_back({in_layer, "BF16", shape});
        continue;
      }
      for (std::uint64_t expert = 0; expert < copies / *counts.begin(); ++expert) {
        tensors.push_back({numbered(in_layer, expert), "BF16", shape});
      }
    }
  }
  return tensors;
}

struct Truth {
  std::string name;
  std::string config;
  std::uint64_t total{0};
  Tensors tensors;
};

inline const std::vector<Truth>& truths() {
  static const std::vector<Truth> all = [] {
    std::vector<Truth> result;
    std::ifstream in(std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/truth/configs.jsonl");
    const Catalog catalog;
    for (std::string line; std::getline(in, line);) {
      const json row = json::parse(line);
      const std::string type = row["config"].value("model_type", "");
      if (!row.contains("tensors") || catalog.find_family(type) == nullptr) continue;
      Truth truth{row["name"], row["config"].dump(), row["total"], unfolded(row["tensors"])};
      if (truth.tensors.empty() || truth.tensors.size() > 12000) continue;
      // Classes whose listing says otherwise than the config which of two tied tables is kept are told apart below.
      result.push_back(std::move(truth));
    }
    return result;
  }();
  return all;
}

class Bench {
 public:
  Bench() : expander_(catalog_.families(), catalog_.gguf_families(), catalog_.names()) {}

  Verification verify(const Truth& truth, const Tensors& tensors) {
    write_checkpoint(folder_ / "model.safetensors", tensors);
    Model model = model_of_config(parse_json(truth.config), truth.name, catalog_);
    model.checkpoint = std::make_shared<Checkpoint>(read_checkpoint(folder_ / "model.safetensors"));
    return expander_.verify(model);
  }

  /// The parameters of the files alone, and with the config next to them.
  std::uint64_t count(const Truth& truth, const Tensors& tensors, bool with_config) {
    write_checkpoint(folder_ / "model.safetensors", tensors);
    write_bytes(folder_ / "config.json", with_config ? truth.config : "{}");
    const Model model = read_checkpoint_model(folder_.path(), catalog_);
    CHECK(model.family.empty() != with_config);
    return count_params(expander_.expand(model)).total.value;
  }

 private:
  TestFolder folder_;
  Catalog catalog_;
  Expander expander_;
};

inline std::string said(const Verification& v) {
  std::string text;
  const auto add = [&](const char* what, const std::vector<Verification::Item>& items) {
    for (std::size_t i = 0; i < items.size() && i < 3; ++i) {
      text += std::string(what) + " " + items[i].name + " " + items[i].remark + "\n";
    }
  };
  add("missing", v.missing);
  add("unexpected", v.unexpected);
  add("misshapen", v.misshapen);
  return text;
}

inline const Truth& truth_named(const std::string& name) {
  const auto found =
      std::find_if(truths().begin(), truths().end(), [&](const Truth& truth) { return truth.name == name; });
  REQUIRE(found != truths().end());
  return *found;
}

inline bool knows(const Verification& v, const std::string& name, const std::string& what) {
  return std::any_of(v.known.begin(), v.known.end(), [&](const auto& item) {
    return item.name.find(name) != std::string::npos && item.remark.find(what) != std::string::npos;
  });
}

}  // namespace paramcount
