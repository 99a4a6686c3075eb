// The style sheet of HTML reports.
#pragma once

#include <string>

namespace paramcount {

/// Style rules of the page, without those of plots (report/plot_svg.hpp).
[[nodiscard]] std::string html_style();

}  // namespace paramcount
