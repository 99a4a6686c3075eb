// The build tool that turns data/ into the built-in catalog: reads and validates every file, resolves families, and
// writes a C++ source with the tables of catalog/embedded.hpp. A mistake in data/ fails the build, naming the file.
// Usage: paramcount_pack DATA_FOLDER OUTPUT.cpp

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/embedded.hpp"
#include "catalog/family_checks.hpp"
#include "catalog/family_file.hpp"
#include "catalog/fields.hpp"
#include "catalog/json.hpp"
#include "catalog/language_file.hpp"
#include "catalog/model_file.hpp"
#include "catalog/pack.hpp"
#include "catalog/spellings_file.hpp"
#include "catalog/tables.hpp"
#include "count/inventory_pack.hpp"
#include "count/name_groups.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "read/ggml_type.hpp"

namespace paramcount {

// This tool has no built-in catalog itself.
const char* const kEmbeddedBlob = "";
const std::size_t kEmbeddedBlobSize = 0;
const EmbeddedModel* const kEmbeddedModels = nullptr;
const EmbeddedTable kEmbeddedTables[kTables] = {};

namespace {

struct Entry {
  std::string id, packed;
  std::vector<std::string> names;
  Model model;  ///< of a model, with its counts
  std::uint64_t total{0}, active{0}, context{0};
};

class Packer {
 public:
  explicit Packer(std::string folder) : folder_(std::move(folder)) {}

  void read() {
    read_families();
    read_models();
    for (const auto& one : kDataTables) read_table(one);
    for (auto& [id, packed] : pack_languages(folder_ + "/lang")) {
      entries(table("languages")).push_back({id, std::move(packed), {}, {}, 0, 0, 0});
    }
    collect_roles();
  }

  std::string source() {
    std::string text =
        "// Generated from data/ by paramcount_pack.\n#include \"catalog/embedded.hpp\"\n\nnamespace paramcount "
        "{\nnamespace {\n\n";
    std::string tables;
    for (std::size_t t = 0; t < kTables; ++t) {
      auto& entries = entries_[t];
      // Lists go through models as people sort them; the other tables keep the order of their files.
      if (static_cast<Table>(t) == table("models")) {
        std::ranges::sort(entries, [](const Entry& a, const Entry& b) { return natural_less(a.id, b.id); });
      }
      const std::string n = std::to_string(t);
      std::map<std::string, std::size_t> names;
      text += "constexpr EmbeddedEntry kEntries" + n + "[] = {\n";
      for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto& entry = entries[i];
        text += "    {" + place(entry.id) + ", " + place(entry.packed) + "},\n";
        add_name(names, entry.id, i, entries);
        for (const auto& name : entry.names) add_name(names, name, i, entries);
      }
      text += "};\nconstexpr EmbeddedName kNames" + n + "[] = {\n";
      for (const auto& [name, entry] : names) text += "    {" + place(name) + ", " + std::to_string(entry) + "},\n";
      text += "};\n";
      tables += "    {kEntries" + n + ", kNames" + n + "},\n";
    }
    text += "constexpr EmbeddedModel kModels[] = {\n";
    for (const auto& entry : entries(table("models"))) {
      text += "    {" + std::to_string(entry.total) + "U, " + std::to_string(entry.active) + "U, " +
              std::to_string(entry.context) + "U, " + place(entry.model.name) + ", " + place(entry.model.family) +
              ", " + place(entry.model.released) + ", " + place(entry.model.lab) + ", " + place(entry.model.licence) +
              ", " + place(entry.model.modality) + ", " + place(entry.model.unverified) + "},\n";
    }
    text += "};\n\nconstexpr char kBlob[] =\n" + literal_of(blob_) + ";\n\n}  // namespace\n\n";
    text +=
        "const char* const kEmbeddedBlob = kBlob;\nconst std::size_t kEmbeddedBlobSize = sizeof kBlob - 1;\nconst "
        "EmbeddedModel* const kEmbeddedModels = kModels;\n";
    text += "const EmbeddedTable kEmbeddedTables[kTables] = {\n" + tables + "};\n\n";
    return text + "}  // namespace paramcount\n";
  }

