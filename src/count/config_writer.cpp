#include "count/config_writer.hpp"

#include <algorithm>

#include "count/expression.hpp"

namespace paramcount {
namespace {

constexpr int kMostSteps = 8;  ///< from one dimension to another: d_ff_expert, d_ff

const Family::Definition* definition_of(const Family& family, std::string_view dim) {
  const auto at =
      std::find_if(family.dims.begin(), family.dims.end(), [&](const auto& one) { return one.name == dim; });
  return at == family.dims.end() ? nullptr : &*at;
}

/// The key itself, or the other spelling of it that the object has; nullptr: neither.
const Value* find_key(const Family& family, const Value& config, const std::string& key) {
  if (const auto* value = config.find(key)) return value;
  for (const auto& [name, others] : family.aliases) {
    if (name != key) continue;
    for (const auto& other : others) {
      if (const auto* value = config.find(other)) return value;
    }
  }
  return nullptr;
}

std::size_t layers_of(const Model& model) {
  for (const auto& [name, value] : model.dims) {
    const auto* count = value.as<std::int64_t>();
    if (name == "n_layers" && count != nullptr && *count > 0) return static_cast<std::size_t>(*count);
  }
  return 0;
}

}  // namespace

std::string key_of_dim(const Family& family, std::string_view dim) {
  std::string name(dim);
  for (int step = 0; step < kMostSteps; ++step) {
    const auto* definition = definition_of(family, name);
    if (definition == nullptr) return {};
    const Expression expression = parse_expression(definition->expression);
    const auto* node = &expression.nodes[expression.root];
    // "has_head and ($tie_word_embeddings ?? false)": where it can be said at all, the key says it.
    while (node->op == Op::coalesce || node->op == Op::and_) {
      node = &expression.nodes[node->op == Op::and_ ? node->b : node->a];
    }
    if (node->op == Op::key) return std::string(expression.word(*node));
    if (node->op != Op::name) return {};
    name = expression.word(*node);
  }
  return {};
}

const std::string& ConfigWriter::key(std::string_view dim) {
  const auto known = keys_.find(dim);
  return known != keys_.end() ? known->second : keys_.emplace(std::string(dim), key_of_dim(family_, dim)).first->second;
}

bool ConfigWriter::apart(std::string_view dim, std::string_view other) {
  return !key(dim).empty() && key(dim) != key(other);
}

const Value& ConfigWriter::base() {
  if (!base_.is_null()) return base_;
  for (const auto& [name, fallback] : family_.keys) {
    const Value* own = like_ != nullptr ? find_key(family_, like_->config, name) : nullptr;
    const auto* list = own != nullptr ? own->as<Value::List>() : nullptr;
    const bool of_layers = list != nullptr && list->size() > 1 && list->size() >= layers_of(*like_);
    base_.set(name, own != nullptr && !of_layers ? *own : fallback);
  }
  if (like_ == nullptr) return base_;
  for (const auto& [dim, value] : like_->dims) {
    if (!key(dim).empty()) base_.set(key(dim), value);
  }
  return base_;
}

Value ConfigWriter::config(const std::vector<DimSetting>& settings) {
  Value values = base();
  for (const auto& [dim, value] : settings) {
    if (!key(dim).empty()) values.set(key(dim), value);
  }
  Value config;
  if (!family_.model_types.empty()) config.set("model_type", family_.model_types.front());
  if (!family_.classes.empty()) config.set("architectures", Value(Value::List{family_.classes.front()}));
  for (const auto& [name, fallback] : family_.keys) {
    if (name == "model_type" || name == "architectures") continue;
    const auto* value = values.find(name);
    if (value != nullptr && !(value->is_null() && fallback.is_null())) config.set(name, *value);
  }
  return config;
}

}  // namespace paramcount
