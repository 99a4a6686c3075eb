#include "paramcount/count/diff.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/folded_name.hpp"
#include "base/text.hpp"
#include "count/packing.hpp"
#include "count/respelling.hpp"
#include "count/tensor_names.hpp"
#include "count/unknown_packing.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

using Shape = std::vector<std::uint64_t>;
using Item = CheckpointDiff::Item;
using Numbers = std::vector<std::uint32_t>;

StoredWeights weights_of(const Checkpoint& checkpoint, const NameLookup& names, const Spellings& spellings) {
  return locating(checkpoint.path, [&] {
    StoredWeights stored = unpack_checkpoint(checkpoint, names);
    refuse_unknown(stored, spellings);
    return stored;
  });
}

class Differ {
 public:
  Differ(const Checkpoint& first, const Checkpoint& second, const NameLookup& names)
      : spellings_(names.spellings ? names.spellings() : Spellings{}),
        first_(weights_of(first, names, spellings_)),
        second_(weights_of(second, names, spellings_)),
        names_(names) {}

  CheckpointDiff run() {
    std::map<std::pair<std::string, std::size_t>, std::size_t> by_key;
    for (std::size_t g = 0; g < second_.groups.size(); ++g) {
      if (counts(second_, g)) by_key.emplace(key_of(second_, g), g);
    }
    std::vector<std::size_t> left;
    for (std::size_t g = 0; g < first_.groups.size(); ++g) {
      if (!counts(first_, g)) continue;
      const auto found = by_key.find(key_of(first_, g));
      if (found == by_key.end()) {
        left.push_back(g);
      } else {
        compare(g, found->second);
        by_key.erase(found);
      }
    }
    respell(left, by_key);
    for (const auto g : left) only(first_, g, first_.groups[g].names.all(), out_.only_first, true);
    for (const auto& [unused, g] : by_key) only(second_, g, second_.groups[g].names.all(), out_.only_second, false);
    return std::move(out_);
  }

 private:
  static bool counts(const StoredWeights& weights, std::size_t g) { return may_be_weight(weights.groups[g].part); }
  static std::pair<std::string, std::size_t> key_of(const StoredWeights& weights, std::size_t g) {
    const auto& names = weights.groups[g].names;
    return {names.key, names.arity};
  }
  static std::string format_of(const StoredWeights& weights, std::size_t g, std::uint32_t tensor) {
    const auto& format = weights.groups[g].format;
    return format.empty() ? format_name(weights.stored(tensor).dtype) : format;
  }
  bool is_parameter(const StoredWeights& weights, std::size_t g) const {
    return known_buffer(weights, g, spellings_).empty();
  }

  void only(const StoredWeights& weights, std::size_t g, const std::vector<std::uint32_t>& members,
            std::vector<Item>& out, bool is_first) {
    const auto& names = weights.groups[g].names;
    const bool parameters = is_parameter(weights, g);
    std::map<std::pair<Shape, std::string>, std::vector<std::uint32_t>> alike;
    for (const auto m : members) {
      const auto tensor = names.members[m];
      if (parameters) (is_first ? out_.first : out_.second) += Params{weights.elements(tensor)};
      alike[{weights.shape(tensor), format_of(weights, g, tensor)}].push_back(m);
    }
    for (const auto& [what, same] : alike) {
      for (auto& [name, copies] : item_names(names, same)) {
        Item item{std::move(name), copies, {}, {}, {}, {}};
        (is_first ? item.first_shape : item.second_shape) = what.first;
        (is_first ? item.first_format : item.second_format) = what.second;
        out.push_back(std::move(item));
      }
    }
  }

