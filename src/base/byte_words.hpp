// Eight bytes of a text processed as one 64-bit word (SWAR).
#pragma once

#include <cstdint>

namespace paramcount {

constexpr std::uint64_t kEachByte = 0x0101010101010101U;  ///< times a byte: that byte eight times
constexpr std::uint64_t kHighBits = kEachByte * 0x80;

/// Not 0 when one of the bytes is 0: the high bit of the lowest such byte, and perhaps of some above it.
constexpr std::uint64_t zero_bytes(std::uint64_t word) { return (word - kEachByte) & ~word & kHighBits; }

/// Nonzero if any of the bytes is not printable ASCII (space to tilde).
constexpr std::uint64_t odd_bytes(std::uint64_t word) {
  return (word | (word - kEachByte * ' ') | (word + kEachByte)) & kHighBits;
}

}  // namespace paramcount
