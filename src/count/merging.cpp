#include <algorithm>
#include <map>
#include <set>

#include "count/match_state.hpp"
#include "paramcount/checked.hpp"

namespace paramcount {
namespace {

using Shape = std::vector<std::uint64_t>;

class Merging {
 public:
  explicit Merging(MatchState& state) : state_(state) {}

  void run() {
    fused_in_file();
    split_in_file();
  }

 private:
  /// The expected tensor of a key that has a copy with these numbers in front; of the parts of a whole, and back.
  std::optional<std::size_t> holder(const std::string& key, const std::uint32_t* numbers, std::size_t count) const {
    const auto* candidates = state_.expected_of(key);
    if (candidates == nullptr) return std::nullopt;
    for (const auto e : *candidates) {
      const auto& axes = state_.out.patterns[e].axes;
      if (axes.size() < count || axes.size() > count + 1) continue;
      bool inside = true;
      for (std::size_t i = 0; i < count; ++i) inside = inside && axes[i].contains(numbers[i]);
      if (inside) return e;
    }
    return std::nullopt;
  }

  /// Parts of one layer side by side in their first dimension, and in front of it the index they have of their own.
  /// Empty where they do not fit together.
  static Shape merged(const std::vector<Shape>& parts, std::uint64_t stack, bool stacked) {
    Shape sum = parts.front();
    if (sum.empty()) return {};
    for (std::size_t i = 1; i < parts.size(); ++i) {
      if (parts[i].size() != sum.size() || !std::equal(sum.begin() + 1, sum.end(), parts[i].begin() + 1)) return {};
      sum.front() = checked_add(sum.front(), parts[i].front());
    }
    if (stacked) sum.insert(sum.begin(), stack);
    return sum;
  }

  /// Some files have no dimension of its own for the leading index: it multiplies the first.
  static bool holds(const Shape& whole, const Shape& wanted, bool stacked) {
    if (wanted.empty()) return false;
    if (whole == wanted || whole == turned(wanted)) return true;
    if (!stacked) return false;
    Shape flat(wanted.begin() + 1, wanted.end());
    flat.front() = checked_mul(flat.front(), wanted.front());
    return whole == flat;
  }

  /// One stored tensor is several expected ones.
  void fused_in_file() {
    for (std::size_t g = 0; g < state_.stored.groups.size(); ++g) {
      if (!state_.is_open(g)) continue;
      for (const auto& key : state_.spelled(state_.names(g).key)) {
        if (std::any_of(state_.spellings.merges.begin(), state_.spellings.merges.end(),
                        [&](const auto& merge) { return take_fused(g, key, merge); })) {
          break;
        }
      }
    }
  }

  bool take_fused(std::size_t g, const std::string& key, const Spellings::Merge& merge) {
    const auto base = before(key, merge.whole);
    if (!base) return false;
    const NameGroup& group = state_.names(g);
    Match fits{g, 0, {}, true, true, Match::Kind::whole};
    Match differs{g, 0, {}, false, true, Match::Kind::whole};
    std::vector<std::vector<std::size_t>> all_held;
    for (std::size_t m = 0; m < group.members.size(); ++m) {
      std::vector<Shape> shapes;
      std::vector<std::size_t> held;
      std::uint64_t stack = 1;
      bool stacked = false;
      for (const auto& part : merge.parts) {
        const auto e = holder(*base + part, group.numbers_of(m), group.arity);
        if (!e || state_.copies[*e] > 0) return false;
        const auto& axes = state_.out.patterns[*e].axes;
        stacked = axes.size() > group.arity;
        if (stacked) stack = axes.back().size();
        shapes.push_back(state_.expected.tensors[*e].shape);
        held.push_back(*e);
      }
      Shape wanted = merged(shapes, stack, stacked);
      Match& into = holds(state_.stored.shape(group.members[m]), wanted, stacked) ? fits : differs;
      into.wanted = std::move(wanted);
      into.stands_for = stack * held.size();
      into.expected = held.front();
      into.members.push_back(static_cast<std::uint32_t>(m));
      all_held.push_back(std::move(held));
    }
    for (std::size_t m = 0; m < all_held.size(); ++m) {
      for (const auto e : all_held[m]) note_fused(e, group, m);
    }
    state_.note_use({merge.whole, joined(merge.parts), group.members.size()});
    std::vector<Match> matches;
    for (auto* match : {&fits, &differs}) {
      if (!match->members.empty()) matches.push_back(std::move(*match));
    }
    state_.take(std::move(matches));
    return true;
  }

