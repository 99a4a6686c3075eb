#include "report/json_writer.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/json_text.hpp"

namespace paramcount {
namespace {
constexpr std::size_t kLongestNumber = 64;
}

void JsonWriter::leaf(Label key, Label, Measure measure, Label, Label, Said) {
  start(key);
  value(measure.value);
}

void JsonWriter::text(const Label& key, const Label&, std::string_view text) {
  start(key);
  value(text);
}

void JsonWriter::named(std::string_view name, const Value& value) {
  start(name);
  this->value(value);
}

void JsonWriter::add(Row row) { member(row); }

void JsonWriter::member(const Row& row) {
  start(row.key);
  if (row.kind == Row::Kind::value) return value(row.value);
  open(row.kind);
  members(row);
  end();
}

void JsonWriter::finish() {
  end();
  out_.push_back('\n');
}

void JsonWriter::members(const Row& object) {
  for (const auto& child : object.children) member(child);
}

void JsonWriter::break_line(std::size_t depth) {
  constexpr std::size_t kStep = 2;
  out_.push_back('\n');
  out_.resize(out_.size() + kStep * depth);
  std::fill_n(out_.end() - kStep * depth, kStep * depth, ' ');
}

void JsonWriter::begin(Row::Kind kind, const Label& key, const Label&) {
  start(key);
  open(kind);
}

void JsonWriter::open(Row::Kind kind) {
  const char bracket = kind == Row::Kind::list ? '[' : '{';
  out_.push_back(bracket);
  open_.push_back(bracket);
}

void JsonWriter::end() {
  const char last = out_[out_.size() - 1];
  if (indented_ && last != '{' && last != '[') break_line(open_.size() - 1);
  out_.push_back(open_.back() == '[' ? ']' : '}');
  open_.pop_back();
}

void JsonWriter::start(const Label& key) {
  // The program's own keys need no escapes.
  if (!key.is_literal()) return start(key.view());
  next();
  if (open_.back() == '[') return;
  quoted(key.view(), indented_ ? ": " : ":");
}

void JsonWriter::start(std::string_view key) {
  next();
  if (open_.back() == '[') return;
  value(key);
  append(indented_ ? ": " : ":");
}

void JsonWriter::quoted(std::string_view text, std::string_view after) {
  const std::size_t size = text.size() + 2;
  out_.resize(out_.size() + size);
  char* const at = out_.end() - size;
  at[0] = '"';
  text.copy(at + 1, text.size());
  at[size - 1] = '"';
  append(after);
}

void JsonWriter::value(const Value& value) {
  if (const auto* whole = value.as<std::int64_t>()) {
    number(*whole);
  } else if (const auto* text = value.as<std::string>()) {
    this->value(std::string_view(*text));
  } else if (const auto* fraction = value.as<double>()) {
    number(*fraction);
  } else if (const auto* flag = value.as<bool>()) {
    append(*flag ? "true" : "false");
  } else if (const auto* list = value.as<Value::List>()) {
    open(Row::Kind::list);
    for (const auto& item : *list) {
      next();
      this->value(item);
    }
    end();
  } else if (const auto* object = value.as<Value::Object>()) {
    open(Row::Kind::object);
    for (const auto& [name, member] : *object) {
      start(std::string_view(name));
      this->value(member);
    }
    end();
  } else {
    append("null");
  }
}

void JsonWriter::value(std::string_view text) {
  if (is_plain_json(text)) return quoted(text);
  std::string escaped;
  append_json(escaped, text);
  append(escaped);
}

void JsonWriter::number(double number) {
  if (!std::isfinite(number)) {
    append("null");
    return;
  }
  // The fewest digits, with a fraction or an exponent to tell them from integers.
  const double size = std::abs(number);
  const bool scientific = size >= 1e15 || (size < 1e-4 && size > 0);
  char digits[kLongestNumber];
  const auto end = std::to_chars(digits, digits + kLongestNumber, number,
                                 scientific ? std::chars_format::scientific : std::chars_format::fixed);
  out_.append(digits, end.ptr);
  if (!scientific && number == std::trunc(number)) append(".0");
}

void JsonWriter::number(std::int64_t number) {
  const fmt::format_int digits(number);
  out_.append(digits.data(), digits.data() + digits.size());
}

}  // namespace paramcount
