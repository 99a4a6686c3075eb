// Which keys of a config can make a difference to what a family makes of it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "paramcount/catalog/family.hpp"

namespace paramcount {

class ReadKeys {
 public:
  /// Keeps views of the family's texts.
  explicit ReadKeys(const Family& family);

  [[nodiscard]] bool contains(std::string_view key) const { return all_ || declares(key); }
  /// Whether the family reads it by its name.
  [[nodiscard]] bool declares(std::string_view key) const {
    const auto mark = fingerprint(key);
    const auto end = names_.begin() + first_[mark + 1U];
    return std::find(names_.begin() + first_[mark], end, key) != end;
  }

  /// Whether an expression takes a member of the key's value, or of an element of it: "$key.name", "$key[i].name".
  [[nodiscard]] bool looks_inside(std::string_view key) const {
    return std::find(opened_.begin(), opened_.end(), key) != opened_.end();
  }
  /// Whether some expression takes a member of that name.
  [[nodiscard]] bool has_member(std::string_view name) const {
    return std::find(members_.begin(), members_.end(), name) != members_.end();
  }

 private:
  bool all_{false};  ///< the family hands the whole config on
  std::vector<std::string_view> opened_;
  std::vector<std::string_view> members_;
  std::vector<std::string_view> names_;      ///< sorted by their fingerprints
  std::array<std::ptrdiff_t, 257> first_{};  ///< where the names of a fingerprint begin
};

}  // namespace paramcount
