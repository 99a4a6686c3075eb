#include <algorithm>
#include <functional>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/count/stored_model.hpp"
#include "report/count_report.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"

namespace paramcount {
namespace {

/// One figure of every model: what a row of columns, or a column of rows, shows.
struct Figure {
  std::string label;
  std::function<std::string(const Answer&)> of;
  std::function<std::string()> together = [] { return kNone; };
  bool wide_only = false;
};

std::string name_of(const Answer& answer) {
  const std::string name = printable(answer.model.name);
  const std::string mark = answer.model.stored && answer.model.stored->unverified ? ", unverified" : "";
  if (!mark.empty()) return (answer.copies > 1 ? grouped(answer.copies) + " × " : "") + name + mark;
  return answer.copies > 1 ? grouped(answer.copies) + " × " + name : name;
}

double billions(std::uint64_t count) { return static_cast<double>(count) / 1e9; }

std::string in_billions(std::uint64_t count) {
  const double b = billions(count);
  return fixed(b, b < 0.1 ? 4 : 2);
}

std::uint64_t total_of(const Answer& answer) { return checked_mul(answer.params.total.value, answer.copies); }

class Comparison {
 public:
  Comparison(const std::vector<Answer>& answers, const ComparisonOptions& options)
      : answers_(answers), options_(options), baseline_(answers[options.baseline]) {}

  Page page() {
    Page page;
    if (options_.rows) {
      page.tables.push_back(as_rows());
    } else {
      as_columns(page);
    }
    notes(page);
    return page;
  }

 private:
  [[nodiscard]] std::uint64_t sum(const std::function<std::uint64_t(const Answer&)>& of) const {
    std::uint64_t sum = 0;
    for (const auto& answer : answers_) {
      if (answer.model.disclosed) sum = checked_add(sum, of(answer));
    }
    return sum;
  }

  [[nodiscard]] std::vector<Figure> shape() const {
    const auto dim = [](std::string label, std::string_view name) {
      return Figure{std::move(label), [name](const Answer& a) {
                      return a.inventory.count(name) > 0 ? grouped(a.inventory.count(name)) : kNone;
                    }};
    };
    const Figure heads{"heads, kv", [](const Answer& a) {
                         if (a.inventory.count("n_heads") == 0) return kNone;
                         const bool latent = a.inventory.count("kv_lora_rank") > 0;
                         return grouped(a.inventory.count("n_heads")) + ", " +
                                (latent ? "MLA" : grouped(a.inventory.count("n_kv_heads")));
                       }};
    return {dim("layers", "n_layers"), dim("d_model", "d_model"), heads};
  }

  [[nodiscard]] std::vector<Figure> parameters() const {
    const auto together = [this] { return sum(total_of); };
    std::vector<Figure> figures;
    figures.push_back({"total", [](const Answer& a) { return in_billions(total_of(a)); },
                       [together] { return in_billions(together()); }});
    figures.push_back({"exactly", [](const Answer& a) { return grouped(total_of(a)); },
                       [together] { return grouped(together()); }, true});
    if (std::any_of(answers_.begin(), answers_.end(),
                    [](const Answer& a) { return a.model.published.total.has_value(); })) {
      figures.push_back({"published", [](const Answer& a) {
                           return a.model.published.total ? in_billions(*a.model.published.total) : kNone;
                         }});
    }
    figures.push_back({"active", [](const Answer& a) { return in_billions(a.params.active.value); }});
    const double whole = static_cast<double>(total_of(baseline_));
    if (baseline_.model.disclosed && whole > 0) {
      const auto ratio = [whole](std::uint64_t count) {
        return significant(static_cast<double>(count) / whole, 3) + " ×";
      };
      const Answer* const first = &baseline_;
      figures.push_back({"ratio", [ratio, first](const Answer& a) { return &a == first ? "1 ×" : ratio(total_of(a)); },
                         [ratio, together] { return ratio(together()); }});
    }
    return figures;
  }

  [[nodiscard]] std::vector<Figure> memory() const {
    std::vector<Figure> figures;
    const auto shown =
        std::find_if(answers_.begin(), answers_.end(), [](const Answer& a) { return a.model.disclosed; });
    if (shown == answers_.end()) return figures;
    for (std::size_t i = 0; i < shown->weights.size(); ++i) {
      const std::string& dtype = shown->weights[i].id;
      if (!shown->dtypes_given && dtype != "bf16") continue;
      const auto bytes = [i](const Answer& a) { return checked_mul(a.weights[i].bytes.value, a.copies); };
      const bool iec = figure_style().units == "iec";
      const auto text = [iec](Bytes amount) { return iec ? gib(amount) : gb(amount); };
      figures.push_back({dtype + (iec ? " weights GiB" : " weights GB"),
                         [bytes, text](const Answer& a) { return text({bytes(a)}); },
                         [this, bytes, text] { return text({sum(bytes)}); }});
    }
    const bool si = figure_style().units == "si";
    figures.push_back({si ? "KV per token KB" : "KV per token KiB", [si](const Answer& a) {
                         return a.kv.bytes_per_token > 0 ? fixed(a.kv.bytes_per_token / (si ? 1000 : 1024), 1) : kNone;
                       }});
    return figures;
  }

