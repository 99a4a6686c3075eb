#include "report/comparables_report.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/tables.hpp"

namespace paramcount {

void tell_comparables(const TrainingAnswer& answer, Tree& tree) {
  const auto list = tree.list("comparables", "in other terms");
  for (const auto& [one, ratio] : answer.comparables) {
    const auto row = tree.group("");
    tree.text("id", "id", printable(one.id));
    tree.text("of", "of", one.of);
    // What rests on an assumed power and grid is an estimate.
    tree.leaf("ratio", "ratio", ratio, "amount / " + shortest(one.each), {},
              one.of == "count" ? Said::counted : Said::estimated);
    tree.leaf("each", "one of them", number_value(one.each), "", printable(one.source));
    tree.text("label", "label", printable(one.label));
    tree.text("source", "source", printable(one.source));
  }
}

PageTable comparables_table(const TrainingAnswer& answer, const Figures& figures) {
  PageTable table = own_table("In other terms");
  table.tight = true;
  for (const auto& [of, label] : {std::pair{"count", "parameters"}, {"kwh", "energy"}, {"co2e_t", "carbon"}}) {
    bool first = true;
    for (std::size_t i = 0; i < answer.comparables.size(); ++i) {
      const auto& [one, ratio] = answer.comparables[i];
      if (one.of != of) continue;
      const std::string key = "comparables." + std::to_string(i) + ".";
      // An estimate is good for two digits.
      Line line{{first ? label : ""}, {figures.rounded(key + "ratio", significant(ratio, one.of == "count" ? 3 : 2))}};
      line.remark = {printable(one.label), Style::plain, key + "label"};
      table.lines.push_back(std::move(line));
      first = false;
    }
  }
  return table;
}

}  // namespace paramcount
