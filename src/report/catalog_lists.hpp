// What `paramcount list WORD` shows besides models: tables of the catalog.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

struct ListQuestion {
  const Catalog& catalog;
  std::string_view word;  ///< the list's
  std::string within;     ///< only rows that have this in their names; empty: all
  ReportOptions wanted;
};

struct CatalogList {
  std::string_view word;
  std::string_view also;  ///< other words for it, at spaces
  std::string_view what;  ///< in help, where the word does not say it
  /// Throws Error where no row is so.
  Report (*make)(const ListQuestion& question);
};

[[nodiscard]] std::span<const CatalogList> catalog_lists();
/// By its word or another; nullptr: there is none.
[[nodiscard]] const CatalogList* find_catalog_list(std::string_view word);

}  // namespace paramcount
