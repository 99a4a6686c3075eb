// A folder laid out like data/ that overrides the built-in catalog.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/embedded.hpp"
#include "paramcount/base/value.hpp"

namespace paramcount {

inline constexpr Table kModels = table("models");
inline constexpr Table kFamilies = table("families");

/// Its files are read when first asked for, and each once. All throw Error "PATH: ...".
class CatalogFolder {
 public:
  explicit CatalogFolder(std::string path);

  /// A file of models/ or families/, or a row of a table, parsed, with its names (id, aliases, model types) in lower
  /// case.
  struct File {
    std::string path;
    Value content;
    std::vector<std::string> names;  ///< the id first
  };
  [[nodiscard]] const std::vector<File>& files(Table table);
  /// nullptr: no file has that name, which is in lower case.
  [[nodiscard]] const File* find(Table table, std::string_view name);

 private:
  void read_files(Table table, std::vector<File>& out) const;
  void read_rows(const std::string& key, std::vector<File>& out) const;

  std::string path_;
  std::optional<std::vector<File>> files_[kTables];
};

}  // namespace paramcount
