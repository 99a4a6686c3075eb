// Writes configs: finds the config key that sets a dimension of a family, and writes a config.json with given
// dimensions. Reading is in src/read/hf_config.hpp.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/family.hpp"
#include "paramcount/catalog/model.hpp"

namespace paramcount {

/// The key that the dimension is taken from: "hidden_size" of "$hidden_size", "num_key_value_heads" of
/// "$num_key_value_heads ?? n_heads", that of d_ff of "d_ff". Empty: the dimension is not defined, or follows from
/// others.
[[nodiscard]] std::string key_of_dim(const Family& family, std::string_view dim);

/// A dimension and its new value.
using DimSetting = std::pair<std::string_view, Value>;

/// Configs of one family.
class ConfigWriter {
 public:
  /// `like`: a model of the family whose values are used where none is set; nullptr: the class's defaults. Both must
  /// outlive it.
  ConfigWriter(const Family& family, const Model* like) : family_(family), like_(like) {}

  /// As key_of_dim.
  [[nodiscard]] const std::string& key(std::string_view dim);
  /// Whether setting the dimension leaves the other as it is: they have keys, and not the same.
  [[nodiscard]] bool apart(std::string_view dim, std::string_view other);

  /// Model type, class and every key that the family reads: from the defaults of the class, then from `like`, then from
  /// the settings, of which the last wins where two have one key. What is null and null for the class too is left out;
  /// so are lists that `like` has for each of its layers, and a setting whose dimension has no key: whoever writes a
  /// config expands it and looks.
  [[nodiscard]] Value config(const std::vector<DimSetting>& settings);

 private:
  const Value& base();

  const Family& family_;
  const Model* like_;
  std::map<std::string, std::string, std::less<>> keys_;
  Value base_;  ///< every key, before any setting
};

}  // namespace paramcount
