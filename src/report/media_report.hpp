// Images and audio in a prompt, as values and as a table.
#pragma once

#include <vector>

#include "paramcount/estimate/media.hpp"
#include "paramcount/report/report.hpp"
#include "report/figures.hpp"
#include "report/tree.hpp"

namespace paramcount {

/// The group media.
void tell_media(const MediaInput& input, Tree& tree);
[[nodiscard]] PageTable media_table(const MediaInput& input, const Figures& figures);
void media_notes(const MediaInput& input, std::vector<Note>& notes);

}  // namespace paramcount
