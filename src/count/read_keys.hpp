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

  [[nodiscard]] bool contains(std::string_view key) const {
    if (all_) return true;
    const auto mark = fingerprint(key);
    const auto end = names_.begin() + first_[mark + 1U];
    return std::find(names_.begin() + first_[mark], end, key) != end;
  }

 private:
  bool all_{false};                          ///< the family hands the whole config on
  std::vector<std::string_view> names_;      ///< sorted by their fingerprints
  std::array<std::ptrdiff_t, 257> first_{};  ///< where the names of a fingerprint begin
};

}  // namespace paramcount
