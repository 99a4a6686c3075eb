// The config keys that can affect what a family makes of a config.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
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
    return std::binary_search(names_.begin() + first_[mark], names_.begin() + first_[mark + 1U], key);
  }

  /// Whether an expression takes a member of the key's value, or of an element of it: "$key.name", "$key[i].name".
  [[nodiscard]] bool looks_inside(std::string_view key) const { return opened_.contains(key); }
  /// Whether some expression takes a member of that name.
  [[nodiscard]] bool has_member(std::string_view name) const { return members_.contains(name); }
  /// Whether the family says that the key cannot change a count.
  [[nodiscard]] bool is_inert(std::string_view key) const { return inert_.contains(key); }

 private:
  bool all_{false};  ///< the family passes on the whole config
  std::set<std::string_view> opened_;
  std::set<std::string_view> members_;
  std::set<std::string_view> inert_;
  std::vector<std::string_view> names_;      ///< sorted by their fingerprints, then by themselves
  std::array<std::ptrdiff_t, 257> first_{};  ///< where the names of a fingerprint begin
};

}  // namespace paramcount
