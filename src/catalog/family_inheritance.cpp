// Merges a family file with the one it extends.
#include "base/budgets.hpp"
#include "catalog/family_file.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.hpp"
#include "catalog/fields.hpp"
#include "catalog/spellings_file.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::array<std::string_view, 4> kMergedByKey{"keys", "aliases", "dims", "indices"};

std::string both(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a + b;
  return "(" + a + ") and (" + b + ")";
}

/// `*` stands for any text.
bool matches(std::string_view pattern, std::string_view name) {
  const auto parts = split(pattern, '*');
  if (parts.size() == 1) return pattern == name;
  if (!name.starts_with(parts.front())) return false;
  std::size_t at = parts.front().size();
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
    at = name.find(parts[i], at);
    if (at == std::string_view::npos) return false;
    at += parts[i].size();
  }
  return name.size() >= at + parts.back().size() && name.ends_with(parts.back());
}

/// Bounds what rows become: each repeats the prefixes and conditions of its groups, and renaming may lengthen it.
class RowBudget {
 public:
  void spend(std::size_t text, const std::string& where) {
    if (++rows_ > kMostFamilyRows) throw Error(where + ": more than 100,000 rows, including inherited ones");
    text_ += text;
    if (text_ > kMostFamilyText)
      throw Error(where + ": more than 16 MiB of names and conditions after expanding groups");
  }

 private:
  std::size_t rows_{0};
  std::size_t text_{0};
};

/// Rows with full names and one condition each, as [role, name, shape, condition].
void unfold(const Value& rows, const std::string& where, const std::string& prefix, const std::string& condition,
            int depth, RowBudget& budget, Value::List& out) {
  if (depth > kDeepestGroup) throw Error(where + ": groups nested too deeply");
  std::size_t i = 0;
  for (const auto& item : list_of(rows, where)) {
    const std::string here = where + "/" + std::to_string(i++);
    if (item.as<Value::Object>() != nullptr) {
      Fields group(item, here);
      const std::string inner_prefix = prefix + group.text("prefix");
      const std::string inner_condition = both(condition, group.text("if"));
      unfold(group.need("tensors"), here + "/tensors", inner_prefix, inner_condition, depth + 1, budget, out);
      group.finish();
      continue;
    }
    const auto& row = list_of(item, here);
    if (row.size() < 3 || row.size() > 4) throw Error(here + ": expected [role, name, shape, condition?]");
    const std::string own = row.size() == 4 ? need_text(row[3], here + "/3") : std::string{};
    Value::List shape;
    for (const auto& size : list_of(row[2], here + "/2")) shape.emplace_back(need_text(size, here + "/2"));
    const std::string& name = need_text(row[1], here + "/1");
    budget.spend(prefix.size() + name.size() + condition.size() + own.size(), where);
    Value::List made{need_text(row[0], here + "/0"), prefix + name, std::move(shape)};
    if (auto full = both(condition, own); !full.empty()) made.emplace_back(std::move(full));
    out.emplace_back(std::move(made));
  }
}

const std::string& row_name(const Value& row) { return *(*row.as<Value::List>())[1].as<std::string>(); }

/// What a child says of the rows it inherits; remembers what matched something.
class Changes {
 public:
  std::vector<std::pair<std::string, std::string>> rename;
  std::vector<std::string> drop;
  std::set<std::string> used;

  void read(Fields& fields) {
    if (const auto* section = fields.get("rename")) {
      for (const auto& [from, to] : object_of(*section, "/rename")) {
        rename.emplace_back(from, need_text(to, "/rename"));
        text_ += from.size();
      }
    }
    drop = fields.texts("drop");
    for (const auto& pattern : drop) text_ += pattern.size();
  }

  std::string renamed(const std::string& name) {
    spend(name);
    for (const auto& [from, to] : rename) {
      const auto at = name.find(from);
      if (at == std::string::npos) continue;
      used.insert(from);
      return name.substr(0, at) + to + name.substr(at + from.size());
    }
    return name;
  }

  bool dropped(const std::string& name) {
    spend(name);
    bool any = false;
    for (const auto& pattern : drop) {
      if (!matches(pattern, name)) continue;
      used.insert(pattern);
      any = true;
    }
    return any;
  }

