// JSON and JSON lines: the tree of values as it is, exact integers, nothing rounded or localised.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

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

/// The same on one line, without a tree in between: bulk output spends its time here.
void write(const Value& value, std::string& out);

void write(std::string_view text, std::string& out) {
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c != '"' && c != '\\' && c != '\x7F'; });
  if (plain) {
    out += '"';
    out += text;
    out += '"';
  } else {
    out += Json(text).dump();
  }
}

void write(double number, std::string& out) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  std::array<char, 64> digits{};
  out.append(digits.data(), nlohmann::detail::to_chars(digits.data(), digits.data() + digits.size(), number));
}

void write(std::int64_t number, std::string& out) {
  std::array<char, 24> digits{};
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void write(const Value& value, std::string& out) {
  if (const auto* whole = value.as<std::int64_t>()) return write(*whole, out);
  if (const auto* text = value.as<std::string>()) return write(std::string_view(*text), out);
  if (const auto* number = value.as<double>()) return write(*number, out);
  if (const auto* flag = value.as<bool>()) {
    out += *flag ? "true" : "false";
  } else if (const auto* list = value.as<Value::List>()) {
    out += '[';
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (i > 0) out += ',';
      write((*list)[i], out);
    }
    out += ']';
  } else if (const auto* object = value.as<Value::Object>()) {
    out += '{';
    for (std::size_t i = 0; i < object->size(); ++i) {
      if (i > 0) out += ',';
      write(std::string_view((*object)[i].first), out);
      out += ':';
      write((*object)[i].second, out);
    }
    out += '}';
  } else {
    out += "null";
  }
}

void write(const Row& row, std::string& out) {
  if (row.kind == Row::Kind::value) return write(row.value, out);
  const bool is_list = row.kind == Row::Kind::list;
  out += is_list ? '[' : '{';
  for (std::size_t i = 0; i < row.children.size(); ++i) {
    if (i > 0) out += ',';
    if (!is_list) {
      write(std::string_view(row.children[i].key), out);
      out += ':';
    }
    write(row.children[i], out);
  }
  out += is_list ? ']' : '}';
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
    write(model, text);
    text += '\n';
  }
  for (const auto& extra : report.extras) {
    text += '{';
    write(std::string_view(extra.key), text);
    text += ':';
    write(extra, text);
    text += "}\n";
  }
  return text;
}

}  // namespace paramcount
