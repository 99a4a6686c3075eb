#include "read/config_file.hpp"

#include <array>
#include <string_view>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "catalog/json.hpp"
#include "read/nemo_archive.hpp"
#include "read/yaml.hpp"

namespace paramcount {
namespace {

/// Of NeMo 1 and 2 (NeMo: core/connectors/save_restore_connector.py, lightning/io/api.py), and of Megatron Bridge.
constexpr std::array<std::string_view, 4> kForeignConfigs{"model_config.yaml", "context/model.yaml", "model.yaml",
                                                          "run_config.yaml"};

}  // namespace

bool is_yaml(std::string_view path) { return path.ends_with(".yaml") || path.ends_with(".yml"); }

Value read_config_file(const std::string& path) {
  if (path.ends_with(".nemo") || path.ends_with(".qnemo")) return read_nemo_config(path);
  const std::string text = read_file(path, kMostJsonBytes);
  return is_yaml(path) ? parse_yaml(text) : parse_json(text);
}

std::string foreign_config_in(const std::string& folder) {
  for (const auto name : kForeignConfigs) {
    std::string path = with_slash(folder) + std::string(name);
    if (is_file(path)) return path;
  }
  return {};
}

}  // namespace paramcount
