#include "report/json_writer.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/json_text.hpp"

namespace paramcount {
namespace {
constexpr std::size_t kLongestNumber = 64;
}

void JsonWriter::leaf(const Label& key, const Label&, const Measure& measure, Label, Label, Said) {
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
  put('\n');
}

void JsonWriter::members(const Row& object) {
  for (const auto& child : object.children) member(child);
}

void JsonWriter::break_line(std::size_t depth) {
  constexpr std::size_t kStep = 2;
  need(1 + kStep * depth);
  begin_[size_] = '\n';
  std::memset(begin_ + size_ + 1, ' ', kStep * depth);
  size_ += 1 + kStep * depth;
}

void JsonWriter::begin(Row::Kind kind, const Label& key, const Label&) {
  start(key);
  open(kind);
}

void JsonWriter::open(Row::Kind kind) {
  const char bracket = kind == Row::Kind::list ? '[' : '{';
  put(bracket);
  open_ += bracket;
}

void JsonWriter::end() {
  const char last = begin_[size_ - 1];
  if (indented_ && last != '{' && last != '[') break_line(open_.size() - 1);
  put(open_.back() == '[' ? ']' : '}');
  open_.pop_back();
}

void JsonWriter::start(const Label& key) {
  // The program's own keys need no escapes.
  if (!key.is_literal()) return start(key.view());
  next();
  if (open_.back() == '[') return;
  const std::string_view name = key;
  need(name.size() + 3);
  char* const at = begin_ + size_;
  at[0] = '"';
  std::memcpy(at + 1, name.data(), name.size());
  at[name.size() + 1] = '"';
  at[name.size() + 2] = ':';
  size_ += name.size() + 3;
  if (indented_) put(' ');
}

void JsonWriter::start(std::string_view key) {
  next();
  if (open_.back() == '[') return;
  value(key);
  put(':');
  if (indented_) put(' ');
}

void JsonWriter::value(const Value& value) {
  if (const auto* whole = value.as<std::int64_t>()) return number(*whole);
  if (const auto* text = value.as<std::string>()) return this->value(std::string_view(*text));
  if (const auto* fraction = value.as<double>()) return number(*fraction);
  if (const auto* flag = value.as<bool>()) return raw(*flag ? "true" : "false");
  if (const auto* list = value.as<Value::List>()) {
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
    raw("null");
  }
}

void JsonWriter::value(std::string_view text) {
  if (!is_plain_json(text)) return raw(nlohmann::json(text).dump());
  need(text.size() + 2);
  char* const at = begin_ + size_;
  at[0] = '"';
  std::memcpy(at + 1, text.data(), text.size());
  at[text.size() + 1] = '"';
  size_ += text.size() + 2;
}

void JsonWriter::number(double number) {
  if (!std::isfinite(number)) return raw("null");
  // As the library writes them, without its search for the fewest digits.
  if (std::abs(number) < 1e15 && number == std::trunc(number) && !(number == 0 && std::signbit(number))) {
    this->number(static_cast<std::int64_t>(number));
    return raw(".0");
  }
  need(kLongestNumber);
  char* const at = begin_ + size_;
  size_ += static_cast<std::size_t>(nlohmann::detail::to_chars(at, at + kLongestNumber, number) - at);
}

void JsonWriter::number(std::int64_t number) {
  need(kLongestNumber);
  char* const at = begin_ + size_;
  size_ += static_cast<std::size_t>(std::to_chars(at, at + kLongestNumber, number).ptr - at);
}

void JsonWriter::raw(std::string_view bytes) {
  need(bytes.size());
  std::memcpy(begin_ + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}

void JsonWriter::grow(std::size_t more) {
  capacity_ = std::max(2 * capacity_, size_ + more);
  std::unique_ptr<char[]> larger(new char[capacity_]);
  std::memcpy(larger.get(), begin_, size_);
  long_ = std::move(larger);
  begin_ = long_.get();
}

}  // namespace paramcount
