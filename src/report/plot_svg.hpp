// Plots as SVG: as wide as their container with text of a constant size, and without scripts or external resources.
#pragma once

#include <string>

#include "paramcount/report/plot.hpp"

namespace paramcount {

/// Style rules that plots go by, in light and in dark.
[[nodiscard]] std::string plot_style();

/// Inside an HTML page that has plot_style(). `id` is unique there; the page has the title as a heading.
/// Every mark carries the key and the exact value of its figure (data-key, data-value) and shows it in a <title>.
[[nodiscard]] std::string inline_svg(const Plot& plot, const std::string& id);

/// A picture of its own: with a background, the styles of light and dark, and what it is of.
[[nodiscard]] std::string standalone_svg(const Plot& plot, const std::string& subject);

}  // namespace paramcount
