#include "read/config_file.hpp"

#include <array>
#include <string_view>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "read/source.hpp"
#include "read/tar.hpp"
#include "read/yaml.hpp"

namespace paramcount {
namespace {

/// Of NeMo 1 and 2 (NeMo: core/connectors/save_restore_connector.py, lightning/io/api.py), and of Megatron Bridge.
constexpr std::array<std::string_view, 4> kForeignConfigs{"model_config.yaml", "context/model.yaml", "model.yaml",
                                                          "run_config.yaml"};
/// In an archive: NeMo's own, and the TensorRT-LLM config of a .qnemo.
constexpr std::array<std::string_view, 3> kArchived{"model_config.yaml", "context/model.yaml", "config.json"};

Value read_archive(const std::string& path) {
  const Source source = open_source(path);
  if (first_bytes(source, 2) == "\x1f\x8b") {
    throw Error("an archive of NeMo, packed with gzip, which is not read; unpack it, and name its model_config.yaml");
  }
  const auto [name, text] = read_tar_entry(source, kArchived, kMostJsonBytes);
  try {
    return is_yaml(name) ? parse_yaml(text) : parse_json(text);
  } catch (const Error& error) {
    throw located(name, error);
  }
}

}  // namespace

bool is_yaml(std::string_view path) { return path.ends_with(".yaml") || path.ends_with(".yml"); }

Value read_config_file(const std::string& path) {
  if (path.ends_with(".nemo") || path.ends_with(".qnemo")) return read_archive(path);
  const std::string text = read_file(path, kMostJsonBytes);
  return is_yaml(path) ? parse_yaml(text) : parse_json(text);
}

std::string foreign_config_in(const std::string& folder) {
  for (const auto name : kForeignConfigs) {
    std::string path = folder + (folder.ends_with('/') ? "" : "/") + std::string(name);
    if (is_file(path)) return path;
  }
  return {};
}

}  // namespace paramcount
