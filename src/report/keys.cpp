#include "report/keys.hpp"

#include <charconv>

#include "base/text.hpp"

namespace paramcount {
namespace {

using Visit = std::function<void(const std::string& key, const Row& row, const Value&)>;

std::string joined(const std::string& path, const std::string& part) { return path.empty() ? part : path + "." + part; }

void visit_value(const std::string& path, const Row& row, const Value& value, const Visit& visit) {
  if (const auto* list = value.as<Value::List>()) {
    for (std::size_t i = 0; i < list->size(); ++i) visit_value(joined(path, std::to_string(i)), row, (*list)[i], visit);
  } else if (const auto* object = value.as<Value::Object>()) {
    for (const auto& [key, member] : *object) visit_value(joined(path, key), row, member, visit);
  } else {
    visit(path, row, value);
  }
}

void visit_row(const std::string& path, const Row& row, const Visit& visit) {
  if (row.kind == Row::Kind::value) return visit_value(path, row, row.value, visit);
  for (std::size_t i = 0; i < row.children.size(); ++i) {
    const auto& child = row.children[i];
    visit_row(joined(path, row.kind == Row::Kind::list ? std::to_string(i) : child.key.text()), child, visit);
  }
}

/// The number of a member, or `count` when the text is none below it.
std::size_t position(std::string_view text, std::size_t count) {
  std::size_t at = count;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, at);
  return error == std::errc{} && stop == end && at < count ? at : count;
}

/// The member of a list that a text names: by its number, or by its id, number format, name or law.
std::size_t member_named(const Row& list, std::string_view part) {
  const std::size_t count = list.children.size();
  if (const auto at = position(part, count); at < count) return at;
  for (const std::string_view key : {"id", "dtype", "name", "law"}) {
    for (std::size_t i = 0; i < count; ++i) {
      for (const auto& child : list.children[i].children) {
        const auto* text = child.key == key ? child.value.as<std::string>() : nullptr;
        if (text != nullptr && *text == part) return i;
      }
    }
  }
  return count;
}

/// A family may name a dimension with dots of its own, so every prefix is tried.
template <class Each>
Found by_prefix(std::string_view key, const Each& each) {
  for (auto dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.', dot + 1)) {
    if (const Found found = each(key.substr(0, dot), key.substr(dot + 1)); found.row != nullptr) return found;
  }
  return each(key, std::string_view{});
}

Found find_in(const Row& row, const Value& value, std::string_view key) {
  if (key.empty()) {
    const bool bare_value = value.as<Value::List>() == nullptr && value.as<Value::Object>() == nullptr;
    return {&row, bare_value ? &value : nullptr};
  }
  return by_prefix(key, [&](std::string_view part, std::string_view rest) -> Found {
    if (const auto* list = value.as<Value::List>()) {
      const auto at = position(part, list->size());
      return at < list->size() ? find_in(row, (*list)[at], rest) : Found{};
    }
    const Value* member = value.find(part);
    return member != nullptr ? find_in(row, *member, rest) : Found{};
  });
}

}  // namespace

void each_value(const Row& row, const Visit& visit) { visit_row("", row, visit); }

Found find_value(const Row& row, std::string_view key) {
  if (row.kind == Row::Kind::value) return find_in(row, row.value, key);
  if (key.empty()) return {&row, nullptr};
  if (row.kind == Row::Kind::list) {
    return by_prefix(key, [&](std::string_view part, std::string_view rest) -> Found {
      const auto at = member_named(row, part);
      return at < row.children.size() ? find_value(row.children[at], rest) : Found{};
    });
  }
  for (const auto& child : row.children) {
    const auto own = child.key.view();
    const bool whole = key.size() == own.size();
    if (!whole && (key.size() < own.size() || key[own.size()] != '.')) continue;
    if (!key.starts_with(own)) continue;
    const Found found = find_value(child, whole ? std::string_view{} : key.substr(own.size() + 1));
    if (found.row != nullptr) return found;
  }
  return {};
}

std::string bare(const Value& value) {
  if (const auto* text = value.as<std::string>()) return *text;
  if (const auto* whole = value.as<std::int64_t>()) return std::to_string(*whole);
  if (const auto* number = value.as<double>()) return shortest(*number);
  if (const auto* flag = value.as<bool>()) return *flag ? "true" : "false";
  return {};
}

}  // namespace paramcount
