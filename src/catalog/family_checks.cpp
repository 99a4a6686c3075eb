#include "catalog/family_checks.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "catalog/family_file.hpp"
#include "count/name_groups.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/expand.hpp"

namespace paramcount {

void check_spellings(const Family& family) {
  std::vector<std::string> keys;
  for (const auto& row : family.tensors) keys.push_back(fold_pattern(row.name));
  const auto bare = [](std::string text) {
    if (text.starts_with('^')) text.erase(0, 1);
    if (text.ends_with('$')) text.pop_back();
    return text;
  };
  const auto occurs = [&](const std::string& text) {
    return std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return key.find(text) != std::string::npos; });
  };
  for (const auto& rename : family.spellings.renames) {
    if (!occurs(bare(rename.from)) && !occurs(bare(rename.to))) {
      throw Error("/spellings/renames: " + rename.from + " and " + rename.to + " match none of the names");
    }
  }
  for (const auto& merge : family.spellings.merges) {
    if (!occurs(merge.whole) && !std::all_of(merge.parts.begin(), merge.parts.end(), occurs)) {
      throw Error("/spellings/merges: neither " + merge.whole + " nor its parts match a name");
    }
  }
}

void check_gguf(const Family& family) {
  const auto& gguf = *family.gguf;
  if (gguf.arch.empty() || !gguf.part.empty()) return;
  for (const auto& row : family.tensors) {
    if (std::none_of(gguf.names.begin(), gguf.names.end(), [&](const auto& name) { return name.tensor == row.name; })) {
      throw Error("/gguf/names: missing an entry for " + row.name);
    }
  }
  Family whole = family;
  add_gguf_rows(whole);
  Expander([](std::string_view) -> const Family& { throw Error("unused"); }).check(whole);
}

void check_media_rule(const Family& family, const MediaRule& rule) {
  Expander([](std::string_view) -> const Family& { throw Error("unused"); }).check(family, rule);
}

}  // namespace paramcount
