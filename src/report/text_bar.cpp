#include "report/text_bar.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "base/symbols.hpp"

namespace paramcount {

std::string text_bar(double cells, std::size_t room, bool utf8) {
  static constexpr std::array<std::string_view, 8> kEighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  std::string bar;
  const auto eighths = static_cast<std::size_t>(std::lround(std::min(cells, 1000.0) * 8));
  std::size_t whole = eighths / 8;
  const bool cut = whole > room;
  if (cut) whole = room > 0 ? room - 1 : 0;
  for (std::size_t i = 0; i < whole; ++i) bar += "█";
  bar += cut ? (utf8 ? "…" : ">") : kEighths[eighths % 8];
  return utf8 ? bar : in_ascii(std::move(bar));
}

}  // namespace paramcount
