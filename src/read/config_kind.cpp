#include "read/config_kind.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "read/source.hpp"

namespace paramcount {
namespace {

using Path = ConfigKind::Path;

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
    const auto& all = catalog.config_kinds().all();
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
      if (ConfigKind::find(config, path) == nullptr)
        throw Error(pointer_of(path) + ": missing; " + printable(kind.id) + " needs it");
    }
  }
  std::vector<std::pair<const Path*, Value>> moved;
  for (auto one = kinds.rbegin(); one != kinds.rend(); ++one) {
    for (const auto& move : (*one)->keys) {
      const auto from =
          std::ranges::find_if(move.from, [&](const Path& path) { return ConfigKind::find(config, path) != nullptr; });
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

/// Moves the members of the object up to its level, except those that exist there already: they are the whole's, the
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
  // Once moved up, the content of an object may be a kind of its own.
  constexpr int kMostObjects = 4;
  for (int i = 0; i < kMostObjects; ++i) {
    const auto* kind = catalog.config_kinds().of(config);
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
    return catalog.config_kinds().of(read_json(path)) != nullptr;
  } catch (const Error&) {
    return false;
  }
}

void refuse_foreign(const std::string& path, const Catalog& catalog) {
  const bool folder = is_folder(path);
  const std::string name = lower(folder && path.ends_with('/') ? path.substr(0, path.size() - 1) : path);
  std::string first;
  for (const auto& kind : catalog.config_kinds().all()) {
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
