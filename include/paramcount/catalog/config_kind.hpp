// What a config is when model_type does not say it, or not alone: a row of data/config_kinds.json. Draft models carry
// the model_type of the layer they are made of; other tools' configs carry none.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace paramcount {

struct ConfigKind {
  /// What must hold of one key of the config. All conditions of a kind must.
  struct Condition {
    std::vector<std::string> path;   ///< the key, or the keys to a nested value
    bool present{true};              ///< there and not null
    std::vector<std::string> texts;  ///< when not empty: a text among these, or a list that has one of them
  };
  std::string id;
  std::vector<Condition> conditions;
  std::vector<std::string> files;  ///< in place of conditions: endings of names of files that are no JSON
  std::string family;              ///< its id; empty: model_type says it
  std::string inside;              ///< a key whose object's members are read as if they stood beside it
  std::string refused;             ///< when not empty: what it is and why it is not counted
};

}  // namespace paramcount
