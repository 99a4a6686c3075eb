// What is known about config keys that a family does not read: data/config_keys.json.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paramcount {

class Value;

/// One row of the file: keys of which the same is true, whatever the family.
struct ConfigKeyRow {
  static constexpr std::string_view kTable = "config_keys";
  [[nodiscard]] static ConfigKeyRow read(const Value& row);

  std::string id;
  bool inert{false};  ///< they cannot change a count; if false they can, and a family that does not read them would
                      ///< count wrong
  std::string what;   ///< what they mean: "attention heads removed from single layers"
  std::vector<std::string> keys;
};

class ConfigKeys {
 public:
  ConfigKeys() = default;
  explicit ConfigKeys(const std::vector<ConfigKeyRow>& rows);

  /// Whether it cannot change a count. Keys that begin with "_" are a library's bookkeeping.
  [[nodiscard]] bool is_inert(std::string_view key) const {
    return key.starts_with('_') || std::binary_search(inert_.begin(), inert_.end(), key, std::less<>{});
  }
  /// The meaning of a key that changes the count; nullptr for all others.
  [[nodiscard]] const std::string* changes_count(std::string_view key) const;

 private:
  std::vector<std::string> inert_;                             ///< sorted
  std::vector<std::pair<std::string, std::string>> counting_;  ///< key and what it says
};

}  // namespace paramcount
