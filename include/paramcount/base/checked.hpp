// Checked arithmetic on unsigned 64-bit counts: an overflow is an Error, never a wrong number.
#pragma once

#include <cstdint>

namespace paramcount {

/// Throws Error("the number is too large ...").
[[noreturn]] void throw_overflow();

constexpr std::uint64_t checked_add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum{};
  if (__builtin_add_overflow(a, b, &sum)) throw_overflow();
  return sum;
}

constexpr std::uint64_t checked_sub(std::uint64_t a, std::uint64_t b) {
  std::uint64_t difference{};
  if (__builtin_sub_overflow(a, b, &difference)) throw_overflow();
  return difference;
}

constexpr std::uint64_t checked_mul(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product{};
  if (__builtin_mul_overflow(a, b, &product)) throw_overflow();
  return product;
}

template <class Sizes>
constexpr std::uint64_t checked_product(const Sizes& sizes) {
  std::uint64_t product = 1;
  for (const std::uint64_t size : sizes) product = checked_mul(product, size);
  return product;
}

/// Rounded up. Precondition of both: divisor > 0.
constexpr std::uint64_t ceil_div(std::uint64_t value, std::uint64_t divisor) {
  return value / divisor + (value % divisor != 0 ? 1 : 0);
}
constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t divisor) {
  return checked_mul(ceil_div(value, divisor), divisor);
}

/// a * numerator / denominator, rounded down, exact in between. Precondition: denominator > 0.
constexpr std::uint64_t checked_fraction(std::uint64_t a, std::uint64_t numerator, std::uint64_t denominator) {
  __extension__ using Wide = unsigned __int128;
  const Wide result = static_cast<Wide>(a) * numerator / denominator;
  if (result > UINT64_MAX) throw_overflow();
  return static_cast<std::uint64_t>(result);
}

}  // namespace paramcount
