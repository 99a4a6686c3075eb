#include <algorithm>
#include <functional>
#include <optional>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "remote/remote_name.hpp"
#include "report/checkpoint_report.hpp"
#include "report/count_report.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"
#include "report/memory_report.hpp"

namespace paramcount {
namespace {

/// One figure of every model, and of all together where the sum has it: a line of columns, or a column of rows.
struct Compared {
  std::string label;
  std::function<Cell(const Figures&)> of;
  bool wide_only = false;
};

Compared compared(std::string label, std::string key) {
  return {std::move(label), [key = std::move(key)](const Figures& figures) { return figures.cell(key); }};
}

/// The figure of all copies where there are several, else of the one model.
std::string of_copies(const Figures& figures, const std::string& all, const std::string& one) {
  return figures.has(all) ? all : one;
}

Compared in_billions(std::string label, std::string key) {
  return {std::move(label), [key = std::move(key)](const Figures& figures) { return figures.billions(key); }};
}

std::string name_of(const Answer& answer) {
  const std::string name = printable(answer.model.name);
  const auto& stored = answer.inventory.stored;
  return (answer.copies > 1 ? grouped(answer.copies) + " × " : "") + name +
         (stored && stored->unverified() ? ", unverified" : "");
}

class Comparison {
 public:
  Comparison(const std::vector<Answer>& answers, const std::vector<Row>& trees, const Row* sum,
             const ComparisonOptions& options, const FigureStyle& style)
      : answers_(answers), options_(options), style_(style) {
    for (const auto& tree : trees) figures_.emplace_back(tree, style);
    if (sum != nullptr) sum_.emplace(*sum, style, "sum.");
  }

  Page page() {
    Page page;
    for (const auto& answer : answers_) page.heading += (page.heading.empty() ? "" : ", ") + name_of(answer);
    if (options_.rows) {
      page.tables.push_back(as_rows());
    } else {
      section(page, "", shape(), true);
      section(page, "Parameters, B", parameters(), false);
      section(page, "Memory", memory(), false);
      if (auto lines = generation(); !lines.empty()) section(page, "Generation, at best", lines, false);
      if (bill()) section(page, "Training", training(), false);
    }
    notes(page);
    return page;
  }

 private:
  [[nodiscard]] bool bill() const {
    return std::any_of(answers_.begin(), answers_.end(), [](const Answer& a) { return a.training && a.bill; });
  }
  [[nodiscard]] bool any(std::string_view key) const {
    return std::any_of(figures_.begin(), figures_.end(), [&](const Figures& one) { return one.has(key); });
  }

  [[nodiscard]] static std::vector<Compared> shape() {
    const Compared heads{"heads, KV", [](const Figures& figures) {
                           const std::string key = "dims.n_heads";
                           const std::string kv = "dims.n_kv_heads";
                           if (figures.number(key) == 0) return Cell{kNone};
                           const bool latent = figures.number("dims.kv_lora_rank") > 0;
                           return Cell{figures.text(key) + ", " + (latent ? "MLA" : figures.text(kv)), Style::plain,
                                       latent ? key : key + " " + kv};
                         }};
    return {compared("layers", "dims.n_layers"), compared("d_model", "dims.d_model"), heads};
  }

  [[nodiscard]] std::vector<Compared> parameters() const {
    const auto total = [](const Figures& figures) { return of_copies(figures, "params.of_copies", "params.total"); };
    std::vector<Compared> lines{
        {"total", [total](const Figures& figures) { return figures.billions(total(figures)); }},
        {"exactly", [total](const Figures& figures) { return figures.cell(total(figures)); }, true}};
    if (any("training.published.total")) lines.push_back(in_billions("published", "training.published.total"));
    lines.push_back(in_billions("active", "params.active"));
    if (any("params.ratio")) lines.push_back(compared("ratio", "params.ratio"));
    return lines;
  }

