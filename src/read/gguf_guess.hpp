// Guesses the length of a GGUF header from its first bytes, so that one more request fetches the rest.
#pragma once

#include <cstdint>
#include <string_view>

namespace paramcount {

/// Bytes, at most 16 MiB; 0 where the first bytes do not reach the list of tokens, whose length decides. Only
/// what to ask for: where the header turns out longer, a reader asks for more.
[[nodiscard]] std::uint64_t likely_gguf_header(std::string_view begin);

}  // namespace paramcount
