// Other names for the same tensors: what checkpoints call the tensors that a family lists under one name. Data only;
// src/count does the matching.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "paramcount/catalog/config_keys.hpp"
#include "paramcount/catalog/packed_format.hpp"
#include "paramcount/catalog/role.hpp"

namespace paramcount {

struct Spellings {
  /// One string that replaces another, in either direction. "^" at the front anchors it at the beginning of a name, "$"
  /// at the back at its end.
  struct Rename {
    std::string from, to;
  };
  /// One tensor that contains several, in either direction: the parts are concatenated along its first dimension, and
  /// an index that only the parts have is its leading dimension. All are name suffixes.
  struct Merge {
    std::string whole;
    std::vector<std::string> parts;
  };

  std::vector<Rename> renames;
  std::vector<Merge> merges;
  /// Name suffixes of what is stored but not a parameter, with a description: "rotary table".
  std::vector<std::pair<std::string, std::string>> buffers;
  std::vector<std::string> tied;  ///< name suffixes under which the input embedding is stored again
  std::vector<std::string> mtp;   ///< name prefixes of multi-token-prediction modules

  [[nodiscard]] bool empty() const {
    return renames.empty() && merges.empty() && buffers.empty() && tied.empty() && mtp.empty();
  }
  /// The other's entries after these.
  void append(const Spellings& other);
};

/// What is known about names beyond one family; only needed for checkpoints and configs from files.
struct NameLookup {
  std::function<Spellings()> spellings;                                   ///< those all families share
  std::function<std::optional<NamedRole>(std::string_view key)> role_of;  ///< of a folded name: base/folded_name.hpp
  /// Ids of the families that llama.cpp's converter writes under that general.architecture, sorted.
  std::function<std::vector<std::string>(std::string_view arch)> families_of_arch;
  std::function<std::string(std::uint64_t number)> file_type;  ///< id by general.file_type; empty: unknown
  std::function<const ConfigKeys&()> config_keys;
  std::function<const std::vector<PackedFormat>&()> packed_formats;
};

}  // namespace paramcount
