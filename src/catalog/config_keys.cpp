#include "paramcount/catalog/config_keys.hpp"

#include "base/text.hpp"
#include "catalog/fields.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {

ConfigKeyRow ConfigKeyRow::read(const Value& row) {
  Fields fields(row, "");
  ConfigKeyRow result;
  result.id = fields.need_text("id");
  const std::string effect = fields.need_text("effect");
  if (effect != "none" && effect != "count") throw Error("/effect: expected none or count, got " + printable(effect));
  result.inert = effect == "none";
  result.what = fields.need_text("what");
  static_cast<void>(fields.need_text("source"));
  result.keys = fields.texts("keys");
  if (result.keys.empty()) throw Error("/keys: expected at least one");
  fields.finish();
  return result;
}

ConfigKeys::ConfigKeys(const std::vector<ConfigKeyRow>& rows) {
  for (const auto& row : rows) {
    for (const auto& key : row.keys) {
      if (row.inert) {
        inert_.push_back(key);
      } else {
        counting_.emplace_back(key, row.what);
      }
    }
  }
  std::sort(inert_.begin(), inert_.end());
}

const std::string* ConfigKeys::changes_count(std::string_view key) const {
  const auto found =
      std::find_if(counting_.begin(), counting_.end(), [&](const auto& known) { return known.first == key; });
  return found != counting_.end() ? &found->second : nullptr;
}

}  // namespace paramcount
