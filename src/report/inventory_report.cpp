#include "report/inventory_report.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/budgets.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "count/tensor_names.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/layers.hpp"
#include "paramcount/count/params.hpp"
#include "report/family_line.hpp"

namespace paramcount {
namespace {

struct Listed {
  std::string name;
  const Tensor* tensor;
  std::uint64_t copies;
};

/// The part of a name up to its layer number, which neighbours share.
std::size_t shared_part(const std::string& name, const Tensor& tensor) {
  if (tensor.layer_axis < 0) return 0;
  // Up to the layer's index, the name has the text of the pattern and, for indices, numbers or ranges in braces.
  std::size_t at = 0;
  std::size_t from = 0;
  for (int i = 0; i <= tensor.layer_axis; ++i) {
    const auto& index = tensor.name.indices()[static_cast<std::size_t>(i)];
    at += index.at - from;
    from = index.at + index.size;
    at = name[at] == '{' ? name.find('}', at) + 1 : name.find_first_not_of("0123456789", at);
    if (at >= name.size()) return 0;
  }
  at = name.find('.', at);
  return at == std::string::npos ? 0 : at;
}

/// The order of a page: tables of the input, the layers with equal prefixes together, what follows them, and
/// multi-token prediction last.
void sort_for_page(std::vector<Listed>& rows) {
  std::unordered_map<std::string, std::size_t> prefixes;
  std::vector<std::size_t> keys;
  for (const auto& row : rows) {
    const Tensor& tensor = *row.tensor;
    const bool input = tensor.role.kind == RoleKind::embedding || tensor.role.kind == RoleKind::position;
    std::size_t key = tensor.layer_axis < 0 && input ? 0 : SIZE_MAX / 4;
    if (tensor.layer_axis >= 0) {
      key = 1 + prefixes.try_emplace(row.name.substr(0, shared_part(row.name, tensor)), prefixes.size()).first->second;
    }
    keys.push_back(key + (tensor.mtp ? SIZE_MAX / 2 : 0));
  }
  std::vector<std::size_t> order(rows.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
  std::vector<Listed> sorted;
  sorted.reserve(rows.size());
  for (const auto i : order) sorted.push_back(std::move(rows[i]));
  rows = std::move(sorted);
}

std::uint64_t elements_of(const Listed& row) { return row.tensor->elements() * row.copies; }

std::string role_text(const Tensor& tensor) { return (tensor.mtp ? "mtp " : "") + name_of(tensor.role); }

Row identity(const Model& model, const Inventory& inventory) {
  Row row = Row::group("");
  row.add(Row::leaf("id", "id", printable(model.id)));
  row.add(Row::leaf("name", "name", printable(model.name)));
  tell_family(inventory, row);
  return row;
}

Row tensor_tree(const Listed& listed) {
  const Tensor& tensor = *listed.tensor;
  Row row = Row::group("");
  row.children.reserve(7);
  row.add(Row::leaf("name", "name", listed.name));
  Value::List shape;
  for (const auto size : tensor.shape) shape.push_back(count_value(size));
  row.add(Row::leaf("shape", "shape", std::move(shape)));
  row.add(Row::leaf("role", "role", name_of(tensor.role)));
  row.add(Row::leaf("copies", "copies", count_value(listed.copies)));
  const std::string formula = grouped(listed.copies) + " × " + shape_text(tensor.shape);
  row.add(Row::leaf("elements", listed.name + ", elements", count_value(elements_of(listed)), formula));
  row.add(Row::leaf("params", listed.name, tensor.counts() ? count_value(elements_of(listed)) : Value(0), formula));
  if (tensor.mtp) row.add(Row::leaf("mtp", "multi-token prediction", true));
  return row;
}

}  // namespace

Report tensors_report(const Model& model, const Inventory& inventory, bool all, ReportOptions wanted) {
  std::vector<Listed> rows;
  for (const auto& tensor : inventory.tensors) {
    if (all) {
      if (tensor.copies > kMostRows - rows.size()) throw Error("more than 250,000 tensors; leave --all out");
      each_name(tensor, [&](const std::string& name) { rows.push_back({name, &tensor, 1}); });
    } else {
      rows.push_back({pattern_of(tensor), &tensor, tensor.copies});
    }
  }
  if (!all) sort_for_page(rows);
  const ParamCounts params = count_params(inventory);
  Report report;
  if (wanted.tree) {
    Row object = identity(model, inventory);
    object.add(Row::group("params", "parameters"))
        .add(Row::leaf("total", "parameters", count_value(params.total.value), "",
                       "sum over the tensors; buffers and multi-token prediction left out"));
    Row& list = object.add(Row::list("tensors", "tensors"));
    list.children.reserve(rows.size());
    for (const auto& row : rows) list.add(tensor_tree(row));
    report.models.push_back(std::move(object));
    report.records = "tensors";
  }
  if (!wanted.pages) return report;
  Page& page = report.pages.emplace_back();
  PageTable table;
  table.head = {
      {printable(model.name), Style::strong},
      {{"shape", Style::strong}, {"role", Style::strong}, {"copies", Style::strong}, {"parameters", Style::strong}}};
  std::uint64_t tensors = 0;
  bool uncounted = false;
  for (const auto& row : rows) {
    const bool counted = row.tensor->counts();
    uncounted = uncounted || !counted;
    Line line{{printable(row.name)}, {}};
    line.shared = shared_part(row.name, *row.tensor);
    line.cells = {{shape_text(row.tensor->shape)},
                  {role_text(*row.tensor), Style::dim},
                  {grouped(row.copies)},
                  {counted ? grouped(elements_of(row)) : "(" + grouped(elements_of(row)) + ")",
                   counted ? Style::plain : Style::dim}};
    tensors += row.copies;
    table.lines.push_back(std::move(line));
  }
  Line total{{"total"}, {{""}, {""}, {grouped(tensors)}, {grouped(params.total.value), Style::strong}}};
  table.lines.push_back(std::move(total));
  page.tables.push_back(std::move(table));
  add_family_notes(inventory, page.notes);
  if (uncounted)
    page.notes.push_back({"", "In brackets: stored, but not in the total (buffers, multi-token prediction)."});
  return report;
}

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
      return line.cells[i - 1].text.empty() || line.cells[i - 1].text == "–";
    };
    if (!std::all_of(table.lines.begin(), table.lines.end(), says_nothing)) continue;
    const auto at = static_cast<std::ptrdiff_t>(i - 1);
    table.head.cells.erase(table.head.cells.begin() + at);
    for (auto& line : table.lines) line.cells.erase(line.cells.begin() + at);
  }
}

