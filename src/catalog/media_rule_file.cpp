// A row of data/media_tokens.json.
#include "base/text.hpp"
#include "catalog/fields.hpp"
#include "catalog/tables.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

template <class Kind, std::size_t N>
Kind named(const std::array<std::string_view, N>& names, const std::string& text, const char* key, Fields& fields) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == text) return static_cast<Kind>(i);
  }
  fields.fail(key, printable(text) + " is not known here");
}

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

MediaRule read_media_rule(const Value& row) {
  Fields fields(row, "");
  MediaRule rule;
  rule.id = fields.need_text("id");
  rule.takes = named<MediaKind>(kMediaKindNames, fields.need_text("takes"), "takes", fields);
  rule.families = fields.texts("families");
  if (rule.families.empty()) fields.fail("families", "expected ids of families");
  rule.when = fields.text("when");
  if (fields.get("resize") != nullptr) {
    rule.resize = named<ImageResize>(kImageResizeNames, fields.text("resize"), "resize", fields);
  }
  if (const auto* settings = fields.get("settings")) {
    for (const auto& [name, value] : object_of(*settings, "/settings")) {
      rule.settings.push_back(read_setting(name, value));
    }
  }
  if (const auto* keys = fields.get("keys")) rule.keys = object_of(*keys, "/keys");
  for (const auto& [name, value] : object_of(fields.need("dims"), "/dims")) {
    rule.dims.push_back({name, need_text(value, "/dims/" + printable(name))});
  }
  if (const auto* pairs = fields.get("requires")) {
    for (const auto& item : list_of(*pairs, "/requires")) {
      const auto& pair = list_of(item, "/requires");
      if (pair.size() != 2) throw Error("/requires: expected pairs of a condition and a message");
      rule.requirements.push_back({need_text(pair[0], "/requires"), need_text(pair[1], "/requires")});
    }
  }
  if (const auto* passes = fields.get("passes")) {
    for (const auto& [prefix, value] : object_of(*passes, "/passes")) {
      rule.passes.push_back({prefix, need_text(value, "/passes/" + printable(prefix))});
    }
  }
  rule.tower = fields.texts("tower");
  rule.note = fields.text("note");
  rule.source = fields.need_text("source");
  fields.finish();
  return rule;
}

}  // namespace paramcount
