// Other ways of naming one layout: what checkpoints call the tensors that a family lists under one name. Data only;
// matching names is src/count's.
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
  /// One text in place of another, in either direction. "^" at the front means the beginning of a name, "$" at the back
  /// its end.
  struct Rename {
    std::string from, to;
  };
  /// One tensor that holds several, in either direction: parts lie one after the other in its first dimension, and an
  /// index that only the parts have is its leading one. All are ends of names.
  struct Merge {
    std::string whole;
    std::vector<std::string> parts;
  };

  std::vector<Rename> renames;
  std::vector<Merge> merges;
  /// Ends of names of what is stored and is no parameter, with what it is: "rotary table".
  std::vector<std::pair<std::string, std::string>> buffers;
  std::vector<std::string> tied;  ///< ends of names under which the input table is stored again
  std::vector<std::string> mtp;   ///< beginnings of names of multi-token-prediction modules

  [[nodiscard]] bool empty() const {
    return renames.empty() && merges.empty() && buffers.empty() && tied.empty() && mtp.empty();
  }
  /// The other's entries after these.
  void append(const Spellings& other);
};

/// What is known of names beyond one family; only checkpoints and configs from outside need it.
struct NameLookup {
  std::function<Spellings()> spellings;                                   ///< those all families share
  std::function<std::optional<NamedRole>(std::string_view key)> role_of;  ///< of a folded name: base/folded_name.hpp
  /// Ids of the families that llama.cpp's converter writes under that general.architecture, sorted.
  std::function<std::vector<std::string>(std::string_view arch)> families_of_arch;
  std::function<std::string(std::uint64_t number)> file_type;  ///< id by general.file_type; empty: nobody knows it
  std::function<const ConfigKeys&()> config_keys;
  std::function<const std::vector<PackedFormat>&()> packed_formats;
};

}  // namespace paramcount
