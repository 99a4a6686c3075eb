// Tables of pages that several reports have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/figures.hpp"

namespace paramcount {

/// A table whose columns have widths of their own.
[[nodiscard]] PageTable own_table(std::string heading, std::vector<Cell> columns = {});

/// What follows a fact whose source was not verified.
inline constexpr std::string_view kUnverified = " unverified";

/// Which of these keys are marked; nothing is added if none is.
void tell_unverified(Row& row, std::string_view unverified);

/// A column: its heading, and the key of what it shows of a record.
struct Column {
  std::string heading;
  std::string_view key;
  Cell (*show)(const Figures& record, std::string_view key) = nullptr;  ///< nullptr: as Figures::cell
};

/// To whole numbers, or with all digits where --precise asks for them.
[[nodiscard]] Cell rounded(const Figures& record, std::string_view key);

/// A line for each record below its id, or what it has under the key `label`; with what it has under `remark`.
[[nodiscard]] PageTable record_table(std::string heading, const std::vector<Column>& columns,
                                     const std::vector<Row>& records, const FigureStyle& style,
                                     std::string_view remark = {}, std::string_view label = "id");

}  // namespace paramcount
