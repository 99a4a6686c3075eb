// Names other than a model's own: Ollama's, suffixes for number formats, and organisations that republish others'
// models. A row of data/names.json.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paramcount {

class Value;

struct NameRule {
  static constexpr std::string_view kTable = "names";
  [[nodiscard]] static NameRule read(const Value& row);

  enum class Kind : unsigned char {
    ollama,       ///< a name of Ollama's library, with a tag or without one: then its `latest`
    ending,       ///< of a name, with its separator: "-gguf"
    organisation  ///< publishes others' models, quantised or as they are: "unsloth/"
  };
  std::string id;  ///< lower case
  Kind kind{};
  std::string model;                                    ///< of Ollama's: a name of the catalog
  std::vector<std::pair<std::string, std::string>> by;  ///< of an ending: by organisation ("nvidia/"), its own format
  std::vector<std::string> dtypes;  ///< of an ending: what --dtype says of it, the first that is known
  bool container{false};  ///< of an ending: another one may say the format, and `dtypes` stands for it otherwise
  std::string note;       ///< of an ending: what the format leaves out where it is not the first of `dtypes`
};

}  // namespace paramcount
