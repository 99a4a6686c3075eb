// Matches a checkpoint's tensors to an architecture's: by name and shape, then by other spellings of the names.
// verify.hpp judges what is left over.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "count/packing.hpp"
#include "paramcount/catalog/spellings.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// Members of one group that are copies of one expected tensor, or parts of it, or several in one.
struct Match {
  enum class Kind : std::uint8_t { same, whole, part };
  std::size_t group{0};
  std::size_t expected{0};             ///< of `whole` the first of what it holds
  std::vector<std::uint32_t> members;  ///< positions in the group
  bool fits{true};                     ///< the shapes agree
  bool renamed{false};
  Kind kind{Kind::same};
  /// Of `whole` the shape that holds its parts, of `part` the part's own where that is known; else empty: the expected
  /// tensor's.
  std::vector<std::uint64_t> wanted{};
  std::uint64_t stands_for{1};  ///< how many expected tensors a member is
};

/// Members of a group that no expected tensor is.
struct Unmatched {
  std::size_t group{0};
  std::vector<std::uint32_t> members;
  std::string known;  ///< what it is, where that is known and no parameter: "rotary table"; else empty
  bool mtp{false};
};

/// Parts of copies of one expected tensor that are not there, while others of the same copies are.
struct MissingParts {
  std::size_t expected{0};
  std::string key;                     ///< as the family's names go, folded
  std::size_t arity{0};                ///< how many numbers
  std::vector<std::uint32_t> numbers;  ///< `arity` of them for each part
  std::vector<std::uint64_t> shape;    ///< empty where it is not known

  [[nodiscard]] std::size_t count() const { return arity == 0 ? 1 : numbers.size() / arity; }
};

struct SpellingUse {
  std::string from, to;  ///< as files spell it, as the family does; folded
  std::uint64_t tensors{0};
};

struct Matching {
  std::vector<Match> matches;
  std::vector<Unmatched> unmatched;
  std::vector<MissingParts> missing_parts;
  std::vector<SpellingUse> uses;
  /// By expected tensor, the numbers in the names of its copies that were found, one after the other; empty with
  /// `complete`.
  std::vector<std::vector<std::uint32_t>> found;
  std::vector<bool> complete;
  /// By expected tensor, how many of its copies are there in parts that do not make it up.
  std::vector<std::uint64_t> broken;
  std::vector<FoldedPattern> patterns;  ///< by expected tensor
};

[[nodiscard]] Matching match(const StoredWeights& stored, const Inventory& expected, const Spellings& spellings);

}  // namespace paramcount
