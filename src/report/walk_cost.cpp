#include "report/walk_cost.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/comparables_report.hpp"
#include "report/count_report.hpp"
#include "report/memory_report.hpp"
#include "report/training_report.hpp"

namespace paramcount {
namespace {

/// Tables of the walk's last steps, numbered after those of the page.
class Costs {
 public:
  Costs(const Answer& answer, const TrainingAnswer* training, const Figures& figures, Page& page)
      : answer_(answer), training_(training), figures_(figures), page_(page) {
    for (const auto& table : page.tables) number_ += is_step(table) ? 1 : 0;
  }

  void add() {
    bytes();
    time();
    money();
    if (training_ != nullptr) page_.tables.push_back(comparables_table(*training_, figures_));
  }

 private:
  static bool is_step(const PageTable& table) {
    const auto& label = table.head.label.text;
    return !label.empty() && is_digit(label.front());
  }

  PageTable& step(const std::string& title, std::string text) {
    PageTable& table = page_.tables.emplace_back();
    table.own_grid = true;
    table.head.label = {std::to_string(++number_) + "  " + title, Style::strong};
    table.head.details = {std::move(text)};
    return table;
  }

  /// `keys`: of the figures in the remark.
  void row(PageTable& table, const std::string& key, const std::string& label, std::string remark = {},
           std::string keys = {}) {
    if (!figures_.has(key)) return;
    Line& line = table.lines.emplace_back(figures_.line(key, label));
    line.remark = {std::move(remark), Style::dim, std::move(keys)};
  }

  void bytes() {
    PageTable& table =
        step("In bytes", "The number format decides the bits per parameter; half the bits, half the bytes.");
    table.head.cells = figures_.byte_heads();
    const auto key = [](std::size_t i) { return "memory.weights." + std::to_string(i); };
    const auto& weights = answer_.weights;
    for (std::size_t i = 0; i < weights.size();) {
      std::string label = weights[i].id;
      std::size_t next = i + 1;
      for (; next < weights.size() && weights[next].bytes == weights[i].bytes; ++next) label += ", " + weights[next].id;
      Line& line = table.lines.emplace_back(figures_.bytes_line(key(i) + ".bytes", label));
      line.remark = {shortest(std::round(1000 * weights[i].bits_per_weight) / 1000) + " bits each" +
                         (weights[i].shipped ? ", as published" : ""),
                     Style::dim, key(i) + ".bits_per_weight"};
      i = next;
    }
    if (answer_.kv.total().value == 0) return;
    const std::string cache = "memory.kv_cache.";
    if (answer_.kv.total() == answer_.kv.state) {
      table.lines.push_back(figures_.bytes_line(cache + "bytes", "recurrent state"));
      return;
    }
    Line& line = table.lines.emplace_back(figures_.bytes_line(cache + "bytes", "KV cache"));
    line.remark = {figures_.text(cache + "context") + " tokens", Style::dim, cache + "context"};
  }

  [[nodiscard]] std::string on_devices() const {
    const auto& bound = answer_.decode.front();
    return (bound.devices == 1 ? "one " : grouped(bound.devices) + " × ") + printable(bound.device->name);
  }

  void time() {
    if (answer_.decode.empty() && training_ == nullptr) return;
    PageTable& table = step("In time",
                            "Generating a token reads each active parameter once. Training on a token takes six FLOPs "
                            "per active parameter: two forward, four backward.");
    if (!answer_.decode.empty()) {
      row(table, "decode.read_bytes", "read per token", printable(answer_.decode.front().dtype));
      row(table, "decode.tokens_per_second", "tokens/s at best", "on " + on_devices(), "decode.devices decode.device");
      row(table, "decode.likely_tokens_per_second", "likely", "fitted to measured speeds");
    }
    if (training_ == nullptr) return;
    row(table, "training.tokens", "trained on", "tokens");
    row(table, "training.flops", "FLOPs", "6 × active parameters × tokens");
    row(table, "training.device_hours", "device-hours",
        "on one " + printable(training_->plan.device.value->name) + " at " + figures_.text("training.mfu") + " MFU",
        "training.device training.mfu");
    row(table, "training.published.device_hours", "published device-hours", published_on());
  }

  [[nodiscard]] std::string published_on() const {
    const auto& run = training_->published;
    const std::string hardware = printable(run.hardware.empty() ? run.device : run.hardware);
    return hardware.empty() ? "" : "on " + hardware;
  }

  void money() {
    if (answer_.decode.empty() && training_ == nullptr) return;
    PageTable& table = step("In money", "At hourly rental prices; excludes staff, data and failed runs.");
    if (training_ != nullptr) {
      row(table, "training.cost_usd", "training", "at " + figures_.text("training.price_usd_per_hour"),
          "training.price_usd_per_hour");
      row(table, "training.published.cost_usd", "published", "");
      row(table, "training.energy_kwh", "electricity", "");
    }
    const std::string written = "decode.usd_per_1000_tokens";
    if (figures_.has(written)) {
      Line& line = table.lines.emplace_back();
      line.label = {"1 M tokens generated"};
      line.cells = {figures_.dressed(written, "$" + significant(1000 * figures_.number(written), 2))};
      line.remark = {"at best, for one user, at " + figures_.text("decode.price_usd_per_hour"), Style::dim,
                     "decode.price_usd_per_hour"};
    }
    if (table.lines.empty()) {
      page_.tables.pop_back();
      --number_;
    }
  }

  const Answer& answer_;
  const TrainingAnswer* training_;
  const Figures& figures_;
  Page& page_;
  int number_{0};
};

}  // namespace

void add_costs(Report& report, const Answer& answer, const std::optional<TrainingAnswer>& training,
               const ReportOptions& wanted) {
  Row& object = report.models.front();
  RowTree tree(object);
  tell_memory(answer, tree);
  if (!answer.decode.empty()) tell_decode(answer.decode, tree);
  if (training) {
    tell_training(*training, tree);
    tell_comparables(*training, tree);
  }
  if (wanted.pages) {
    Page& page = report.pages.front();
    const Figures figures(object, wanted.style);
    Costs(answer, training ? &*training : nullptr, figures, page).add();
    if (training) note_assumed_tokens(training->plan, page.notes);
    page.notes.push_back({"~", "depends on an assumption that paramcount train " + printable(answer.model.id) +
                                   " and paramcount fit name and let you change."});
    page.notes.push_back({"terms", "paramcount help glossary."});
  }
}

}  // namespace paramcount