 private:
  static void add_name(std::map<std::string, std::size_t>& names, const std::string& name, std::size_t entry,
                       const std::vector<Entry>& entries) {
    const auto [at, added] = names.emplace(lower(name), entry);
    if (!added && at->second != entry) {
      throw Error(name + ": a name of both " + entries[at->second].id + " and " + entries[entry].id);
    }
  }

  /// The role of each name, if all families that have it agree: under its full name, and without the first
  /// piece, which files of bare models lack.
  void collect_roles() {
    std::map<std::string, std::optional<std::pair<std::string, std::string>>> roles;
    const auto add = [&](const std::string& pattern, const std::string& role, const std::string& name) {
      const std::string key = lower(fold_pattern(name));
      const auto [at, added] = roles.emplace(key, std::pair(role, pattern));
      if (!added && at->second && at->second->first != role) at->second.reset();
    };
    std::map<std::string, std::string> towers;
    for (const auto& [id, family] : families_) {
      if (family.draft) continue;  // what it calls a copy of the target's is a whole model's own
      for (const auto& row : family.tensors) {
        add(row.name, row.role, row.name);
        const auto dot = row.name.find('.');
        const std::string rest = dot == std::string::npos ? "" : row.name.substr(dot + 1);
        if (rest.find('.') != std::string::npos && row.name.find('{') > dot) add(row.name, row.role, rest);
      }
      for (const auto& part : family.parts) {
        if (!part.role.empty() && part.prefix.ends_with('.')) towers.emplace(lower(part.prefix), part.role);
      }
    }
    auto& packed = entries(table("roles"));
    for (const auto& [key, role] : roles) {
      if (!role) continue;
      const auto pattern = TensorName::of_pattern(role->second);
      Value::List row{role->first};
      for (std::size_t i = 0; i < pattern.indices().size(); ++i) row.emplace_back(std::string(pattern.index(i)));
      packed.push_back({key, pack(Value(std::move(row))), {}, {}, 0, 0, 0});
    }
    for (const auto& [prefix, role] : towers) packed.push_back({prefix, pack(Value(role)), {}, {}, 0, 0, 0});
  }

  Value parse(const std::string& path) const { return parse_json(read_file(path, kMostJsonBytes)); }

  void read_families() {
    for (const auto& name : files_in(folder_ + "/families", ".json")) {
      const std::string path = folder_ + "/families/" + name;
      locating(path, [&] {
        Value file = parse(path);
        const auto* id = file.find("family");
        if (id == nullptr || !(*id == Value(name.substr(0, name.size() - 5))))
          throw Error("/family: must be the file's name");
        files_.emplace(name.substr(0, name.size() - 5), std::move(file));
      });
    }
    for (const auto& entry : files_) {
      const std::string& id = entry.first;
      locating(folder_ + "/families/" + id + ".json", [&] {
        const Value& resolved = resolve(id, {});
        const Family& family = families_.emplace(id, read_family(resolved)).first->second;
        if (family.source.empty()) throw Error("/source: missing");
        Expander([](std::string_view) -> const Family& { throw Error("unused"); }).check(family);
        entries(table("families")).push_back({id, {}, family.model_types, {}, 0, 0, 0});
        if (family.parts.empty()) check_spellings(family);
        if (const auto* gguf = resolved.find("gguf")) {
          check_gguf(family);
          entries(table("gguf")).push_back({id, {}, {}, {}, 0, 0, 0});
          shared_.count(*gguf);
        }
        shared_.count(slim(resolved));
      });
    }
    for (auto& entry : entries(table("families"))) {
      entry.packed = shared_.pack(slim(resolved_.at(entry.id)));
    }
    for (auto& entry : entries(table("gguf"))) {
      entry.packed = shared_.pack(*resolved_.at(entry.id).find("gguf"));
    }
  }

