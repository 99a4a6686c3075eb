// Renders reports as text. One renderer per file in src/report, selected from one table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "paramcount/report/report.hpp"

namespace paramcount {

class Translation;

/// The output target and what it can show.
struct Surface {
  std::size_t width{80};  ///< columns
  bool terminal{false};   ///< a person is reading: bars, grouped digits, folding
  bool color{false};
  bool utf8{true};
  Translation* translation{nullptr};  ///< of the pages, for what renderers say themselves; English without one
};

struct Format {
  std::string_view name;
  std::string_view description;
  enum class Reads : std::uint8_t { pages, tree } reads;
  enum class Plots : std::uint8_t { none, if_asked, always, alone } plots;
  std::string (*render)(const Report& report, const Surface& surface);
};

/// All formats, the default first.
[[nodiscard]] std::span<const Format> formats();
/// nullptr if there is none of that name.
[[nodiscard]] const Format* find_format(std::string_view name);

}  // namespace paramcount
