// A PEFT adapter: its adapter_config.json combined with its tensors.
#include <algorithm>

#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/count/adapter.hpp"
#include "read/adapter_names.hpp"

namespace paramcount {
namespace {

bool is_given(const Value& config, std::string_view key) {
  const auto* value = config.find(key);
  return value != nullptr && !value->is_null() && !(*value == Value(Value::Object{})) && !(*value == Value(false)) &&
         !(*value == Value(Value::List{}));
}

std::optional<double> number_at(const Value& config, std::string_view key) {
  const auto* value = config.find(key);
  if (value == nullptr) return std::nullopt;
  if (const auto* number = value->as<double>()) return *number;
  if (const auto* whole = value->as<std::int64_t>()) return static_cast<double>(*whole);
  return std::nullopt;
}

/// Of experts held as one parameter a factor is as wide as all their ranks together.
void divide_ranks(AdapterSummary& summary, std::uint64_t rank) {
  summary.rank_low = summary.rank_high = 0;
  for (auto& target : summary.targets) {
    if (target.rank_low == target.rank_high && target.rank_high > rank && target.rank_high % rank == 0) {
      target.modules = checked_mul(target.modules, target.rank_high / rank);
      target.rank_low = target.rank_high = rank;
    }
    if (target.rank_high == 0) continue;
    summary.rank_low = summary.rank_low == 0 ? target.rank_low : std::min(summary.rank_low, target.rank_low);
    summary.rank_high = std::max(summary.rank_high, target.rank_high);
  }
}

/// An input table or head that was resized is stored with an adapter that does not train it.
void set_resized_apart(const Checkpoint& checkpoint, AdapterSummary& summary) {
  for (const auto& tensor : checkpoint.tensors) {
    if (is_frozen(tensor.name) || adapter_part(tensor.name) != std::string_view::npos) continue;
    const auto kind = module_kind(tensor.name);
    if (kind != "embed_tokens" && kind != "lm_head") continue;
    summary.frozen += Params{tensor.elements};
    summary.parameters = Params{summary.parameters.value - tensor.elements};
    std::erase(summary.modules_to_save, kind);
  }
}

}  // namespace

AdapterSummary read_peft_adapter(const Checkpoint& checkpoint, const Value& config) {
  AdapterSummary summary = count_adapter(checkpoint);
  if (config.as<Value::Object>() == nullptr) {
    if (summary.rank_high > 0) summary.type = "lora";
    return summary;
  }
  summary.type = lower(config.text("peft_type"));
  summary.base = config.text("base_model_name_or_path");
  summary.alpha = number_at(config, "lora_alpha");
  if (!summary.alpha) summary.alpha = number_at(config, "alpha");
  if (is_given(config, "use_dora")) summary.variants.emplace_back("DoRA");
  if (is_given(config, "use_rslora")) summary.variants.emplace_back("rsLoRA");
  const auto rank = number_at(config, "r");
  if (rank && *rank >= 1 && !is_given(config, "rank_pattern") && is_given(config, "target_parameters")) {
    divide_ranks(summary, static_cast<std::uint64_t>(*rank));
  }
  if (!is_given(config, "modules_to_save")) set_resized_apart(checkpoint, summary);
  if (summary.type == "p_tuning") {
    summary.remarks.emplace_back("the encoder that produced these embeddings was trained too but is not stored.");
  }
  if (summary.frozen.value > 0) {
    summary.remarks.push_back("it also stores a copy of frozen weights, which are not among its parameters.");
  }
  return summary;
}

}  // namespace paramcount
