// JSON and JSON lines: the tree of values as it is, exact integers, nothing rounded or localised.
#include <nlohmann/json.hpp>

#include "report/json_line.hpp"
#include "report/renderers.hpp"

namespace paramcount {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Value& value) {
  if (const auto* flag = value.as<bool>()) return *flag;
  if (const auto* whole = value.as<std::int64_t>()) return *whole;
  if (const auto* number = value.as<double>()) return *number;
  if (const auto* text = value.as<std::string>()) return *text;
  Json json;
  if (const auto* list = value.as<Value::List>()) {
    json = Json::array();
    for (const auto& item : *list) json.push_back(json_of(item));
  } else if (const auto* object = value.as<Value::Object>()) {
    json = Json::object();
    for (const auto& [key, member] : *object) json[key] = json_of(member);
  }
  return json;
}

Json json_of(const Row& row) {
  if (row.kind == Row::Kind::value) return json_of(row.value);
  Json json = row.kind == Row::Kind::list ? Json::array() : Json::object();
  for (const auto& child : row.children) {
    if (row.kind == Row::Kind::list) {
      json.push_back(json_of(child));
    } else {
      json[child.key] = json_of(child);
    }
  }
  return json;
}

}  // namespace

std::string render_json(const Report& report, const Surface&) {
  Json json;
  json["schema"] = "paramcount/1";
  auto& list = json[report.collection] = Json::array();
  for (const auto& model : report.models) list.push_back(json_of(model));
  for (const auto& extra : report.extras) json[extra.key] = json_of(extra);
  return json.dump(2) + "\n";
}

std::string render_jsonl(const Report& report, const Surface&) {
  std::string text;
  for (const auto& model : report.models) {
    JsonLine line;
    line.members(model);
    line.finish();
    text += line.written();
  }
  for (const auto& extra : report.extras) {
    JsonLine line;
    line.member(extra);
    line.finish();
    text += line.written();
  }
  return text;
}

}  // namespace paramcount
