// UTF-8 character by character: which characters must be escaped in every output, and how many columns the others take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace paramcount {

struct Character {
  std::uint32_t code{0};
  std::size_t size{0};  ///< bytes; 0: invalid UTF-8
};
/// The character at the start of a text that is not empty.
[[nodiscard]] Character first_character(std::string_view text);

/// Whether a character drives a terminal, turns the direction of writing, breaks a line or shows nothing at all. Text
/// formats write '?' for it (printable() in base/text.hpp), JSON an escape.
[[nodiscard]] bool is_hidden(std::uint32_t code);

/// Columns of a terminal that a character takes: 0, 1 or 2.
[[nodiscard]] std::size_t columns_of(std::uint32_t code);

}  // namespace paramcount
