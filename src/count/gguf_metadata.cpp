#include "count/gguf_metadata.hpp"

#include <array>

namespace paramcount {

const Value* find_metadata(const Checkpoint& checkpoint, std::string_view arch, std::string_view key) {
  return checkpoint.metadata.find(std::string(arch) + "." + std::string(key));
}

std::optional<Value> only_value(const Value::List& list) {
  std::optional<Value> found;
  for (const auto& item : list) {
    if (item == Value(0)) continue;
    if (found && !(*found == item)) return std::nullopt;
    found = item;
  }
  if (!found && !list.empty()) found = list.front();
  return found;
}

std::uint64_t metadata_count(const Checkpoint& checkpoint, std::string_view arch, std::string_view key) {
  const auto* value = find_metadata(checkpoint, arch, key);
  if (value == nullptr) return 0;
  std::optional<Value> one = *value;
  if (const auto* list = value->as<Value::List>()) one = only_value(*list);
  const auto* whole = one ? one->as<std::int64_t>() : nullptr;
  return whole != nullptr && *whole > 0 ? static_cast<std::uint64_t>(*whole) : 0;
}

std::string metadata_text(const Checkpoint& checkpoint, std::string_view key) {
  const auto* value = checkpoint.metadata.find(key);
  const auto* text = value != nullptr ? value->as<std::string>() : nullptr;
  return text != nullptr ? *text : std::string{};
}

std::uint64_t metadata_length(const Checkpoint& checkpoint, std::string_view key) {
  const auto* value = checkpoint.metadata.find(key);
  if (value == nullptr) return 0;
  if (const auto* list = value->as<Value::List>()) return list->size();
  const auto* length = value->find("length");
  const auto* whole = length != nullptr ? length->as<std::int64_t>() : nullptr;
  return whole != nullptr ? static_cast<std::uint64_t>(*whole) : 0;
}

GgufInventory read_metadata(const Checkpoint& checkpoint, const std::string& arch, Inventory& inventory) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kKeys{
      {{"d_model", "embedding_length"},
       {"n_layers", "block_count"},
       {"n_heads", "attention.head_count"},
       {"n_kv_heads", "attention.head_count_kv"},
       {"head_dim", "attention.key_length"},
       {"v_head_dim", "attention.value_length"},
       {"d_ff", "feed_forward_length"},
       {"vocab_size", "vocab_size"},
       {"max_positions", "context_length"},
       {"n_experts", "expert_count"},
       {"experts_per_token", "expert_used_count"},
       {"d_ff_expert", "expert_feed_forward_length"}}};
  for (const auto& [dim, key] : kKeys) {
    if (const auto value = metadata_count(checkpoint, arch, key); value > 0) {
      inventory.dims.emplace_back(std::string(dim), Value(static_cast<std::int64_t>(value)));
    }
  }
  inventory.family = arch;
  inventory.state_known = false;
  inventory.layer_count = inventory.count("n_layers");
  GgufInventory gguf;
  gguf.family = arch;
  gguf.blocks = inventory.layer_count;
  gguf.n_experts = inventory.count("n_experts");
  gguf.n_heads = inventory.count("n_heads");
  gguf.n_kv_heads = inventory.count("n_kv_heads");
  gguf.d_model = inventory.count("d_model");
  gguf.vocab_size = inventory.count("vocab_size");
  return gguf;
}

}  // namespace paramcount
