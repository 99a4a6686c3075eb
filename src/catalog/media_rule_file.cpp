// A row of data/media_tokens.json.
#include "paramcount/catalog/media_rule.hpp"

#include "base/text.hpp"
#include "catalog/fields.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// [usual value, place, place ...]
MediaRule::Setting read_setting(const std::string& name, const Value& value) {
  const std::string where = "/settings/" + printable(name);
  const auto& list = list_of(value, where);
  if (list.empty()) throw Error(where + ": expected the usual value, and where the processor's config says another");
  MediaRule::Setting setting{name, list.front(), {}};
  for (std::size_t i = 1; i < list.size(); ++i) setting.places.push_back(need_text(list[i], where));
  return setting;
}

}  // namespace

MediaRule MediaRule::read(const Value& row) {
  Fields fields(row, "");
  MediaRule rule;
  rule.id = fields.need_text("id");
  rule.takes = named<MediaKind>(kMediaKindNames, fields.need_text("takes"), "/takes");
  rule.families = fields.texts("families");
  if (rule.families.empty()) fields.fail("families", "expected ids of families");
  rule.when = fields.text("when");
  if (fields.get("resize") != nullptr) {
    rule.resize = named<ImageResize>(kImageResizeNames, fields.text("resize"), "/resize");
  }
  for (const auto& [name, value] : fields.members("settings")) rule.settings.push_back(read_setting(name, value));
  rule.keys = fields.members("keys");
  for (const auto& [name, value] : object_of(fields.need("dims"), "/dims")) {
    rule.dims.push_back({name, need_text(value, "/dims/" + printable(name))});
  }
  for (const auto& item : fields.list("requires")) {
    const auto& pair = list_of(item, "/requires");
    if (pair.size() != 2) throw Error("/requires: expected pairs of a condition and a message");
    rule.requirements.push_back({need_text(pair[0], "/requires"), need_text(pair[1], "/requires")});
  }
  for (auto& [prefix, positions] : fields.text_pairs("passes")) {
    rule.passes.push_back({std::move(prefix), std::move(positions)});
  }
  rule.tower = fields.texts("tower");
  rule.note = fields.text("note");
  rule.source = fields.need_text("source");
  fields.finish();
  return rule;
}

}  // namespace paramcount
