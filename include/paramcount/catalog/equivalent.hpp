// Familiar quantities to compare a count, an energy or a mass with: a row of data/equivalents.json.
#pragma once

#include <string>
#include <string_view>

namespace paramcount {

class Value;

struct Equivalent {
  static constexpr std::string_view kTable = "equivalents";
  [[nodiscard]] static Equivalent read(const Value& row);

  std::string id;
  std::string of;     ///< "count" of parameters, "kwh" or "co2e_t"
  double each{0};     ///< the quantity of one of them
  std::string label;  ///< text after the ratio: "times the people on Earth"
  std::string as_of;
  std::string source;
};

}  // namespace paramcount
