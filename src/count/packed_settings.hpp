// A quantiser's settings for single modules: sizes that the shapes of their tensors do not determine.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/packed_format.hpp"

namespace paramcount {

class PackedSettings {
 public:
  /// Keeps a reference.
  explicit PackedSettings(const Value& settings) : settings_(settings) {}

  /// Whether there are any for the module. True for formats that need none.
  [[nodiscard]] bool have(const PackedFormat& format, std::string_view module);

  /// The values of the format's variables for a module, by variable; 0 where nothing is given. Throws Error where the
  /// settings lack the module or what the format needs of it: "its config_for_layers does not name the module".
  [[nodiscard]] std::vector<std::uint64_t> of(const PackedFormat& format, std::string_view module);

 private:
  using Modules = std::map<std::string_view, const Value*, std::less<>>;

  const Modules& modules(const std::string& key);

  const Value& settings_;
  std::map<std::string, Modules, std::less<>> by_key_;
};

/// "out_features 4096, in_features 4096, …": what the config says.
[[nodiscard]] std::string given_text(const PackedFormat& format, const std::vector<std::uint64_t>& given);

}  // namespace paramcount
