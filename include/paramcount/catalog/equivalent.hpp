// Quantities people can picture: a row of data/equivalents.json, with which a count, an energy or a mass is compared.
#pragma once

#include <string>

namespace paramcount {

struct Equivalent {
  std::string id;
  std::string of;     ///< "count" of parameters, "kwh" or "co2e_t"
  double each{0};     ///< how much one of them is
  std::string label;  ///< what stands behind the ratio: "times the people on Earth"
  std::string as_of;
  std::string source;
};

}  // namespace paramcount
