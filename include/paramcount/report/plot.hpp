// A declarative plot: which figures, along which axes. Made from the trees of figures (src/report/plots.hpp), drawn as
// text and as SVG. Renderers only turn values into positions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace paramcount {

/// One figure.
struct PlotMark {
  /// Of its value in the tree of figures. A second key and more after spaces: what is taken off the first.
  std::string key;
  double value{0};
  std::string exact;  ///< the value with all its digits, as programs read it
  std::string text;   ///< as pages write it, with its unit
};

struct PlotTick {
  double at{0};
  std::string text;
};

struct PlotAxis {
  std::string label;  ///< what it measures, and in which unit
  double from{0};
  double to{1};
  bool log{false};
  std::vector<PlotTick> ticks;
};

/// A segment of a bar, drawn after the ones before it.
struct PlotPart {
  std::size_t series{0};
  PlotMark mark;
};

/// First and last place on the axis of places, both inside.
struct PlotSpan {
  std::uint64_t first{0};
  std::uint64_t last{0};
};

struct PlotBar {
  std::string label;
  std::vector<PlotPart> parts;
  std::string text;               ///< what all of it comes to
  std::optional<PlotMark> limit;  ///< what it must not exceed
  std::string verdict;            ///< in a word, if there is a limit
  std::vector<PlotSpan> places;   ///< of columns: where they stand, each of them so high
  double whole{0};                ///< above 0: its parts are drawn as shares of this
};

struct PlotPoint {
  PlotMark x, y;
  bool extrapolated{false};
};

struct PlotSeries {
  std::string name;
  std::vector<PlotPoint> points;  ///< of curves
  bool joined{true};              ///< a line from point to point
};

struct Plot {
  /// Bars lie below one another, columns stand side by side along an axis of places, curves run along x.
  enum class Kind : std::uint8_t { bars, columns, curves } kind{Kind::bars};
  std::string title;
  std::string note;  ///< how to read it, in one sentence
  std::vector<PlotSeries> series;
  std::vector<PlotBar> bars;  ///< of bars and columns
  std::string limit;          ///< what the limits of bars are
  PlotAxis x;                 ///< of curves, and the places of columns
  PlotAxis y;                 ///< of values
};

}  // namespace paramcount
