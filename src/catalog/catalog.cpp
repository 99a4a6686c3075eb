#include "paramcount/catalog/catalog.hpp"

#include <algorithm>
#include <array>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "catalog/catalog_folder.hpp"
#include "catalog/dtype_pattern.hpp"
#include "catalog/family_file.hpp"
#include "catalog/model_lookup.hpp"
#include "catalog/pack.hpp"
#include "catalog/spellings_file.hpp"
#include "catalog/tables.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

Table known_table(std::string_view name) {
  if (const auto table = find_table(name)) return *table;
  throw Error("the catalog has no table " + std::string(name));
}

}  // namespace

struct Catalog::Impl {
  CatalogFolders folders;
  std::string as_class;
  mutable std::optional<ConfigKeys> config_keys;
  mutable std::map<std::string, std::unique_ptr<Family>, std::less<>> families;  ///< by id
  mutable std::map<std::string, const Family*, std::less<>> family_names;        ///< by the name asked for
  mutable std::map<const Family*, std::unique_ptr<Family>> gguf_families;        ///< by the family without

  mutable std::map<std::string, SharedDevice, std::less<>> devices;  ///< by the name asked for
  mutable std::map<std::string, Dtype, std::less<>> dtypes;
  mutable std::optional<std::vector<Value>> known_dtype_patterns;
  mutable std::optional<ConfigKinds> config_kinds;
  mutable std::optional<std::vector<SpeedConstants>> speeds;
  mutable std::optional<std::vector<PackedFormat>> packed_formats;
  mutable std::optional<Sharding> sharding;

  /// What `find` gives, read once; nullptr when it gives nothing.
  template <class Row, class Find>
  static const Row* remembered(std::map<std::string, Row, std::less<>>& known, std::string_view name,
                               const Find& find) {
    if (const auto at = known.find(name); at != known.end()) return &at->second;
    std::optional<Row> row = find();
    return row ? &known.emplace(std::string(name), std::move(*row)).first->second : nullptr;
  }

