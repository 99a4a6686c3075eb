// Figures of a tree as marks of a plot.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/report/plot.hpp"
#include "paramcount/report/report.hpp"
#include "report/figures.hpp"

namespace paramcount {

/// What plots are made from: an object for each model, then the lists of other commands, then extra objects.
struct PlotSource {
  std::vector<const Row*> models;
  std::vector<const Row*> others;
  const FigureStyle& style;

  /// The first object in which such a list has members, or nullptr.
  [[nodiscard]] const Row* with_list(std::string_view key) const;
};

/// Members of a list; 0 where there is none.
[[nodiscard]] std::size_t members(const Row& object, std::string_view key);
/// "ladder.3."
[[nodiscard]] std::string member_key(std::string_view list, std::size_t i);

/// The figure as pages write it.
[[nodiscard]] PlotMark mark(const Figures& figures, const std::string& key);
/// Bytes in one unit: "12.35 GiB".
[[nodiscard]] PlotMark bytes_mark(const Figures& figures, const std::string& key);
/// A count with its scale: "405.85 B".
[[nodiscard]] PlotMark scaled_mark(const Figures& figures, const std::string& key);
/// The figure less the others: what of it they leave. Its text is that of `less` of bytes or of a count.
[[nodiscard]] PlotMark rest_mark(const Figures& figures, const std::string& whole,
                                 const std::vector<std::string>& parts, Unit unit);

/// The place of a series of that name, added where there is none.
[[nodiscard]] std::size_t series_of(Plot& plot, const std::string& name);
/// Adds a part of a bar where the figure is above 0.
void add_part(Plot& plot, PlotBar& bar, const std::string& series, PlotMark part);
/// The longest bar or limit.
[[nodiscard]] double longest(const Plot& plot);

/// A text of at most that many columns, its middle replaced by a sign of one column.
[[nodiscard]] std::string elided(const std::string& text, std::size_t columns, std::string_view sign = "…");

}  // namespace paramcount
