#include "count/partners.hpp"

#include <algorithm>
#include <numeric>

#include "base/folded_name.hpp"
#include "base/text.hpp"

namespace paramcount {

Partners::Partners(const StoredWeights& stored) : stored_(stored) {
  for (std::size_t i = 0; i < stored.groups.size(); ++i) by_key_.emplace(stored.groups[i].names.key, i);
}

std::optional<std::size_t> Partners::find(const std::string& key) const {
  auto found = by_key_.find(key);
  if (found == by_key_.end() && is_digit(key.back())) {
    found = by_key_.find(key.substr(0, key.find_last_not_of("0123456789") + 1) + kNumber);
  }
  return found != by_key_.end() ? std::optional(found->second) : std::nullopt;
}

std::optional<std::uint32_t> Partners::partner_of(std::optional<std::size_t> group, const NameGroup& of,
                                                  std::size_t member) {
  if (!group) return std::nullopt;
  const NameGroup& names = stored_.groups[*group].names;
  if (names.arity != of.arity && names.arity != of.arity + 1) return std::nullopt;
  const auto* wanted = of.numbers_of(member);
  const auto equal = [&](std::size_t i) { return std::equal(wanted, wanted + of.arity, names.numbers_of(i)); };
  // Files are written module by module: partners are nearly always in the same order.
  if (member < names.members.size() && equal(member)) return names.members[member];
  auto& order = sorted_[*group];
  const auto less = [&](const std::uint32_t* a, const std::uint32_t* b) {
    return std::lexicographical_compare(a, a + of.arity, b, b + of.arity);
  };
  if (order.empty()) {
    order.resize(names.members.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return less(names.numbers_of(a), names.numbers_of(b)); });
  }
  const auto at = std::lower_bound(order.begin(), order.end(), wanted, [&](std::uint32_t i, const auto* value) {
    return less(names.numbers_of(i), value);
  });
  return at != order.end() && equal(*at) ? std::optional(names.members[*at]) : std::nullopt;
}

}  // namespace paramcount
