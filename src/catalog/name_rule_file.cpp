// Reads rows of data/names.json.
#include "paramcount/catalog/name_rule.hpp"

#include "base/text.hpp"
#include "catalog/fields.hpp"

namespace paramcount {

NameRule NameRule::read(const Value& row) {
  Fields fields(row, "");
  NameRule rule;
  rule.id = fields.need_text("id");
  if (rule.id != lower(rule.id)) fields.fail("id", "expected lower case");
  const std::string kind = fields.need_text("kind");
  if (kind == "ollama") {
    rule.kind = NameRule::Kind::ollama;
    rule.model = fields.need_text("model");
  } else if (kind == "ending") {
    rule.kind = NameRule::Kind::ending;
    if (!rule.id.starts_with('-')) fields.fail("id", "expected - before an ending");
    rule.dtypes = fields.texts("dtypes");
    rule.by = fields.text_pairs("by");
    rule.container = fields.flag("container", false);
    rule.note = fields.text("note");
    if (rule.dtypes.empty() && !rule.container) fields.fail("dtypes", "missing");
  } else if (kind == "organisation") {
    rule.kind = NameRule::Kind::organisation;
    if (!rule.id.ends_with('/')) fields.fail("id", "expected / after an organisation");
  } else {
    fields.fail("kind", "expected ollama, ending or organisation");
  }
  static_cast<void>(fields.need_text("source"));
  fields.finish();
  return rule;
}

}  // namespace paramcount
