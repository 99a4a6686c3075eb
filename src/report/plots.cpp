#include "report/plots.hpp"

#include <array>
#include <utility>

namespace paramcount {
namespace {

/// In the order of the report; the first that there is stands alone as a picture.
constexpr std::array kMakers{fit_plots,   machine_plots, loss_plots,   law_plots,   peak_plots,   role_plots,
                             layer_plots, scan_plots,    verify_plots, cache_plots, weight_plots, training_plots};

}  // namespace

void add_plots(Report& report, const FigureStyle& style) {
  if (report.pages.empty()) return;
  Row beside = Row::group("");
  beside.children = report.extras;
  PlotSource source{{}, {}, style};
  for (const auto& model : report.models) source.models.push_back(&model);
  for (const auto& other : report.plotted) source.others.push_back(&other);
  source.others.push_back(&beside);
  auto& plots = report.pages.back().plots;
  for (const auto& make : kMakers) {
    for (auto& plot : make(source)) plots.push_back(std::move(plot));
  }
}

}  // namespace paramcount
