// An input of an estimate and who said it.
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

/// What was given, else what is published, else what is assumed.
template <class T>
[[nodiscard]] Input<T> choose(const std::optional<T>& given, const std::optional<T>& published, T assumed) {
  if (given) return {*given, Origin::given};
  if (published) return {*published, Origin::published};
  return {assumed, Origin::assumed};
}

}  // namespace paramcount
