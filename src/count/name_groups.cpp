#include "count/name_groups.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <span>
#include <unordered_map>

#include "base/budgets.hpp"
#include "base/folded_name.hpp"
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
    const std::size_t star = key.find(kNumber, from);
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

/// The axes of tuples as chains of nodes: the values of one number, and the node of the numbers after it.
class Products {
 public:
  /// `tuples` are sorted and distinct, `arity` numbers each, of which there are at least two.
  Products(const std::vector<std::uint32_t>& tuples, std::size_t arity) : tuples_(tuples), arity_(arity) {}

  std::vector<std::vector<Axis>> run(const std::vector<std::string>& names) {
    std::vector<Set> sets = last_numbers();
    for (std::size_t position = arity_ - 1; position-- > 0;) sets = merged(std::move(sets), position);
    std::vector<std::vector<Axis>> result;
    result.reserve(sets.size());
    for (const auto& set : sets) {
      auto& axes = result.emplace_back();
      axes.reserve(arity_);
      for (std::size_t node = set.node; node != kEnd; node = nodes_[node].rest) {
        axes.push_back({names[axes.size()], nodes_[node].ranges});
      }
    }
    return result;
  }

 private:
  static constexpr std::size_t kEnd = SIZE_MAX;
  struct Node {
    std::vector<Range> ranges;
    std::size_t rest{kEnd};
    bool operator==(const Node&) const = default;
  };
  /// What follows the same first numbers.
  struct Set {
    std::size_t tuple{0};  ///< one of those that begin so
    std::size_t node{0};
  };

  [[nodiscard]] std::uint32_t number(std::size_t tuple, std::size_t position) const {
    return tuples_[tuple * arity_ + position];
  }
  [[nodiscard]] bool begin_alike(std::size_t a, std::size_t b, std::size_t count) const {
    return std::equal(tuples_.data() + a * arity_, tuples_.data() + a * arity_ + count, tuples_.data() + b * arity_);
  }

  std::vector<Set> last_numbers() {
    std::vector<Set> sets;
    std::vector<Node> made;
    for (std::size_t i = 0; i < tuples_.size() / arity_; ++i) {
      if (sets.empty() || !begin_alike(sets.back().tuple, i, arity_ - 1)) {
        sets.push_back({i, 0});
        made.emplace_back();
      }
      append(made.back().ranges, number(i, arity_ - 1));
    }
    keep(sets, std::move(made));
    return sets;
  }

  /// Values of the number at that position with the same axes behind them are one set, when they are near: a hostile
  /// file has no two alike.
  std::vector<Set> merged(std::vector<Set> inner, std::size_t position) {
    constexpr std::size_t kNear = 16;
    std::vector<Set> sets;
    std::vector<Node> made;
    std::size_t first = 0;  // of those that begin alike
    for (const auto& set : inner) {
      if (!sets.empty() && !begin_alike(sets.back().tuple, set.tuple, position)) first = sets.size();
      std::size_t at = std::max(first, made.size() - std::min(made.size(), kNear));
      while (at < made.size() && made[at].rest != set.node) ++at;
      if (at == made.size()) {
        sets.push_back({set.tuple, 0});
        made.push_back({{}, set.node});
      }
      append(made[at].ranges, number(set.tuple, position));
    }
    keep(sets, std::move(made));
    return sets;
  }

  /// Equal nodes are kept once, so that comparing their numbers is enough.
  void keep(std::vector<Set>& sets, std::vector<Node> made) {
    std::unordered_multimap<std::uint64_t, std::size_t> known;
    for (std::size_t i = 0; i < made.size(); ++i) {
      const auto& ranges = made[i].ranges;
      constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;
      const auto hash = hash_of({reinterpret_cast<const char*>(ranges.data()), ranges.size() * sizeof(Range)}) ^
                        (made[i].rest * kOdd);
      auto [at, end] = known.equal_range(hash);
      while (at != end && nodes_[at->second] != made[i]) ++at;
      if (at == end) {
        at = known.emplace(hash, nodes_.size());
        nodes_.push_back(std::move(made[i]));
      }
      sets[i].node = at->second;
    }
  }

