#include "report/terminal_style.hpp"

namespace paramcount {

std::string_view style_begin(Style style) {
  switch (style) {
    case Style::strong:
      return "\x1b[1m";
    case Style::dim:
      return "\x1b[2m";
    case Style::good:
      return "\x1b[32m";
    case Style::bad:
      return "\x1b[31m";
    case Style::caution:
      return "\x1b[33m";
    case Style::plain:
      break;
  }
  return {};
}

}  // namespace paramcount
