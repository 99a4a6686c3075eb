// Which names were seen already: positions in a list of tensors, found by the name's hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "paramcount/checkpoint.hpp"

namespace paramcount {

class NameSet {
 public:
  explicit NameSet(std::size_t most) {
    std::size_t size = 16;
    while (size < 2 * most) size *= 2;
    slots_.resize(size);
  }

  /// Adds tensors[i]. False when one of its name is there.
  bool add(const std::vector<StoredTensor>& tensors, std::size_t i) {
    Slot& slot = slot_of(tensors, tensors[i].name);
    if (slot.position != 0) return false;
    slot = {static_cast<std::uint32_t>(hash_of(tensors[i].name) >> 32U), static_cast<std::uint32_t>(i + 1)};
    return true;
  }

  /// The tensor of that name; nullptr when there is none.
  const StoredTensor* find(const std::vector<StoredTensor>& tensors, std::string_view name) {
    const Slot& slot = slot_of(tensors, name);
    return slot.position != 0 ? &tensors[slot.position - 1] : nullptr;
  }

 private:
  struct Slot {
    std::uint32_t tag{0};
    std::uint32_t position{0};  ///< of the tensor, from 1; 0: free
  };

  Slot& slot_of(const std::vector<StoredTensor>& tensors, std::string_view name) {
    const std::uint64_t hash = hash_of(name);
    const auto tag = static_cast<std::uint32_t>(hash >> 32U);
    for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      Slot& slot = slots_[at];
      if (slot.position == 0) return slot;
      if (slot.tag == tag && tensors[slot.position - 1].name == name) return slot;
    }
  }

  std::vector<Slot> slots_;
};

}  // namespace paramcount
