// Quantities that cannot be mixed up: counts of parameters, bytes and tokens are exact 64-bit integers, physical
// quantities are doubles. Only the products at the end are defined. Formatting is in src/base/numbers.hpp.
#pragma once

#include <compare>
#include <cstdint>

#include "paramcount/base/checked.hpp"

namespace paramcount {

template <class Tag, class Rep>
struct Quantity {
  Rep value{};
  constexpr auto operator<=>(const Quantity&) const = default;
};

template <class Tag, class Rep>
constexpr Quantity<Tag, Rep> operator+(Quantity<Tag, Rep> a, Quantity<Tag, Rep> b) {
  if constexpr (std::is_integral_v<Rep>) {
    return {checked_add(a.value, b.value)};
  } else {
    return {a.value + b.value};
  }
}

template <class Tag, class Rep>
constexpr Quantity<Tag, Rep>& operator+=(Quantity<Tag, Rep>& a, Quantity<Tag, Rep> b) {
  return a = a + b;
}

/// Throws Error when b is the larger: a count is never negative.
template <class Tag, class Rep>
constexpr Quantity<Tag, Rep> operator-(Quantity<Tag, Rep> a, Quantity<Tag, Rep> b) {
  if constexpr (std::is_integral_v<Rep>) {
    return {checked_sub(a.value, b.value)};
  } else {
    return {a.value - b.value};
  }
}

using Params = Quantity<struct ParamsTag, std::uint64_t>;
using Bytes = Quantity<struct BytesTag, std::uint64_t>;
using Tokens = Quantity<struct TokensTag, std::uint64_t>;
using Flops = Quantity<struct FlopsTag, double>;  // operations, not a rate
using FlopsPerSecond = Quantity<struct FlopsPerSecondTag, double>;
using Seconds = Quantity<struct SecondsTag, double>;
using Dollars = Quantity<struct DollarsTag, double>;
using DollarsPerHour = Quantity<struct DollarsPerHourTag, double>;
using Joules = Quantity<struct JoulesTag, double>;
using Watts = Quantity<struct WattsTag, double>;
using KilowattHours = Quantity<struct KilowattHoursTag, double>;
using Tonnes = Quantity<struct TonnesTag, double>;

constexpr Seconds operator/(Flops work, FlopsPerSecond speed) { return {work.value / speed.value}; }
constexpr Joules operator*(Watts power, Seconds time) { return {power.value * time.value}; }
constexpr double hours(Seconds time) { return time.value / 3600.0; }
constexpr Dollars operator*(DollarsPerHour price, Seconds time) { return {price.value * hours(time)}; }

}  // namespace paramcount