 private:
  /// Every text is looked for in every name.
  void spend(const std::string& name) {
    work_ += (1 + name.size() / 16) * (rename.size() + drop.size() + text_ / 16);
    if (work_ > kMostFamilyChanges) throw Error("/rename and /drop: too many for the inherited rows");
  }

  std::size_t text_{0};
  std::size_t work_{0};
};

Value::List merge_rows(const Value* inherited, Value::List own, Changes& changes, RowBudget& budget) {
  Value::List result;
  std::map<std::string, std::vector<std::size_t>> own_names;
  for (std::size_t i = 0; i < own.size(); ++i) own_names[row_name(own[i])].push_back(i);
  std::set<std::string> placed;
  const Value::List nothing;
  for (const auto& row : inherited != nullptr ? *inherited->as<Value::List>() : nothing) {
    std::string name = changes.renamed(row_name(row));
    if (changes.dropped(name)) continue;
    if (const auto mine = own_names.find(name); mine != own_names.end()) {
      if (!placed.insert(name).second) continue;
      for (const auto i : mine->second) result.push_back(own[i]);
      continue;
    }
    budget.spend(name.size(), "/extends");
    Value copy = row;
    (*copy.as<Value::List>())[1] = std::move(name);
    result.push_back(std::move(copy));
  }
  for (auto& row : own) {
    if (!placed.contains(row_name(row))) result.push_back(std::move(row));
  }
  return result;
}

/// Adds members or replaces their values, however many there are.
class Members {
 public:
  void set(std::string key, const Value& value) {
    const auto [at, added] = places_.try_emplace(key, members_.size());
    if (added) {
      members_.emplace_back(std::move(key), value);
    } else {
      members_[at->second].second = value;
    }
  }
  Value take() { return std::move(members_); }

 private:
  Value::Object members_;
  std::map<std::string, std::size_t, std::less<>> places_;
};

Value merge_objects(const Value* inherited, const Value* own, const std::string& where) {
  Members result;
  for (const auto* object : {inherited, own}) {
    if (object == nullptr) continue;
    for (const auto& [key, value] : object_of(*object, where)) result.set(key, value);
  }
  return result.take();
}

Value merge_parts(const Value* inherited, const Value* own) {
  Value::List result;
  if (inherited != nullptr) result = list_of(*inherited, "/parts");
  if (own == nullptr) return result;
  for (const auto& part : list_of(*own, "/parts")) {
    if (result.size() > kMostFamilyParts) throw Error("/parts: more than 64");
    const auto* name = part.find("part");
    const auto same = std::find_if(result.begin(), result.end(), [&](const Value& other) {
      const auto* theirs = other.find("part");
      return name != nullptr && theirs != nullptr && *theirs == *name;
    });
    if (same == result.end()) {
      result.push_back(part);
    } else {
      *same = part;
    }
  }
  return result;
}

Value merge_requires(const Value* inherited, const Value* own, Changes& changes) {
  Value::List result;
  if (inherited != nullptr) {
    for (const auto& entry : list_of(*inherited, "/requires")) {
      if (!changes.dropped(need_text(list_of(entry, "/requires").at(1), "/requires"))) result.push_back(entry);
    }
  }
  if (own == nullptr) return result;
  std::size_t i = 0;
  for (const auto& entry : list_of(*own, "/requires")) {
    const std::string here = "/requires/" + std::to_string(i++);
    const auto& pair = list_of(entry, here);
    if (pair.size() != 2) throw Error(here + ": expected [condition, message]");
    static_cast<void>(need_text(pair[0], here + "/0"));
    static_cast<void>(need_text(pair[1], here + "/1"));
    result.push_back(entry);
  }
  return result;
}

