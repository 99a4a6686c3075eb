// What a command reports, independent of format: a tree of named values for programs and pages of tables for people.
// Commands build it; renderers (paramcount/report/render.hpp) only read it.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "paramcount/base/label.hpp"
#include "paramcount/base/units.hpp"
#include "paramcount/base/value.hpp"
#include "paramcount/report/plot.hpp"

namespace paramcount {

/// The unit of a figure: determines how pages write it and which columns it takes. In JSON it is part of the key.
enum class Unit : std::uint8_t {
  none,  ///< a string, a flag, a plain number
  count,
  params,
  amount,  ///< of anything; pages write a scale: 8.23 B
  tokens,
  bytes,
  bits,
  flops,        ///< operations
  flops_per_s,  ///< pages write TFLOP/s
  bytes_per_s,  ///< pages write GB/s
  usd,
  usd_per_hour,
  rate,  ///< a second: tokens/s
  seconds,
  hours,
  days,
  watts,
  kwh,
  tonnes,
  share,   ///< of one; pages write percent
  factor,  ///< a ratio: "2.5 ×"
  loss,    ///< nats per token
};

/// Provenance of a figure. Pages mark those that depend on an assumption or on a model of the hardware with "~".
enum class Said : std::uint8_t { counted, given, published, assumed, estimated };

/// A value and its unit. Quantities bring theirs.
struct Measure {
  Value value;
  Unit unit{Unit::none};

  Measure() = default;
  template <class T>
  requires std::constructible_from<Value, T> Measure(T&& any, Unit of = Unit::none)
      : value(std::forward<T>(any)), unit(of) {}
  /// A count beyond 2^63 - 1 throws Error: no format carries it safely.
  Measure(std::uint64_t count, Unit of = Unit::count);
  Measure(Params params) : Measure(params.value, Unit::params) {}
  Measure(Tokens tokens) : Measure(tokens.value, Unit::tokens) {}
  Measure(Bytes bytes) : Measure(bytes.value, Unit::bytes) {}
  Measure(Flops flops) : value(flops.value), unit(Unit::flops) {}
  Measure(FlopsPerSecond speed) : Measure(whole(speed.value, Unit::flops_per_s)) {}
  Measure(Seconds time) : value(time.value), unit(Unit::seconds) {}
  Measure(Dollars money) : value(money.value), unit(Unit::usd) {}
  Measure(DollarsPerHour price) : value(price.value), unit(Unit::usd_per_hour) {}
  Measure(Watts power) : Measure(whole(power.value, Unit::watts)) {}
  Measure(KilowattHours energy) : value(energy.value), unit(Unit::kwh) {}
  Measure(Tonnes mass) : value(mass.value), unit(Unit::tonnes) {}

  /// A double that is a whole number below 2^53 as an integer: it reads better, and as exactly, without its ".0".
  [[nodiscard]] static Measure whole(double value, Unit of);
};

/// One named figure, or a group of them: defined once, read by pages, JSON, CSV, --get, --assert and --explain alike.
/// `key` is stable: the JSON key, the CSV column, the name for --get.
struct Row {
  Label key;
  Label label;    ///< for people
  Value value;    ///< exact; null in a group
  Label formula;  ///< the derivation of the value, with the numbers inserted
  Label source;   ///< where its inputs come from: a config key, a paper
  std::vector<Row> children;
  enum class Kind : std::uint8_t { value, object, list } kind{Kind::value};
  Unit unit{Unit::none};
  Said said{Said::counted};

