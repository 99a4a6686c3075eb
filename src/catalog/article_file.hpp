// data/article.json: the claims that `paramcount explain --article` walks.
#pragma once

#include <vector>

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/article.hpp"

namespace paramcount {

/// Throws Error naming the field that is wrong.
[[nodiscard]] ArticleClaim read_claim(const Value& row);

/// All of the built-in file, in its order.
[[nodiscard]] std::vector<ArticleClaim> article_claims();

}  // namespace paramcount