  /// The row of that name: of a folder (the last that has it), else of the built-in catalog.
  template <class Read>
  auto find(Table table, std::string_view name, const Read& read) const
      -> std::optional<decltype(read(std::declval<const Value&>()))> {
    const std::string key = lower(name);
    for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) {
      if (const auto* file = (*folder)->find(table, key)) {
        return locating(file->path, [&] { return read(file->content); });
      }
    }
    if (const auto packed = find_embedded(table, key)) return read(unpack(*packed));
    return std::nullopt;
  }

  template <class Row>
  std::optional<Row> find(std::string_view name) const {
    return find(table(Row::kTable), name, Row::read);
  }

  template <class Visit>
  void each_row(Table table, const Visit& visit) const {
    const auto& built_in = embedded(table).entries;
    const auto visit_built_in = [&](const EmbeddedEntry& entry) {
      visit(unpack(embedded_text(entry.data, entry.data_size)));
    };
    if (folders.empty()) {
      for (const auto& entry : built_in) visit_built_in(entry);
      return;
    }
    std::vector<const CatalogFolder::File*> rows(built_in.size());  // nullptr: the built-in one of that place
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < built_in.size(); ++i) {
      places.emplace(lower(embedded_text(built_in[i].id, built_in[i].id_size)), i);
    }
    for (const auto& folder : folders) {
      for (const auto& file : folder->files(table)) {
        const auto [at, added] = places.try_emplace(file.names.front(), rows.size());
        if (added) rows.push_back(nullptr);
        rows[at->second] = &file;
      }
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i] == nullptr) {
        visit_built_in(built_in[i]);
      } else {
        locating(rows[i]->path, [&] { visit(rows[i]->content); });
      }
    }
  }

  const std::vector<Value>& dtype_patterns() const {
    if (!known_dtype_patterns) {
      auto& patterns = known_dtype_patterns.emplace();
      each_row(table(Dtype::kTable), [&](const Value& row) {
        if (is_dtype_pattern(row)) patterns.push_back(row);
      });
    }
    return *known_dtype_patterns;
  }

  /// The family file of that name, resolved: of the last folder that has it, else of the built-in catalog. A file may
  /// extend one of its own name: then the next one below is meant.
  std::optional<Value> resolved(std::string_view name) const {
    std::vector<const CatalogFolder::File*> line;  // a file, its parent, that one's, as far as they are in folders
    std::string next(name);
    for (std::size_t below = folders.size(); !next.empty();) {
      const auto [file, folder] = family_file(next, below);
      if (file == nullptr) break;
      check_ancestry(line, file);
      line.push_back(file);
      const auto* extends = file->content.find("extends");
      next.clear();
      if (extends == nullptr) break;
      const auto* parent = extends->as<std::string>();
      if (parent == nullptr || parent->empty()) {
        throw Error(printable(file->path) + ": /extends: expected the id of a family, got " + brief(*extends));
      }
      next = *parent;
      if (std::find(file->names.begin(), file->names.end(), lower(next)) != file->names.end()) below = folder;
    }
    std::optional<Value> family;
    if (!next.empty()) {
      if (const auto packed = find_embedded(table("families"), lower(next))) family = unpack(*packed);
      if (!family && line.empty()) return std::nullopt;
      if (!family) {
        throw Error(printable(line.back()->path) + ": /extends: there is no family " + printable(next));
      }
    }
    for (auto file = line.rbegin(); file != line.rend(); ++file) {
      if (family && family->find("gguf") == nullptr) add_gguf(*family);
      family = locating((*file)->path, [&] { return resolve_family((*file)->content, family ? &*family : nullptr); });
    }
    return family;
  }

  /// The family file of that name in the last of the first `below` folders that has one, and which folder that is.
  std::pair<const CatalogFolder::File*, std::size_t> family_file(std::string_view name, std::size_t below) const {
    const std::string key = lower(name);
    while (below-- > 0) {
      if (const auto* file = folders[below]->find(kFamilies, key)) return {file, below};
    }
    return {nullptr, 0};
  }

  /// Whether the file's parents do not lead back to it.
  static void check_ancestry(const std::vector<const CatalogFolder::File*>& line, const CatalogFolder::File* file) {
    const auto first = std::find(line.begin(), line.end(), file);
    if (first == line.end()) return;
    std::string by;
    for (auto other = std::next(first); other != line.end(); ++other) {
      by += (by.empty() ? " via " : ", ") + printable((*other)->names.front());
    }
    throw Error(printable(file->path) + ": /extends: " + printable(file->names.front()) + " extends itself" + by);
  }

  /// Of a built-in family, whose `gguf` section is kept apart since few questions need it.
  static void add_gguf(Value& family) {
    if (const auto packed = find_embedded(table("gguf"), lower(family.text("family")))) {
      family.set("gguf", unpack(*packed));
    }
  }
};

Catalog::Catalog(std::vector<std::string> folders, std::string as_class) : impl_(std::make_unique<Impl>()) {
  impl_->as_class = std::move(as_class);
  for (auto& folder : folders) impl_->folders.push_back(std::make_unique<CatalogFolder>(std::move(folder)));
}

Catalog::~Catalog() = default;

std::optional<Model> Catalog::find_model(std::string_view name) const {
  auto model = find_model_file(impl_->folders, name);
  if (!model) return model;
  model->origin = "catalog";
  if (auto run = impl_->find<PublishedTraining>(model->id)) model->training = std::move(*run);
  return model;
}

SharedDevice Catalog::find_device(std::string_view name) const {
  const auto* found = impl_->remembered(impl_->devices, name, [&]() -> std::optional<SharedDevice> {
    auto device = impl_->find<Device>(name);
    if (!device) return std::nullopt;
    return std::make_shared<const Device>(std::move(*device));
  });
  return found != nullptr ? *found : nullptr;
}

