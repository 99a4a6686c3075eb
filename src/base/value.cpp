#include "paramcount/base/value.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace paramcount {

const Value* Value::find(std::string_view key) const {
  const auto* object = as<Object>();
  if (object == nullptr) return nullptr;
  for (const auto& [name, value] : *object) {
    if (name == key) return &value;
  }
  return nullptr;
}

Value* Value::find(std::string_view key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

std::string Value::text(std::string_view key) const {
  const auto* text = find<std::string>(key);
  return text != nullptr ? *text : std::string();
}

void Value::set(std::string_view key, Value value) {
  if (is_null()) data_ = Object{};
  auto& object = std::get<Object>(data_);
  const auto at = std::find_if(object.begin(), object.end(), [&](const Member& m) { return m.first == key; });
  if (at == object.end()) {
    object.emplace_back(std::string(key), std::move(value));
  } else {
    at->second = std::move(value);
  }
}

bool Value::operator==(const Value& other) const {
  if (data_.index() != other.data_.index()) {
    const auto* a = as<std::int64_t>();
    const auto* b = other.as<double>();
    if (a != nullptr && b != nullptr) return static_cast<double>(*a) == *b;
    a = other.as<std::int64_t>();
    b = as<double>();
    return a != nullptr && b != nullptr && static_cast<double>(*a) == *b;
  }
  return data_ == other.data_;
}

std::string brief(const Value& value) {
  constexpr std::size_t kMost = 40;
  if (value.is_null()) return "null";
  if (const auto* v = value.as<bool>()) return *v ? "true" : "false";
  if (const auto* v = value.as<std::int64_t>()) return std::to_string(*v);
  if (const auto* v = value.as<double>()) return shortest(*v);
  if (const auto* v = value.as<std::string>())
    return '"' + printable(v->size() > kMost ? v->substr(0, kMost) + "..." : *v) + '"';
  std::string text;
  if (const auto* list = value.as<Value::List>()) {
    for (const auto& item : *list) {
      if (text.size() > kMost) return '[' + text + ", ...]";
      if (!text.empty()) text += ", ";
      text += item.as<Value::List>() != nullptr || item.as<Value::Object>() != nullptr ? "..." : brief(item);
    }
    return '[' + text + ']';
  }
  return "an object of " + std::to_string(value.as<Value::Object>()->size()) + " keys";
}

}  // namespace paramcount