std::string or_none(std::uint64_t value) { return value > 0 ? grouped(value) : "–"; }

Line run_line(const LayerRun& run, bool several_stacks) {
  Line line{{(several_stacks ? run.index + " " : "") + range_text(run.layers)}, {}};
  const auto all = checked_mul(run.params.value, run.count());
  line.cells = {{run.kind()},
                {or_none(run.attention.value + run.mixer.value)},
                {or_none(run.ffn.value + run.experts.value)},
                {grouped(run.params.value)},
                {run.active == run.params ? "–" : grouped(run.active.value)},
                {run.mtp ? "(" + grouped(all) + ")" : grouped(all)},
                {or_none(run.kv_elements + run.cross_elements)},
                {or_none(run.state_elements)}};
  return line;
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
  const ParamCounts params = count_params(inventory);
  Report report;
  if (wanted.tree) {
    Row object = identity(model, inventory);
    object.add(Row::group("params", "parameters"))
        .add(Row::leaf("total", "parameters", count_value(params.total.value), "",
                       "sum over the tensors; buffers and multi-token prediction left out"));
    Row& list = object.add(Row::list("layers", "layers"));
    for (const auto& run : layers.runs) list.add(run_tree(run));
    Row& outside = object.add(Row::group("outside", "outside the layers"));
    outside.add(Row::leaf("params", "parameters", count_value(layers.outside.value), "",
                          "tensors of no layer: embedding, final norm, head"));
    Row& towers = object.add(Row::group("towers", "towers"));
    towers.add(Row::leaf("params", "parameters", count_value(layers.towers.value), "", "vision, audio and projector"));
    report.models.push_back(std::move(object));
    report.records = "layers";
  }
  if (!wanted.pages) return report;
  Page& page = report.pages.emplace_back();
  PageTable table;
  table.own_grid = true;
  table.folds = true;
  table.head.label = {"layers", Style::strong};
  for (const char* heading :
       {"kind", "attention", "ffn, experts", "each", "active", "together", "KV elem/token", "state elem"}) {
    table.head.cells.push_back({heading, Style::strong});
  }
  const auto& runs = layers.runs;
  const bool several =
      std::any_of(runs.begin(), runs.end(), [&](const LayerRun& run) { return run.index != runs[0].index; });
  for (std::size_t i = 0; i < runs.size();) {
    // The shortest period that repeats at least twice more stands for its repetitions.
    std::size_t period = 0;
    std::size_t times = 0;
    for (std::size_t p = 2; p <= 16 && i + 2 * p <= runs.size() && period == 0; ++p) {
      times = repeats(runs, i, p);
      if (times > 1) period = p;
    }
    if (period == 0) {
      table.lines.push_back(run_line(runs[i++], several));
      continue;
    }
    std::uint64_t each = 0;
    for (std::size_t k = 0; k < period; ++k) {
      table.lines.push_back(run_line(runs[i + k], several));
      each += checked_mul(runs[i + k].params.value, runs[i + k].count());
    }
    const auto& first = runs[i + period];
    const auto& last = runs[i + period * times - 1];
    Line again{{(several ? first.index + " " : "") + range_text({first.layers.first, last.layers.last})}, {}};
    again.cells = {{"the same" + (times > 2 ? ", " + std::to_string(times - 1) + " times" : std::string())},
                   {""},
                   {""},
                   {""},
                   {""},
                   {grouped(each * (times - 1))},
                   {""},
                   {""}};
    table.lines.push_back(std::move(again));
    i += period * times;
  }
  const auto rest = [&](const char* label, const char* what, Params sum) {
    if (sum.value == 0) return;
    table.lines.push_back({{label}, {{what}, {""}, {""}, {""}, {""}, {grouped(sum.value)}, {""}, {""}}});
  };
  rest("outside", "embedding, norm, head", layers.outside);
  rest("towers", "vision, audio, projector", layers.towers);
  table.lines.push_back(
      {{"total"}, {{""}, {""}, {""}, {""}, {""}, {grouped(params.total.value), Style::strong}, {""}, {""}}});
  page.title = {printable(model.name), Style::strong};
  page.aside = {(inventory.family.empty() ? "" : inventory.family + ", ") + grouped(params.total.value) +
                " parameters"};
  drop_empty_columns(table);
  page.tables.push_back(std::move(table));
  add_family_notes(inventory, page.notes);
  if (std::any_of(runs.begin(), runs.end(), [](const LayerRun& run) { return run.mtp; })) {
    page.notes.push_back({"", "In brackets: multi-token prediction, not in the total."});
  }
  return report;
}

}  // namespace paramcount
