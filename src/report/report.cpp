#include "paramcount/report/report.hpp"

#include <limits>

#include "paramcount/base/checked.hpp"

namespace paramcount {

Measure::Measure(std::uint64_t count, Unit of) : value(count_value(count)), unit(of) {}

Measure Measure::whole(double value, Unit of) { return {number_value(value), of}; }

Row Row::leaf(Label key, Label label, Measure measure, Label formula, Label source, Said said) {
  return {std::move(key),     std::move(label),  std::move(measure.value),
          std::move(formula), std::move(source), {},
          Kind::value,        measure.unit,      said};
}

Row Row::group(Label key, Label label) { return {std::move(key), std::move(label), {}, {}, {}, {}, Kind::object}; }

Row Row::list(Label key, Label label) { return {std::move(key), std::move(label), {}, {}, {}, {}, Kind::list}; }

Row& Row::add(Row child) { return add() = std::move(child); }

Row& Row::add() {
  if (children.empty()) children.reserve(16);
  return children.emplace_back();
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