  /// Two groups whose names are the same, copy by copy.
  void compare(std::size_t a, std::size_t b) {
    const auto& left = first_.groups[a].names;
    const auto& right = second_.groups[b].names;
    std::map<Numbers, std::uint32_t> by_numbers;
    for (std::size_t m = 0; m < right.members.size(); ++m) {
      by_numbers.emplace(Numbers(right.numbers_of(m), right.numbers_of(m) + right.arity),
                         static_cast<std::uint32_t>(m));
    }
    const bool parameters = is_parameter(first_, a);
    std::vector<std::uint32_t> alone;
    std::map<std::tuple<Shape, Shape, std::string, std::string>, std::vector<std::uint32_t>> changed;
    for (std::size_t m = 0; m < left.members.size(); ++m) {
      const auto found = by_numbers.find(Numbers(left.numbers_of(m), left.numbers_of(m) + left.arity));
      if (found == by_numbers.end()) {
        alone.push_back(static_cast<std::uint32_t>(m));
        continue;
      }
      const auto x = left.members[m];
      const auto y = right.members[found->second];
      by_numbers.erase(found);
      if (parameters) {
        out_.first += Params{first_.elements(x)};
        out_.second += Params{second_.elements(y)};
      }
      auto shapes = std::pair(first_.shape(x), second_.shape(y));
      // Of weights whose shape is not stored the number has to do.
      const bool unknown =
          (first_.is_packed(x) && shapes.first.empty()) || (second_.is_packed(y) && shapes.second.empty());
      if (unknown && first_.elements(x) == second_.elements(y)) shapes.first = shapes.second = {};
      auto format_x = format_of(first_, a, x);
      auto format_y = format_of(second_, b, y);
      if (shapes.first == shapes.second && format_x == format_y) {
        ++out_.same;
      } else {
        note_vocabulary(left.key, shapes.first, shapes.second);
        changed[{shapes.first, shapes.second, std::move(format_x), std::move(format_y)}].push_back(
            static_cast<std::uint32_t>(m));
      }
    }
    for (const auto& [what, members] : changed) {
      for (auto& [name, copies] : item_names(left, members)) {
        const auto& [x, y, format_x, format_y] = what;
        (x == y ? out_.retyped : out_.reshaped).push_back({std::move(name), copies, x, y, format_x, format_y});
      }
    }
    only(first_, a, alone, out_.only_first, true);
    std::vector<std::uint32_t> rest;
    rest.reserve(by_numbers.size());
    for (const auto& [unused, m] : by_numbers) rest.push_back(m);
    only(second_, b, rest, out_.only_second, false);
  }

  /// More or fewer rows of what is an input table or a head.
  void note_vocabulary(const std::string& key, const Shape& x, const Shape& y) {
    if (x.size() != 2 || y.size() != 2 || x[0] == y[0] || x[1] != y[1] || !names_.role_of) return;
    const auto named = names_.role_of(key);
    if (!named || (named->role.kind != RoleKind::embedding && named->role.kind != RoleKind::head)) return;
    out_.first_vocabulary = x[0];
    out_.second_vocabulary = y[0];
  }

  /// What has no partner under its own name may have one in another spelling.
  void respell(std::vector<std::size_t>& left, std::map<std::pair<std::string, std::size_t>, std::size_t>& by_key) {
    if (left.empty() || by_key.empty()) return;
    std::vector<OpenName> open;
    std::vector<std::string> lacking;
    open.reserve(left.size());
    lacking.reserve(by_key.size());
    for (const auto g : left) open.push_back({first_.groups[g].names.key, first_.groups[g].names.members.size()});
    for (const auto& [key, unused] : by_key) lacking.push_back(key.first);
    const Respelling respelling(spellings_, open, lacking, second_.groups.size());
    std::erase_if(left, [&](std::size_t g) {
      const auto& names = first_.groups[g].names;
      for (const auto& candidate : respelling.candidates(names.key)) {
        const auto found = by_key.find({candidate, names.arity});
        if (found == by_key.end()) continue;
        auto texts = difference(names.key, candidate);
        texts = {starred(texts.first), starred(texts.second)};
        const auto known = std::ranges::find_if(
            out_.spellings, [&](const auto& s) { return s.first == texts.first && s.second == texts.second; });
        if (known == out_.spellings.end()) {
          out_.spellings.push_back({std::move(texts.first), std::move(texts.second), names.members.size()});
        } else {
          known->tensors += names.members.size();
        }
        compare(g, found->second);
        by_key.erase(found);
        return true;
      }
      return false;
    });
  }

  Spellings spellings_;
  StoredWeights first_, second_;
  const NameLookup& names_;
  CheckpointDiff out_;
};

}  // namespace

CheckpointDiff diff(const Checkpoint& first, const Checkpoint& second, const NameLookup& names) {
  return Differ(first, second, names).run();
}

}  // namespace paramcount
