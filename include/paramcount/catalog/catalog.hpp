// The catalog: what the program knows of models, families, devices and number formats. Built in, and any number of
// folders laid out like data/ on top, the later ones winning. Each thing is read when it is asked for, and
// kept: not thread-safe, one per thread.
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

/// What lists show of a model. Texts are valid during the visit; those of the built-in catalog always.
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
  std::optional<Model> model{};  ///< of a folder: what has to be counted
};

class Catalog {
 public:
  /// Throws Error when a folder does not exist. No folder: the built-in catalog alone. `as_class`: the model class that
  /// every config is taken for, whatever it says itself; empty: what it says.
  explicit Catalog(std::vector<std::string> folders = {}, std::string as_class = {});
  ~Catalog();
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  /// Look-ups ignore letter case and find aliases. They throw Error when the file behind the name is wrong.
  [[nodiscard]] std::optional<Model> find_model(std::string_view name) const;
  [[nodiscard]] SharedDevice find_device(std::string_view name) const;
  [[nodiscard]] std::optional<FileType> find_file_type(std::string_view name) const;
  [[nodiscard]] std::optional<NameRule> find_name_rule(std::string_view id) const;
  /// nullptr when there is none. What these two find lives as long as the catalog.
  [[nodiscard]] const Dtype* find_dtype(std::string_view name) const;
  /// By family id or model_type.
  [[nodiscard]] const Family* find_family(std::string_view name) const;

  /// As above, but an unknown name is an Error that suggests the nearest ones. A model also by what else people call it
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

  /// Whole tables, in the order of their files.
  [[nodiscard]] std::vector<Optimizer> optimizers() const;
  [[nodiscard]] std::vector<Grid> grids() const;
  [[nodiscard]] const std::vector<SpeedConstants>& speeds() const;
  [[nodiscard]] std::vector<ScalingLaw> laws() const;
  [[nodiscard]] std::vector<Equivalent> equivalents() const;
  [[nodiscard]] std::vector<PublishedTraining> runs() const;
  /// The last that fits a config is its kind, so that a folder's win. Read once.
  [[nodiscard]] const std::vector<ConfigKind>& config_kinds() const;

  /// What is known of config keys whatever the family; lives as long as the catalog.
  [[nodiscard]] const ConfigKeys& config_keys() const;
  [[nodiscard]] const std::vector<PackedFormat>& packed_formats() const;
  /// Lives as long as the catalog.
  [[nodiscard]] const Sharding& sharding() const;
  /// How the models of a family, by id, make tokens of images or of sound, a folder's rules first: the first whose
  /// condition holds says so.
  [[nodiscard]] std::vector<MediaRule> media_rules(std::string_view family, MediaKind takes) const;
  /// Ids of the families that describe the model class, sorted; usually one.
  [[nodiscard]] std::vector<std::string> families_of_class(std::string_view model_class) const;

  /// What all families share of other spellings.
  [[nodiscard]] Spellings spellings() const;

  /// What the built-in families say that a tensor is for, by its name alone, with "*" for numbers; nothing where no
  /// family has the name or they differ.
  [[nodiscard]] std::optional<NamedRole> role_of(std::string_view key) const;

  [[nodiscard]] const std::string& as_class() const;

  [[nodiscard]] NameLookup names() const;

  /// The inventories of the built-in models, packed when the program was built; none where a folder has families of
  /// its own. Of a model that was edited since they unpack to nothing.
  [[nodiscard]] PackedLookup inventories() const;

  enum class Kind { model, family, device, dtype, file_type, optimizer, grid, law, name_rule };
  /// Calls back with every name a look-up of that kind finds; `is_id` tells ids from aliases.
  void each_name(Kind kind, const std::function<void(std::string_view name, bool is_id)>& visit) const;

  /// Calls back with what lists show of every model, in the order of ids as people sort them. Models of the built-in
  /// catalog are not read for it; those of a folder are, and counted.
  void each_model(const std::function<void(const ModelListing&)>& visit) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace paramcount
