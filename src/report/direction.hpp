// Right-to-left pages: embedded numbers, formulas and Latin names read from left to right without moving what is next
// to them (Unicode UAX #9).
#pragma once

#include <string>

namespace paramcount {

/// Begins a line of turned_lines() that is part of a drawing: it goes from left to right.
inline constexpr char kDrawnLine = '\x01';
/// A plot's lines, marked so except those of words alone.
[[nodiscard]] std::string drawn_lines(const std::string& plot);

/// Lines of a terminal, from right to left with their columns, which are recognised by two or more spaces between them.
/// They hold marks of direction (LRM, RLM): terminals that know no direction show nothing for these, those that do
/// keep numbers and names in order; isolates (RLI, PDI) are drawn as boxes by mlterm and ignored by VTE. With `escapes`
/// the terminal is told the direction of its lines as well (ECMA-48's SCP), which VTE needs; others ignore it.
[[nodiscard]] std::string turned_lines(const std::string& text, bool escapes);

/// The texts of an HTML page with what is Latin in <bdi dir="ltr">; tags, styles, titles and drawings stay.
[[nodiscard]] std::string isolated_html(const std::string& html);

/// Rules for dir="rtl" after those of html_style().
[[nodiscard]] std::string right_to_left_style();

}  // namespace paramcount
