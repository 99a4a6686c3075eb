// How HTML reports look.
#pragma once

#include <string>

namespace paramcount {

/// Style rules of the page, without those of plots (report/plot_svg.hpp).
[[nodiscard]] std::string html_style();

}  // namespace paramcount