  /// Without what only people read, and without what only GGUF needs.
  static Value slim(Value resolved) {
    std::erase_if(*resolved.as<Value::Object>(),
                  [](const Value::Member& member) { return member.first == "note" || member.first == "gguf"; });
    return resolved;
  }

  const Value& resolve(const std::string& id, std::set<std::string> visiting) {
    if (const auto known = resolved_.find(id); known != resolved_.end()) return known->second;
    const auto file = files_.find(id);
    if (file == files_.end()) throw Error("/extends: there is no family " + id);
    if (!visiting.insert(id).second) throw Error("/extends: " + id + " extends itself");
    const Value* parent = nullptr;
    if (const auto* extends = file->second.find("extends")) {
      parent = &resolve(need_text(*extends, "/extends"), std::move(visiting));
    }
    return resolved_.emplace(id, resolve_family(file->second, parent)).first->second;
  }

  const Family& family(std::string_view name) const {
    for (const auto& [id, family] : families_) {
      if (id == name || std::ranges::find(family.model_types, name) != family.model_types.end()) {
        return family;
      }
    }
    throw Error("/family: there is no family " + std::string(name));
  }

  /// Every model is expanded once: one that cannot be counted does not get into the program.
  void read_models() {
    Expander expander([this](std::string_view name) -> const Family& { return family(name); });
    const auto named = [&](std::string_view id) -> std::optional<Value> {
      const std::string path = folder_ + "/models/" + std::string(id) + ".json";
      return is_file(path) ? std::optional(parse(path)) : std::nullopt;
    };
    for (const auto& name : files_in(folder_ + "/models", ".json")) {
      const std::string path = folder_ + "/models/" + name;
      locating(path, [&] {
        const Value file = resolve_model(parse(path), named);
        const Model model = read_model(file);
        if (model.id + ".json" != name) throw Error("/id: must be the file's name");
        if (model.source.empty()) throw Error("/source: missing");
        Entry entry{model.id, pack(file), model.aliases, model, 0, 0, 0};
        if (model.disclosed) {
          const Inventory inventory = expander.expand(model);
          const ParamCounts counts = count_params(inventory);
          if (counts.total.value == 0) throw Error("has no parameters");
          entry.total = counts.total.value;
          entry.active = counts.active.value;
          entry.context = inventory.count("max_positions");
          entries(table("inventories")).push_back({model.id, pack_inventory(model, inventory), {}, {}, 0, 0, 0});
        }
        entries(table("models")).push_back(std::move(entry));
      });
    }
  }

  bool has(Table table, const std::string& id) const {
    return std::ranges::any_of(entries(table), [&](const Entry& entry) { return entry.id == id; });
  }

  /// By id or alias.
  bool is_model(const std::string& name) const {
    const std::string key = lower(name);
    return std::ranges::any_of(entries(table("models")), [&](const Entry& entry) {
      return entry.id == key ||
             std::ranges::any_of(entry.names, [&](const std::string& alias) { return lower(alias) == key; });
    });
  }

  std::vector<Entry>& entries(Table table) { return entries_[static_cast<std::size_t>(table)]; }
  const std::vector<Entry>& entries(Table table) const { return entries_[static_cast<std::size_t>(table)]; }

  void read_table(const DataTable& one) {
    const std::string key(one.name);
    const std::string path = folder_ + "/" + key + ".json";
    locating(path, [&] {
      const Value file = parse(path);
      const auto* rows = file.find(key);
      if (rows == nullptr || rows->as<Value::List>() == nullptr) throw Error("/" + key + ": expected a list");
      std::size_t i = 0;
      for (Value row : *rows->as<Value::List>()) {
        locating("/" + key + "/" + std::to_string(i++), [&] {
          auto names = one.names(row);
          check_references(one.name, row);
          if (one.name == Device::kTable) {
            take_prices(names.front(), row);
            drop_texts_for_people(row);
          }
          if (one.name == Dtype::kTable) add_ggml_type(row);
          std::string id = std::move(names.front());
          names.erase(names.begin());
          entries(*find_table(one.name)).push_back({std::move(id), pack(row), std::move(names), {}, 0, 0, 0});
        });
      }
    });
  }

