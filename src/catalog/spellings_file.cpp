#include "catalog/spellings_file.hpp"

#include <algorithm>
#include <array>

#include "base/folded_name.hpp"
#include "base/text.hpp"
#include "catalog/fields.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::array<std::string_view, 5> kLists{"renames", "merges", "buffers", "tied", "mtp"};

/// A part of a name as names are folded.
std::string folded_part(const std::string& text, const std::string& where) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const auto open = text.find('{', at);
    result += text.substr(at, open == std::string::npos ? open : open - at);
    if (open == std::string::npos) break;
    const auto close = text.find('}', open);
    if (close == std::string::npos) throw Error(where + ": an index without its closing brace");
    result += kNumber;
    at = close + 1;
  }
  if (result.empty()) throw Error(where + ": an empty string");
  return result;
}

/// Calls back with each entry of a list of pairs.
template <class Visit>
void each_pair(const Value* list, const std::string& where, const Visit& visit) {
  if (list == nullptr) return;
  std::size_t i = 0;
  for (const auto& entry : list_of(*list, where)) {
    const std::string here = where + "/" + std::to_string(i++);
    const auto& pair = list_of(entry, here);
    if (pair.size() != 2) throw Error(here + ": expected a pair, got " + std::to_string(pair.size()) + " entries");
    visit(need_text(pair[0], here + "/0"), pair[1], here);
  }
}

}  // namespace

void Spellings::append(const Spellings& other) {
  renames.insert(renames.end(), other.renames.begin(), other.renames.end());
  merges.insert(merges.end(), other.merges.begin(), other.merges.end());
  buffers.insert(buffers.end(), other.buffers.begin(), other.buffers.end());
  tied.insert(tied.end(), other.tied.begin(), other.tied.end());
  mtp.insert(mtp.end(), other.mtp.begin(), other.mtp.end());
}

Spellings read_spellings(const Value& section, const std::string& where) {
  Fields fields(section, where);
  Spellings result;
  each_pair(fields.get("renames"), where + "/renames", [&](const auto& from, const Value& to, const auto& here) {
    Spellings::Rename rename{folded_part(from, here + "/0"), folded_part(need_text(to, here + "/1"), here + "/1")};
    if (rename.from == rename.to) throw Error(here + ": renames nothing");
    if (rename.from.starts_with('^') != rename.to.starts_with('^') ||
        rename.from.ends_with('$') != rename.to.ends_with('$')) {
      throw Error(here + ": both strings need the same ^ and $, since a renaming applies in both directions");
    }
    result.renames.push_back(std::move(rename));
  });
  each_pair(fields.get("merges"), where + "/merges", [&](const auto& whole, const Value& parts, const auto& here) {
    Spellings::Merge merge{folded_part(whole, here + "/0"), {}};
    for (const auto& part : list_of(parts, here + "/1")) {
      merge.parts.push_back(folded_part(need_text(part, here + "/1"), here + "/1"));
    }
    if (merge.parts.empty()) throw Error(here + "/1: no parts");
    for (const auto& part : merge.parts) {
      if (numbers_in(part) < numbers_in(merge.whole) || numbers_in(part) > numbers_in(merge.whole) + 1) {
        throw Error(here + ": a part must have as many indices as the whole, or one more");
      }
    }
    result.merges.push_back(std::move(merge));
  });
  each_pair(fields.get("buffers"), where + "/buffers", [&](const auto& name, const Value& what, const auto& here) {
    result.buffers.emplace_back(folded_part(name, here + "/0"), need_text(what, here + "/1"));
  });
  for (const auto& name : fields.texts("tied")) result.tied.push_back(folded_part(name, where + "/tied"));
  for (const auto& name : fields.texts("mtp")) result.mtp.push_back(folded_part(name, where + "/mtp"));
  fields.finish();
  return result;
}

Spellings read_common_spellings(Value row) {
  const auto* id = row.find("id");
  if (id == nullptr || !(*id == Value(kCommonSpellings))) throw Error("/id: expected common");
  std::erase_if(*row.as<Value::Object>(), [](const Value::Member& member) { return member.first == "id"; });
  return read_spellings(row, "");
}

std::vector<std::string> read_common_names(const Value& row) {
  static_cast<void>(read_common_spellings(row));
  return {std::string(kCommonSpellings)};
}

Value merge_spellings(const Value* inherited, const Value* own) {
  Value result{Value::Object{}};
  for (const auto key : kLists) {
    Value::List joined;
    for (const auto* section : {own, inherited}) {
      const auto* list = section != nullptr ? section->find(key) : nullptr;
      if (list == nullptr) continue;
      const auto& entries = list_of(*list, "/spellings/" + std::string(key));
      joined.insert(joined.end(), entries.begin(), entries.end());
    }
    if (!joined.empty()) result.set(key, std::move(joined));
  }
  if (own != nullptr && own->as<Value::Object>() != nullptr) {
    // Anything but a list is left for the reader to refuse.
    for (const auto& [key, value] : *own->as<Value::Object>()) {
      if (result.find(key) == nullptr) result.set(key, value);
    }
  }
  return result;
}

}  // namespace paramcount
