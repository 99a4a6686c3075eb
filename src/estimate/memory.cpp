#include "paramcount/memory.hpp"

#include <algorithm>

#include "paramcount/checked.hpp"

namespace paramcount {

Bytes weight_bytes(const Inventory& inventory, const Dtype& dtype) {
  Bytes sum;
  for (const auto& tensor : inventory.tensors) {
    if (tensor.role.is_buffer() || tensor.mtp) continue;
    sum += Bytes{checked_mul(dtype.bytes_of(tensor.elements()).value, tensor.copies)};
  }
  return sum;
}

KvCache ideal_kv_cache(const Inventory& inventory, std::uint64_t context, std::uint64_t batch, const Dtype& dtype) {
  constexpr std::uint64_t kStateBytes = 4;  // fp32
  KvCache cache;
  for (const auto& state : inventory.state) {
    const std::uint64_t elements = checked_mul(state.elements(), state.copies);
    const auto bytes = [&](std::uint64_t tokens) {
      return dtype.bytes_of(checked_mul(checked_mul(elements, tokens), batch));
    };
    switch (state.kind) {
      case StateKind::kv:
      case StateKind::cross:
        cache.full_elements = checked_add(cache.full_elements, elements);
        cache.full += bytes(context);
        break;
      case StateKind::window:
        cache.window_elements = checked_add(cache.window_elements, elements);
        cache.window += bytes(std::min(state.window, context));
        break;
      case StateKind::recurrent:
        cache.state_elements = checked_add(cache.state_elements, elements);
        cache.state += Bytes{checked_mul(checked_mul(elements, batch), kStateBytes)};
        break;
    }
  }
  return cache;
}

}  // namespace paramcount
