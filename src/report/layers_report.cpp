#include <algorithm>
#include <initializer_list>
#include <span>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "count/tensor_names.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/count/layers.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"
#include "report/inventory_report.hpp"
#include "report/tables.hpp"

namespace paramcount {
namespace {

/// How often the runs from `at` on repeat with that period.
std::size_t repeats(const std::vector<LayerRun>& runs, std::size_t at, std::size_t period) {
  std::size_t times = 1;
  const auto same = [&](std::size_t i) {
    const auto& a = runs[i];
    const auto& b = runs[i + period];
    return a.alike(b) && a.count() == b.count();
  };
  for (std::size_t from = at; from + 2 * period <= runs.size(); from += period) {
    for (std::size_t i = from; i < from + period; ++i) {
      if (!same(i)) return times;
    }
    ++times;
  }
  return times;
}

/// Those that say nothing of any layer.
void drop_empty_columns(PageTable& table) {
  for (std::size_t i = table.head.cells.size(); i > 0; --i) {
    const auto says_nothing = [&](const Line& line) {
      return line.cells[i - 1].text.empty() || line.cells[i - 1].text == kNone;
    };
    if (!std::all_of(table.lines.begin(), table.lines.end(), says_nothing)) continue;
    const auto at = static_cast<std::ptrdiff_t>(i - 1);
    table.head.cells.erase(table.head.cells.begin() + at);
    for (auto& line : table.lines) line.cells.erase(line.cells.begin() + at);
  }
}

/// The sum of the values under these keys.
Cell sum_cell(const Figures& run, std::initializer_list<const char*> keys) {
  std::uint64_t sum = 0;
  std::string all;
  for (const auto* key : keys) {
    sum += static_cast<std::uint64_t>(run.number(key));
    all += (all.empty() ? "" : " ") + run.cell(key).key;
  }
  return sum > 0 ? Cell{grouped(sum), Style::plain, all} : Cell{kNone};
}

/// All layers of these runs together.
Cell together(std::span<const Figures> runs) {
  Cell cell;
  std::uint64_t sum = 0;
  for (const auto& run : runs) {
    sum +=
        checked_mul(static_cast<std::uint64_t>(run.number("params")), static_cast<std::uint64_t>(run.number("count")));
    for (const char* key : {"params", "count"}) cell.key += (cell.key.empty() ? "" : " ") + run.cell(key).key;
  }
  cell.text = grouped(sum);
  return cell;
}

Line run_line(const Figures& own, const LayerRun& run, bool several_stacks) {
  Cell all = together({&own, 1});
  if (run.mtp) all.text = "(" + all.text + ")";
  return {{(several_stacks ? run.index + " " : "") + range_text(run.layers)},
          cells_of(own.cell("kind"), sum_cell(own, {"attention", "mixer"}), sum_cell(own, {"ffn", "experts"}),
                   own.cell("params"), run.active == run.params ? Cell{kNone} : own.cell("active"), std::move(all),
                   sum_cell(own, {"kv_elements_per_token", "cross_elements_per_token"}),
                   sum_cell(own, {"state_elements"}))};
}

Row run_tree(const LayerRun& run) {
  Row row = Row::group("");
  row.add(Row::leaf("index", "index", run.index));
  row.add(Row::leaf("first", "first layer", count_value(run.layers.first)));
  row.add(Row::leaf("last", "last layer", count_value(run.layers.last)));
  row.add(Row::leaf("count", "layers", count_value(run.count())));
  row.add(Row::leaf("kind", "kind", run.kind()));
  const std::string layers = (run.count() == 1 ? "layer " : "layers ") + range_text(run.layers);
  const auto count = [&](const Label& key, std::uint64_t value) {
    row.add(Row::leaf(key, layers + ", " + key, count_value(value), "",
                      "one of " + grouped(run.count()) + " alike: the tensors of that layer"));
  };
  count("params", run.params.value);
  count("active", run.active.value);
  count("attention", run.attention.value);
  count("mixer", run.mixer.value);
  count("ffn", run.ffn.value);
  count("experts", run.experts.value);
  count("kv_elements_per_token", run.kv_elements);
  count("window", run.window);
  count("cross_elements_per_token", run.cross_elements);
  count("state_elements", run.state_elements);
  row.add(Row::leaf("mtp", "multi-token prediction", run.mtp));
  return row;
}

}  // namespace

Report layers_report(const Model& model, const Inventory& inventory, ReportOptions wanted) {
  const LayerCounts layers = count_layers(inventory);
  Report report;
  report.records = "layers";
  Row& object = report.models.emplace_back(inventory_tree(model, inventory));
  Row& list = object.add(Row::list("layers", "layers"));
  for (const auto& run : layers.runs) list.add(run_tree(run));
  object.add(Row::group("outside", "outside the layers"))
      .add(Row::leaf("params", "parameters", layers.outside, "", "tensors of no layer: embedding, final norm, head"));
  object.add(Row::group("towers", "towers"))
      .add(Row::leaf("params", "parameters", layers.towers, "", "vision, audio and projector"));
  if (!wanted.pages) return report;
  Page& page = report.pages.emplace_back();
  PageTable table = own_table("layers");
  table.folds = true;
  for (const char* heading :
       {"kind", "attention", "ffn, experts", "each", "active", "together", "KV elem/token", "state elem"}) {
    table.head.cells.push_back({heading, Style::strong});
  }
  const Figures figures(object, wanted.style);
  const auto rest = [&](std::string label, std::string what, const Cell& sum) {
    table.lines.push_back(
        {{std::move(label)}, {{std::move(what), Style::plain, sum.key}, {}, {}, {}, {}, sum, {}, {}}});
  };
  const auto& runs = layers.runs;
  const auto told = figures.members("layers");
  const bool several =
      std::any_of(runs.begin(), runs.end(), [&](const LayerRun& run) { return run.index != runs[0].index; });
  for (std::size_t i = 0; i < runs.size();) {
    // The shortest period that repeats at least twice more is shown once for its repetitions.
    std::size_t period = 0;
    std::size_t times = 0;
    for (std::size_t p = 2; p <= 16 && i + 2 * p <= runs.size() && period == 0; ++p) {
      times = repeats(runs, i, p);
      if (times > 1) period = p;
    }
    for (std::size_t k = 0; k < std::max<std::size_t>(period, 1); ++k) {
      table.lines.push_back(run_line(told[i + k], runs[i + k], several));
    }
    if (period > 0) {
      const auto& first = runs[i + period];
      const Range again{first.layers.first, runs[i + period * times - 1].layers.last};
      rest((several ? first.index + " " : "") + range_text(again),
           "the same" + (times > 2 ? ", " + std::to_string(times - 1) + " times" : std::string()),
           together(std::span(told).subspan(i + period, period * (times - 1))));
    }
    i += period > 0 ? period * times : 1;
  }
  if (layers.outside.value > 0) rest("outside", "embedding, norm, head", figures.cell("outside.params"));
  if (layers.towers.value > 0) rest("towers", "vision, audio, projector", figures.cell("towers.params"));
  rest("total", "", figures.cell("params.total", Style::strong));
  page.title = {printable(model.name), Style::strong};
  page.aside = {
      (inventory.family.empty() ? "" : inventory.family + ", ") + figures.text("params.total") + " parameters",
      Style::plain, "params.total"};
  drop_empty_columns(table);
  page.tables.push_back(std::move(table));
  add_family_notes(inventory, page.notes);
  if (std::any_of(runs.begin(), runs.end(), [](const LayerRun& run) { return run.mtp; })) {
    page.notes.push_back({"", "In brackets: multi-token prediction, not in the total."});
  }
  return report;
}

}  // namespace paramcount