  [[nodiscard]] static Row leaf(Label key, Label label, Measure measure, Label formula = {}, Label source = {},
                                Said said = Said::counted);
  [[nodiscard]] static Row group(Label key, Label label = {});
  [[nodiscard]] static Row list(Label key, Label label = {});
  Row& add(Row child);
  /// An empty one, to be filled in.
  Row& add();
};

/// A count as a value. Throws Error beyond 2^63 - 1, which no format carries safely.
[[nodiscard]] Value count_value(std::uint64_t count);
/// A double; one that is a whole number below 2^53 reads better, and as exactly, without its ".0".
[[nodiscard]] Value number_value(double value);

/// How pages write figures: --precise and --units.
struct FigureStyle {
  bool precise{false};
  enum class Units : std::uint8_t { both, si, iec } units{Units::both};  ///< of bytes: GB, GiB
};

enum class Style : std::uint8_t { plain, strong, dim, good, bad, caution };

/// A text as people read it, digits grouped; the renderer takes the grouping out where it is not wanted.
struct Cell {
  std::string text;
  Style style{Style::plain};
  /// Of a figure: the key of the value it shows; of a share, a sum or a change the keys it follows from, with spaces.
  /// Of a heading: that of cells without one below it; N stands for the number of each member of a list.
  std::string key{};
};

/// Cells in a row, moved in: an initializer list would copy them.
template <class... Cells>
[[nodiscard]] std::vector<Cell> cells_of(Cells&&... cells) {
  std::vector<Cell> row;
  row.reserve(sizeof...(cells) + 2);
  (row.push_back(std::forward<Cells>(cells)), ...);
  return row;
}

/// One line of a table: a label, cells under the columns, and what follows the last column.
struct Line {
  Cell label;
  std::vector<Cell> cells;
  Cell remark{};
  std::vector<std::string> details{};  ///< texts on lines of their own below, folded
  double bar{0};                       ///< 0: none
  std::size_t shared{0};               ///< bytes of the label that neighbours may share: a terminal shows them once
  bool wide_only{false};               ///< left out on a terminal of fewer than 120 columns
};

struct PageTable {
  Line head;  ///< its label is the heading, its cells head the columns (or are the totals)
  std::vector<Line> lines;
  std::vector<std::string> drawing{};  ///< below the head, in characters of one width: a renderer of text shows it
  bool own_grid{false};                ///< columns of its own width, not shared with the other tables of the page
  bool left{false};                    ///< cells are texts, set left
  bool tight{false};                   ///< with own_grid: labels are short, and no room is left next to them
  bool folds{false};                   ///< a page's worth of columns: too many for the terminal, they go on below
  /// What a bar's length means: cells of the terminal, or shares of a whole.
  enum class Bars : std::uint8_t { cells, shares } bars{Bars::cells};
};

struct Note {
  std::string label;  ///< the label that it explains; may be empty
  std::string text;
  /// What a page of text keeps first where it has room for only some (report/short_notes.hpp).
  enum class Weight : std::uint8_t {
    answer,  ///< a part of the answer: what would fit, what could not be read; always shown in full
    figure,  ///< explains a figure of the page
    basis,   ///< a convention, a default or a source behind figures
  } weight{Weight::figure};

  /// Both: "label: text".
  [[nodiscard]] std::string line() const;
};

struct Page {
  Cell title;
  std::string heading;        ///< what a document calls the page where it has no title
  Cell aside;                 ///< at the right end of the title's line
  std::vector<Cell> summary;  ///< facts, joined and folded by the renderer
  std::vector<PageTable> tables;
  std::vector<Plot> plots;  ///< if requested
  std::vector<Note> notes;
};

/// Which parts of a report are needed, and how figures are written.
struct ReportOptions {
  bool pages{true};
  bool tree{true};
  bool plots{false};  ///< of the pages, drawn from the tree
  FigureStyle style{};
  bool all{false};  ///< --notes: pages also show what they leave out else
};

struct Report {
  std::string collection{"models"};  ///< what the objects are: the key of their list; empty: there are none
  /// The key of the list inside each object whose members are the rows of a table; empty: a row for each object.
  std::string records{};
  std::vector<Row> models;   ///< one object for each model, in the order of the command line
  std::vector<Row> extras;   ///< values of the whole, outside the list
  std::vector<Row> plotted;  ///< what other commands tell of the one model, for plots alone
  std::vector<Page> pages;
};

}  // namespace paramcount
