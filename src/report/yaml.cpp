// YAML 1.2 that YAML 1.1 readers parse the same way: the tree of values unchanged, in blocks. Strings are
// double-quoted, so that none reads as a number or boolean, and numbers with an exponent have a decimal point.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "report/keys.hpp"
#include "report/renderers.hpp"

namespace paramcount {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json(out, printable(text));
  return out;
}

std::string key_text(std::string_view key) {
  static constexpr std::array<std::string_view, 9> kTaken{"y", "n", "yes", "no", "on", "off", "true", "false", "null"};
  const bool plain = !key.empty() && !is_digit(key[0]) && std::all_of(key.begin(), key.end(), [](char c) {
    return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z');
  });
  return plain && std::find(kTaken.begin(), kTaken.end(), key) == kTaken.end() ? std::string(key) : quoted(key);
}

std::string number_text(double value) {
  if (!std::isfinite(value)) return "null";
  std::string text = shortest(value);
  const auto exponent = text.find('e');
  if (exponent != std::string::npos && text.find('.') == std::string::npos) text.insert(exponent, ".0");
  return text;
}

std::string scalar(const Value& value) {
  if (value.is_null()) return "null";
  if (const auto* text = value.as<std::string>()) return quoted(*text);
  if (const auto* number = value.as<double>()) return number_text(*number);
  return bare(value);
}

/// Appends "key: value" or, of what has members, "key:" and its block.
class Blocks {
 public:
  void member(std::string_view key, const Row& row, std::size_t indent) {
    row.kind == Row::Kind::value ? member(key, row.value, indent) : nested(row, start(key, indent));
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void member(std::string_view key, const Value& value, std::size_t indent) { nested(value, start(key, indent)); }

  /// What precedes the value, and where its block would be.
  std::size_t start(std::string_view key, std::size_t indent) {
    pad(indent);
    out_ += key_text(key) + ":";
    return indent + kStep;
  }

  /// The dash of a list's item precedes its first member, on the same line.
  void pad(std::size_t indent) {
    if (after_dash_) {
      after_dash_ = false;
    } else {
      out_.append(indent, ' ');
    }
  }

  void dash(std::size_t indent) {
    pad(indent);
    out_ += "- ";
    after_dash_ = true;
  }

  void end(std::string_view text) {
    if (!after_dash_) out_ += ' ';
    after_dash_ = false;
    out_.append(text) += '\n';
  }

  /// After a key, members are on their own lines; after a dash, on its line.
  void open() {
    if (!after_dash_) out_ += '\n';
  }

  void nested(const Row& row, std::size_t inside) {
    if (row.children.empty()) return end(row.kind == Row::Kind::list ? "[]" : "{}");
    open();
    for (const auto& child : row.children) {
      if (row.kind == Row::Kind::object) {
        member(child.key.text(), child, inside);
        continue;
      }
      dash(inside);
      child.kind == Row::Kind::value ? nested(child.value, inside + kStep) : nested(child, inside + kStep);
    }
  }

  void nested(const Value& value, std::size_t inside) {
    if (const auto* list = value.as<Value::List>()) {
      if (list->empty()) return end("[]");
      open();
      for (const auto& one : *list) {
        dash(inside);
        nested(one, inside + kStep);
      }
    } else if (const auto* object = value.as<Value::Object>()) {
      if (object->empty()) return end("{}");
      open();
      for (const auto& [key, one] : *object) member(key, one, inside);
    } else {
      end(scalar(value));
    }
  }

  static constexpr std::size_t kStep = 2;
  std::string out_;
  bool after_dash_{false};
};

}  // namespace

std::string render_yaml(const Report& report, const Surface&) {
  Blocks blocks;
  blocks.member("schema", Row::leaf("schema", "", "paramcount/1"), 0);
  if (!report.collection.empty()) {
    Row list = Row::list(Label(std::string_view(report.collection)));
    list.children = report.models;
    blocks.member(report.collection, list, 0);
  }
  for (const auto& extra : report.extras) blocks.member(extra.key.text(), extra, 0);
  return blocks.take();
}

}  // namespace paramcount
