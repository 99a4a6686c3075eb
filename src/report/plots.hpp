// The plots of a report, made from its trees by key, like pages. The table of them is at the end.
#pragma once

#include <array>
#include <vector>

#include "paramcount/report/report.hpp"
#include "report/plot_marks.hpp"

namespace paramcount {

/// Adds to the report's last page the plots that its trees have figures for.
void add_plots(Report& report, const FigureStyle& style);

/// A plot of a kind each, or none where the trees lack its figures.
using Plots = std::vector<Plot>;
[[nodiscard]] Plots role_plots(const PlotSource& source);    ///< parameters by role
[[nodiscard]] Plots layer_plots(const PlotSource& source);   ///< parameters by layer and role
[[nodiscard]] Plots scan_plots(const PlotSource& source);    ///< parameters of the models of a folder
[[nodiscard]] Plots verify_plots(const PlotSource& source);  ///< tensors as expected, and others
[[nodiscard]] Plots cache_plots(const PlotSource& source);   ///< KV cache by context length
[[nodiscard]] Plots weight_plots(
    const PlotSource& source);                            ///< weights by number format, or of each model with its cache
[[nodiscard]] Plots fit_plots(const PlotSource& source);  ///< formats, parts or models against a device's memory
[[nodiscard]] Plots machine_plots(const PlotSource& source);   ///< what machines that hold a model cost
[[nodiscard]] Plots peak_plots(const PlotSource& source);      ///< training memory against a device's
[[nodiscard]] Plots training_plots(const PlotSource& source);  ///< hours, and what they cost
[[nodiscard]] Plots loss_plots(const PlotSource& source);      ///< loss against compute, and against size
[[nodiscard]] Plots law_plots(const PlotSource& source);       ///< parameters by law

/// In the order of the report; --format svg draws the first that exists.
inline constexpr std::array kPlotMakers{fit_plots,    machine_plots, loss_plots,   law_plots,
                                        peak_plots,   role_plots,    layer_plots,  scan_plots,
                                        verify_plots, cache_plots,   weight_plots, training_plots};

}  // namespace paramcount
