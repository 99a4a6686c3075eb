#include "catalog/article_file.hpp"

#include <string>

#include "catalog/embedded.hpp"
#include "catalog/fields.hpp"
#include "catalog/pack.hpp"

namespace paramcount {
namespace {

template <class Read>
void each_member(Fields& fields, const char* key, const Read& read) {
  const std::string where = "/" + std::string(key);
  const auto& list = list_of(fields.need(key), where);
  for (std::size_t i = 0; i < list.size(); ++i) {
    Fields one(list[i], where + "/" + std::to_string(i));
    read(one);
    one.finish();
  }
}

}  // namespace

ArticleClaim read_claim(const Value& row) {
  Fields fields(row, "");
  ArticleClaim claim;
  claim.id = fields.need_text("id");
  claim.title = fields.need_text("title");
  claim.claim = fields.need_text("claim");
  each_member(fields, "figures", [&](Fields& one) {
    claim.figures.push_back({one.need_text("command"), one.need_text("key"), one.text("of"), one.need_text("label")});
  });
  each_member(fields, "said", [&](Fields& one) {
    claim.said.push_back({one.need_text("text"), one.need_text("source")});
  });
  if (claim.figures.empty()) fields.fail("figures", "expected at least one");
  fields.finish();
  return claim;
}

std::vector<ArticleClaim> article_claims() {
  std::vector<ArticleClaim> claims;
  for (const auto& entry : kEmbeddedTables[static_cast<std::size_t>(Table::article)].entries) {
    claims.push_back(read_claim(unpack(embedded_text(entry.data, entry.data_size))));
  }
  return claims;
}

}  // namespace paramcount
