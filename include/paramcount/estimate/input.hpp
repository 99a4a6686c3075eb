// An input of an estimate and its origin.
#pragma once

#include <cstdint>
#include <optional>

namespace paramcount {

enum class Origin : std::uint8_t { given, published, assumed };

template <class T>
struct Input {
  T value{};
  Origin origin{Origin::assumed};
};

/// The given value, else the published one, else the assumed one.
template <class T>
[[nodiscard]] Input<T> choose(const std::optional<T>& given, const std::optional<T>& published, T assumed) {
  if (given) return {*given, Origin::given};
  if (published) return {*published, Origin::published};
  return {assumed, Origin::assumed};
}

}  // namespace paramcount
