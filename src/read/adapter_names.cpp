#include "read/adapter_names.hpp"

#include <algorithm>
#include <array>

namespace paramcount {
namespace {

constexpr std::array<AdapterEnding, 14> kEndings{{{".lora_a", AdapterSide::down},
                                                  {".lora_b", AdapterSide::up},
                                                  {".lora_A.weight", AdapterSide::down},
                                                  {".lora_B.weight", AdapterSide::up},
                                                  {".lora_A.default.weight", AdapterSide::down},
                                                  {".lora_B.default.weight", AdapterSide::up},
                                                  {".lora_embedding_A", AdapterSide::down},
                                                  {".lora_embedding_B", AdapterSide::up},
                                                  {".lora_down.weight", AdapterSide::down},
                                                  {".lora_up.weight", AdapterSide::up},
                                                  {".lora_B.bias", AdapterSide::beside},
                                                  {".lora_magnitude_vector", AdapterSide::beside},
                                                  {".lora_magnitude_vector.weight", AdapterSide::beside},
                                                  {".lora_magnitude_vector.default.weight", AdapterSide::beside}}};

/// What the names of PEFT's other adapters begin with after the module's: src/peft/tuners/*/model.py, `prefix`.
constexpr std::array<std::string_view, 33> kPrefixes{
    ".lora_",        ".token_adapter.", ".ia3_",    ".hada_",     ".lokr_",   ".oft_",    ".boft_",
    ".vera_lambda_", ".fourierft_",     ".hra_",    ".vblora_",   ".miss_",   ".bone_",   ".ln_tuning_",
    ".shira_",       ".c3a_",           ".road_",   ".randlora_", ".delora_", ".waveft_", ".gralora_",
    ".hira_",        ".deft_",          ".adamss_", ".beft_",     ".frod_",   ".glora_",  ".lily_",
    ".osf_",         ".peanut_",        ".psoft_",  ".tinylora_", ".unilora_"};

/// Source: src/peft/tuners/vera, pvera and randlora.
constexpr std::array<std::string_view, 6> kFrozen{".base_layer.weight", ".base_layer.bias", "vera_A", "vera_B",
                                                  "randlora_A",         "randlora_B"};

}  // namespace

const AdapterEnding* adapter_ending(std::string_view name) {
  const auto found = std::find_if(kEndings.begin(), kEndings.end(),
                                  [&](const AdapterEnding& ending) { return name.ends_with(ending.text); });
  return found != kEndings.end() ? &*found : nullptr;
}

std::size_t adapter_part(std::string_view name) {
  if (const auto* ending = adapter_ending(name)) return name.size() - ending->text.size();
  std::size_t place = std::string_view::npos;
  for (const auto prefix : kPrefixes) place = std::min(place, name.find(prefix));
  return place;
}

bool is_frozen(std::string_view name) {
  return std::any_of(kFrozen.begin(), kFrozen.end(), [&](const auto end) { return name.ends_with(end); });
}

bool names_adapter(const Checkpoint& checkpoint) {
  const auto& tensors = checkpoint.tensors;
  const auto count = std::count_if(tensors.begin(), tensors.end(), [](const StoredTensor& tensor) {
    return adapter_part(tensor.name) != std::string_view::npos || tensor.name.starts_with("base_model.model.") ||
           tensor.name == "prompt_embeddings";
  });
  return 2 * static_cast<std::size_t>(count) > tensors.size();
}

}  // namespace paramcount