/// Names, keys and rows are inherited; what is true of one llama.cpp architecture, such as its name, is not.
Value merge_gguf(const Value* inherited, const Value* own, Changes& changes) {
  Value result{Value::Object{}};
  if (own != nullptr) result = Value(object_of(*own, "/gguf"));
  const auto field = [](const Value* gguf, std::string_view key) {
    return gguf != nullptr ? gguf->find(key) : nullptr;
  };
  Members names;
  if (const auto* theirs = field(inherited, "names")) {
    for (const auto& [key, value] : object_of(*theirs, "/gguf/names")) names.set(changes.renamed(key), value);
  }
  if (const auto* ours = field(own, "names")) {
    for (const auto& [key, value] : object_of(*ours, "/gguf/names")) names.set(key, value);
  }
  result.set("names", names.take());
  result.set("keys", merge_objects(field(inherited, "keys"), field(own, "keys"), "/gguf/keys"));
  Changes none;
  RowBudget budget;
  Value::List rows;
  if (const auto* tensors = field(own, "tensors")) unfold(*tensors, "/gguf/tensors", "", "", 0, budget, rows);
  result.set("tensors", merge_rows(field(inherited, "tensors"), std::move(rows), none, budget));
  if (const auto* state = field(own, "state")) {
    Value::List unfolded;
    unfold(*state, "/gguf/state", "", "", 0, budget, unfolded);
    result.set("state", std::move(unfolded));
  }
  return result;
}

/// Whether every own name of the section is one of the family's rows: a misspelt one would leave a tensor out.
void check_gguf_names(const Value* own, const Value& rows) {
  const auto* names = own != nullptr ? own->find("names") : nullptr;
  if (names == nullptr) return;
  std::set<std::string> known;
  for (const auto& row : *rows.as<Value::List>()) known.insert(row_name(row));
  for (const auto& [name, target] : object_of(*names, "/gguf/names")) {
    if (!known.contains(name)) throw Error("/gguf/names: " + printable(name) + " is not a tensor of the family");
  }
}

Value text_list(Value::List list, std::vector<std::string> texts) {
  for (auto& text : texts) list.emplace_back(std::move(text));
  return list;
}

}  // namespace

Value resolve_family(const Value& file, const Value* parent) {
  Fields fields(file, "");
  const auto inherited = [&](std::string_view key) { return parent != nullptr ? parent->find(key) : nullptr; };
  Value result{Value::Object{}};
  result.set("family", fields.need_text("family"));
  for (const std::string_view key : {"title", "source", "note"}) {
    if (auto text = fields.text(key); !text.empty()) result.set(key, std::move(text));
  }
  fields.unread_text("extends");
  if (!fields.flag("checked", true)) result.set("checked", false);
  if (auto kind = fields.text("kind"); !kind.empty()) result.set("kind", std::move(kind));
  for (const std::string_view key : {"model_types", "classes"}) result.set(key, text_list({}, fields.texts(key)));
  const auto* inert = inherited("inert");
  result.set("inert", text_list(inert != nullptr ? *inert->as<Value::List>() : Value::List{}, fields.texts("inert")));
  for (const auto key : kMergedByKey) {
    result.set(key, merge_objects(inherited(key), fields.get(key), "/" + std::string(key)));
  }
  Changes changes;
  changes.read(fields);
  RowBudget budget;
  for (const std::string_view key : {"tensors", "state"}) {
    Value::List own;
    if (const auto* rows = fields.get(key)) unfold(*rows, "/" + std::string(key), "", "", 0, budget, own);
    result.set(key, merge_rows(inherited(key), std::move(own), changes, budget));
  }
  result.set("parts", merge_parts(inherited("parts"), fields.get("parts")));
  result.set("requires", merge_requires(inherited("requires"), fields.get("requires"), changes));
  for (const std::string_view key : {"mtp", "layers", "repeats", "class_layout"}) {
    const auto* own = fields.get(key);
    if (const auto* value = own != nullptr ? own : inherited(key)) result.set(key, *value);
  }
  const auto* spellings = fields.get("spellings");
  if (spellings != nullptr) static_cast<void>(object_of(*spellings, "/spellings"));
  if (spellings != nullptr || inherited("spellings") != nullptr) {
    result.set("spellings", merge_spellings(inherited("spellings"), spellings));
  }
  const auto* gguf = fields.get("gguf");
  if (gguf != nullptr || inherited("gguf") != nullptr) {
    result.set("gguf", merge_gguf(inherited("gguf"), gguf, changes));
  }
  check_gguf_names(gguf, *result.find("tensors"));
  fields.finish();
  for (const auto& [from, to] : changes.rename) {
    if (!changes.used.contains(from)) throw Error("/rename: " + printable(from) + " matches nothing inherited");
  }
  for (const auto& pattern : changes.drop) {
    if (!changes.used.contains(pattern)) throw Error("/drop: " + printable(pattern) + " matches nothing inherited");
  }
  return result;
}

}  // namespace paramcount
