#include "count/name_groups.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <unordered_map>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "count/ranges.hpp"

namespace paramcount {
namespace {

constexpr std::size_t kMostDigits = 9;

/// The numbers of a name that folds to the group's key; false when it does not.
bool unfold(std::string_view name, const NameGroup& group, std::vector<std::uint32_t>& numbers) {
  numbers.clear();
  const std::string_view key = group.key;
  std::size_t from = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < group.arity; ++i) {
    const std::size_t star = key.find('*', from);
    const std::size_t length = star - from;
    if (name.size() - at <= length || std::memcmp(name.data() + at, key.data() + from, length) != 0) return false;
    at += length;
    const std::size_t start = at;
    std::uint32_t value = 0;
    while (at < name.size() && is_digit(name[at]) && at - start < kMostDigits) {
      value = value * 10 + static_cast<std::uint32_t>(name[at++] - '0');
    }
    if (at == start || (at - start > 1 && name[start] == '0')) return false;
    numbers.push_back(value);
    from = star + 1;
  }
  return name.substr(at) == key.substr(from);
}

/// Of texts that a file's maker chose: the seed keeps them from all falling into one bucket.
struct SeededHash {
  std::size_t operator()(const std::string& text) const { return static_cast<std::size_t>(hash_of(text)); }
};

/// Of sorted, distinct tuples [first, last), from that position of a tuple on.
std::vector<std::vector<Axis>> product_axes(const std::vector<std::uint32_t>& tuples, std::size_t arity,
                                            std::size_t first, std::size_t last, std::size_t position,
                                            const std::vector<std::string>& names) {
  if (position == arity) return {{}};
  if (position + 1 == arity) {
    Axis axis{names[position], {}};
    for (std::size_t i = first; i < last; ++i) append(axis.ranges, tuples[i * arity + position]);
    return {{std::move(axis)}};
  }
  std::vector<std::vector<Axis>> result;
  std::vector<std::vector<Axis>> rest;
  for (std::size_t from = first; from < last;) {
    const auto value = tuples[from * arity + position];
    std::size_t to = from;
    while (to < last && tuples[to * arity + position] == value) ++to;
    auto inner = product_axes(tuples, arity, from, to, position + 1, names);
    for (auto& axes : inner) {
      // Values with the same axes behind them are one set, when they are near: a hostile file has no two alike.
      constexpr std::ptrdiff_t kNear = 16;
      const auto near = rest.end() - std::min(kNear, static_cast<std::ptrdiff_t>(rest.size()));
      const auto same = std::find(near, rest.end(), axes);
      if (same != rest.end()) {
        append(result[static_cast<std::size_t>(same - rest.begin())].front().ranges, value);
        continue;
      }
      std::vector<Axis> made{Axis{names[position], {{value, value}}}};
      made.insert(made.end(), axes.begin(), axes.end());
      result.push_back(std::move(made));
      rest.push_back(std::move(axes));
    }
    from = to;
  }
  return result;
}

}  // namespace

void fold_name(std::string_view name, std::string& key, std::vector<std::uint32_t>& numbers) {
  key.clear();
  numbers.clear();
  if (name.find('*') != std::string_view::npos) {
    // Its own stars would pass for numbers.
    key = name;
    return;
  }
  std::size_t copied = 0;
  for (std::size_t i = 0; i < name.size();) {
    if (!is_digit(name[i])) {
      ++i;
      continue;
    }
    const std::size_t start = i;
    std::uint32_t value = 0;
    while (i < name.size() && is_digit(name[i])) {
      if (i - start < kMostDigits) value = value * 10 + static_cast<std::uint32_t>(name[i] - '0');
      ++i;
    }
    const bool begins = start == 0 || name[start - 1] == '.' || name[start - 1] == '_';
    const bool ends = i == name.size() || name[i] == '.';
    const bool plain = i - start <= kMostDigits && (i - start == 1 || name[start] != '0');
    if (!begins || !ends || !plain) continue;
    key.append(name.substr(copied, start - copied));
    key += '*';
    numbers.push_back(value);
    copied = i;
  }
  key.append(name.substr(copied));
}

std::vector<NameGroup> group_names(const std::vector<StoredTensor>& tensors) {
  std::vector<NameGroup> groups;
  std::unordered_map<std::string, std::size_t, SeededHash> positions;  // by key and, after a zero, arity
  std::string key;
  std::vector<std::uint32_t> numbers;
  // Layers repeat: what followed a group once follows it again.
  std::vector<std::size_t> next;
  std::size_t last = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    std::size_t at = last < next.size() ? next[last] : 0;
    if (at >= groups.size() || !unfold(tensors[i].name, groups[at], numbers)) {
      fold_name(tensors[i].name, key, numbers);
      const auto [known, is_new] = positions.try_emplace(key + '\0' + std::to_string(numbers.size()), groups.size());
      at = known->second;
      if (is_new) groups.push_back({key, numbers.size(), {}, {}});
      if (next.size() < groups.size()) next.resize(groups.size());
      if (i > 0) next[last] = at;
    }
    last = at;
    NameGroup& group = groups[at];
    group.members.push_back(static_cast<std::uint32_t>(i));
    group.numbers.insert(group.numbers.end(), numbers.begin(), numbers.end());
  }
  return groups;
}

FoldedPattern fold_pattern(const std::string& name, const std::vector<Axis>& axes) {
  FoldedPattern folded;
  std::size_t axis = 0;
  std::vector<std::uint32_t> numbers;
  // Indices become a number no name has while the rest is folded, so that both are found in order.
  constexpr std::uint32_t kIndex = 999999999;
  std::string plain;
  for (std::size_t at = 0; at < name.size();) {
    const auto open = name.find('{', at);
    plain += name.substr(at, open == std::string::npos ? open : open - at);
    if (open == std::string::npos) break;
    plain += std::to_string(kIndex);
    at = name.find('}', open) + 1;
  }
  fold_name(plain, folded.key, numbers);
  for (const auto number : numbers) {
    if (number == kIndex && axis < axes.size()) {
      folded.axes.push_back(axes[axis++]);
    } else {
      folded.axes.push_back({"", {{number, number}}});
    }
  }
  return folded;
}

std::vector<std::vector<Axis>> axes_of(std::vector<std::uint32_t> numbers, std::size_t count,
                                       const std::vector<std::string>& names) {
  const std::size_t arity = names.size();
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto tuple = [&](std::size_t i) { return numbers.data() + i * arity; };
  const auto before = [&](std::size_t a, std::size_t b) {
    return std::lexicographical_compare(tuple(a), tuple(a) + arity, tuple(b), tuple(b) + arity);
  };
  if (!std::is_sorted(order.begin(), order.end(), before)) {
    std::sort(order.begin(), order.end(), before);
    std::vector<std::uint32_t> sorted;
    sorted.reserve(numbers.size());
    for (const auto i : order) sorted.insert(sorted.end(), tuple(i), tuple(i) + arity);
    numbers = std::move(sorted);
  }
  return product_axes(numbers, arity, 0, count, 0, names);
}

}  // namespace paramcount
