// The report of `paramcount scan`: a row per model found, and why others could not be read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/count/inventory.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// What a scan says of one file; with an error nothing but the path and it.
struct ScannedModel {
  std::string path;       ///< as it was found
  std::string shown;      ///< the same without the folder that was scanned
  std::string_view kind;  ///< config, safetensors, gguf
  std::string_view type;  ///< what it holds where that is no model: adapter, mmproj; else empty
  Inventory inventory;    ///< what there is to say of its family; without tensors
  std::string dtype;      ///< as the config or the file says; may be empty
  std::uint64_t total{0}, active{0};
  std::uint64_t bytes{0};    ///< of the files of a checkpoint; 0 of a config
  std::uint64_t context{0};  ///< 0: none
  std::string error;
  std::string name;        ///< of a cache of another program: what finds it; empty: its path does
  std::string_view cache;  ///< whose cache it is in; empty: none's
};

/// What one of these caches holds, of the models that could be read.
struct ScannedCache {
  std::string_view title;  ///< "the Hub's cache"
  std::string folder;
  std::uint64_t models{0}, bytes{0};
};

/// `title`: what was scanned.
[[nodiscard]] Report scan_report(const std::string& title, const std::vector<ScannedModel>& models,
                                 const std::vector<ScannedCache>& caches, ReportOptions wanted);

}  // namespace paramcount