const Dtype* Catalog::find_dtype(std::string_view name) const {
  return impl_->remembered(impl_->dtypes, name, [&]() -> std::optional<Dtype> {
    if (auto dtype = impl_->find<Dtype>(name); dtype && !means_usual(dtype->id, name)) return dtype;
    for (const auto& pattern : impl_->dtype_patterns()) {
      if (const auto row = dtype_row_of(pattern, name)) return Dtype::read(*row);
    }
    return std::nullopt;
  });
}

const std::vector<SpeedConstants>& Catalog::speeds() const {
  if (!impl_->speeds) impl_->speeds = all<SpeedConstants>();
  return *impl_->speeds;
}
const std::string& Catalog::as_class() const { return impl_->as_class; }

const ConfigKeys& Catalog::config_keys() const {
  if (!impl_->config_keys) impl_->config_keys.emplace(all<ConfigKeyRow>());
  return *impl_->config_keys;
}
const std::vector<PackedFormat>& Catalog::packed_formats() const {
  return impl_->packed_formats ? *impl_->packed_formats : impl_->packed_formats.emplace(all<PackedFormat>());
}
const Sharding& Catalog::sharding() const {
  if (impl_->folders.empty()) return builtin_sharding();
  return impl_->sharding ? *impl_->sharding : impl_->sharding.emplace(all<ShardingRow>());
}
std::vector<MediaRule> Catalog::media_rules(std::string_view family, MediaKind takes) const {
  auto rules = all<MediaRule>();
  std::erase_if(rules, [&](const auto& rule) {
    return rule.takes != takes || std::ranges::find(rule.families, family) == rule.families.end();
  });
  return {rules.rbegin(), rules.rend()};
}
const ConfigKinds& Catalog::config_kinds() const {
  if (!impl_->config_kinds) impl_->config_kinds.emplace(all<ConfigKind>());
  return *impl_->config_kinds;
}

const Family* Catalog::find_family(std::string_view name) const {
  if (const auto known = impl_->family_names.find(name); known != impl_->family_names.end()) return known->second;
  auto value = impl_->resolved(name);
  if (!value) return nullptr;
  const auto* file = impl_->family_file(name, impl_->folders.size()).first;
  const auto read_value = [&] { return std::make_unique<Family>(read_family(std::move(*value))); };
  auto read = file != nullptr ? locating(file->path, read_value) : read_value();
  if (file != nullptr) read->file = file->path;
  read->validated = file == nullptr;
  // Asked for by its id and by its model types, a family stays one object.
  auto& family = impl_->families[read->id];
  if (!family) family = std::move(read);
  return impl_->family_names.emplace(std::string(name), family.get()).first->second;
}

namespace {

std::string nearest(const Catalog& catalog, std::string_view table, std::string_view name) {
  Suggestions suggestions(name);
  catalog.each_name(table, [&](std::string_view candidate, bool is_id) {
    if (is_id) suggestions.consider(candidate);
  });
  if (suggestions.best().empty()) {
    catalog.each_name(table, [&](std::string_view candidate, bool is_id) {
      if (!is_id) suggestions.consider(candidate);
    });
  }
  return suggestions.hint(joined({" 'paramcount list ", table, "' shows them."}));
}

}  // namespace

const Dtype& Catalog::dtype(std::string_view name) const {
  if (const auto* found = find_dtype(name)) return *found;
  throw usage_error(printable(name) + ": no such number format." + nearest(*this, Dtype::kTable, name));
}

Optimizer Catalog::optimizer(std::string_view name) const {
  if (auto found = impl_->find<Optimizer>(name)) return std::move(*found);
  throw usage_error("--optimizer " + printable(name) + ": no such optimizer." +
                    nearest(*this, Optimizer::kTable, name));
}

Grid Catalog::grid(std::string_view name) const {
  if (auto found = impl_->find<Grid>(name)) return std::move(*found);
  throw usage_error("--grid " + printable(name) + ": no such grid." + nearest(*this, Grid::kTable, name) +
                    " A number is grams of CO2 per kWh.");
}