  const std::vector<std::uint32_t>& tuples_;
  std::size_t arity_;
  std::vector<Node> nodes_;
};

/// Writes the key of a text with indices at these places, and reports each number and each index in order.
template <class Number, class Index>
void fold(std::string_view text, std::span<const TensorName::Index> indices, std::string& key, const Number& number,
          const Index& index) {
  key.clear();
  std::size_t copied = 0;
  std::size_t found = 0;
  auto next = indices.begin();
  const auto take = [&](std::size_t from, std::size_t to) {
    key.append(text.substr(copied, from - copied));
    key += kNumber;
    copied = to;
    ++found;
  };
  for (std::size_t i = 0; i < text.size();) {
    if (next != indices.end() && i == next->at) {
      i += next->size;
      take(next->at, i);
      index(static_cast<std::size_t>(next - indices.begin()));
      ++next;
      continue;
    }
    if (!is_digit(text[i])) {
      ++i;
      continue;
    }
    const std::size_t start = i;
    std::uint32_t value = 0;
    while (i < text.size() && is_digit(text[i])) {
      if (i - start < kMostDigits) value = value * 10 + static_cast<std::uint32_t>(text[i] - '0');
      ++i;
    }
    const bool begins = start == 0 || text[start - 1] == '.' || text[start - 1] == '_';
    const bool ends = i == text.size() || text[i] == '.';
    const bool plain = i - start <= kMostDigits && (i - start == 1 || text[start] != '0');
    if (!begins || !ends || !plain || found == kMostNumbers) continue;
    take(start, i);
    number(value);
  }
  key.append(text.substr(copied));
}

}  // namespace

void fold_name(std::string_view name, std::string& key, std::vector<std::uint32_t>& numbers) {
  numbers.clear();
  fold(
      name, {}, key, [&](std::uint32_t value) { numbers.push_back(value); }, [](std::size_t) {});
}

std::vector<std::uint32_t> NameGroup::numbers_of(const std::vector<std::uint32_t>& several) const {
  std::vector<std::uint32_t> result;
  result.reserve(several.size() * arity);
  for (const auto m : several) result.insert(result.end(), numbers_of(m), numbers_of(m) + arity);
  return result;
}

std::vector<std::uint32_t> NameGroup::all() const {
  std::vector<std::uint32_t> places(members.size());
  std::iota(places.begin(), places.end(), 0U);
  return places;
}

std::vector<NameGroup> group_names(const std::vector<StoredTensor>& tensors) {
  std::vector<NameGroup> groups;
  std::unordered_map<std::string, std::size_t, SeededHash> positions;
  std::string key;
  std::vector<std::uint32_t> numbers;
  // Layers repeat: what followed a group once follows it again.
  std::vector<std::size_t> next;
  std::size_t last = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    std::size_t at = last < next.size() ? next[last] : 0;
    if (at >= groups.size() || !unfold(tensors[i].name, groups[at], numbers)) {
      fold_name(tensors[i].name, key, numbers);
      const auto [known, is_new] = positions.try_emplace(key, groups.size());
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

FoldedPattern fold_pattern(const TensorName& name, const std::vector<Axis>& axes) {
  FoldedPattern folded;
  fold(
      name.text(), name.indices(), folded.key,
      [&](std::uint32_t value) {
        folded.axes.push_back({"", {{value, value}}});
      },
      [&](std::size_t index) { folded.axes.push_back(index < axes.size() ? axes[index] : Axis{}); });
  return folded;
}

std::string fold_pattern(const std::string& pattern) { return fold_pattern(TensorName::of_pattern(pattern), {}).key; }

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
  if (arity == 0) return {{}};
  if (arity > 1) return Products(numbers, arity).run(names);
  Axis axis{names.front(), {}};
  for (const auto number : numbers) append(axis.ranges, number);
  return {{std::move(axis)}};
}

}  // namespace paramcount