  [[nodiscard]] std::vector<Figure> training() const {
    std::vector<Figure> figures;
    const auto assumed = [](const Answer& a) { return a.training->tokens.origin == Origin::assumed; };
    figures.push_back({"tokens", [assumed](const Answer& a) {
                         if (!a.training) return kNone;
                         const double tokens = a.training->tokens.value;
                         return assumed(a) ? "~" + amount(tokens) : scaled_short(tokens);
                       }});
    figures.push_back({"FLOPs, 6nd",
                       [assumed](const Answer& a) {
                         if (!a.training) return kNone;
                         return (assumed(a) ? "~" : "") +
                                operations(a.training->flops.value * static_cast<double>(a.copies));
                       },
                       [this, assumed] {
                         double flops = 0;
                         bool any = false;
                         for (const auto& a : answers_) {
                           if (!a.model.disclosed || !a.training) continue;
                           flops += a.training->flops.value * static_cast<double>(a.copies);
                           any = any || assumed(a);
                         }
                         return (any ? "~" : "") + operations(flops);
                       }});
    if (std::any_of(answers_.begin(), answers_.end(),
                    [](const Answer& a) { return a.model.published.flops.has_value(); })) {
      figures.push_back({"published FLOPs", [](const Answer& a) {
                           return a.model.published.flops ? operations(*a.model.published.flops) : kNone;
                         }});
    }
    return figures;
  }

  [[nodiscard]] Cell cell(const Figure& figure, const Answer& answer) const {
    if (!answer.model.disclosed) return {kNone};
    std::string text = figure.of(answer);
    const Style style = text.starts_with('~') ? Style::caution : Style::plain;
    return {std::move(text), style};
  }

  void section(Page& page, const std::string& heading, const std::vector<Figure>& figures, bool names) const {
    PageTable table;
    table.folds = true;
    table.head.label = {heading, Style::strong};
    if (names) {
      for (const auto& answer : answers_) table.head.cells.push_back({name_of(answer), Style::strong});
      if (options_.sum) table.head.cells.push_back({"together", Style::strong});
      if (std::any_of(answers_.begin(), answers_.end(), [](const Answer& a) { return !a.model.disclosed; })) {
        Line line;
        for (const auto& answer : answers_)
          line.cells.push_back({answer.model.disclosed ? "" : "not disclosed", Style::dim});
        table.lines.push_back(std::move(line));
      }
    }
    for (const auto& figure : figures) {
      Line line{{figure.label}, {}};
      line.wide_only = figure.wide_only;
      for (const auto& answer : answers_) line.cells.push_back(cell(figure, answer));
      if (options_.sum) line.cells.push_back({figure.together()});
      table.lines.push_back(std::move(line));
    }
    page.tables.push_back(std::move(table));
  }

  void as_columns(Page& page) const {
    section(page, "", shape(), true);
    section(page, "Parameters, B", parameters(), false);
    section(page, "Memory", memory(), false);
    section(page, "Training", training(), false);
  }

  [[nodiscard]] PageTable as_rows() const {
    PageTable table;
    table.folds = true;
    table.head.label = {"Model", Style::strong};
    std::vector<Figure> figures = parameters();
    figures[0].label = "total, B";
    for (auto& figure : memory()) figures.push_back(std::move(figure));
    for (auto& figure : training()) figures.push_back(std::move(figure));
    for (const auto& figure : figures) table.head.cells.push_back({figure.label, Style::strong});
    for (const auto& answer : answers_) {
      Line line{{name_of(answer)}, {}};
      for (const auto& figure : figures) line.cells.push_back(cell(figure, answer));
      if (!answer.model.disclosed) line.cells[0] = {"not disclosed", Style::dim};
      table.lines.push_back(std::move(line));
    }
    if (options_.sum) {
      Line line{{"together", Style::strong}, {}};
      for (const auto& figure : figures) line.cells.push_back({figure.together(), Style::strong});
      table.lines.push_back(std::move(line));
    }
    return table;
  }

  void notes(Page& page) const {
    page.notes.push_back({"6nd", "six FLOPs per active parameter and token, as the papers count it."});
    std::string assumed;
    for (const auto& answer : answers_) {
      const auto& model = answer.model;
      if (!model.disclosed) {
        page.notes.push_back(
            {printable(model.name), printable(model.statement) + " (" + printable(model.source) + ")"});
        continue;
      }
      if (answer.copies > 1) {
        page.notes.push_back(
            {name_of(answer),
             "totals are of all copies; active and KV cache are of one, the one a token is given to."});
      }
      if (answer.inventory.unverified) {
        page.notes.push_back(
            {printable(model.name), "unverified family: " + unverified_reason(answer.inventory.family)});
      }
      const auto& published = model.published;
      if (published.total && *published.total != answer.params.total.value) {
        page.notes.push_back(
            {printable(model.name), "published " + grouped(*published.total) +
                                        (published.total_is.empty() ? "" : " (" + printable(published.total_is) + ")") +
                                        ", " + printable(published.source) + "."});
      }
      if (model.stored) {
        for (const auto& note : model.stored->notes) {
          const std::string label = printable(model.name) + (model.stored->unverified ? ", unverified" : "");
          page.notes.push_back({label, note});
        }
      }
      if (!model.note.empty()) {
        page.notes.push_back({printable(model.name), printable(model.note) + (model.note.ends_with('.') ? "" : ".")});
      }
      if (answer.training && answer.training->tokens.origin == Origin::assumed) {
        assumed += (assumed.empty() ? "" : ", ") + printable(model.name);
      }
    }
    if (!assumed.empty()) {
      page.notes.push_back({"tokens", "20 per parameter assumed where none are published: " + assumed + "."});
    }
  }

  const std::vector<Answer>& answers_;
  const ComparisonOptions& options_;
  const Answer& baseline_;
};

}  // namespace

Page comparison_page(const std::vector<Answer>& answers, const ComparisonOptions& options) {
  return Comparison(answers, options).page();
}

}  // namespace paramcount
