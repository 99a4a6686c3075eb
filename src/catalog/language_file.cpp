#include "catalog/language_file.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "catalog/embedded.hpp"
#include "catalog/fields.hpp"
#include "catalog/json.hpp"
#include "catalog/pack.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

/// The translation has each placeholder once, and no others.
void check_phrase(const std::string& english, const std::string& translation) {
  const std::size_t holes = count_of(english, "{#}") + count_of(english, "{}") + count_of(english, "{=}");
  std::size_t told = 0;
  for (std::size_t i = 1; i <= holes; ++i) {
    const std::string hole = "{" + std::to_string(i) + "}";
    if (count_of(translation, hole) != 1) throw Error("/phrases: " + english + ": expected " + hole + " once");
    ++told;
  }
  if (count_of(translation, "{") != told) throw Error("/phrases: " + english + ": one placeholder too many");
  if (translation.empty()) throw Error("/phrases: " + english + ": no translation");
}

}  // namespace

Language read_language(const Value& file) {
  Fields fields(file, "");
  Language language;
  language.id = fields.need_text("language");
  language.name = fields.need_text("name");
  language.digits = fields.need_text("digits");
  language.comma = fields.need_text("comma");
  language.point = fields.need_text("point");
  language.right_to_left = fields.flag("right_to_left", false);
  language.names = fields.texts("names");
  for (const auto& [english, translation] : object_of(fields.need("phrases"), "/phrases")) {
    language.phrases.emplace_back(english, need_text(translation, "/phrases/" + english));
    check_phrase(english, language.phrases.back().second);
  }
  fields.unread_text("note");
  fields.finish();
  return language;
}

std::vector<std::pair<std::string, std::string>> pack_languages(const std::string& folder) {
  std::vector<std::pair<std::string, std::string>> packed;
  for (const auto& name : files_in(folder, ".json")) {
    const std::string path = folder + "/" + name;
    try {
      const Value file = parse_json(read_file(path, kMostJsonBytes));
      std::string id = read_language(file).id;
      if (id + ".json" != name) throw Error("/language: must be the file's name");
      packed.emplace_back(std::move(id), pack(file));
    } catch (const Error& error) {
      throw located(path, error);
    }
  }
  return packed;
}

std::optional<Language> find_language(std::string_view id) {
  const auto packed = find_embedded(table("languages"), id);
  if (!packed) return std::nullopt;
  return read_language(unpack(*packed));
}

std::string language_ids() {
  std::string ids = "en";
  for (const auto& entry : embedded(table("languages")).entries) {
    ids += ", " + std::string(embedded_text(entry.id, entry.id_size));
  }
  return ids;
}

}  // namespace paramcount
