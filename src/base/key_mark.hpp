// Tells quickly that an object lacks a key.
#pragma once

#include <cstdint>
#include <string_view>

namespace paramcount {

/// A bit for a key; several keys may share one. An object none of whose keys has the bit lacks the key.
[[nodiscard]] inline std::uint64_t mark_of(std::string_view key) {
  const auto first = key.empty() ? 0U : static_cast<unsigned char>(key.front());
  return std::uint64_t{1} << ((first + 8 * key.size()) % 64);
}

}  // namespace paramcount