  [[nodiscard]] std::vector<Compared> memory() const {
    std::vector<Compared> lines;
    const auto shown =
        std::find_if(answers_.begin(), answers_.end(), [](const Answer& a) { return a.model.disclosed; });
    if (shown == answers_.end()) return lines;
    for (std::size_t i = 0; i < shown->weights.size(); ++i) {
      const std::string& dtype = shown->weights[i].id;
      if (!shown->dtypes_given && dtype != "bf16") continue;
      const std::string key = "memory.weights." + std::to_string(i);
      lines.push_back({dtype + " weights " + byte_units(style_).front(), [key](const Figures& figures) {
                         return figures.bytes(of_copies(figures, key + ".bytes_of_copies", key + ".bytes")).front();
                       }});
    }
    const bool si = style_.units == FigureStyle::Units::si;
    lines.push_back({si ? "KV per token KB" : "KV per token KiB", [si](const Figures& figures) {
                       // Of layers that keep all tokens: others stop growing.
                       const std::string cache = "memory.kv_cache.";
                       const double tokens = figures.number(cache + "context") * figures.number(cache + "batch");
                       const double bytes = figures.number(cache + "full_bytes");
                       if (bytes == 0 || tokens == 0) return Cell{kNone};
                       return Cell{fixed(bytes / tokens / (si ? 1000 : 1024), 1), Style::plain,
                                   cache + "full_bytes " + cache + "context " + cache + "batch"};
                     }});
    if (any("media.tokens")) lines.push_back(compared("tokens of images, audio", "media.tokens"));
    const std::string unit = " " + byte_units(style_).front();
    lines.push_back({cache_label(*shown) + unit,
                     [](const Figures& figures) { return figures.bytes("memory.kv_cache.bytes").front(); }});
    if (!shown->asked_cache) return lines;
    for (std::size_t i = 0; i < shown->weights.size(); ++i) {
      if (!shown->dtypes_given && shown->weights[i].id != "bf16") continue;
      const std::string key = "memory.weights." + std::to_string(i) + ".total_bytes";
      lines.push_back({shown->weights[i].id + " and KV" + unit,
                       [key](const Figures& figures) { return figures.bytes(key).front(); }});
    }
    return lines;
  }

  /// "KV 32,768 × 4, llama.cpp".
  [[nodiscard]] static std::string cache_label(const Answer& answer) {
    const auto& request = answer.cache;
    std::string label = "KV cache";
    if (answer.context.origin == Origin::given) label += " " + grouped(answer.context.value);
    if (request.sequences > 1) label += " × " + grouped(request.sequences);
    if (!request.runtime.profile->is_bound) label += ", " + request.runtime.id;
    return label;
  }

  /// Of --decode: the devices, the speed, the price, for each number format.
  [[nodiscard]] std::vector<Compared> generation() const {
    std::vector<Compared> lines;
    const auto shown =
        std::find_if(answers_.begin(), answers_.end(), [](const Answer& a) { return !a.decode.empty(); });
    if (shown == answers_.end()) return lines;
    for (std::size_t i = 0; i < shown->decode.size(); ++i) {
      const bool several = shown->decode.size() > 1;
      const std::string key = several ? "decode.by_dtype." + std::to_string(i) + "." : "decode.";
      const std::string prefix = several ? shown->decode[i].dtype + ", " : "";
      lines.push_back(compared(prefix + shown->decode[i].device->name, key + "devices"));
      lines.push_back(compared(prefix + "tokens/s", key + "tokens_per_second"));
      if (any(key + "usd_per_1000_tokens")) {
        lines.push_back(compared(prefix + "1,000 tokens", key + "usd_per_1000_tokens"));
      }
    }
    return lines;
  }

  [[nodiscard]] std::vector<Compared> training() const {
    std::vector<Compared> lines{
        compared("tokens", "training.tokens"),
        {"FLOPs, 6nd", [](const Figures& figures) {
           return figures.cell(of_copies(figures, "training.flops_of_copies", "training.flops"));
         }}};
    if (any("training.published.flops")) lines.push_back(compared("published FLOPs", "training.published.flops"));
    const auto shown = std::find_if(answers_.begin(), answers_.end(), [](const Answer& a) { return a.asked_time; });
    if (shown == answers_.end()) return lines;
    lines.push_back(compared("device", "training.device"));
    lines.push_back(compared("devices", "training.devices"));
    lines.push_back(compared("device-hours", "training.device_hours"));
    lines.push_back(compared("days", "training.days"));
    if (any("training.cost_usd")) lines.push_back(compared("cost", "training.cost_usd"));
    return lines;
  }

