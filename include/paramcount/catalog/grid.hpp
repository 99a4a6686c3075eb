// Where electricity comes from: a row of data/grids.json.
#pragma once

#include <string>
#include <vector>

namespace paramcount {

/// A country, a cloud region or a source of electricity.
struct Grid {
  std::string id;
  std::string name;
  std::vector<std::string> aliases;
  double g_per_kwh{0};  ///< CO2-equivalent
  std::string as_of;
  std::string source;
};

}  // namespace paramcount
