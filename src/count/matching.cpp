#include "count/matching.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "base/budgets.hpp"
#include "base/folded_name.hpp"
#include "count/gguf_metadata.hpp"
#include "count/match_state.hpp"

namespace paramcount {
namespace {

std::vector<std::uint64_t> without_ones(std::vector<std::uint64_t> shape) {
  std::erase(shape, 1U);
  return shape;
}

class Matcher {
 public:
  explicit Matcher(MatchState& state)
      : state_(state), stored_(state.stored), expected_(state.expected), copies_(state.copies), out_(state.out) {
    gguf_ = stored_.checkpoint->format == CheckpointFormat::gguf;
    if (gguf_) mtp_from_ = mtp_blocks(*stored_.checkpoint).first;
  }

  void run() {
    for (std::size_t g = 0; g < stored_.groups.size(); ++g) {
      if (state_.is_weight(g)) by_own_name(g);
    }
    by_other_names();
    if (state_.respelling) match_merged(state_);
    leftovers();
    finish();
  }

 private:
  /// A shape as the file has it and as it should be. Packed weights may be known only by their count, and be
  /// transposed.
  bool agrees(std::uint32_t tensor, const std::vector<std::uint64_t>& wanted, std::uint64_t elements) const {
    const auto& shape = stored_.shape(tensor);
    // The converter leaves out dimensions of one.
    if (gguf_) return shape == wanted || without_ones(shape) == without_ones(wanted);
    if (!stored_.is_packed(tensor)) return shape == wanted;
    if (stored_.is_open(tensor)) return true;
    if (stored_.elements(tensor) != elements) return false;
    return shape.empty() || shape == wanted || shape == turned(wanted);
  }

  struct Trial {
    std::vector<Match> matches;
    std::size_t fitting{0};
  };

  /// The members of a group that have the numbers of expected tensors of that key.
  Trial attempt(std::size_t g, const std::string& key, bool renamed) const {
    Trial trial;
    const auto* candidates = state_.expected_of(key);
    if (candidates == nullptr) return trial;
    const NameGroup& group = state_.names(g);
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
      for (auto* match : {&fits, &differs}) {
        if (!match->members.empty()) trial.matches.push_back(std::move(*match));
      }
    }
    return trial;
  }

  void by_own_name(std::size_t g) { take(attempt(g, state_.names(g).key, false)); }

  /// Keeps a trial's matches and counts the copies.
  void take(Trial trial) {
    for (const auto& match : trial.matches) copies_[match.expected] += match.members.size();
    state_.take(std::move(trial.matches));
  }

  void by_other_names() {
    std::vector<std::size_t> open;
    std::vector<OpenName> open_names;
    for (std::size_t g = 0; g < stored_.groups.size(); ++g) {
      if (!state_.is_open(g)) continue;
      open.push_back(g);
      open_names.push_back({state_.names(g).key, state_.names(g).members.size()});
    }
    // More kinds of names than any architecture has: nothing that could be another spelling of one.
    if (open.empty() || open.size() > kMostOpenNames) return;
    std::vector<std::string> lacking;
    for (std::size_t e = 0; e < expected_.tensors.size(); ++e) {
      if (copies_[e] == 0) lacking.push_back(out_.patterns[e].key);
    }
    state_.respelling.emplace(state_.spellings, open_names, lacking, state_.by_key.size());
    for (const auto g : open) {
      Trial best;
      std::string key;
      for (auto& candidate : state_.respelling->candidates(state_.names(g).key)) {
        Trial trial = attempt(g, candidate, true);
        std::erase_if(trial.matches, [&](const Match& m) { return copies_[m.expected] > 0; });
        if (trial.matches.empty()) continue;
        if (best.matches.empty() || trial.fitting > best.fitting) {
          best = std::move(trial);
          key = std::move(candidate);
        }
      }
      if (best.matches.empty()) continue;
      state_.use(state_.names(g).key, key, state_.names(g).members.size());
      take(std::move(best));
    }
  }

  void leftovers() {
    for (std::size_t g = 0; g < stored_.groups.size(); ++g) {
      if (!state_.is_weight(g)) continue;
      Unmatched left{g, {}, {}, false};
      for (std::size_t m = 0; m < state_.names(g).members.size(); ++m) {
        if (state_.done[g].empty() || !state_.done[g][m]) left.members.push_back(static_cast<std::uint32_t>(m));
      }
      Unmatched mtp = split_mtp(left);
      if (!mtp.members.empty()) out_.unmatched.push_back(std::move(mtp));
      if (left.members.empty()) continue;
      explain(left);
      if (!left.known.empty() || !rescue_tied(left)) out_.unmatched.push_back(std::move(left));
    }
  }