ScalingLaw Catalog::law(std::string_view name) const {
  if (auto found = impl_->find<ScalingLaw>(name)) return std::move(*found);
  throw usage_error("--law " + printable(name) + ": no such scaling law." + nearest(*this, ScalingLaw::kTable, name));
}

const Family& Catalog::family(std::string_view name) const {
  if (const auto* found = find_family(name)) return *found;
  throw Error("no family covers model type " + printable(name) + "." + nearest(*this, Kind::family, name) +
              " You can describe it in a family file of your own: see data/README.md");
}

PackedLookup Catalog::inventories() const {
  return [this](const Model& model) -> std::optional<std::string_view> {
    // A family's parts are families too: a folder that has any may change what the model expands to.
    const bool own_families = std::any_of(impl_->folders.begin(), impl_->folders.end(),
                                          [](const auto& folder) { return !folder->files(kFamilies).empty(); });
    return own_families ? std::nullopt : find_embedded(table("inventories"), model.id);
  };
}

FamilyLookup Catalog::gguf_families() const {
  return [this](std::string_view name) -> const Family& {
    const Family& plain = family(name);
    auto& slot = impl_->gguf_families[&plain];
    if (slot) return *slot;
    auto made = std::make_unique<Family>(plain);
    if (!made->gguf) {
      if (const auto packed = find_embedded(table("gguf"), lower(plain.id))) made->gguf = read_gguf(unpack(*packed));
    }
    if (made->gguf) add_gguf_rows(*made);
    slot = std::move(made);
    return *slot;
  };
}

Spellings Catalog::spellings() const {
  auto common = impl_->find(table("spellings"), kCommonSpellings, read_common_spellings);
  return common ? std::move(*common) : Spellings{};
}

std::vector<std::string> Catalog::families_of_arch(std::string_view arch) const {
  std::map<std::string, bool> found;
  const auto note = [&](const Value* section, std::string_view id) {
    const auto* text = section != nullptr ? section->find<std::string>("arch") : nullptr;
    found[std::string(id)] = text != nullptr && *text == arch && section->find("part") == nullptr;
  };
  for (const auto& entry : embedded(table("gguf")).entries) {
    const auto data = embedded_text(entry.data, entry.data_size);
    if (data.find(arch) == std::string_view::npos) continue;
    const Value section = unpack(data);
    note(&section, embedded_text(entry.id, entry.id_size));
  }
  for (const auto& folder : impl_->folders) {
    for (const auto& file : folder->files(kFamilies)) note(file.content.find("gguf"), file.names.front());
  }
  std::vector<std::string> ids;
  for (const auto& [id, fits] : found) {
    if (fits) ids.push_back(id);
  }
  return ids;
}

void Catalog::find_row(std::string_view table, std::string_view name,
                       const std::function<void(const Value&)>& visit) const {
  static_cast<void>(impl_->find(known_table(table), name, [&](const Value& row) { return visit(row), true; }));
}

void Catalog::each_row(std::string_view table, const std::function<void(const Value&)>& visit) const {
  impl_->each_row(known_table(table), visit);
}

void Catalog::each_name(std::string_view table_name, const std::function<void(std::string_view, bool)>& visit) const {
  const Table table = known_table(table_name);
  for (const auto& folder : impl_->folders) {
    for (const auto& file : folder->files(table)) {
      for (std::size_t i = 0; i < file.names.size(); ++i) visit(file.names[i], i == 0);
    }
  }
  const auto& built_in = embedded(table);
  for (const auto& name : built_in.names) {
    const auto& entry = built_in.entries[name.entry];
    // Equal texts are in the blob once.
    visit(embedded_text(name.name, name.name_size), name.name == entry.id && name.name_size == entry.id_size);
  }
}

void Catalog::each_model(const std::function<void(const ModelListing&)>& visit) const {
  each_model_file(impl_->folders, visit);
}

}  // namespace paramcount
