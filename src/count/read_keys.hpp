// Which keys of a config can make a difference to what a family makes of it.
#pragma once

#include <bitset>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "paramcount/family.hpp"

namespace paramcount {

class ReadKeys {
 public:
  /// Keeps views of the family's texts.
  explicit ReadKeys(const Family& family);

  [[nodiscard]] bool contains(std::string_view key) const {
    return all_ || (marks_[fingerprint(key)] && is_named(key));
  }

 private:
  [[nodiscard]] bool is_named(std::string_view key) const;

  bool all_{false};                      ///< the family hands the whole config on
  std::bitset<256> marks_;               ///< fingerprints of `names_`
  std::vector<std::string_view> names_;  ///< sorted
};

}  // namespace paramcount