  /// Removes a GGUF's members that belong to multi-token-prediction blocks.
  Unmatched split_mtp(Unmatched& left) const {
    Unmatched mtp{left.group, {}, "multi-token prediction", true};
    const NameGroup& names = state_.names(left.group);
    if (mtp_from_ == UINT64_MAX || names.arity == 0 || !names.key.starts_with(folded("blk.*."))) return mtp;
    const auto is_mtp = [&](std::uint32_t m) { return names.numbers_of(m)[0] >= mtp_from_; };
    std::copy_if(left.members.begin(), left.members.end(), std::back_inserter(mtp.members), is_mtp);
    std::erase_if(left.members, is_mtp);
    return mtp;
  }

  void explain(Unmatched& left) const {
    const std::string& key = state_.names(left.group).key;
    left.known = known_buffer(stored_, left.group, state_.spellings);
    for (const auto& prefix : state_.spellings.mtp) {
      if (left.known.empty() && key.starts_with(prefix)) {
        left.known = "multi-token prediction";
        left.mtp = true;
      }
    }
    if (left.known.empty() && is_tied_copy(left, true)) left.known = "tied copy";
    if (left.known.empty() && is_bias_of_gptq(stored_, key)) left.known = "biases that the architecture does not have";
  }

  /// Whether it is the input table, or the head's bias, under another name: `there` when the table itself is stored.
  bool is_tied_copy(const Unmatched& left, bool there) const {
    const std::string& key = state_.names(left.group).key;
    if (std::none_of(state_.spellings.tied.begin(), state_.spellings.tied.end(),
                     [&](const auto& name) { return before(key, name).has_value(); })) {
      return false;
    }
    return tied_to(left, there).has_value();
  }

  std::optional<std::size_t> tied_to(const Unmatched& left, bool there) const {
    if (left.members.size() != 1) return std::nullopt;
    const auto tensor = state_.names(left.group).members[left.members.front()];
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
    state_.use(state_.names(left.group).key, out_.patterns[*e].key, 1);
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
      const NameGroup& group = state_.names(match.group);
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

  MatchState& state_;
  const StoredWeights& stored_;
  const Inventory& expected_;
  std::vector<std::uint64_t>& copies_;
  Matching& out_;
  std::set<std::size_t> rescued_;
  bool gguf_{false};
  std::uint64_t mtp_from_{UINT64_MAX};  ///< of a GGUF: the first block of multi-token prediction
};

}  // namespace

MatchState::MatchState(const StoredWeights& stored_weights, const Inventory& inventory, const Spellings& others)
    : stored(stored_weights), expected(inventory), spellings(others) {
  const auto n = expected.tensors.size();
  out.patterns.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto& tensor = expected.tensors[i];
    out.patterns.push_back(fold_pattern(tensor.name, tensor.axes));
    by_key[out.patterns.back().key].push_back(i);
  }
  copies.resize(n);
  done.resize(stored.groups.size());
  out.found.resize(n);
  out.complete.resize(n);
  out.broken.resize(n);
}

bool MatchState::is_weight(std::size_t group) const { return may_be_weight(stored.groups[group].part); }

bool MatchState::is_open(std::size_t group) const {
  return is_weight(group) && std::count(done[group].begin(), done[group].end(), true) == 0;
}

const std::vector<std::size_t>* MatchState::expected_of(const std::string& key) const {
  const auto found = by_key.find(key);
  return found != by_key.end() ? &found->second : nullptr;
}

std::vector<std::string> MatchState::spelled(const std::string& key) const {
  std::vector<std::string> all{key};
  if (respelling) {
    for (auto& other : respelling->candidates(key)) all.push_back(std::move(other));
  }
  return all;
}

void MatchState::take(std::vector<Match> matches) {
  for (auto& match : matches) {
    auto& taken = done[match.group];
    taken.resize(names(match.group).members.size());
    for (const auto m : match.members) taken[m] = true;
    out.matches.push_back(std::move(match));
  }
}

void MatchState::note_use(SpellingUse use) {
  const auto known = std::find_if(out.uses.begin(), out.uses.end(),
                                  [&](const SpellingUse& u) { return u.from == use.from && u.to == use.to; });
  if (known != out.uses.end()) {
    known->tensors += use.tensors;
  } else {
    out.uses.push_back(std::move(use));
  }
}

void MatchState::use(const std::string& from, const std::string& to, std::uint64_t tensors) {
  auto texts = difference(from, to);
  note_use({std::move(texts.first), std::move(texts.second), tensors});
}

bool contains(const std::vector<Axis>& axes, const std::uint32_t* numbers) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (!axes[i].contains(numbers[i])) return false;
  }
  return true;
}

std::vector<std::uint64_t> turned(std::vector<std::uint64_t> shape) {
  if (shape.size() >= 2) std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
  return shape;
}

Matching match(const StoredWeights& stored, const Inventory& expected, const Spellings& spellings) {
  MatchState state(stored, expected, spellings);
  Matcher(state).run();
  return std::move(state.out);
}

}  // namespace paramcount
