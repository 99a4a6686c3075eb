// Shared by document renderers of pages: the columns that a table needs, lines without words, names.
#pragma once

#include <string>
#include <vector>

#include "paramcount/report/report.hpp"

namespace paramcount {

struct TableShape {
  std::size_t cells{0};  ///< columns besides the label
  bool remarks{false};   ///< a last column of remarks
};

[[nodiscard]] TableShape shape_of(const PageTable& table);

/// The tables of the page; one without column headings continues the one before. Without `bars`, what is
/// said of bars in cells is left out.
[[nodiscard]] std::vector<PageTable> joined_tables(const Page& page, bool bars);

/// No text anywhere.
[[nodiscard]] bool is_blank(const Line& line);

/// "126 layers · d_model 16,384"
[[nodiscard]] std::string summary_text(const Page& page);

/// What a document calls the page: its title, else its heading, else what its first table is about; may be empty.
[[nodiscard]] std::string name_of(const Page& page);

}  // namespace paramcount
