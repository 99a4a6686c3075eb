#include "count/config_audit.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "count/dims.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/expand.hpp"

namespace paramcount {
namespace {

/// A key as a step of a JSON pointer.
std::string step(std::string_view key) {
  if (key.find_first_of("~/") == std::string_view::npos) return joined({"/", key});
  std::string text = "/";
  for (const char c : key) {
    if (c == '~') {
      text += "~0";
    } else if (c == '/') {
      text += "~1";
    } else {
      text += c;
    }
  }
  return text;
}

/// Null and what is empty say nothing.
bool is_empty(const Value& value) {
  if (value.is_null()) return true;
  if (const auto* list = value.as<Value::List>()) return list->empty();
  if (const auto* object = value.as<Value::Object>()) return object->empty();
  const auto* text = value.as<std::string>();
  return text != nullptr && text->empty();
}

/// The same, and what says "none" of a number of things.
bool is_off(const Value& value) { return is_empty(value) || value == Value(false) || value == Value(std::int64_t{0}); }

/// The keys whose absence lets a class's number into the dimension, or into its value for the first layer.
std::vector<std::string> defaults_of(Scope& scope, std::size_t dim) {
  std::vector<std::string> keys;
  const IndexSet needs = scope.program().dim_needs(dim);
  const auto index = only_member(needs);
  if (needs == 0) scope.keys_by_default(dim, keys);
  if (!index) return keys;
  scope.at(*index, 0);
  try {
    scope.keys_by_default(dim, keys);
  } catch (const Error&) {
    scope.leave(*index);
    throw;
  }
  scope.leave(*index);
  return keys;
}

class Audit {
 public:
  Audit(const ConfigKeys& keys, const ReadKeysLookup& read_keys, bool has_files, Inventory& out)
      : keys_(keys), read_keys_(read_keys), has_files_(has_files), out_(out) {}

  /// Notes which families read which object of the config.
  void visit(Scope& scope) {
    const Family& family = scope.program().family();
    if (const auto place = scope.place()) {
      auto& object = objects_[*place];
      object.value = &scope.config();
      object.readers.push_back(&family);
    }
    for (std::size_t i = 0; i < family.parts.size(); ++i) {
      if (Scope* const inner = scope.part(i)) visit(*inner);
    }
  }

  void collect_unread() {
    for (const auto& [place, object] : objects_) {
      const auto* members = object.value->as<Value::Object>();
      if (members == nullptr) continue;
      for (const auto& [key, value] : *members) judge(place, object, key, value);
    }
    std::sort(out_.unread.begin(), out_.unread.end());
  }

  void collect_defaults(Scope& scope, const Scope& of_layers, const std::string& prefix) {
    Program& program = scope.program();
    const std::string before = &scope == &of_layers ? "" : prefix;
    for (const auto& [dim, kind] : program.standard_dims()) {
      std::vector<std::string> keys;
      try {
        keys = defaults_of(scope, dim);
      } catch (const Error&) {
        continue;  // a dimension nothing needed may have no value
      }
      for (auto& key : keys) {
        if (!defaults_.insert(key).second) continue;
        out_.dims_default.emplace_back(before + program.family().dims[dim].name, std::move(key));
      }
    }
    for (std::size_t i = 0; i < program.family().parts.size(); ++i) {
      if (Scope* const inner = scope.part(i)) {
        collect_defaults(*inner, of_layers, prefix + program.family().parts[i].name + ".");
      }
    }
  }

 private:
  struct Object {
    const Value* value{};
    std::vector<const Family*> readers;
  };

  void judge(const std::string& place, const Object& object, std::string_view key, const Value& value) {
    // What families read apart is an object.
    if (value.as<Value::Object>() != nullptr && objects_.contains(place + step(key))) return;
    for (const auto* family : object.readers) {
      if (read_keys_(*family).declares(key)) return judge_members(place, *family, key, value);
    }
    if (is_empty(value) || keys_.is_inert(key)) return;
    for (const auto* family : object.readers) {
      if (read_keys_(*family).is_inert(key)) return;
    }
    if (const auto* what = keys_.changes_count(key); what != nullptr && !is_off(value) && !has_files_) {
      const auto& family = object.readers.front()->id;
      throw Error(place + step(key) + ": " + *what + "; family " + printable(family) + " cannot count that");
    }
    add(place + step(key));
  }

