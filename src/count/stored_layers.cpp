#include "count/stored_layers.hpp"

#include <algorithm>
#include <map>

#include "base/folded_name.hpp"
#include "read/shards.hpp"

namespace paramcount {
namespace {

/// A key up to the number of the layer: "model.layers.*."
std::string layer_prefix(const std::string& key, std::size_t axis) {
  std::size_t at = 0;
  for (std::size_t star = key.find(kNumber); star != std::string::npos; star = key.find(kNumber, star + 1)) {
    if (at++ == axis) return key.substr(0, star + 1);
  }
  return {};
}

bool is_layered(const Tensor& tensor) {
  return tensor.layer_axis >= 0 && !is_tower(tensor.role.kind) && !tensor.role.is_buffer();
}

const Axis& layer_axis(const Tensor& tensor) { return tensor.axes[static_cast<std::size_t>(tensor.layer_axis)]; }

struct Seen {
  StoredLayers layers;
  std::set<std::uint32_t> expected, mtp;
  std::set<std::string> prefixes;  ///< of the files' keys
};

std::vector<Range> ranges_of(const std::set<std::uint32_t>& numbers) {
  std::vector<Range> ranges;
  for (const auto number : numbers) {
    if (ranges.empty() || ranges.back().last + 1 != number) ranges.push_back({number, number});
    ranges.back().last = number;
  }
  return ranges;
}

void keep(std::vector<State>& states, const StoredLayers& layers) {
  for (auto& state : states) {
    if (state.layer_axis < 0) continue;
    auto& axis = state.axes[static_cast<std::size_t>(state.layer_axis)];
    if (axis.index != layers.index) continue;
    std::set<std::uint32_t> kept;
    for (const auto number : layers.stored) {
      if (axis.contains(number)) kept.insert(number);
    }
    state.copies = state.copies / axis.size() * kept.size();
    axis.ranges = ranges_of(kept);
  }
  std::erase_if(states, [](const State& state) { return state.copies == 0; });
}

}  // namespace

std::vector<StoredLayers> stored_layers(const StoredWeights& stored, const Inventory& family,
                                        const Matching& matching) {
  if (shard_of(stored.checkpoint->path)) return {};
  std::map<std::string, Seen> seen;
  for (const auto& tensor : family.tensors) {
    if (!is_layered(tensor)) continue;
    auto& all = seen[layer_axis(tensor).index];
    for (const auto& range : layer_axis(tensor).ranges) {
      for (auto number = range.first; number <= range.last; ++number) {
        (tensor.mtp ? all.mtp : all.expected).insert(static_cast<std::uint32_t>(number));
      }
    }
  }
  for (const auto& match : matching.matches) {
    const auto& tensor = family.tensors[match.expected];
    const auto& names = stored.groups[match.group].names;
    const auto axis = static_cast<std::size_t>(tensor.layer_axis);
    if (!is_layered(tensor) || tensor.mtp || axis >= names.arity) continue;
    auto& all = seen[layer_axis(tensor).index];
    all.prefixes.insert(layer_prefix(names.key, axis));
    // All of the group, those too that the family has no layer for.
    for (std::size_t m = 0; m < names.members.size(); ++m) all.layers.stored.insert(names.numbers_of(m)[axis]);
  }
  std::vector<StoredLayers> result;
  for (auto& [index, all] : seen) {
    for (const auto number : all.mtp) {
      if (!all.expected.contains(number)) all.layers.stored.erase(number);
    }
    if (all.layers.stored.empty() || all.expected.empty() || *all.expected.rbegin() + 1 != all.expected.size())
      continue;
    all.layers.index = index;
    all.layers.expected = all.expected.size();
    for (const auto& left : matching.unmatched) {
      const auto& names = stored.groups[left.group].names;
      const auto matched = std::any_of(matching.matches.begin(), matching.matches.end(),
                                       [&](const Match& match) { return match.group == left.group; });
      if (matched || !left.known.empty()) continue;
      for (const auto& prefix : all.prefixes) {
        if (!names.key.starts_with(prefix + ".")) continue;
        const auto axis = numbers_in(prefix) - 1;
        for (const auto m : left.members) {
          if (names.numbers_of(m)[axis] >= all.layers.expected) all.layers.whole_beyond = false;
        }
      }
    }
    result.push_back(std::move(all.layers));
  }
  return result;
}

void keep_layers(Inventory& family, const StoredLayers& layers, std::string_view dim) {
  keep(family.state, layers);
  keep(family.borrowed, layers);
  const auto count = static_cast<std::uint64_t>(layers.stored.size());
  family.layer_count = family.layer_count - std::min(family.layer_count, layers.expected) + count;
  for (auto& [name, value] : family.dims) {
    if (name == dim) value = Value(static_cast<std::int64_t>(count));
  }
}

void shorten_lists(Value& config, std::uint64_t from, std::uint64_t to) {
  auto* object = config.as<Value::Object>();
  if (object == nullptr) return;
  for (auto& [key, value] : *object) {
    if (auto* list = value.as<Value::List>(); list != nullptr && list->size() == from) list->resize(to);
    shorten_lists(value, from, to);
  }
}

std::string numbers_text(const StoredLayers& layers) {
  std::string text;
  for (const auto& range : ranges_of(layers.stored)) {
    text += (text.empty() ? "" : ", ") + std::to_string(range.first);
    if (range.last != range.first) text += "–" + std::to_string(range.last);
  }
  return text;
}

}  // namespace paramcount
