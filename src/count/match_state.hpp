// Intermediate results of matching: identical names, other spellings (matching.cpp), merged tensors (merging.cpp).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "count/matching.hpp"
#include "count/respelling.hpp"

namespace paramcount {

struct MatchState {
  MatchState(const StoredWeights& stored_weights, const Inventory& inventory, const Spellings& others);

  const StoredWeights& stored;
  const Inventory& expected;
  const Spellings& spellings;
  std::optional<Respelling> respelling;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_key;  ///< expected tensors by folded name
  std::vector<std::uint64_t> copies;                                    ///< found, by expected tensor
  std::vector<std::vector<bool>> done;                                  ///< by group and member
  Matching out;

  [[nodiscard]] const NameGroup& names(std::size_t group) const { return stored.groups[group].names; }
  [[nodiscard]] bool is_weight(std::size_t group) const;
  /// A weight of which no member has been matched.
  [[nodiscard]] bool is_open(std::size_t group) const;
  /// nullptr when no expected tensor has the key.
  [[nodiscard]] const std::vector<std::size_t>* expected_of(const std::string& key) const;
  /// The key and everything else it may be called.
  [[nodiscard]] std::vector<std::string> spelled(const std::string& key) const;

  /// Keeps the matches; members are done.
  void take(std::vector<Match> matches);
  /// Notes a spelling, in whole, or what differs of two names.
  void note_use(SpellingUse use);
  void use(const std::string& from, const std::string& to, std::uint64_t tensors);
};

/// Whether each number is within its axis. `numbers` holds as many as there are axes.
[[nodiscard]] bool contains(const std::vector<Axis>& axes, const std::uint32_t* numbers);

/// The same sizes with rows and columns exchanged: modules that multiply from the other side store them so.
[[nodiscard]] std::vector<std::uint64_t> turned(std::vector<std::uint64_t> shape);

/// Groups whose tensors are several expected ones each, and expected tensors of which a file has the parts.
void match_merged(MatchState& state);

}  // namespace paramcount
