// Comparison of model names: case and separators are ignored, except between digits.
#pragma once

#include <string_view>

namespace paramcount {

/// Whether a name that somebody typed is this name: "Llama 3.1 8B" is llama-3.1-8b, and so is "llama31-8b": between
/// digits a separator is needed, but a version may lack its dot. Sizes may not: "qwen2-15b" is not qwen2-1.5b.
[[nodiscard]] bool same_name(std::string_view typed, std::string_view name);

/// How many characters two names have in common at their beginnings, numbers whole, compared the same way.
[[nodiscard]] std::size_t common_beginning(std::string_view a, std::string_view b);

}  // namespace paramcount
