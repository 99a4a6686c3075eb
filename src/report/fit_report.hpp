// The reports of `paramcount fit`.
#pragma once

#include <vector>

#include "paramcount/estimate/fit.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// How the most that fits is found, of all reports of `fit`.
inline constexpr const char* kLongestThatFits =
    "the longest context that fits: together at most usable, up to the model's maximum";
inline constexpr const char* kMostThatFit = "the most sequences that fit: together at most usable";

/// One model: its verdict, or the ladder of formats. Several: a row each.
[[nodiscard]] Report fit_report(const std::vector<FitAnswer>& answers, const ReportOptions& wanted);

/// The group `fit` of one answer.
[[nodiscard]] Row fit_tree(const FitAnswer& answer);

/// "4 × H100 SXM, tp 4"; "one RTX 4090".
[[nodiscard]] std::string devices_text(const Device& device, const Layout& layout);

}  // namespace paramcount
