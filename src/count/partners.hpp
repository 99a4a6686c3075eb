// Looks up tensors by folded name, and the tensor of one group with the numbers of another's: the scales of layer 17
// for the weights of layer 17.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "count/name_groups.hpp"
#include "count/packing.hpp"

namespace paramcount {

class Partners {
 public:
  /// Keeps a reference; the groups' keys are those of the beginning, whatever they are renamed to.
  explicit Partners(const StoredWeights& stored);

  /// By a folded name whose own end may be a number: "...weight_scale_2".
  [[nodiscard]] std::optional<std::size_t> find(const std::string& key) const;
  /// By key.
  [[nodiscard]] const std::map<std::string, std::size_t, std::less<>>& all() const { return by_key_; }

  /// The tensor of a group that has the same numbers in its name, perhaps with one more at its end; nullptr when there
  /// is none.
  const StoredTensor* partner(std::optional<std::size_t> group, const NameGroup& of, std::size_t member) {
    const auto found = partner_of(group, of, member);
    return found ? &stored_.stored(*found) : nullptr;
  }
  /// The same, by its place in the checkpoint.
  std::optional<std::uint32_t> partner_of(std::optional<std::size_t> group, const NameGroup& of, std::size_t member);

 private:
  const StoredWeights& stored_;
  std::map<std::string, std::size_t, std::less<>> by_key_;
  std::map<std::size_t, std::vector<std::uint32_t>> sorted_;
};

}  // namespace paramcount
