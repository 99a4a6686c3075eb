// The catalog of models, families, devices and number formats: built in, plus any number of folders laid out like
// data/, where later ones override earlier ones. Entries are read lazily and cached: not thread-safe, use one per
// thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/catalog/config_keys.hpp"
#include "paramcount/catalog/config_kind.hpp"
#include "paramcount/catalog/device.hpp"
#include "paramcount/catalog/dtype.hpp"
#include "paramcount/catalog/equivalent.hpp"
#include "paramcount/catalog/family.hpp"
#include "paramcount/catalog/file_type.hpp"
#include "paramcount/catalog/grid.hpp"
#include "paramcount/catalog/help_text.hpp"
#include "paramcount/catalog/media_rule.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/catalog/name_rule.hpp"
#include "paramcount/catalog/optimizer.hpp"
#include "paramcount/catalog/published_training.hpp"
#include "paramcount/catalog/role.hpp"
#include "paramcount/catalog/scaling_law.hpp"
#include "paramcount/catalog/sharding.hpp"
#include "paramcount/catalog/speed_constants.hpp"
#include "paramcount/catalog/spellings.hpp"

namespace paramcount {

/// What lists show of a model. Strings are valid during the visit, those of the built-in catalog always.
struct ModelListing {
  std::string_view id;
  std::string_view name;
  std::string_view family;    ///< empty: not disclosed
  std::string_view released;  ///< this and the next three may be empty
  std::string_view lab;
  std::string_view licence;
  std::string_view modality;
  std::string_view unverified;  ///< as Model::unverified
  std::uint64_t total{0};       ///< 0: not disclosed, or not counted yet
  std::uint64_t active{0};
  std::uint64_t context{0};      ///< 0: none
  std::optional<Model> model{};  ///< of a folder: has yet to be counted
};

class Catalog {
 public:
  /// Throws Error if a folder does not exist. Without folders: the built-in catalog only. `as_class`: the model class
  /// that every config is counted as, whatever class it names; empty: the class it names.
  explicit Catalog(std::vector<std::string> folders = {}, std::string as_class = {});
  ~Catalog();
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  /// Look-ups ignore letter case and find aliases. They throw Error when the file behind the name is wrong.
  [[nodiscard]] std::optional<Model> find_model(std::string_view name) const;
  [[nodiscard]] SharedDevice find_device(std::string_view name) const;
  /// nullptr if there is none. Results of these two live as long as the catalog.
  [[nodiscard]] const Dtype* find_dtype(std::string_view name) const;
  /// By family id or model_type.
  [[nodiscard]] const Family* find_family(std::string_view name) const;

  /// As above, but an unknown name is an Error with the nearest known ones. A model is also found by other names in use
  /// (model_name.hpp).
  [[nodiscard]] Model model(std::string_view name) const;
  /// By id or alias; what a user types is for find_device() in device_name.hpp.
  [[nodiscard]] SharedDevice device(std::string_view name) const;  ///< exit code usage
  [[nodiscard]] const Dtype& dtype(std::string_view name) const;   ///< exit code usage
  [[nodiscard]] Optimizer optimizer(std::string_view name) const;  ///< exit code usage
  [[nodiscard]] Grid grid(std::string_view name) const;            ///< exit code usage
  [[nodiscard]] ScalingLaw law(std::string_view name) const;       ///< exit code usage
  [[nodiscard]] const Family& family(std::string_view name) const;
  [[nodiscard]] FamilyLookup families() const;
  /// Families with their `gguf` section, its rows among their tensors and its states in place of theirs.
  [[nodiscard]] FamilyLookup gguf_families() const;
  /// Ids of the families that llama.cpp's converter writes under that general.architecture, sorted.
  [[nodiscard]] std::vector<std::string> families_of_arch(std::string_view arch) const;

  /// The row of that id or alias: find<Grid>("france"). Nothing where there is none.
  template <class Row>
  [[nodiscard]] std::optional<Row> find(std::string_view name) const {
    std::optional<Row> found;
    find_row(Row::kTable, name, [&](const Value& row) { found = Row::read(row); });
    return found;
  }
  /// A whole table: all<Grid>() is data/grids.json, in its order; a folder's rows stand in place of those that they
  /// override, or after all.
  template <class Row>
  [[nodiscard]] std::vector<Row> all() const {
    std::vector<Row> rows;
    each_row(Row::kTable, [&](const Value& row) { rows.push_back(Row::read(row)); });
    return rows;
  }
  [[nodiscard]] const std::vector<SpeedConstants>& speeds() const;
  /// Read once.
  [[nodiscard]] const ConfigKinds& config_kinds() const;

  /// What is known about config keys for all families; lives as long as the catalog.
  [[nodiscard]] const ConfigKeys& config_keys() const;
  [[nodiscard]] const std::vector<PackedFormat>& packed_formats() const;
  /// Lives as long as the catalog.
  [[nodiscard]] const Sharding& sharding() const;
  /// The rules by which the models of a family, by id, make tokens of images or audio, a folder's first: the first
  /// whose condition holds applies.
  [[nodiscard]] std::vector<MediaRule> media_rules(std::string_view family, MediaKind takes) const;
  /// Ids of the families that describe the model class, sorted; usually one.
  [[nodiscard]] std::vector<std::string> families_of_class(std::string_view model_class) const;

  /// The spellings common to all families.
  [[nodiscard]] Spellings spellings() const;

  /// The role of a tensor by its name alone, with "*" for numbers, according to the built-in families; nothing if no
  /// family has the name or they differ.
  [[nodiscard]] std::optional<NamedRole> role_of(std::string_view key) const;

  [[nodiscard]] const std::string& as_class() const;

  [[nodiscard]] NameLookup names() const;

  /// The inventories of the built-in models, packed at build time; none if a folder has its own families. For a model
  /// that was edited since, they unpack to nothing.
  [[nodiscard]] PackedLookup inventories() const;

  /// The tables that have a file for each row.
  struct Kind {
    static constexpr std::string_view model = "models";
    static constexpr std::string_view family = "families";
  };
  /// Calls back with every name that a look-up in that table finds; `is_id` distinguishes ids from aliases.
  void each_name(std::string_view table, const std::function<void(std::string_view name, bool is_id)>& visit) const;

  /// Calls back with what lists show of every model, in natural order of ids. Built-in models are not read for it;
  /// those of a folder are read and counted.
  void each_model(const std::function<void(const ModelListing&)>& visit) const;

 private:
  void find_row(std::string_view table, std::string_view name, const std::function<void(const Value&)>& visit) const;
  void each_row(std::string_view table, const std::function<void(const Value&)>& visit) const;

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace paramcount
