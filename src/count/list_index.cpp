#include "count/list_index.hpp"

#include <algorithm>

namespace paramcount {
namespace {

/// The place of the first entry of that key in sorted pairs.
template <class Key>
std::optional<std::size_t> find_in(const std::vector<std::pair<Key, std::size_t>>& sorted, const Key& key) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), key,
                                   [](const auto& entry, const Key& wanted) { return entry.first < wanted; });
  if (at == sorted.end() || at->first != key) return std::nullopt;
  return at->second;
}

}  // namespace

std::uint64_t weight(const Value& value) {
  if (const auto* text = value.as<std::string>()) return 1 + text->size() / 16;
  std::uint64_t sum = 1;
  if (const auto* list = value.as<Value::List>()) {
    for (const auto& item : *list) sum += weight(item);
  } else if (const auto* object = value.as<Value::Object>()) {
    for (const auto& [name, item] : *object) sum += 1 + name.size() / 16 + weight(item);
  }
  return sum;
}

ListIndex::ListIndex(const Value::List& list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (const auto* whole = list[i].as<std::int64_t>()) {
      wholes_.emplace_back(*whole, i);
    } else if (const auto* text = list[i].as<std::string>()) {
      texts_.emplace_back(*text, i);
    } else {
      others_.emplace_back(list[i], i);
      weight_of_others_ += weight(list[i]);
    }
  }
  std::sort(wholes_.begin(), wholes_.end());
  std::sort(texts_.begin(), texts_.end());
}

std::uint64_t ListIndex::steps(const ValueView& value) const {
  if (value.as<std::string>() != nullptr) return 1;
  return 1 + weight_of_others_ + (value.is_whole() ? 0 : wholes_.size());
}

std::optional<std::size_t> ListIndex::find(const ValueView& value) const {
  if (const auto* text = value.as<std::string>()) return find_in(texts_, *text);
  std::optional<std::size_t> first;
  if (value.is_whole()) {
    first = find_in(wholes_, value.whole());
  } else {
    // A fraction may be as large as a whole number.
    for (const auto& [whole, place] : wholes_) {
      if (ValueView::of_whole(whole) == value && (!first || place < *first)) first = place;
    }
  }
  const auto other =
      std::find_if(others_.begin(), others_.end(), [&](const auto& entry) { return ValueView(entry.first) == value; });
  if (other != others_.end() && (!first || other->second < *first)) first = other->second;
  return first;
}

}  // namespace paramcount
