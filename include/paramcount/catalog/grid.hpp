// Carbon intensity of electricity: a row of data/grids.json.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

class Value;

/// A country, a cloud region or a source of electricity.
struct Grid {
  static constexpr std::string_view kTable = "grids";
  [[nodiscard]] static Grid read(const Value& row);

  std::string id;
  std::string name;
  std::vector<std::string> aliases;
  double g_per_kwh{0};  ///< CO2-equivalent
  std::string as_of;
  std::string source;
};

}  // namespace paramcount
