#include "catalog/unverified.hpp"

#include "base/text.hpp"
#include "paramcount/catalog/model.hpp"

namespace paramcount {

std::string read_unverified(Fields& fields, const Value& object) {
  constexpr std::string_view kKey = "unverified";
  const auto* mark = fields.get(kKey);
  if (mark == nullptr) return {};
  if (const auto* all = mark->as<bool>()) return *all ? "all" : "";
  std::string joined;
  for (const auto& key : fields.texts(kKey)) {
    if (key == kKey || object.find(key) == nullptr) {
      fields.fail(kKey, "there is no " + printable(key) + " to mark");
    }
    joined += (joined.empty() ? "" : ",") + key;
  }
  return joined;
}

bool marks_unverified(std::string_view unverified, std::string_view key) {
  if (unverified.empty()) return false;
  if (unverified == "all") return true;
  for (const auto one : split(unverified, ',')) {
    if (one == key) return true;
  }
  return false;
}

}  // namespace paramcount
