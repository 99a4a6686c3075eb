// Figures as pages show them: the only place that decides digits, units and the "~" of uncertain ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/estimate/input.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// Where there is no such figure.
inline const std::string kNone = "–";

/// "405,853,388,800", "811.71 GB", "3.80e25", "~26.0 M", "$77.8 M", "41 %": published and given figures keep their
/// digits, others have three significant ones; counts are whole.
[[nodiscard]] std::string figure_text(const Value& value, Unit unit, Said said, const FigureStyle& style);
[[nodiscard]] inline std::string figure_text(const Row& figure, const FigureStyle& style) {
  return figure_text(figure.value, figure.unit, figure.said, style);
}
/// The same for a quantity within a sentence.
[[nodiscard]] inline std::string figure_text(const Measure& measure, const FigureStyle& style) {
  return figure_text(measure.value, measure.unit, Said::counted, style);
}

[[nodiscard]] Said said_of(Origin origin);
/// Assumed or estimated: marked with "~".
[[nodiscard]] bool is_uncertain(Said said);

/// Picks figures of one object out of its tree, by key, into cells of a page.
class Figures {
 public:
  /// `prefix` is put before the keys of cells where the object is a member of a larger tree: "before.".
  Figures(const Row& object, const FigureStyle& style, std::string prefix = {});

  /// nullptr when there is no such value, or it is null.
  [[nodiscard]] const Row* find(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  /// Those of each member of a list.
  [[nodiscard]] std::vector<Figures> members(std::string_view list) const;
  /// 0 when there is none.
  [[nodiscard]] double number(std::string_view key) const;

  /// As figure_text; kNone where there is none.
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] Cell cell(std::string_view key, Style style = Style::plain) const;
  /// The value in another dress, with the mark of its certainty.
  [[nodiscard]] Cell dressed(std::string_view key, std::string text, Style style = Style::plain) const;
  /// The number alone, as `text` rounds it; with --precise, every digit.
  [[nodiscard]] Cell rounded(std::string_view key, std::string text) const;
  /// A count with its scale, "405.85 B"; with --precise, every digit.
  [[nodiscard]] Cell count(std::string_view key) const;
  /// In billions, as models are compared: "405.85".
  [[nodiscard]] Cell billions(std::string_view key) const;
  /// A rounded count with its scale, beside the count itself: "405.85 B".
  [[nodiscard]] Cell scaled(std::string_view key, Style style = Style::plain) const;
  /// The one by the other, in percent: "34.6 %".
  [[nodiscard]] Cell share(std::string_view part, std::string_view whole) const;
  /// Sizes of a list, with that between them: "768 × 2304".
  [[nodiscard]] Cell shape(std::string_view key, std::string_view times = " × ") const;
  /// Bytes under the columns of byte_heads().
  [[nodiscard]] std::vector<Cell> bytes(std::string_view key) const;
  /// Bytes in GiB, or in GB where that was asked for, under a head that says which (byte_unit): "-5.70".
  [[nodiscard]] Cell gibibytes(std::string_view key, int decimals) const;
  /// "GB" and "GiB", or the one that --units asked for.
  [[nodiscard]] std::vector<Cell> byte_heads() const;
  /// A line of the figure's own label with bytes; another label where one is given.
  [[nodiscard]] Line bytes_line(std::string_view key, std::string label = {}) const;
  [[nodiscard]] Line line(std::string_view key, std::string label = {}) const;

  [[nodiscard]] const FigureStyle& style() const { return style_; }

 private:
  [[nodiscard]] std::string full(std::string_view key) const;

  const Row& object_;
  const FigureStyle& style_;
  std::string prefix_;
};

/// Columns of bytes: "GB" and "GiB", or the one that was asked for; and the cells of an amount under them.
[[nodiscard]] std::vector<std::string> byte_units(const FigureStyle& style);
[[nodiscard]] std::vector<std::string> byte_texts(Bytes bytes, const FigureStyle& style);
/// The unit of tables that have one column of bytes: "GiB", or "GB" where that was asked for.
[[nodiscard]] std::string byte_unit(const FigureStyle& style);
/// An amount in it, without the unit: "-5.70".
[[nodiscard]] std::string in_byte_unit(double bytes, int decimals, const FigureStyle& style);
/// "811.71 GB, 755.96 GiB", or in the one unit that was asked for.
[[nodiscard]] std::string both_units(Bytes bytes, const FigureStyle& style);
/// "1.40 to 4.00 GiB", in GB where that was asked for.
[[nodiscard]] std::string range_text(Bytes low, Bytes high, const FigureStyle& style);

}  // namespace paramcount