  /// What a row names of other tables must be there.
  void check_references(std::string_view table_name, const Value& row) const {
    const auto need_family = [this](const std::string& id) {
      if (!id.empty()) static_cast<void>(family(id));
    };
    if (table_name == PublishedTraining::kTable) {
      const auto run = PublishedTraining::read(row);
      if (!run.model.empty() && !has(table("models"), run.model)) throw Error("/model: there is no " + run.model);
      if (has(table("models"), run.id) && run.model != run.id) throw Error("/model: expected " + run.id);
      if (!run.device.empty() && !has(table("devices"), run.device)) throw Error("/device: there is no " + run.device);
    } else if (table_name == ShardingRow::kTable) {
      need_family(ShardingRow::read(row).family);
    } else if (table_name == ConfigKind::kTable) {
      need_family(ConfigKind::read(row).family);
    } else if (table_name == NameRule::kTable) {
      const auto rule = NameRule::read(row);
      if (!rule.model.empty() && !is_model(rule.model)) throw Error("/model: there is no " + rule.model);
    } else if (table_name == MediaRule::kTable) {
      const auto rule = MediaRule::read(row);
      for (const auto& id : rule.families) check_media_rule(family(id), rule);
    }
  }

  void take_prices(const std::string& device, Value& row) {
    auto prices = pack_prices(row);
    if (!prices.empty()) entries(table("prices")).push_back({device, std::move(prices), {}, {}, 0, 0, 0});
  }

  /// Its number, and elements and bytes of a block.
  void add_ggml_type(const Value& row) {
    const auto* number = row.find("ggml_type");
    if (number == nullptr) return;
    const auto dtype = Dtype::read(row);
    const auto own = static_cast<std::uint32_t>(*number->as<std::int64_t>());
    if (find_ggml_type(own) != nullptr || !ggml_types_.insert(own).second) {
      throw Error("/ggml_type: another type has that number");
    }
    const auto whole = [](std::uint64_t value) { return Value(static_cast<std::int64_t>(value)); };
    const Value::List block{*number, whole(dtype.ggml_block), whole(dtype.bytes_of(dtype.ggml_block).value)};
    entries(table("ggml_types")).push_back({dtype.id, pack(Value(block)), {}, {}, 0, 0, 0});
  }

  /// The position of a text in the blob.
  std::size_t placed(const std::string& text) {
    const auto [at, added] = places_.emplace(text, blob_.size());
    if (added) blob_ += text;
    return at->second;
  }

  /// "offset, size" of it.
  std::string place(const std::string& text) {
    return std::to_string(placed(text)) + ", " + std::to_string(text.size());
  }

  std::string folder_;
  std::map<std::string, Value> files_;
  std::map<std::string, Value> resolved_;
  std::map<std::string, Family, std::less<>> families_;
  std::vector<Entry> entries_[kTables];
  std::set<std::uint32_t> ggml_types_;
  std::map<std::string, std::size_t> places_;
  std::string blob_;
  SharedValues shared_{[this](const std::string& packed) { return placed(packed); }};
};

int run(const std::string& folder, const std::string& output) {
  Packer packer(folder);
  packer.read();
  const std::string source = packer.source();
  std::FILE* const file = std::fopen(output.c_str(), "wb");
  const bool written = file != nullptr && std::fwrite(source.data(), 1, source.size(), file) == source.size();
  const bool closed = file != nullptr && std::fclose(file) == 0;
  if (!written || !closed) throw Error(output + ": cannot be written");
  return 0;
}

}  // namespace
}  // namespace paramcount

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: paramcount_pack DATA_FOLDER OUTPUT.cpp\n", stderr);
    return 2;
  }
  try {
    return paramcount::run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "paramcount_pack: %s\n", error.what());
    return 1;
  }
}
