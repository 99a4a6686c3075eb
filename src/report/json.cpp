// JSON and JSON lines: the tree of values unchanged, with exact integers, nothing rounded or localised.
#include "report/json_writer.hpp"
#include "report/renderers.hpp"

namespace paramcount {

std::string render_json(const Report& report, const Surface&) {
  JsonWriter writer(JsonWriter::Layout::indented);
  writer.text("schema", "", "paramcount/1");
  if (!report.collection.empty()) {
    const auto list = writer.list(Label(std::string_view(report.collection)));
    for (const auto& model : report.models) writer.member(model);
  }
  for (const auto& extra : report.extras) writer.member(extra);
  writer.finish();
  return std::string(writer.written());
}

std::string render_jsonl(const Report& report, const Surface&) {
  std::string text;
  for (const auto& model : report.models) {
    JsonWriter line;
    line.members(model);
    line.finish();
    text += line.written();
  }
  for (const auto& extra : report.extras) {
    JsonWriter line;
    line.member(extra);
    line.finish();
    text += line.written();
  }
  return text;
}

}  // namespace paramcount
