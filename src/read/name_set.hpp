// A set of names already seen, as positions in a list of tensors, keyed by hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

class NameSet {
 public:
  explicit NameSet(std::size_t most) : slots_(size_for(most)) {}

  /// Adds tensors[first] and those after it, whose hashes are given. Returns the first that has the name of another,
  /// or the number of all.
  std::size_t add(const std::vector<StoredTensor>& tensors, std::size_t first,
                  const std::vector<std::uint64_t>& hashes) {
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      prefetch(hashes, i);
      Slot& slot = slot_of(tensors, tensors[first + i].name, hashes[i]);
      if (slot.position != 0) return first + i;
      slot = {static_cast<std::uint32_t>(hashes[i] >> 32U), static_cast<std::uint32_t>(first + i + 1)};
    }
    return tensors.size();
  }

  /// Slots are anywhere: asked for early, they are there when they are needed. Of a list of hashes looked up in order.
  void prefetch(const std::vector<std::uint64_t>& hashes, std::size_t at) const {
    constexpr std::size_t kAhead = 24;
    if (at + kAhead < hashes.size()) __builtin_prefetch(&slots_[hashes[at + kAhead] & (slots_.size() - 1)]);
  }

  /// The tensor of that name; nullptr when there is none.
  const StoredTensor* find(const std::vector<StoredTensor>& tensors, std::string_view name, std::uint64_t hash) {
    const Slot& slot = slot_of(tensors, name, hash);
    return slot.position != 0 ? &tensors[slot.position - 1] : nullptr;
  }

 private:
  struct Slot {
    std::uint32_t tag{0};
    std::uint32_t position{0};  ///< of the tensor, from 1; 0: free
  };

  Slot& slot_of(const std::vector<StoredTensor>& tensors, std::string_view name, std::uint64_t hash) {
    const auto tag = static_cast<std::uint32_t>(hash >> 32U);
    for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      Slot& slot = slots_[at];
      if (slot.position == 0) return slot;
      if (slot.tag == tag && tensors[slot.position - 1].name == name) return slot;
    }
  }

  static std::size_t size_for(std::size_t most) {
    std::size_t size = 16;
    while (size < 2 * most) size *= 2;
    return size;
  }

  std::vector<Slot> slots_;  ///< as many as a power of two
};

}  // namespace paramcount
