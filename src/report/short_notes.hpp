// Text pages end with at most five notes of one line each, and a line saying how many more there are. --notes shows all
// of them in full; other formats always do.
#pragma once

#include <cstddef>
#include <string>

#include "paramcount/report/report.hpp"

namespace paramcount {

/// Columns that a line of text takes at most, however wide the terminal: longer ones are hard to read.
constexpr std::size_t kWidestText = 110;

/// Leaves five notes of each page, those of the least weight out first, and cuts them to lines of that many columns.
/// Notes that are part of the answer are neither cut nor counted.
void shorten_notes(Report& report, std::size_t columns_of_line);

/// The beginning of a text that takes at most that many columns, and "…": cut where a clause ends if that leaves half
/// of them or more, else between words. A text that fits is returned as it is.
[[nodiscard]] std::string first_clauses(const std::string& text, std::size_t room);

}  // namespace paramcount
