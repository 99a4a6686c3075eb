// Fields of a row of truth: what is absent or of another kind is 0, or empty.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "paramcount/base/value.hpp"

namespace paramcount {

[[nodiscard]] inline double number(const Value& row, std::string_view key, double fallback = 0) {
  const auto* value = row.find(key);
  if (value == nullptr) return fallback;
  if (const auto* whole = value->as<std::int64_t>()) return static_cast<double>(*whole);
  const auto* real = value->as<double>();
  return real != nullptr ? *real : fallback;
}

[[nodiscard]] inline std::string text(const Value& row, std::string_view key) {
  const auto* value = row.find(key);
  const auto* string = value != nullptr ? value->as<std::string>() : nullptr;
  return string != nullptr ? *string : "";
}

[[nodiscard]] inline std::uint64_t count(const Value& row, std::string_view key, std::uint64_t fallback) {
  return static_cast<std::uint64_t>(number(row, key, static_cast<double>(fallback)));
}

}  // namespace paramcount