  void section(Page& page, const std::string& heading, const std::vector<Compared>& lines, bool names) const {
    PageTable table;
    table.folds = true;
    table.head.label = {heading, Style::strong};
    if (names) {
      for (const auto& answer : answers_) table.head.cells.push_back({name_of(answer), Style::strong});
      if (sum_) table.head.cells.push_back({"together", Style::strong});
      if (std::any_of(answers_.begin(), answers_.end(), [](const Answer& a) { return !a.model.disclosed; })) {
        Line line;
        for (const auto& answer : answers_) {
          line.cells.push_back({answer.model.disclosed ? "" : "not disclosed", Style::dim});
        }
        table.lines.push_back(std::move(line));
      }
    }
    for (const auto& one : lines) {
      Line line{{one.label}, {}};
      line.wide_only = one.wide_only;
      for (const auto& figures : figures_) line.cells.push_back(one.of(figures));
      if (sum_) line.cells.push_back(one.of(*sum_));
      table.lines.push_back(std::move(line));
    }
    page.tables.push_back(std::move(table));
  }

  [[nodiscard]] PageTable as_rows() const {
    PageTable table;
    table.folds = true;
    table.head.label = {"Model", Style::strong};
    std::vector<Compared> columns = parameters();
    columns[0].label = "total, B";
    for (auto& one : memory()) columns.push_back(std::move(one));
    for (auto& one : generation()) columns.push_back(std::move(one));
    if (bill()) {
      for (auto& one : training()) columns.push_back(std::move(one));
    }
    for (const auto& one : columns) table.head.cells.push_back({one.label, Style::strong});
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      Line line{{name_of(answers_[i])}, {}};
      for (const auto& one : columns) line.cells.push_back(one.of(figures_[i]));
      if (!answers_[i].model.disclosed) line.cells[0] = {"not disclosed", Style::dim};
      table.lines.push_back(std::move(line));
    }
    if (sum_) {
      Line line{{"together", Style::strong}, {}};
      for (const auto& one : columns) line.cells.push_back(one.of(*sum_));
      table.lines.push_back(std::move(line));
    }
    return table;
  }

  void notes(Page& page) const {
    if (bill())
      page.notes.push_back(
          {"6nd", "six FLOPs per active parameter and token, as most papers count.", Note::Weight::basis});
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
      for (const auto& note : family_notes(answer.inventory))
        page.notes.push_back({printable(model.name), note.line(), Note::Weight::answer});
      if (answer.context.origin == Origin::given) {
        std::vector<Note> longer;
        note_long_context(answer.inventory, answer.context.value, longer);
        for (const auto& note : longer) page.notes.push_back({printable(model.name), note.line()});
      }
      if (is_remote(model.origin)) page.notes.push_back({printable(model.name), "source " + printable(model.origin)});
      const auto& published = model.published;
      if (published.total && *published.total != answer.params.total.value) {
        page.notes.push_back(
            {printable(model.name), "published " + grouped(*published.total) +
                                        (published.total_is.empty() ? "" : " (" + printable(published.total_is) + ")") +
                                        ", " + printable(published.source) + "."});
      }
      if (answer.inventory.stored) {
        for (auto& note : unverified_notes(answer)) {
          page.notes.push_back({printable(model.name) + ", " + note.label, std::move(note.text), note.weight});
        }
      }
      if (!model.note.empty()) {
        page.notes.push_back({printable(model.name), printable(model.note) + (model.note.ends_with('.') ? "" : ".")});
      }
      if (answer.training && answer.bill && answer.training->tokens.origin == Origin::assumed) {
        assumed += (assumed.empty() ? "" : ", ") + printable(model.name);
      }
    }
    if (!assumed.empty()) {
      page.notes.push_back({"tokens", fixed(kDefaultTokensPerParameter, 0) +
                                          " per parameter assumed where none are published: " + assumed + "."});
    }
  }

  const std::vector<Answer>& answers_;
  const ComparisonOptions& options_;
  const FigureStyle& style_;
  std::vector<Figures> figures_;
  std::optional<Figures> sum_;
};

}  // namespace

Page comparison_page(const std::vector<Answer>& answers, const std::vector<Row>& trees, const Row* sum,
                     const ComparisonOptions& options, const FigureStyle& style) {
  return Comparison(answers, trees, sum, options, style).page();
}

}  // namespace paramcount
