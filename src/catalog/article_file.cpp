// Rows of data/article.json.
#include "paramcount/catalog/article.hpp"

#include <string>

#include "catalog/fields.hpp"

namespace paramcount {

ArticleClaim ArticleClaim::read(const Value& row) {
  Fields fields(row, "");
  ArticleClaim claim;
  claim.id = fields.need_text("id");
  claim.title = fields.need_text("title");
  claim.claim = fields.need_text("claim");
  fields.each("figures", [&](Fields& one) {
    claim.figures.push_back({one.need_text("command"), one.need_text("key"), one.text("of"), one.need_text("label")});
  });
  static_cast<void>(fields.need("said"));
  fields.each("said", [&](Fields& one) { claim.said.push_back({one.need_text("text"), one.need_text("source")}); });
  if (claim.figures.empty()) fields.fail("figures", "expected at least one");
  fields.finish();
  return claim;
}

}  // namespace paramcount
