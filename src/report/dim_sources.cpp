#include "report/dim_sources.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace paramcount {
namespace {

/// The config keys an expression reads: "$rope_scaling.type ?? $rope" reads rope_scaling and rope.
std::vector<std::string> keys_of(const std::string& expression) {
  std::vector<std::string> keys;
  for (auto at = expression.find('$'); at != std::string::npos; at = expression.find('$', at + 1)) {
    const auto end =
        expression.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", at + 1);
    keys.push_back(expression.substr(at + 1, end == std::string::npos ? end : end - at - 1));
  }
  return keys;
}

const std::string* expression_of(const Family& family, const std::string& dim) {
  for (const auto& definition : family.dims) {
    if (definition.name == dim) return &definition.expression;
  }
  return nullptr;
}

/// "/num_key_value_heads" of what was read; keys that are absent take the class's default.
std::string key_source(const std::vector<std::string>& keys, const Model& model, const std::string& origin) {
  std::string present;
  std::string absent;
  for (const auto& key : keys) {
    auto& list = model.config.find(key) != nullptr ? present : absent;
    list += (list.empty() ? "/" : ", /") + key;
  }
  std::string text = present.empty() ? "" : origin + ": " + present;
  if (!absent.empty()) text += (text.empty() ? "" : "; ") + absent + " not given";
  return text;
}

}  // namespace

void add_dim_sources(Row& tree, const Model& model, const Family& family) {
  const std::string origin = printable(model.origin == "catalog" ? model.source : model.origin);
  for (auto& group : tree.children) {
    if (group.key != "dims") continue;
    for (auto& dim : group.children) {
      const bool stated =
          std::any_of(model.dims.begin(), model.dims.end(), [&](const auto& given) { return given.first == dim.key; });
      const std::string* expression = stated ? nullptr : expression_of(family, dim.key.text());
      const bool of_part = expression != nullptr &&
                           std::any_of(family.parts.begin(), family.parts.end(),
                                       [&](const auto& part) { return expression->starts_with(part.name + "."); });
      if (expression == nullptr || of_part) {
        dim.source = origin;
        continue;
      }
      const auto keys = keys_of(*expression);
      dim.source = keys.empty() ? "family " + family.id : key_source(keys, model, origin);
      if (keys.size() != 1 || *expression != "$" + keys.front()) {
        std::string formula = *expression;
        std::replace(formula.begin(), formula.end(), '$', '/');
        dim.formula = std::move(formula);
      }
    }
  }
}

}  // namespace paramcount
