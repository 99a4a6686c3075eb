// A row of data/config_kinds.json.
#include "paramcount/catalog/config_kind.hpp"

#include "base/text.hpp"
#include "catalog/fields.hpp"

namespace paramcount {
namespace {

ConfigKind::Path path_of(std::string_view text) {
  ConfigKind::Path path;
  for (const auto name : split(text, '.')) path.emplace_back(name);
  return path;
}

std::vector<ConfigKind::Path> paths(Fields& fields, std::string_view key) {
  std::vector<ConfigKind::Path> result;
  for (const auto& text : fields.texts(key)) result.push_back(path_of(text));
  return result;
}

ConfigKind::Condition read_condition(const std::string& key, const Value& value) {
  ConfigKind::Condition condition;
  condition.path = path_of(key);
  if (const auto* present = value.as<bool>()) {
    condition.present = *present;
  } else if (const auto* least = value.as<std::int64_t>()) {
    condition.least = *least;
  } else {
    condition.values = list_of(value, "/when/" + printable(key));
  }
  return condition;
}

/// Bytes written as pairs of hexadecimal digits.
std::string bytes_of(Fields& fields, std::string_view key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::string text = fields.text(key);
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const auto high = kDigits.find(text[i]);
    const auto low = kDigits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos)
      fields.fail(key, "expected bytes as hex digits");
    bytes += static_cast<char>(high << 4U | low);
  }
  if (text.size() % 2 != 0) fields.fail(key, "expected bytes as pairs of hex digits");
  return bytes;
}

}  // namespace

ConfigKind ConfigKind::read(const Value& row) {
  Fields fields(row, "");
  ConfigKind kind;
  kind.id = fields.need_text("id");
  for (const auto& [key, value] : fields.members("when")) kind.conditions.push_back(read_condition(key, value));
  kind.files = fields.texts("files");
  kind.folders = fields.texts("folders");
  kind.magic = bytes_of(fields, "magic");
  kind.magic_at = fields.count("magic_at").value_or(0);
  const bool no_json = !kind.files.empty() || !kind.folders.empty() || !kind.magic.empty();
  kind.family = fields.text("family");
  kind.inside = fields.text("inside");
  kind.like = fields.text("like");
  for (const auto& [key, value] : fields.members("keys")) {
    ConfigKind::Move move{path_of(key), {}};
    const std::string where = "/keys/" + printable(key);
    if (const auto* text = value.as<std::string>()) {
      move.from.push_back(path_of(*text));
    } else {
      for (const auto& from : list_of(value, where)) move.from.push_back(path_of(need_text(from, where)));
    }
    kind.keys.push_back(std::move(move));
  }
  for (const auto& [key, value] : fields.members("values")) kind.values.emplace_back(path_of(key), value);
  kind.needs = paths(fields, "needs");
  kind.inert = paths(fields, "inert");
  kind.rest = fields.text("rest");
  kind.refused = fields.text("refused");
  if (no_json && (!kind.conditions.empty() || kind.refused.empty())) fields.fail("when", "of JSON only");
  const bool says = !kind.family.empty() || !kind.inside.empty() || !kind.refused.empty() || !kind.values.empty();
  if (!no_json && kind.conditions.empty() && !kind.keys.empty()) {
    fields.unread_text("source");
    fields.finish();
    return kind;  // for others to be like
  }
  if (!no_json && kind.conditions.empty()) fields.fail("when", "expected conditions, or files");
  if (!says && kind.like.empty()) fields.fail("family", "missing");
  static_cast<void>(fields.need_text("source"));
  fields.finish();
  return kind;
}

}  // namespace paramcount
