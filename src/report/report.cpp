#include "paramcount/report/report.hpp"

#include <limits>

#include "paramcount/base/checked.hpp"

namespace paramcount {

Row Row::leaf(Label key, Label label, Value value, Label formula, Label source) {
  return {std::move(key), std::move(label), std::move(value), std::move(formula), std::move(source), {}, Kind::value};
}

Row Row::group(Label key, Label label) { return {std::move(key), std::move(label), {}, {}, {}, {}, Kind::object}; }

Row Row::list(Label key, Label label) { return {std::move(key), std::move(label), {}, {}, {}, {}, Kind::list}; }

Row& Row::add(Row child) {
  if (children.empty()) children.reserve(8);
  children.push_back(std::move(child));
  return children.back();
}

std::string Note::line() const {
  if (label.empty()) return text;
  std::string both;
  both.reserve(label.size() + 2 + text.size());
  return both.append(label).append(": ").append(text);
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
