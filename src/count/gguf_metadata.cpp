#include "count/gguf_metadata.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

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
  return one ? one->count() : 0;
}

std::uint64_t metadata_length(const Checkpoint& checkpoint, std::string_view key) {
  const auto* value = checkpoint.metadata.find(key);
  if (value == nullptr) return 0;
  if (const auto* list = value->as<Value::List>()) return list->size();
  const auto* whole = value->find<std::int64_t>("length");
  return whole != nullptr ? static_cast<std::uint64_t>(*whole) : 0;
}

std::optional<std::uint64_t> block_of(std::string_view name) {
  constexpr std::string_view kBlock = "blk.";
  const auto dot = name.find('.', kBlock.size());
  if (!name.starts_with(kBlock) || dot == std::string_view::npos) return std::nullopt;
  return whole_number(name.substr(kBlock.size(), dot - kBlock.size()));
}

MtpBlocks mtp_blocks(const Checkpoint& checkpoint) {
  const std::string arch = checkpoint.metadata.text("general.architecture");
  const auto blocks = metadata_count(checkpoint, arch, "block_count");
  const auto count = metadata_count(checkpoint, arch, "nextn_predict_layers");
  if (count == 0 || count >= blocks) return {};
  MtpBlocks mtp{blocks - count, count};
  mtp.stored = std::any_of(checkpoint.tensors.begin(), checkpoint.tensors.end(), [&](const StoredTensor& tensor) {
    const auto block = block_of(tensor.name);
    return block && *block >= mtp.first;
  });
  return mtp;
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
  // Multi-token-prediction blocks are not layers.
  const auto mtp = mtp_blocks(checkpoint);
  for (auto& [name, value] : inventory.dims) {
    if (name == "n_layers") value = *value.as<std::int64_t>() - static_cast<std::int64_t>(mtp.count);
  }
  inventory.family = arch;
  inventory.state_known = false;
  inventory.layer_count = inventory.count("n_layers");
  GgufInventory gguf;
  gguf.family = arch;
  gguf.blocks = inventory.layer_count + mtp.count;
  gguf.n_experts = inventory.count("n_experts");
  gguf.n_heads = inventory.count("n_heads");
  gguf.n_kv_heads = inventory.count("n_kv_heads");
  gguf.d_model = inventory.count("d_model");
  gguf.vocab_size = inventory.count("vocab_size");
  return gguf;
}

}  // namespace paramcount
