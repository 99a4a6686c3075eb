// Rows of data/topics.json.
#include "catalog/fields.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/help_text.hpp"

namespace paramcount {
namespace {

/// [name, text] or [name, text, source].
HelpText::Entry read_entry(const Value& value, const std::string& where) {
  const auto& list = list_of(value, where);
  if (list.size() != 2 && list.size() != 3) throw Error(where + ": expected a name, a text and perhaps a source");
  return {need_text(list[0], where + "/0"), need_text(list[1], where + "/1"),
          list.size() == 3 ? need_text(list[2], where + "/2") : std::string()};
}

HelpText::Section read_section(const Value& value, const std::string& where) {
  Fields fields(value, where);
  HelpText::Section section;
  section.title = fields.text("title");
  if (const auto* entries = fields.get("entries")) {
    for (const auto& entry : list_of(*entries, where + "/entries")) {
      section.entries.push_back(read_entry(entry, where + "/entries/" + std::to_string(section.entries.size())));
    }
  }
  fields.finish();
  return section;
}

}  // namespace

HelpText HelpText::read(const Value& row) {
  Fields fields(row, "");
  HelpText topic;
  topic.id = fields.need_text("id");
  topic.summary = fields.need_text("summary");
  topic.title = fields.text("title");
  if (const auto* sections = fields.get("sections")) {
    for (const auto& section : list_of(*sections, "/sections")) {
      topic.sections.push_back(read_section(section, "/sections/" + std::to_string(topic.sections.size())));
    }
  }
  topic.notes = fields.texts("notes");
  fields.finish();
  return topic;
}

}  // namespace paramcount
