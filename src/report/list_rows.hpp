// Records of the catalog as rows, and the page that lists them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "paramcount/report/report.hpp"
#include "report/tables.hpp"

namespace paramcount {

/// What a list shows of each record: its id, the values from `tell`, and its source if it names one.
template <class Record, class Tell>
std::vector<Row> told(const std::vector<Record>& records, const Tell& tell) {
  std::vector<Row> rows;
  for (const auto& record : records) {
    Row& row = rows.emplace_back(Row::group(""));
    row.add(Row::leaf("id", "id", record.id));
    tell(row, record);
    if constexpr (requires { record.source; }) {
      if (!record.source.empty()) row.add(Row::leaf("source", "source", printable(record.source)));
    }
  }
  return rows;
}

void tell_texts(Row& row, const Label& key, const Label& label, const std::vector<std::string>& texts);

template <class Record>
void tell_names(Row& row, const Record& record) {
  row.add(Row::leaf("name", "name", printable(record.name)));
  tell_texts(row, "aliases", "aliases", record.aliases);
}

enum class Sources : std::uint8_t { none, sources, names };  ///< what notes say of each record

/// The rows, and where pages are wanted a table of them with these columns; `remark` is the key of what follows a row.
[[nodiscard]] Report report_of(const char* collection, std::vector<Row> rows, const ReportOptions& wanted,
                               const std::vector<Column>& columns, std::string_view remark = {},
                               Sources sources = Sources::none);

/// Says it on the page, where there is one.
void add_note(Report& report, Note note);

}  // namespace paramcount
