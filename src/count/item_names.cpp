#include "count/item_names.hpp"

#include "base/folded_name.hpp"
#include "base/text.hpp"
#include "paramcount/base/checked.hpp"

namespace paramcount {

std::string item_name(const std::string& key, const std::vector<Axis>& axes) {
  std::string name;
  std::size_t axis = 0;
  for (const char c : key) {
    if (c != kNumber || axis == axes.size()) {
      name += c;
      continue;
    }
    const auto& ranges = axes[axis++].ranges;
    std::string text;
    for (const auto& range : ranges) {
      text += (text.empty() ? "" : ",") + std::to_string(range.first);
      if (range.last != range.first) text += "–" + std::to_string(range.last);
    }
    name += axes[axis - 1].size() == 1 ? text : "{" + text + "}";
  }
  return printable(name);
}

std::uint64_t copies_of(const std::vector<Axis>& axes) {
  std::uint64_t copies = 1;
  for (const auto& axis : axes) copies = checked_mul(copies, axis.size());
  return copies;
}

std::vector<std::pair<std::string, std::uint64_t>> item_names(const NameGroup& group,
                                                              const std::vector<std::uint32_t>& members) {
  std::vector<std::uint32_t> numbers;
  for (const auto m : members) numbers.insert(numbers.end(), group.numbers_of(m), group.numbers_of(m) + group.arity);
  std::vector<std::pair<std::string, std::uint64_t>> names;
  if (members.empty()) return names;
  for (const auto& axes : axes_of(std::move(numbers), members.size(), std::vector<std::string>(group.arity))) {
    names.emplace_back(item_name(group.key, axes), copies_of(axes));
  }
  return names;
}

}  // namespace paramcount
