#include "catalog/fields.hpp"

#include "base/key_mark.hpp"

namespace paramcount {

const std::string& need_text(const Value& value, const std::string& where) {
  const auto* text = value.as<std::string>();
  if (text == nullptr) throw Error(where + ": expected a string, got " + brief(value));
  return *text;
}

Fields::Fields(const Value& object, std::string where)
    : object_(object_of(object, where)), where_(std::move(where)), read_(object_.size()) {
  for (const auto& [name, value] : object_) marks_ |= mark_of(name);
}

void Fields::fail(std::string_view key, const std::string& what) const {
  throw Error(where_ + "/" + printable(key) + ": " + what);
}

const Value* Fields::get(std::string_view key) {
  if ((marks_ & mark_of(key)) == 0) return nullptr;
  std::size_t at = next_;
  for (std::size_t left = object_.size(); left > 0; --left, ++at) {
    if (at == object_.size()) at = 0;
    const std::string& name = object_[at].first;
    if (name.size() != key.size() || name.front() != key.front() || name != key) continue;
    read_[at] = true;
    next_ = at + 1;
    return &object_[at].second;
  }
  return nullptr;
}

const Value& Fields::need(std::string_view key) {
  const auto* value = get(key);
  if (value == nullptr) fail(key, "missing");
  return *value;
}

std::string Fields::text(std::string_view key) {
  const auto* value = get(key);
  return value == nullptr ? std::string{} : text_of(*value, key);
}

void Fields::unread_text(std::string_view key) {
  if (const auto* value = get(key)) static_cast<void>(text_of(*value, key));
}

std::string Fields::need_text(std::string_view key) { return text_of(need(key), key); }

const std::string& Fields::text_of(const Value& value, std::string_view key) const {
  const auto* text = value.as<std::string>();
  if (text == nullptr) fail(key, "expected a string, got " + brief(value));
  return *text;
}

std::vector<std::string> Fields::texts(std::string_view key) {
  const auto* value = get(key);
  std::vector<std::string> result;
  if (value == nullptr) return result;
  const auto* list = value->as<Value::List>();
  if (list == nullptr) fail(key, "expected a list of strings, got " + brief(*value));
  result.reserve(list->size());
  for (const auto& item : *list) result.push_back(text_of(item, key));
  return result;
}

const Value::List& Fields::list(std::string_view key) {
  static const Value::List kNone;
  const auto* value = get(key);
  if (value == nullptr) return kNone;
  const auto* list = value->as<Value::List>();
  if (list == nullptr) fail(key, "expected a list, got " + brief(*value));
  return *list;
}

const Value::Object& Fields::members(std::string_view key) {
  static const Value::Object kNone;
  const auto* value = get(key);
  if (value == nullptr) return kNone;
  const auto* object = value->as<Value::Object>();
  if (object == nullptr) fail(key, "expected an object, got " + brief(*value));
  return *object;
}

std::vector<std::pair<std::string, std::string>> Fields::text_pairs(std::string_view key) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, value] : members(key)) {
    pairs.emplace_back(name, paramcount::need_text(value, joined({where_, "/", key, "/", printable(name)})));
  }
  return pairs;
}

std::string Fields::marked_source() { return need_text("source") + (flag("unverified", false) ? ", unverified" : ""); }

std::string Fields::unverified() {
  constexpr std::string_view kKey = "unverified";
  const auto* mark = get(kKey);
  if (mark == nullptr) return {};
  if (const auto* all = mark->as<bool>()) return *all ? "all" : "";
  std::string keys;
  for (const auto& key : texts(kKey)) {
    const bool known = std::any_of(object_.begin(), object_.end(), [&](const auto& one) { return one.first == key; });
    if (key == kKey || !known) fail(kKey, "there is no " + printable(key) + " to mark");
    keys += (keys.empty() ? "" : ",") + key;
  }
  return keys;
}

bool Fields::flag(std::string_view key, bool fallback) {
  const auto* value = get(key);
  if (value == nullptr) return fallback;
  const auto* flag = value->as<bool>();
  if (flag == nullptr) fail(key, "expected true or false, got " + brief(*value));
  return *flag;
}

std::optional<double> Fields::number(std::string_view key) {
  const auto* value = get(key);
  if (value == nullptr) return std::nullopt;
  if (const auto* whole = value->as<std::int64_t>()) return static_cast<double>(*whole);
  const auto* number = value->as<double>();
  if (number == nullptr) fail(key, "expected a number, got " + brief(*value));
  return *number;
}

double Fields::positive(std::string_view key) {
  const auto value = number(key);
  if (!value || !(*value > 0)) fail(key, "expected a number above 0");
  return *value;
}

double Fields::positive(std::string_view key, double fallback) {
  return get(key) == nullptr ? fallback : positive(key);
}

std::optional<std::uint64_t> Fields::count(std::string_view key) {
  const auto* value = get(key);
  if (value == nullptr) return std::nullopt;
  const auto* whole = value->as<std::int64_t>();
  if (whole == nullptr || *whole < 0) fail(key, "expected a whole number, got " + brief(*value));
  return static_cast<std::uint64_t>(*whole);
}

void Fields::finish() const {
  const auto unread = std::find(read_.begin(), read_.end(), false);
  if (unread != read_.end()) fail(object_[static_cast<std::size_t>(unread - read_.begin())].first, "unknown key");
}

const Value::List& list_of(const Value& value, const std::string& where) {
  const auto* list = value.as<Value::List>();
  if (list == nullptr) throw Error(where + ": expected a list, got " + brief(value));
  return *list;
}

const Value::Object& object_of(const Value& value, const std::string& where) {
  const auto* object = value.as<Value::Object>();
  if (object == nullptr) throw Error((where.empty() ? "/" : where) + ": expected an object, got " + brief(value));
  return *object;
}

}  // namespace paramcount
