#include <algorithm>
#include <iterator>
#include <list>
#include <map>
#include <set>
#include <tuple>

#include "base/budgets.hpp"
#include "base/folded_name.hpp"
#include "base/text.hpp"
#include "count/match_state.hpp"
#include "count/unknown_packing.hpp"
#include "paramcount/base/checked.hpp"

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

  /// Parts of one layer side by side in their first dimension or another, and in front of it the index they have of
  /// their own. Empty where they do not fit together.
  static Shape merged(const std::vector<Shape>& parts, std::uint64_t stack, bool stacked, std::size_t along = 0) {
    Shape sum = parts.front();
    if (along >= sum.size()) return {};
    for (std::size_t i = 1; i < parts.size(); ++i) {
      if (parts[i].size() != sum.size()) return {};
      for (std::size_t d = 0; d < sum.size(); ++d) {
        if (d != along && parts[i][d] != sum[d]) return {};
      }
      sum[along] = checked_add(sum[along], parts[i][along]);
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
      const bool open = state_.stored.is_open(group.members[m]) && !wanted.empty();
      Match& into = open || holds(state_.stored.shape(group.members[m]), wanted, stacked) ? fits : differs;
      into.wanted = std::move(wanted);
      into.stands_for = stack * held.size();
      into.expected = held.front();
      into.members.push_back(static_cast<std::uint32_t>(m));
      all_held.push_back(std::move(held));
    }
    for (std::size_t m = 0; m < all_held.size(); ++m) {
      for (const auto e : all_held[m]) note_fused(e, group, m);
    }
    state_.note_use({merge.whole, joined(merge.parts, " + "), group.members.size()});
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
    for (const auto e : *state_.expected_of(key)) {
      if (state_.copies[e] > 0) continue;
      const Split split = split_of(e, parts);
      if (split.wholes.empty()) continue;
      auto& found = state_.out.found[e];
      std::uint64_t members = 0;
      for (const auto& [numbers, pieces] : split.wholes) {
        found.insert(found.end(), numbers.begin(), numbers.end());
        for (const auto& part : pieces) members += part.size();
      }
      state_.note_use({joined(merge.parts, " + "), merge.whole, members});
      match_split(e, split, *before(key, merge.whole), merge);
      state_.copies[e] = split.wholes.size();
    }
  }

  struct Piece {
    std::size_t group{0};
    std::uint32_t member{0};
    const Shape* shape{nullptr};
  };
  /// What is stored of one whole, by part and by the index that the part has of its own, or 0.
  using Pieces = std::vector<std::map<std::uint32_t, Piece>>;
  struct Split {
    std::map<std::vector<std::uint32_t>, Pieces> wholes;  ///< by their numbers
    std::list<Shape> shapes;                              ///< of pieces that are stored filled up
    bool stacked{false};
  };

  [[nodiscard]] Split split_of(std::size_t e, const std::vector<std::vector<std::size_t>>& parts) const {
    const auto& axes = state_.out.patterns[e].axes;
    const Shape& whole = state_.expected.tensors[e].shape;
    Split split;
    for (std::size_t p = 0; p < parts.size(); ++p) {
      for (const auto g : parts[p]) {
        const NameGroup& group = state_.names(g);
        if (group.arity < axes.size() || group.arity > axes.size() + 1) continue;
        const bool stacked = group.arity > axes.size();
        split.stacked = split.stacked || stacked;
        for (std::size_t m = 0; m < group.members.size(); ++m) {
          const auto* numbers = group.numbers_of(m);
          if (!contains(axes, numbers)) continue;
          const Shape& shape = state_.stored.shape(group.members[m]);
          const std::uint32_t index = stacked ? numbers[axes.size()] : 0;
          // One too many is left over, and so unexpected.
          if (stacked && shape.size() + 1 == whole.size() && index >= whole.front()) continue;
          Pieces& pieces = split.wholes[std::vector<std::uint32_t>(numbers, numbers + axes.size())];
          pieces.resize(parts.size());
          pieces[p].emplace(index, Piece{g, static_cast<std::uint32_t>(m), &shape});
        }
      }
    }
    for (auto& [unused, pieces] : split.wholes) shape_padded(pieces, whole, split);
    return split;
  }

  [[nodiscard]] std::uint32_t tensor_of(const Piece& piece) const {
    return state_.names(piece.group).members[piece.member];
  }

  /// Gives pieces that are stored filled up the shape that they have without.
  void shape_padded(Pieces& pieces, const Shape& whole, Split& split) const {
    std::vector<std::uint32_t> tensors;
    std::vector<Piece*> open;
    for (auto& part : pieces) {
      for (auto& [unused, piece] : part) {
        if (!state_.stored.is_open(tensor_of(piece))) continue;
        tensors.push_back(tensor_of(piece));
        open.push_back(&piece);
      }
    }
    if (open.empty() || whole.empty()) return;
    const Shape rest(whole.begin() + (split.stacked ? 1 : 0), whole.end());
    split.shapes.push_back(padded_part(state_.stored, tensors, rest, pieces.size()));
    for (auto* piece : open) piece->shape = &split.shapes.back();
  }

  [[nodiscard]] bool makes_up(const Pieces& pieces, const Shape& whole, bool stacked) const {
    std::vector<Shape> shapes;
    shapes.reserve(pieces.size());
    for (const auto& part : pieces) {
      if (part.empty() || part.size() != pieces.front().size()) return false;
      shapes.push_back(*part.begin()->second.shape);
      const bool even = std::all_of(part.begin(), part.end(),
                                    [&](const auto& piece) { return *piece.second.shape == shapes.back(); });
      if (!even) return false;
    }
    // Stacks of experts are concatenated along the axis after the number of experts.
    const std::size_t dimensions = stacked || shapes.size() == 1 ? 1 : shapes.front().size();
    for (std::size_t along = 0; along < dimensions; ++along) {
      if (holds(whole, merged(shapes, pieces.front().size(), stacked, along), stacked)) return true;
    }
    return false;
  }

  /// Parts of wholes, and where they do not make one up, which of them are to blame: those that are not there and those
  /// of another shape than in a whole that is right. If that cannot be decided, all are.
  void match_split(std::size_t e, const Split& split, const std::string& base, const Spellings::Merge& merge) {
    const Shape& whole = state_.expected.tensors[e].shape;
    const Pieces* right = nullptr;
    std::vector<std::pair<const std::vector<std::uint32_t>*, const Pieces*>> wrong;
    std::map<std::tuple<std::size_t, bool, Shape>, Match> made;
    const auto add = [&](const Piece& piece, bool fits, const Shape& wanted) {
      const bool open = state_.stored.is_open(tensor_of(piece));
      Match& match = made[{piece.group, fits, open ? *piece.shape : wanted}];
      match.group = piece.group;
      match.expected = e;
      match.fits = fits;
      match.renamed = true;
      match.kind = Match::Kind::part;
      match.wanted = open ? *piece.shape : wanted;
      match.members.push_back(piece.member);
    };
    for (const auto& [numbers, pieces] : split.wholes) {
      if (!makes_up(pieces, whole, split.stacked)) {
        wrong.emplace_back(&numbers, &pieces);
        continue;
      }
      right = &pieces;
      for (const auto& part : pieces) {
        for (const auto& [unused, piece] : part) add(piece, true, {});
      }
    }
    state_.out.broken[e] = wrong.size();
    const auto shape_of = [&](std::size_t p) {
      return right != nullptr ? *(*right)[p].begin()->second.shape : Shape{};
    };
    const auto indices = indices_of(split, right, whole, wrong.size());
    std::map<std::pair<std::size_t, Shape>, MissingParts> missing;
    for (const auto& [numbers, pieces] : wrong) {
      bool blamed = false;
      for (std::size_t p = 0; p < pieces->size(); ++p) {
        const auto& part = (*pieces)[p];
        std::vector<std::uint32_t> absent;
        std::copy_if(indices.begin(), indices.end(), std::back_inserter(absent),
                     [&](std::uint32_t index) { return !part.contains(index); });
        for (const auto& [unused, piece] : part) {
          blamed = blamed || (right != nullptr && *piece.shape != shape_of(p));
        }
        if (absent.empty()) continue;
        blamed = true;
        const Shape shape = right != nullptr ? shape_of(p) : rest_of(whole, *pieces, p);
        MissingParts& parts = missing[{p, shape}];
        parts.expected = e;
        parts.key = base + merge.parts[p];
        parts.arity = numbers_in(parts.key);
        parts.shape = shape;
        for (const auto index : absent) {
          parts.numbers.insert(parts.numbers.end(), numbers->begin(), numbers->end());
          if (parts.arity == numbers->size()) break;
          parts.numbers.push_back(index);
        }
      }
      for (std::size_t p = 0; p < pieces->size(); ++p) {
        const Shape wanted = shape_of(p);
        for (const auto& [unused, piece] : (*pieces)[p]) {
          const bool fits = blamed && (right == nullptr || *piece.shape == wanted);
          add(piece, fits, fits || !blamed ? Shape{} : wanted);
        }
      }
    }
    for (auto& [unused, parts] : missing) state_.out.missing_parts.push_back(std::move(parts));
    std::vector<Match> matches;
    matches.reserve(made.size());
    for (auto& [unused, match] : made) matches.push_back(std::move(match));
    state_.take(std::move(matches));
  }

  /// The indices of their own that the parts of a whole should have: those of a whole that is right, as many as its
  /// first dimension says, or all that any part has. Empty where they would be too many to list.
  static std::set<std::uint32_t> indices_of(const Split& split, const Pieces* right, const Shape& whole,
                                            std::size_t wholes) {
    const auto few = [&](std::uint64_t count) { return wholes == 0 || count <= kMostListedTensors / wholes; };
    std::set<std::uint32_t> indices;
    const auto add = [&](const auto& part) {
      for (const auto& [index, piece] : part) indices.insert(index);
    };
    if (right != nullptr) {
      add(right->front());
      if (!few(indices.size())) indices.clear();
      return indices;
    }
    bool own_dimension = split.stacked;
    for (const auto& [unused, pieces] : split.wholes) {
      for (const auto& part : pieces) {
        add(part);
        for (const auto& [index, piece] : part) {
          own_dimension = own_dimension && piece.shape->size() + 1 == whole.size();
        }
      }
    }
    if (own_dimension && few(whole.front())) {
      indices.clear();
      for (std::uint64_t i = 0; i < whole.front(); ++i) indices.insert(indices.end(), static_cast<std::uint32_t>(i));
    }
    if (!few(indices.size())) indices.clear();
    return indices;
  }

  /// The shape of the one missing part: what the others leave of the whole. Empty if that cannot be determined.
  static Shape rest_of(const Shape& whole, const Pieces& pieces, std::size_t missing) {
    Shape rest = whole;
    for (std::size_t p = 0; p < pieces.size(); ++p) {
      if (p == missing) continue;
      if (pieces[p].size() != 1) return {};
      const Shape& shape = *pieces[p].begin()->second.shape;
      if (shape.size() != rest.size() || shape.empty() ||
          !std::equal(shape.begin() + 1, shape.end(), rest.begin() + 1) || shape.front() >= rest.front()) {
        return {};
      }
      rest.front() -= shape.front();
    }
    return rest;
  }

  MatchState& state_;
};

}  // namespace

void match_merged(MatchState& state) { Merging(state).run(); }

}  // namespace paramcount