  void note_fused(std::size_t e, const NameGroup& group, std::size_t member) {
    const auto& axes = state_.out.patterns[e].axes;
    const auto* numbers = group.numbers_of(member);
    auto& found = state_.out.found[e];
    if (axes.empty()) state_.copies[e] = 1;
    if (axes.size() == group.arity) {
      found.insert(found.end(), numbers, numbers + group.arity);
      return;
    }
    for (const auto& range : axes.back().ranges) {
      for (auto value = range.first; value <= range.last; ++value) {
        found.insert(found.end(), numbers, numbers + group.arity);
        found.push_back(static_cast<std::uint32_t>(value));
      }
    }
  }

  /// Several stored tensors are one expected one.
  void split_in_file() {
    for (const auto& merge : state_.spellings.merges) {
      // Where a whole is expected, by its key: the groups that are its parts.
      std::map<std::string, std::vector<std::vector<std::size_t>>> wholes;
      for (std::size_t g = 0; g < state_.stored.groups.size(); ++g) {
        if (!state_.is_open(g)) continue;
        for (const auto& key : state_.spelled(state_.names(g).key)) {
          for (std::size_t p = 0; p < merge.parts.size(); ++p) {
            const auto base = before(key, merge.parts[p]);
            if (!base || state_.expected_of(*base + merge.whole) == nullptr) continue;
            auto& parts = wholes[*base + merge.whole];
            parts.resize(merge.parts.size());
            parts[p].push_back(g);
          }
        }
      }
      for (const auto& [key, parts] : wholes) take_split(key, parts, merge);
    }
  }

  void take_split(const std::string& key, const std::vector<std::vector<std::size_t>>& parts,
                  const Spellings::Merge& merge) {
    struct Pieces {
      std::vector<Shape> shapes;
      std::vector<std::uint64_t> counts;
      bool even{true};
    };
    for (const auto e : *state_.expected_of(key)) {
      if (state_.copies[e] > 0) continue;
      const auto& axes = state_.out.patterns[e].axes;
      std::map<std::vector<std::uint32_t>, Pieces> wholes;
      std::vector<std::pair<std::size_t, std::size_t>> members;  // group and member
      bool stacked = false;
      for (std::size_t p = 0; p < parts.size(); ++p) {
        for (const auto g : parts[p]) {
          const NameGroup& group = state_.names(g);
          if (group.arity < axes.size() || group.arity > axes.size() + 1) continue;
          stacked = stacked || group.arity > axes.size();
          for (std::size_t m = 0; m < group.members.size(); ++m) {
            const auto* numbers = group.numbers_of(m);
            if (!contains(axes, numbers)) continue;
            Pieces& pieces = wholes[std::vector<std::uint32_t>(numbers, numbers + axes.size())];
            pieces.shapes.resize(parts.size());
            pieces.counts.resize(parts.size());
            const auto& shape = state_.stored.shape(group.members[m]);
            pieces.even = pieces.even && (pieces.counts[p] == 0 || pieces.shapes[p] == shape);
            pieces.shapes[p] = shape;
            ++pieces.counts[p];
            members.emplace_back(g, m);
          }
        }
      }
      if (wholes.empty()) continue;
      std::set<std::vector<std::uint32_t>> good;
      for (const auto& [numbers, pieces] : wholes) {
        const auto& counts = pieces.counts;
        const bool complete = std::all_of(counts.begin(), counts.end(),
                                          [&](std::uint64_t count) { return count == counts.front() && count > 0; });
        if (complete && pieces.even &&
            holds(state_.expected.tensors[e].shape, merged(pieces.shapes, counts.front(), stacked), stacked)) {
          good.insert(numbers);
        }
        state_.out.found[e].insert(state_.out.found[e].end(), numbers.begin(), numbers.end());
      }
      state_.note_use({joined(merge.parts), merge.whole, members.size()});
      std::map<std::pair<std::size_t, bool>, Match> made;
      for (const auto& [g, m] : members) {
        const auto* numbers = state_.names(g).numbers_of(m);
        const bool fits = good.contains(std::vector<std::uint32_t>(numbers, numbers + axes.size()));
        Match& match = made[{g, fits}];
        match.group = g;
        match.expected = e;
        match.fits = fits;
        match.renamed = true;
        match.kind = Match::Kind::part;
        match.members.push_back(static_cast<std::uint32_t>(m));
      }
      std::vector<Match> matches;
      matches.reserve(made.size());
      for (auto& [unused, match] : made) matches.push_back(std::move(match));
      state_.take(std::move(matches));
      state_.copies[e] = wholes.size();
    }
  }

  MatchState& state_;
};

}  // namespace

void match_merged(MatchState& state) { Merging(state).run(); }

}  // namespace paramcount
