#include "paramcount/catalog/catalog.hpp"

#include <algorithm>
#include <set>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "catalog/catalog_folder.hpp"
#include "catalog/dtype_pattern.hpp"
#include "catalog/embedded.hpp"
#include "catalog/family_file.hpp"
#include "catalog/model_file.hpp"
#include "catalog/model_lookup.hpp"
#include "catalog/names_file.hpp"
#include "catalog/pack.hpp"
#include "catalog/spellings_file.hpp"
#include "catalog/tables.hpp"
#include "catalog/training_tables.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

template <class Read>
auto read_at(const std::string& path, const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    throw located(printable(path), error);
  }
}

Table table_of(Catalog::Kind kind) {
  switch (kind) {
    case Catalog::Kind::model:
      return Table::models;
    case Catalog::Kind::family:
      return Table::families;
    case Catalog::Kind::device:
      return Table::devices;
    case Catalog::Kind::dtype:
      return Table::dtypes;
    case Catalog::Kind::file_type:
      return Table::file_types;
    case Catalog::Kind::optimizer:
      return Table::optimizers;
    case Catalog::Kind::grid:
      return Table::grids;
    case Catalog::Kind::name_rule:
      return Table::names;
    case Catalog::Kind::law:
      break;
  }
  return Table::laws;
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
  mutable std::optional<std::vector<ConfigKind>> config_kinds;
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

  /// The row or file of that name: of a folder (the last that has it), else of the built-in catalog.
  template <class Read>
  auto find(Table table, std::string_view name, const Read& read) const
      -> std::optional<decltype(read(std::declval<const Value&>()))> {
    const std::string key = lower(name);
    for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) {
      if (const auto* file = (*folder)->find(table, key)) {
        return read_at(file->path, [&] { return read(file->content); });
      }
    }
    if (const auto packed = find_embedded(table, key)) return read(unpack(*packed));
    return std::nullopt;
  }

  /// All rows of a table of one file: of the built-in catalog in its order, a folder's in place of those they override
  /// or after them.
  template <class Read>
  auto all(Table table, const Read& read) const -> std::vector<decltype(read(std::declval<const Value&>()))> {
    std::vector<decltype(read(std::declval<const Value&>()))> rows;
    for (const auto& entry : kEmbeddedTables[static_cast<std::size_t>(table)].entries) {
      rows.push_back(read(unpack(embedded_text(entry.data, entry.data_size))));
    }
    if (folders.empty()) return rows;
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < rows.size(); ++i) places.emplace(rows[i].id, i);
    for (const auto& folder : folders) {
      for (const auto& file : folder->files(table)) {
        auto row = read_at(file.path, [&] { return read(file.content); });
        const auto [at, added] = places.try_emplace(row.id, rows.size());
        if (added) {
          rows.push_back(std::move(row));
        } else {
          rows[at->second] = std::move(row);
        }
      }
    }
    return rows;
  }

  const std::vector<Value>& dtype_patterns() const {
    if (!known_dtype_patterns) known_dtype_patterns = patterns_among(all(Table::dtypes, row_with_id));
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
      if (const auto packed = find_embedded(Table::families, lower(next))) family = unpack(*packed);
      if (!family && line.empty()) return std::nullopt;
      if (!family) {
        throw Error(printable(line.back()->path) + ": /extends: there is no family " + printable(next));
      }
    }
    for (auto file = line.rbegin(); file != line.rend(); ++file) {
      if (family && family->find("gguf") == nullptr) add_gguf(*family);
      family = read_at((*file)->path, [&] { return resolve_family((*file)->content, family ? &*family : nullptr); });
    }
    return family;
  }

  /// The family file of that name in the last of the first `below` folders that has one, and which folder that is.
  std::pair<const CatalogFolder::File*, std::size_t> family_file(std::string_view name, std::size_t below) const {
    const std::string key = lower(name);
    while (below-- > 0) {
      if (const auto* file = folders[below]->find(Table::families, key)) return {file, below};
    }
    return {nullptr, 0};
  }

  /// Whether the file's parents do not lead back to it.
  static void check_ancestry(const std::vector<const CatalogFolder::File*>& line, const CatalogFolder::File* file) {
    const auto first = std::find(line.begin(), line.end(), file);
    if (first == line.end()) return;
    std::string by;
    for (auto other = std::next(first); other != line.end(); ++other) {
      by += (by.empty() ? " by way of " : ", ") + printable((*other)->names.front());
    }
    throw Error(printable(file->path) + ": /extends: " + printable(file->names.front()) + " extends itself" + by);
  }

  /// Of a built-in family, whose `gguf` section is kept apart since few questions need it.
  static void add_gguf(Value& family) {
    const auto* id = family.find("family");
    if (id == nullptr || id->as<std::string>() == nullptr) return;
    if (const auto packed = find_embedded(Table::gguf, lower(*id->as<std::string>()))) {
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
  if (auto run = impl_->find(Table::runs, model->id, read_run)) model->training = std::move(*run);
  return model;
}

SharedDevice Catalog::find_device(std::string_view name) const {
  const auto* found = impl_->remembered(impl_->devices, name, [&]() -> std::optional<SharedDevice> {
    auto device = impl_->find(Table::devices, name, read_device);
    if (!device) return std::nullopt;
    return std::make_shared<const Device>(std::move(*device));
  });
  return found != nullptr ? *found : nullptr;
}

const Dtype* Catalog::find_dtype(std::string_view name) const {
  return impl_->remembered(impl_->dtypes, name, [&]() -> std::optional<Dtype> {
    if (auto dtype = impl_->find(Table::dtypes, name, read_dtype); dtype && !means_usual(dtype->id, name)) return dtype;
    for (const auto& pattern : impl_->dtype_patterns()) {
      if (const auto row = dtype_row_of(pattern, name)) return read_dtype(*row);
    }
    return std::nullopt;
  });
}

std::optional<FileType> Catalog::find_file_type(std::string_view name) const {
  return impl_->find(Table::file_types, name, read_file_type);
}
std::optional<NameRule> Catalog::find_name_rule(std::string_view id) const {
  return impl_->find(Table::names, id, read_name_rule);
}
std::vector<Optimizer> Catalog::optimizers() const { return impl_->all(Table::optimizers, read_optimizer); }
std::vector<Grid> Catalog::grids() const { return impl_->all(Table::grids, read_grid); }
std::vector<ScalingLaw> Catalog::laws() const { return impl_->all(Table::laws, read_law); }
std::vector<Equivalent> Catalog::equivalents() const { return impl_->all(Table::equivalents, read_equivalent); }
const std::vector<SpeedConstants>& Catalog::speeds() const {
  if (!impl_->speeds) impl_->speeds = impl_->all(Table::speed, read_speed);
  return *impl_->speeds;
}
std::vector<PublishedTraining> Catalog::runs() const { return impl_->all(Table::runs, read_run); }
const std::string& Catalog::as_class() const { return impl_->as_class; }

const ConfigKeys& Catalog::config_keys() const {
  if (!impl_->config_keys) impl_->config_keys.emplace(impl_->all(Table::config_keys, read_config_keys));
  return *impl_->config_keys;
}
const std::vector<PackedFormat>& Catalog::packed_formats() const {
  return impl_->packed_formats ? *impl_->packed_formats
                               : impl_->packed_formats.emplace(impl_->all(Table::packed, read_packed_format));
}
const Sharding& Catalog::sharding() const {
  if (impl_->folders.empty()) return builtin_sharding();
  return impl_->sharding ? *impl_->sharding : impl_->sharding.emplace(impl_->all(Table::sharding, read_sharding));
}
std::vector<MediaRule> Catalog::media_rules(std::string_view family, MediaKind takes) const {
  auto rules = impl_->all(Table::media_tokens, read_media_rule);
  std::erase_if(rules, [&](const auto& rule) {
    return rule.takes != takes || std::ranges::find(rule.families, family) == rule.families.end();
  });
  return {rules.rbegin(), rules.rend()};
}
const std::vector<ConfigKind>& Catalog::config_kinds() const {
  if (!impl_->config_kinds) impl_->config_kinds = impl_->all(Table::config_kinds, read_config_kind);
  return *impl_->config_kinds;
}

const Family* Catalog::find_family(std::string_view name) const {
  if (const auto known = impl_->family_names.find(name); known != impl_->family_names.end()) return known->second;
  auto value = impl_->resolved(name);
  if (!value) return nullptr;
  const auto* file = impl_->family_file(name, impl_->folders.size()).first;
  const auto read_value = [&] { return std::make_unique<Family>(read_family(std::move(*value))); };
  auto read = file != nullptr ? read_at(file->path, read_value) : read_value();
  if (file != nullptr) read->file = file->path;
  read->validated = file == nullptr;
  // Asked for by its id and by its model types, a family stays one object.
  auto& family = impl_->families[read->id];
  if (!family) family = std::move(read);
  return impl_->family_names.emplace(std::string(name), family.get()).first->second;
}

namespace {

std::string nearest(const Catalog& catalog, Catalog::Kind kind, std::string_view name) {
  Suggestions suggestions(name);
  catalog.each_name(kind, [&](std::string_view candidate, bool is_id) {
    if (is_id) suggestions.consider(candidate);
  });
  if (suggestions.best().empty()) {
    catalog.each_name(kind, [&](std::string_view candidate, bool is_id) {
      if (!is_id) suggestions.consider(candidate);
    });
  }
  const std::string table(kTableFiles[static_cast<std::size_t>(table_of(kind))]);
  const std::string word = " " + (table.empty() ? "families" : table);
  return suggestions.hint(" 'paramcount list" + word + "' shows them.");
}

}  // namespace

const Dtype& Catalog::dtype(std::string_view name) const {
  if (const auto* found = find_dtype(name)) return *found;
  throw usage_error(printable(name) + ": no such number format." + nearest(*this, Kind::dtype, name));
}

Optimizer Catalog::optimizer(std::string_view name) const {
  if (auto found = impl_->find(Table::optimizers, name, read_optimizer)) return std::move(*found);
  throw usage_error("--optimizer " + printable(name) + ": no such optimizer." + nearest(*this, Kind::optimizer, name));
}

Grid Catalog::grid(std::string_view name) const {
  if (auto found = impl_->find(Table::grids, name, read_grid)) return std::move(*found);
  throw usage_error("--grid " + printable(name) + ": no such grid." + nearest(*this, Kind::grid, name) +
                    " A number is grams of CO2 per kWh.");
}

ScalingLaw Catalog::law(std::string_view name) const {
  if (auto found = impl_->find(Table::laws, name, read_law)) return std::move(*found);
  throw usage_error("--law " + printable(name) + ": no such scaling law." + nearest(*this, Kind::law, name));
}

const Family& Catalog::family(std::string_view name) const {
  if (const auto* found = find_family(name)) return *found;
  throw Error("no family knows model type " + printable(name) + "." + nearest(*this, Kind::family, name) +
              " A family file of your own can describe it: see data/README.md");
}

PackedLookup Catalog::inventories() const {
  return [this](const Model& model) -> std::optional<std::string_view> {
    // A family's parts are families too: a folder that has any may change what the model expands to.
    const bool own_families = std::any_of(impl_->folders.begin(), impl_->folders.end(),
                                          [](const auto& folder) { return !folder->files(Table::families).empty(); });
    return own_families ? std::nullopt : find_embedded(Table::inventories, model.id);
  };
}

FamilyLookup Catalog::gguf_families() const {
  return [this](std::string_view name) -> const Family& {
    const Family& plain = family(name);
    auto& slot = impl_->gguf_families[&plain];
    if (slot) return *slot;
    auto made = std::make_unique<Family>(plain);
    if (!made->gguf) {
      if (const auto packed = find_embedded(Table::gguf, lower(plain.id))) made->gguf = read_gguf(unpack(*packed));
    }
    if (made->gguf) add_gguf_rows(*made);
    slot = std::move(made);
    return *slot;
  };
}

Spellings Catalog::spellings() const {
  auto common = impl_->find(Table::spellings, kCommonSpellings, read_common_spellings);
  return common ? std::move(*common) : Spellings{};
}

std::vector<std::string> Catalog::families_of_arch(std::string_view arch) const {
  std::map<std::string, bool> found;
  const auto note = [&](const Value* section, std::string_view id) {
    const auto* own = section != nullptr ? section->find("arch") : nullptr;
    const auto* text = own != nullptr ? own->as<std::string>() : nullptr;
    found[std::string(id)] = text != nullptr && *text == arch && section->find("part") == nullptr;
  };
  for (const auto& entry : kEmbeddedTables[static_cast<std::size_t>(Table::gguf)].entries) {
    const auto data = embedded_text(entry.data, entry.data_size);
    if (data.find(arch) == std::string_view::npos) continue;
    const Value section = unpack(data);
    note(&section, embedded_text(entry.id, entry.id_size));
  }
  for (const auto& folder : impl_->folders) {
    for (const auto& file : folder->files(Table::families)) note(file.content.find("gguf"), file.names.front());
  }
  std::vector<std::string> ids;
  for (const auto& [id, fits] : found) {
    if (fits) ids.push_back(id);
  }
  return ids;
}

void Catalog::each_name(Kind kind, const std::function<void(std::string_view, bool)>& visit) const {
  const Table table = table_of(kind);
  for (const auto& folder : impl_->folders) {
    for (const auto& file : folder->files(table)) {
      for (std::size_t i = 0; i < file.names.size(); ++i) visit(file.names[i], i == 0);
    }
  }
  const auto& embedded = kEmbeddedTables[static_cast<std::size_t>(table)];
  for (const auto& name : embedded.names) {
    const auto& entry = embedded.entries[name.entry];
    // Equal texts stand in the blob once.
    visit(embedded_text(name.name, name.name_size), name.name == entry.id && name.name_size == entry.id_size);
  }
}

void Catalog::each_model(const std::function<void(const ModelListing&)>& visit) const {
  each_model_file(impl_->folders, visit);
}

}  // namespace paramcount