  /// Of a key that is read, in the object at that place: what the family does not look at inside it, if it looks inside
  /// at all.
  void judge_members(const std::string& place, const Family& family, std::string_view key, const Value& value) {
    const auto& read = read_keys_(family);
    const bool has_members = value.as<Value::List>() != nullptr || value.as<Value::Object>() != nullptr;
    if (has_members && read.looks_inside(key)) judge_inside(place + step(key), family, key, value);
  }

  void judge_inside(const std::string& place, const Family& family, std::string_view key, const Value& value) {
    const auto& read = read_keys_(family);
    if (const auto* list = value.as<Value::List>()) {
      for (std::size_t i = 0; i < list->size() && out_.unread.size() < kMostUnread; ++i) {
        judge_inside(place + "/" + std::to_string(i), family, key, (*list)[i]);
      }
    }
    const auto* members = value.as<Value::Object>();
    if (members == nullptr) return;
    for (const auto& [name, inner] : *members) {
      const std::string here = place + step(name);
      if (objects_.contains(here) || is_empty(inner) || keys_.is_inert(name)) continue;
      if (read.is_inert(name)) continue;
      if (!read.has_member(name)) {
        add(here);
      } else if (inner.as<Value::Object>() != nullptr) {
        judge_inside(here, family, key, inner);
      }
    }
  }

  void add(const std::string& place) {
    if (out_.unread.size() < kMostUnread) out_.unread.push_back(printable(place));
  }

  const ConfigKeys& keys_;
  const ReadKeysLookup& read_keys_;
  bool has_files_;
  Inventory& out_;
  std::map<std::string, Object> objects_;  ///< the objects that families read, by their place
  std::set<std::string> defaults_;
};

}  // namespace

void audit_config(Scope& scope, const ConfigKeys& keys, const ReadKeysLookup& read_keys, bool has_files,
                  Inventory& out) {
  out.audited = true;
  Audit audit(keys, read_keys, has_files, out);
  audit.visit(scope);
  audit.collect_unread();
  audit.collect_defaults(scope, *layer_scope(scope), "");
}

void drop_defaults(Scope& scope, const Family::Gguf& gguf, Inventory& out) {
  Scope& layers = *layer_scope(scope);
  const bool routed = std::any_of(out.tensors.begin(), out.tensors.end(),
                                  [](const Tensor& tensor) { return tensor.role.kind == RoleKind::expert; });
  out.dims_default.clear();
  for (const auto& [dim, kind] : layers.program().standard_dims()) {
    std::vector<std::string> keys;
    try {
      keys = defaults_of(layers, dim);
    } catch (const Error&) {
      continue;  // a dimension nothing needed may have no value
    }
    const auto& name = layers.program().family().dims[dim].name;
    const auto known =
        std::find_if(out.dims.begin(), out.dims.end(), [&](const auto& one) { return one.first == name; });
    const bool has_key =
        std::any_of(gguf.keys.begin(), gguf.keys.end(), [&](const auto& key) { return key.name == name; });
    if (keys.empty() || known == out.dims.end() || !has_key) continue;
    out.dims.erase(known);
    const bool unused = !routed && name.find("expert") != std::string::npos;
    if (!unused) out.dims_default.emplace_back(name, std::move(keys.front()));
  }
}

void refuse_guesses(const Inventory& inventory) {
  const std::string strict = " (--strict)";
  if (!inventory.unread.empty()) throw Error(inventory.unread.front() + ": not understood" + strict);
  if (!inventory.dims_default.empty()) {
    const auto& [dim, key] = inventory.dims_default.front();
    throw Error(key + ": missing, " + dim + " would be the class's default" + strict);
  }
  if (inventory.unverified) {
    throw Error("family " + printable(inventory.family) + " was never checked against an independent count" + strict);
  }
}

}  // namespace paramcount
