// Fast hashes of short strings for in-memory tables. The hash of long strings is seeded per run, so that no file can be
// crafted to collide; nothing may depend on its order.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace paramcount {

[[nodiscard]] std::uint64_t hash_seed();

[[nodiscard]] inline std::uint64_t hash_of(std::string_view text) {
  static const std::uint64_t kSeed = hash_seed();
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;
  __extension__ using Wide = unsigned __int128;
  const auto mix = [](std::uint64_t a, std::uint64_t b) {
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
  };
  std::uint64_t hash = kSeed ^ (text.size() * kOdd);
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word{};
    std::memcpy(&word, at, sizeof word);
    hash = mix(hash ^ word, kSeed | 1U);
  }
  std::uint64_t word = 0;
  if (left > 0) std::memcpy(&word, at, left);
  return mix(hash ^ word ^ 0xA0761D6478BD642FU, 0xE7037ED1A0B428DBU);
}

/// A byte that distinguishes most of a few dozen texts.
[[nodiscard]] inline std::uint8_t fingerprint(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(text[i])}; };
  return static_cast<std::uint8_t>(text.size() * 37 + byte(0) * 11 + byte(text.size() / 2) * 5 + byte(text.size() - 1));
}

}  // namespace paramcount
