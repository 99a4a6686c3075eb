#include "read/config_kind.hpp"

#include <algorithm>
#include <bitset>
#include <iterator>
#include <set>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "read/source.hpp"

namespace paramcount {
namespace {

using Path = ConfigKind::Path;

bool is_one_of(const Value& value, const std::vector<Value>& values) {
  if (const auto* text = value.as<std::string>()) {
    return std::ranges::any_of(values, [&](const Value& one) {
      const auto* other = one.as<std::string>();
      return other != nullptr && *other == *text;
    });
  }
  if (std::ranges::find(values, value) != values.end()) return true;
  const auto* list = value.as<Value::List>();
  return list != nullptr && std::ranges::any_of(*list, [&](const Value& item) { return is_one_of(item, values); });
}

/// The value at the end of a path; nullptr where there is none, or null.
const Value* find(const Value& config, const Path& path) {
  const Value* value = &config;
  for (const auto& key : path) {
    if (value != nullptr) value = value->find(key);
  }
  return value == nullptr || value->is_null() ? nullptr : value;
}

/// Which keys an object may have: one that is not among them it does not have.
class KeysOf {
 public:
  explicit KeysOf(const Value& config) {
    const auto* members = config.as<Value::Object>();
    if (members == nullptr) return;
    for (const auto& [key, value] : *members) keys_.set(fingerprint(key));
  }
  [[nodiscard]] bool may_have(std::string_view key) const { return keys_.test(fingerprint(key)); }

 private:
  std::bitset<256> keys_;
};

bool holds(const ConfigKind::Condition& condition, const Value& config) {
  const Value* const value = find(config, condition.path);
  if (condition.least) {
    const auto* number = value != nullptr ? value->as<std::int64_t>() : nullptr;
    return number != nullptr && *number >= *condition.least;
  }
  if (condition.values.empty()) return (value != nullptr) == condition.present;
  return value != nullptr && is_one_of(*value, condition.values);
}

const ConfigKind* kind_of(const Value& config, const Catalog& catalog) {
  const auto& kinds = catalog.config_kinds();
  const KeysOf keys(config);
  const auto may_hold = [&](const ConfigKind::Condition& condition) {
    const bool is_absence = !condition.present && condition.values.empty() && !condition.least;
    return is_absence || keys.may_have(condition.path.front());
  };
  for (auto kind = kinds.rbegin(); kind != kinds.rend(); ++kind) {
    const auto& conditions = kind->conditions;
    if (!conditions.empty() && std::ranges::all_of(conditions, may_hold) &&
        std::ranges::all_of(conditions, [&](const auto& condition) { return holds(condition, config); })) {
      return &*kind;
    }
  }
  return nullptr;
}

std::string pointer_of(const Path& path) {
  std::string text;
  for (const auto& key : path) text += "/" + printable(key);
  return text;
}

/// Takes the value out, and objects that are empty without it. Null where there is none.
Value take(Value& object, const Path& path, std::size_t at = 0) {
  auto* members = object.as<Value::Object>();
  if (members == nullptr) return {};
  const auto member = std::ranges::find_if(*members, [&](const auto& one) { return one.first == path[at]; });
  if (member == members->end()) return {};
  Value taken;
  if (at + 1 == path.size()) {
    taken = std::move(member->second);
    members->erase(member);
    return taken;
  }
  taken = take(member->second, path, at + 1);
  const auto* left = member->second.as<Value::Object>();
  if (left != nullptr && left->empty()) members->erase(member);
  return taken;
}

/// Objects on the way are made where there are none.
void put(Value& object, const Path& path, Value value) {
  Value* at = &object;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (at->find(path[i]) == nullptr) at->set(path[i], Value(Value::Object{}));
    at = at->find(path[i]);
    if (at->as<Value::Object>() == nullptr) {
      throw Error(pointer_of(Path(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(i) + 1)) +
                  ": expected an object, got " + brief(*at));
    }
  }
  at->set(path.back(), std::move(value));
}

/// The kind and those it is like, the most general first.
std::vector<const ConfigKind*> lineage(const ConfigKind& kind, const Catalog& catalog) {
  constexpr std::size_t kFarthest = 8;
  std::vector<const ConfigKind*> kinds{&kind};
  while (!kinds.back()->like.empty()) {
    const std::string& id = kinds.back()->like;
    const auto& all = catalog.config_kinds();
    const auto found = std::ranges::find_if(all, [&](const auto& one) { return one.id == id; });
    if (found == all.end() || kinds.size() == kFarthest) {
      throw Error("config_kinds: " + printable(kind.id) + ": no kind " + printable(id) + " to be like");
    }
    kinds.push_back(&*found);
  }
  return {kinds.rbegin(), kinds.rend()};
}

/// Gives another tool's config the keys that a family reads.
void rename_keys(Value& config, const ConfigKind& kind, const Catalog& catalog) {
  const auto kinds = lineage(kind, catalog);
  for (const auto* one : kinds) {
    for (const auto& path : one->needs) {
      if (find(config, path) == nullptr)
        throw Error(pointer_of(path) + ": missing; " + printable(kind.id) + " needs it");
    }
  }
  std::vector<std::pair<const Path*, Value>> moved;
  for (auto one = kinds.rbegin(); one != kinds.rend(); ++one) {
    for (const auto& move : (*one)->keys) {
      const auto from =
          std::ranges::find_if(move.from, [&](const Path& path) { return find(config, path) != nullptr; });
      if (from != move.from.end()) moved.emplace_back(&move.to, take(config, *from));
    }
  }
  for (const auto* one : kinds) {
    for (const auto& path : one->inert) static_cast<void>(take(config, path));
  }
  if (!kind.rest.empty()) {
    Value inner = std::move(config);
    config = Value(Value::Object{{kind.rest, std::move(inner)}});
  }
  for (auto& [to, value] : moved) put(config, *to, std::move(value));
  for (const auto* one : kinds) {
    for (const auto& path : one->inert) static_cast<void>(take(config, path));
    for (const auto& [to, value] : one->values) put(config, to, value);
  }
}

/// Moves the members of the object up beside it, but for those that are there already: they are the whole's, the
/// object's own stay in it, as do its model_type and classes, which are a layer's.
void move_up(Value& config, const std::string& key) {
  auto* nested = config.find(key);
  if (nested == nullptr) return;
  auto* members = nested->as<Value::Object>();
  if (members == nullptr) throw Error("/" + printable(key) + ": expected an object, got " + brief(*nested));
  std::set<std::string> there{"architectures", "model_type"};
  auto& whole = *config.as<Value::Object>();
  for (const auto& [name, value] : whole) there.insert(name);
  Value::Object kept;
  Value::Object moved;
  for (auto& member : *members) (there.contains(member.first) ? kept : moved).push_back(std::move(member));
  *members = std::move(kept);
  whole.insert(whole.end(), std::move_iterator(moved.begin()), std::move_iterator(moved.end()));
}

}  // namespace

