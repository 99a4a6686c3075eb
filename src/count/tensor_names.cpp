#include "count/tensor_names.hpp"

#include "base/budgets.hpp"
#include "base/folded_name.hpp"
#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {

std::string range_text(const Range& range) {
  std::string text = std::to_string(range.first);
  if (range.last != range.first) text += "–" + std::to_string(range.last);
  return text;
}

std::string ranges_text(const std::vector<Range>& ranges) {
  std::string text;
  for (const auto& range : ranges) text += (text.empty() ? "" : ",") + range_text(range);
  return text;
}

std::string pattern_of(const Tensor& tensor) {
  return tensor.name.with([&](std::size_t axis) {
    const auto& ranges = tensor.axes[axis].ranges;
    const bool single = ranges.size() == 1 && ranges[0].first == ranges[0].last;
    return single ? std::to_string(ranges[0].first) : "{" + ranges_text(ranges) + "}";
  });
}

void each_name(const Tensor& tensor, const std::function<void(const std::string&)>& visit) {
  each_name(tensor.name, tensor.axes, visit);
}

void each_name(const TensorName& name, const std::vector<Axis>& axes,
               const std::function<void(const std::string&)>& visit) {
  if (copies_of(axes) > kMostListedTensors) throw Error("more than 20 million tensors; leave out --all");
  std::vector<std::uint64_t> values(axes.size());
  std::string text;
  const std::function<void(std::size_t)> descend = [&](std::size_t axis) {
    if (axis == axes.size()) {
      name.spell(values, text);
      visit(text);
      return;
    }
    for (const auto& range : axes[axis].ranges) {
      for (auto value = range.first; value <= range.last; ++value) {
        values[axis] = value;
        descend(axis + 1);
      }
    }
  };
  descend(0);
}

std::uint64_t index_of(const std::string& name, const Tensor& pattern) {
  std::uint64_t value = 0;
  for (std::size_t at = pattern.name.indices().front().at; at < name.size() && is_digit(name[at]); ++at) {
    value = value * 10 + static_cast<std::uint64_t>(name[at] - '0');
  }
  return value;
}

std::string item_name(const std::string& key, const std::vector<Axis>& axes) {
  std::string name;
  std::size_t axis = 0;
  for (const char c : key) {
    if (c != kNumber || axis == axes.size()) {
      name += c;
      continue;
    }
    const std::string text = ranges_text(axes[axis].ranges);
    name += axes[axis++].size() == 1 ? text : "{" + text + "}";
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
  std::vector<std::pair<std::string, std::uint64_t>> names;
  if (members.empty()) return names;
  for (const auto& axes : axes_of(group.numbers_of(members), members.size(), std::vector<std::string>(group.arity))) {
    names.emplace_back(item_name(group.key, axes), copies_of(axes));
  }
  return names;
}

}  // namespace paramcount
