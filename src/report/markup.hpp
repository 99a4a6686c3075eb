// Shared by HTML and SVG: escaping.
#pragma once

#include <string>
#include <string_view>

namespace paramcount {

/// Printable, with the signs of markup as entities: safe between tags and in a double-quoted attribute.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace paramcount