const Family* family_of_kind(Value& config, const Catalog& catalog) {
  // What lies in an object may be of a kind of its own once it is moved up.
  constexpr int kMostObjects = 4;
  for (int i = 0; i < kMostObjects; ++i) {
    const auto* kind = kind_of(config, catalog);
    if (kind == nullptr) return nullptr;
    if (!kind->refused.empty()) throw Error(kind->refused);
    if (!kind->inside.empty()) move_up(config, kind->inside);
    rename_keys(config, *kind, catalog);
    if (!kind->family.empty()) return &catalog.family(kind->family);
    if (!kind->values.empty() || kind->inside.empty()) return nullptr;
  }
  return nullptr;
}

const Family& family_of_config(Value& config, const Catalog& catalog) {
  if (const auto* family = family_of_kind(config, catalog)) return *family;
  const auto* type = config.find("model_type");
  if (type == nullptr) {
    throw Error("/model_type: missing; it says which architecture this is (\"llama\", \"gpt2\", ...)");
  }
  const auto* text = type->as<std::string>();
  if (text == nullptr) throw Error("/model_type: expected a string, got " + brief(*type));
  return locating("/model_type", [&]() -> const Family& { return catalog.family(*text); });
}

bool is_known_kind(const std::string& path, const Catalog& catalog) {
  try {
    return kind_of(read_json(path), catalog) != nullptr;
  } catch (const Error&) {
    return false;
  }
}

void refuse_foreign(const std::string& path, const Catalog& catalog) {
  const bool folder = is_folder(path);
  const std::string name = lower(folder && path.ends_with('/') ? path.substr(0, path.size() - 1) : path);
  std::string first;
  for (const auto& kind : catalog.config_kinds()) {
    const auto ends = [&](const std::string& ending) { return name.ends_with(ending); };
    const auto inside = [&](const std::string& file) {
      return file.starts_with('.') ? ends(file) : exists(path + "/" + file);
    };
    bool told = false;
    if (folder) {
      told = std::ranges::any_of(kind.folders, inside);
    } else if (kind.magic.empty()) {
      told = std::ranges::any_of(kind.files, ends);
    } else if (is_file(path)) {
      constexpr std::size_t kFirst = 64;
      if (first.empty()) first = first_bytes(open_source(path), kFirst);
      told = std::string_view(first).substr(std::min(kind.magic_at, kFirst)).starts_with(kind.magic);
      if (!told) told = std::ranges::any_of(kind.files, ends);
    }
    if (told) throw Error(printable(path) + ": " + kind.refused);
  }
}

}  // namespace paramcount
