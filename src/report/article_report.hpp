// `paramcount explain --article`: claims of an article, next to our figures with the commands that print them, and what
// others say.
#pragma once

#include <string>
#include <vector>

#include "paramcount/catalog/article.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// A claim with what its commands answered, in the order of claim.figures.
struct CheckedClaim {
  ArticleClaim claim;
  std::vector<Row> figures;
};

[[nodiscard]] Report article_report(const std::vector<CheckedClaim>& claims, const ReportOptions& wanted);

}  // namespace paramcount
