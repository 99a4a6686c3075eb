#include <algorithm>

#include "base/key_mark.hpp"
#include "paramcount/catalog/config_kind.hpp"

namespace paramcount {
namespace {

bool is_one_of(const Value& value, const std::vector<Value>& values) {
  if (const auto* text = value.as<std::string>()) {
    return std::ranges::any_of(values, [&](const Value& one) {
      const auto* other = one.as<std::string>();
      return other != nullptr && *other == *text;
    });
  }
  if (std::ranges::find(values, value) != values.end()) return true;
  const auto* list = value.as<Value::List>();
  return list != nullptr && std::ranges::any_of(*list, [&](const Value& item) { return is_one_of(item, values); });
}

bool holds(const ConfigKind::Condition& condition, const Value& config) {
  const Value* const value = ConfigKind::find(config, condition.path);
  if (condition.least) {
    const auto* number = value != nullptr ? value->as<std::int64_t>() : nullptr;
    return number != nullptr && *number >= *condition.least;
  }
  if (condition.values.empty()) return (value != nullptr) == condition.present;
  return value != nullptr && is_one_of(*value, condition.values);
}

}  // namespace

const Value* ConfigKind::find(const Value& config, const Path& path) {
  const Value* value = &config;
  for (const auto& key : path) {
    if (value != nullptr) value = value->find(key);
  }
  return value == nullptr || value->is_null() ? nullptr : value;
}

ConfigKinds::ConfigKinds(std::vector<ConfigKind> kinds) : kinds_(std::move(kinds)) {
  for (const auto& kind : kinds_) {
    auto& needed = needed_.emplace_back(kind.conditions.empty() ? ~std::uint64_t{0} : 0);
    for (const auto& condition : kind.conditions) {
      const bool is_absence = !condition.present && condition.values.empty() && !condition.least;
      if (!is_absence) needed |= mark_of(condition.path.front());
    }
  }
}

const ConfigKind* ConfigKinds::of(const Value& config) const {
  const auto* members = config.as<Value::Object>();
  if (members == nullptr) return nullptr;
  std::uint64_t there = 0;
  for (const auto& [key, value] : *members) there |= mark_of(key);
  for (std::size_t i = kinds_.size(); i-- > 0;) {
    if ((needed_[i] & ~there) != 0) continue;
    const auto& conditions = kinds_[i].conditions;
    const auto fits = [&](const ConfigKind::Condition& condition) { return holds(condition, config); };
    if (!conditions.empty() && std::ranges::all_of(conditions, fits)) return &kinds_[i];
  }
  return nullptr;
}

}  // namespace paramcount
