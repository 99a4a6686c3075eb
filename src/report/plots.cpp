#include "report/plots.hpp"

#include <utility>

namespace paramcount {

void add_plots(Report& report, const FigureStyle& style) {
  if (report.pages.empty()) return;
  Row beside = Row::group("");
  beside.children = report.extras;
  PlotSource source{{}, {}, style};
  for (const auto& model : report.models) source.models.push_back(&model);
  for (const auto& other : report.plotted) source.others.push_back(&other);
  source.others.push_back(&beside);
  auto& plots = report.pages.back().plots;
  for (const auto& make : kPlotMakers) {
    for (auto& plot : make(source)) plots.push_back(std::move(plot));
  }
}

}  // namespace paramcount
