// Tries other spellings of a folded name: a family's renamings in all combinations, and prefixes that a whole file has
// or lacks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "paramcount/catalog/spellings.hpp"

namespace paramcount {

struct OpenName {
  std::string key;
  std::uint64_t tensors{0};
};

class Respelling {
 public:
  /// `open` are the keys of a file that the family does not have, `lacking` those of the family that the file does not.
  /// A prefix counts as a spelling when it explains a twentieth of all `expected` names, and three at least: one
  /// tensor under another name is a mistake, not a spelling.
  Respelling(const Spellings& spellings, const std::vector<OpenName>& open, const std::vector<std::string>& lacking,
             std::size_t expected);

  /// Everything the key may be called, itself left out.
  [[nodiscard]] std::vector<std::string> candidates(const std::string& key) const;

 private:
  void add_prefixes(const std::vector<OpenName>& open, const std::vector<std::string>& lacking, std::size_t expected);

  std::vector<Spellings::Rename> renames_;
  std::vector<Spellings::Rename> prefixes_;  ///< what names begin with in the file, and in the family
};

/// The name before an ending that is whole components; nothing if the name does not end so.
[[nodiscard]] std::optional<std::string> before(const std::string& name, const std::string& ending);

/// What two names do not have in common, in whole pieces.
[[nodiscard]] std::pair<std::string, std::string> difference(const std::string& from, const std::string& to);

}  // namespace paramcount
