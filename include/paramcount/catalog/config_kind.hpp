// Recognises a config that model_type does not identify, or not alone: a row of data/config_kinds.json. Draft models
// have the model_type of their layer; other tools' configs have none, and name dimensions differently.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "paramcount/base/value.hpp"

namespace paramcount {

struct ConfigKind {
  static constexpr std::string_view kTable = "config_kinds";
  [[nodiscard]] static ConfigKind read(const Value& row);

  using Path = std::vector<std::string>;  ///< the key, or the keys to a nested value
  /// The value at the end of a path; nullptr where there is none, or null.
  [[nodiscard]] static const Value* find(const Value& config, const Path& path);

  /// What must hold of one key of the config. All conditions of a kind must.
  struct Condition {
    Path path;
    bool present{true};                 ///< present and not null
    std::vector<Value> values;          ///< when not empty: one of these, or a list that has one of them
    std::optional<std::int64_t> least;  ///< a number of at least that
  };
  /// A key of the family, and where the other tool's config has its value: the first that is there.
  struct Move {
    Path to;
    std::vector<Path> from;
  };

  std::string id;
  std::vector<Condition> conditions;
  // Instead of conditions, for files other than JSON:
  std::vector<std::string> files;    ///< file name suffixes
  std::vector<std::string> folders;  ///< names in a folder, or endings of the folder's own
  std::string magic;                 ///< bytes of a file
  std::size_t magic_at{0};           ///< where they stand

  std::string family;                          ///< its id; empty: model_type says it
  std::string inside;                          ///< a key whose object's members are read as if they were next to it
  std::string like;                            ///< the id of a kind whose keys, values, needs and inert apply here too
  std::vector<Move> keys;                      ///< what is renamed
  std::vector<std::pair<Path, Value>> values;  ///< fixed values, whatever the config says
  std::vector<Path> needs;                     ///< keys that must be present
  std::vector<Path> inert;                     ///< keys that cannot change a count
  std::string rest;                            ///< an object that takes what was not renamed
  std::string refused;                         ///< if not empty: what it is and why it is not counted
};

/// All of them, those of folders last.
class ConfigKinds {
 public:
  explicit ConfigKinds(std::vector<ConfigKind> kinds);

  [[nodiscard]] const std::vector<ConfigKind>& all() const { return kinds_; }
  /// The last that fits the config, so that a folder's win; nullptr: there is none.
  [[nodiscard]] const ConfigKind* of(const Value& config) const;

 private:
  std::vector<ConfigKind> kinds_;
  std::vector<std::uint64_t> needed_;  ///< marks of the keys that a config of each kind has
};

}  // namespace paramcount
