#include "paramcount/report.hpp"

#include <limits>

#include "paramcount/checked.hpp"

namespace paramcount {

Row Row::leaf(std::string key, std::string label, Value value, std::string formula, std::string source) {
  Row row;
  row.key = std::move(key);
  row.label = std::move(label);
  row.value = std::move(value);
  row.formula = std::move(formula);
  row.source = std::move(source);
  return row;
}

Row Row::group(std::string key, std::string label) {
  Row row;
  row.key = std::move(key);
  row.label = std::move(label);
  row.kind = Kind::object;
  return row;
}

Row Row::list(std::string key, std::string label) {
  Row row = group(std::move(key), std::move(label));
  row.kind = Kind::list;
  return row;
}

Row& Row::add(Row child) {
  if (children.empty()) children.reserve(8);
  children.push_back(std::move(child));
  return children.back();
}

Value count_value(std::uint64_t count) {
  if (count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) throw_overflow();
  return static_cast<std::int64_t>(count);
}

Value number_value(double value) {
  if (value >= 0 && value < 9007199254740992.0 && value == static_cast<double>(static_cast<std::int64_t>(value))) {
    return static_cast<std::int64_t>(value);
  }
  return value;
}

}  // namespace paramcount
