#include "count/matching.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "count/respelling.hpp"
#include "paramcount/checked.hpp"

namespace paramcount {
namespace {

using Shape = std::vector<std::uint64_t>;

bool contains(const std::vector<Axis>& axes, const std::uint32_t* numbers) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (!axes[i].contains(numbers[i])) return false;
  }
  return true;
}

/// The same numbers with rows and columns exchanged: modules that multiply from the other side store them so.
Shape turned(Shape shape) {
  if (shape.size() >= 2) std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
  return shape;
}

class Matcher {
 public:
  Matcher(const StoredWeights& stored, const Inventory& expected, const Spellings& spellings)
      : stored_(stored), expected_(expected), spellings_(spellings) {
    const auto n = expected.tensors.size();
    out_.patterns.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
      const auto& tensor = expected.tensors[i];
      out_.patterns.push_back(fold_pattern(tensor.name, tensor.axes));
      by_key_[out_.patterns.back().key].push_back(i);
    }
    copies_.resize(n);
    done_.resize(stored.groups.size());
    out_.found.resize(n);
    out_.complete.resize(n);
  }

  Matching run() {
    for (std::size_t g = 0; g < stored_.groups.size(); ++g) {
      if (is_weight(g)) by_own_name(g);
    }
    by_other_names();
    fused_in_file();
    split_in_file();
    leftovers();
    finish();
    return std::move(out_);
  }

 private:
  const StoredWeights::Group& group(std::size_t g) const { return stored_.groups[g]; }
  const NameGroup& names(std::size_t g) const { return stored_.groups[g].names; }
  bool is_weight(std::size_t g) const {
    return group(g).part == StoredPart::weight || group(g).part == StoredPart::integer;
  }

  const std::vector<std::size_t>* expected_of(const std::string& key) const {
    const auto found = by_key_.find(key);
    return found != by_key_.end() ? &found->second : nullptr;
  }

  /// A shape as the file has it and as it should be. Packed weights may be known by their number alone, and lie turned.
  bool agrees(std::uint32_t tensor, const Shape& wanted, std::uint64_t elements) const {
    const auto& shape = stored_.shape(tensor);
    if (!stored_.is_packed(tensor)) return shape == wanted;
    if (stored_.elements(tensor) != elements) return false;
    return shape.empty() || shape == wanted || shape == turned(wanted);
  }

  struct Trial {
    std::vector<Match> matches;
    std::size_t fitting{0}, inside{0};
  };

  /// The members of a group that have the numbers of expected tensors of that key.
  Trial attempt(std::size_t g, const std::string& key, bool renamed) const {
    Trial trial;
    const auto* candidates = expected_of(key);
    if (candidates == nullptr) return trial;
    const NameGroup& group = names(g);
    for (const auto e : *candidates) {
      const auto& axes = out_.patterns[e].axes;
      if (axes.size() != group.arity) continue;
      const auto& tensor = expected_.tensors[e];
      const std::uint64_t elements = tensor.elements();
      Match fits{g, e, {}, true, renamed, Match::Kind::same};
      Match differs{g, e, {}, false, renamed, Match::Kind::same};
      for (std::size_t m = 0; m < group.members.size(); ++m) {
        if (!contains(axes, group.numbers_of(m))) continue;
        const bool same = agrees(group.members[m], tensor.shape, elements);
        (same ? fits : differs).members.push_back(static_cast<std::uint32_t>(m));
      }
      trial.fitting += fits.members.size();
      trial.inside += fits.members.size() + differs.members.size();
      for (auto* match : {&fits, &differs}) {
        if (!match->members.empty()) trial.matches.push_back(std::move(*match));
      }
    }
    return trial;
  }

  void take(Trial trial) {
    for (auto& match : trial.matches) {
      auto& taken = done_[match.group];
      taken.resize(names(match.group).members.size());
      for (const auto m : match.members) taken[m] = true;
      copies_[match.expected] += match.members.size();
      out_.matches.push_back(std::move(match));
    }
  }

  void by_own_name(std::size_t g) { take(attempt(g, names(g).key, false)); }

  bool is_open(std::size_t g) const { return is_weight(g) && std::count(done_[g].begin(), done_[g].end(), true) == 0; }

  void by_other_names() {
    std::vector<std::size_t> open;
    std::vector<OpenName> open_names;
    for (std::size_t g = 0; g < stored_.groups.size(); ++g) {
      if (!is_open(g)) continue;
      open.push_back(g);
      open_names.push_back({names(g).key, names(g).members.size()});
    }
    if (open.empty()) return;
    std::vector<std::string> lacking;
    for (std::size_t e = 0; e < expected_.tensors.size(); ++e) {
      if (copies_[e] == 0) lacking.push_back(out_.patterns[e].key);
    }
    respelling_.emplace(spellings_, open_names, lacking, by_key_.size());
    for (const auto g : open) {
      Trial best;
      std::string key;
      for (auto& candidate : respelling_->candidates(names(g).key)) {
        Trial trial = attempt(g, candidate, true);
        std::erase_if(trial.matches, [&](const Match& m) { return copies_[m.expected] > 0; });
        if (trial.matches.empty()) continue;
        if (best.matches.empty() || trial.fitting > best.fitting) {
          best = std::move(trial);
          key = std::move(candidate);
        }
      }
      if (best.matches.empty()) continue;
      use(names(g).key, key, names(g).members.size());
      take(std::move(best));
    }
  }

  void use(const std::string& from, const std::string& to, std::uint64_t tensors) {
    auto [short_from, short_to] = difference(from, to);
    const auto known = std::find_if(out_.uses.begin(), out_.uses.end(),
                                    [&](const SpellingUse& u) { return u.from == short_from && u.to == short_to; });
    if (known != out_.uses.end()) {
      known->tensors += tensors;
    } else {
      out_.uses.push_back({std::move(short_from), std::move(short_to), tensors});
    }
  }

  std::vector<std::string> spelled(const std::string& key) {
    std::vector<std::string> all{key};
    if (respelling_) {
      for (auto& other : respelling_->candidates(key)) all.push_back(std::move(other));
    }
    return all;
  }

  /// The expected tensor of a key that has a copy with these numbers in front; of the parts of a whole, and back.
  std::optional<std::size_t> holder(const std::string& key, const std::uint32_t* numbers, std::size_t count) const {
    const auto* candidates = expected_of(key);
    if (candidates == nullptr) return std::nullopt;
    for (const auto e : *candidates) {
      const auto& axes = out_.patterns[e].axes;
      if (axes.size() < count || axes.size() > count + 1) continue;
      bool inside = true;
      for (std::size_t i = 0; i < count; ++i) inside = inside && axes[i].contains(numbers[i]);
      if (inside) return e;
    }
    return std::nullopt;
  }

  /// Parts of one layer side by side in their first dimension, and in front of it the index they have of their own.
  static bool holds(const Shape& whole, const std::vector<Shape>& parts, std::uint64_t stack, bool stacked) {
    Shape sum = parts.front();
    if (sum.empty()) return false;
    for (std::size_t i = 1; i < parts.size(); ++i) {
      if (parts[i].size() != sum.size() || !std::equal(sum.begin() + 1, sum.end(), parts[i].begin() + 1)) return false;
      sum.front() = checked_add(sum.front(), parts[i].front());
    }
    if (!stacked) return whole == sum || whole == turned(sum);
    Shape flat = sum;
    flat.front() = checked_mul(flat.front(), stack);
    sum.insert(sum.begin(), stack);
    return whole == sum || whole == turned(sum) || whole == flat;
  }

  /// One stored tensor is several expected ones.
  void fused_in_file() {
    for (std::size_t g = 0; g < stored_.groups.size(); ++g) {
      if (!is_open(g)) continue;
      for (const auto& key : spelled(names(g).key)) {
        if (std::any_of(spellings_.merges.begin(), spellings_.merges.end(),
                        [&](const auto& merge) { return take_fused(g, key, merge); })) {
          break;
        }
      }
    }
  }

  bool take_fused(std::size_t g, const std::string& key, const Spellings::Merge& merge) {
    const auto base = before(key, merge.whole);
    if (!base) return false;
    const NameGroup& group = names(g);
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
        if (!e || copies_[*e] > 0) return false;
        const auto& axes = out_.patterns[*e].axes;
        stacked = axes.size() > group.arity;
        if (stacked) stack = axes.back().size();
        shapes.push_back(expected_.tensors[*e].shape);
        held.push_back(*e);
      }
      const bool same = holds(stored_.shape(group.members[m]), shapes, stack, stacked);
      Match& into = same ? fits : differs;
      into.expected = held.front();
      into.members.push_back(static_cast<std::uint32_t>(m));
      all_held.push_back(std::move(held));
    }
    for (std::size_t m = 0; m < all_held.size(); ++m) {
      for (const auto e : all_held[m]) note_fused(e, group, m);
    }
    use(merge.whole, joined(merge.parts), group.members.size());
    Trial trial;
    for (auto* match : {&fits, &differs}) {
      if (!match->members.empty()) trial.matches.push_back(std::move(*match));
    }
    take_without_counting(std::move(trial));
    return true;
  }

  void note_fused(std::size_t e, const NameGroup& group, std::size_t member) {
    const auto& axes = out_.patterns[e].axes;
    const auto* numbers = group.numbers_of(member);
    auto& found = out_.found[e];
    if (axes.empty()) copies_[e] = 1;
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

  void take_without_counting(Trial trial) {
    for (auto& match : trial.matches) {
      auto& taken = done_[match.group];
      taken.resize(names(match.group).members.size());
      for (const auto m : match.members) taken[m] = true;
      out_.matches.push_back(std::move(match));
    }
  }

  /// Several stored tensors are one expected one.
  void split_in_file() {
    for (const auto& merge : spellings_.merges) {
      // Where a whole is expected, by its key: the groups that are its parts.
      std::map<std::string, std::vector<std::vector<std::size_t>>> wholes;
      for (std::size_t g = 0; g < stored_.groups.size(); ++g) {
        if (!is_open(g)) continue;
        for (const auto& key : spelled(names(g).key)) {
          for (std::size_t p = 0; p < merge.parts.size(); ++p) {
            const auto base = before(key, merge.parts[p]);
            if (!base || expected_of(*base + merge.whole) == nullptr) continue;
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
    for (const auto e : *expected_of(key)) {
      if (copies_[e] > 0) continue;
      const auto& axes = out_.patterns[e].axes;
      std::map<std::vector<std::uint32_t>, Pieces> wholes;
      std::vector<std::pair<std::size_t, std::size_t>> members;  // group and member
      bool stacked = false;
      for (std::size_t p = 0; p < parts.size(); ++p) {
        for (const auto g : parts[p]) {
          const NameGroup& group = names(g);
          if (group.arity < axes.size() || group.arity > axes.size() + 1) continue;
          stacked = stacked || group.arity > axes.size();
          for (std::size_t m = 0; m < group.members.size(); ++m) {
            const auto* numbers = group.numbers_of(m);
            if (!contains(axes, numbers)) continue;
            Pieces& pieces = wholes[std::vector<std::uint32_t>(numbers, numbers + axes.size())];
            pieces.shapes.resize(parts.size());
            pieces.counts.resize(parts.size());
            const auto& shape = stored_.shape(group.members[m]);
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
        const bool complete = std::all_of(pieces.counts.begin(), pieces.counts.end(), [&](std::uint64_t count) {
          return count == pieces.counts.front() && count > 0;
        });
        if (complete && pieces.even &&
            holds(expected_.tensors[e].shape, pieces.shapes, pieces.counts.front(), stacked)) {
          good.insert(numbers);
        }
        out_.found[e].insert(out_.found[e].end(), numbers.begin(), numbers.end());
      }
      use(joined(merge.parts), merge.whole, members.size());
      std::map<std::pair<std::size_t, bool>, Match> made;
      for (const auto& [g, m] : members) {
        const auto* numbers = names(g).numbers_of(m);
        const bool fits = good.contains(std::vector<std::uint32_t>(numbers, numbers + axes.size()));
        Match& match = made[{g, fits}];
        match.group = g;
        match.expected = e;
        match.fits = fits;
        match.renamed = true;
        match.kind = Match::Kind::part;
        match.members.push_back(static_cast<std::uint32_t>(m));
      }
      Trial trial;
      for (auto& [unused, match] : made) trial.matches.push_back(std::move(match));
      take_without_counting(std::move(trial));
      copies_[e] = wholes.size();
    }
  }

  void leftovers() {
    for (std::size_t g = 0; g < stored_.groups.size(); ++g) {
      if (!is_weight(g)) continue;
      Unmatched left{g, {}, {}, false};
      for (std::size_t m = 0; m < names(g).members.size(); ++m) {
        if (done_[g].empty() || !done_[g][m]) left.members.push_back(static_cast<std::uint32_t>(m));
      }
      if (left.members.empty()) continue;
      explain(left);
      if (!left.known.empty() || !rescue_tied(left)) out_.unmatched.push_back(std::move(left));
    }
  }

  void explain(Unmatched& left) const {
    const std::string& key = names(left.group).key;
    left.known = known_buffer(stored_, left.group, spellings_);
    for (const auto& prefix : spellings_.mtp) {
      if (left.known.empty() && key.starts_with(prefix)) {
        left.known = "multi-token prediction";
        left.mtp = true;
      }
    }
    if (left.known.empty() && is_tied_copy(left, true)) left.known = "tied copy";
  }

  /// Whether it is the input table, or the head's bias, under another name: `there` when the table itself is stored.
  bool is_tied_copy(const Unmatched& left, bool there) const {
    const std::string& key = names(left.group).key;
    if (std::none_of(spellings_.tied.begin(), spellings_.tied.end(),
                     [&](const auto& name) { return before(key, name).has_value(); })) {
      return false;
    }
    return tied_to(left, there).has_value();
  }

  std::optional<std::size_t> tied_to(const Unmatched& left, bool there) const {
    if (left.members.size() != 1) return std::nullopt;
    const auto tensor = names(left.group).members[left.members.front()];
    for (std::size_t e = 0; e < expected_.tensors.size(); ++e) {
      const auto& wanted = expected_.tensors[e];
      const bool kind =
          wanted.role.kind == RoleKind::embedding || wanted.role == Role{RoleKind::head, RoleSuffix::bias};
      if (!kind || wanted.copies != 1 || (copies_[e] > 0) != there) continue;
      if (agrees(tensor, wanted.shape, wanted.elements())) return e;
    }
    return std::nullopt;
  }

  /// Of shared tensors a file keeps one, under any of their names.
  bool rescue_tied(const Unmatched& left) {
    if (!is_tied_copy(left, false)) return false;
    const auto e = tied_to(left, false);
    use(names(left.group).key, out_.patterns[*e].key, 1);
    Trial trial;
    trial.matches.push_back({left.group, *e, left.members, true, true, Match::Kind::same});
    take(std::move(trial));
    // The numbers of the pattern, which the other name may lack.
    for (const auto& axis : out_.patterns[*e].axes) {
      out_.found[*e].push_back(static_cast<std::uint32_t>(axis.ranges.front().first));
    }
    rescued_.insert(*e);
    return true;
  }

  void finish() {
    for (const auto& match : out_.matches) {
      if (match.kind != Match::Kind::same || rescued_.contains(match.expected)) continue;
      auto& found = out_.found[match.expected];
      const NameGroup& group = names(match.group);
      // Complete ones need no list.
      if (copies_[match.expected] == expected_.tensors[match.expected].copies) continue;
      for (const auto m : match.members) {
        found.insert(found.end(), group.numbers_of(m), group.numbers_of(m) + group.arity);
      }
    }
    for (std::size_t e = 0; e < copies_.size(); ++e) {
      const auto arity = out_.patterns[e].axes.size();
      const auto listed = arity == 0 ? 0 : out_.found[e].size() / arity;
      out_.complete[e] = copies_[e] == expected_.tensors[e].copies || listed == expected_.tensors[e].copies;
      if (out_.complete[e]) out_.found[e].clear();
    }
  }

  const StoredWeights& stored_;
  const Inventory& expected_;
  const Spellings& spellings_;
  std::optional<Respelling> respelling_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_key_;
  std::vector<std::uint64_t> copies_;    ///< found, by expected tensor
  std::vector<std::vector<bool>> done_;  ///< by group and member
  std::set<std::size_t> rescued_;
  Matching out_;
};

}  // namespace

Matching match(const StoredWeights& stored, const Inventory& expected, const Spellings& spellings) {
  return Matcher(stored, expected, spellings).run();
}

}  // namespace paramcount
