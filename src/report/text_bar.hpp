// Terminal bars, in eighths of a cell.
#pragma once

#include <cstddef>
#include <string>

namespace paramcount {

/// So many cells, cut with an ellipsis where they leave the room. In ASCII a cell is '#', and less than half none.
[[nodiscard]] std::string text_bar(double cells, std::size_t room, bool utf8);

}  // namespace paramcount
