#include "read/adapter_names.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/byte_words.hpp"
#include "base/text.hpp"

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

constexpr std::size_t two_letters(std::string_view text) {
  return (static_cast<unsigned char>(text[0]) & 31U) << 5U | (static_cast<unsigned char>(text[1]) & 31U);
}

/// By the two letters that a name begins with, whether a prefix may begin so: most modules begin otherwise.
constexpr std::array<bool, 1024> kBeginnings = [] {
  std::array<bool, 1024> may{};
  for (const auto prefix : kPrefixes) may[two_letters(prefix.substr(1))] = true;
  return may;
}();

/// The position of the first of the prefixes.
std::size_t find_prefix(std::string_view name) {
  // A file has a hundred thousand names, and each module of each is looked at: eight bytes at a time, then the rest.
  const auto begins = [&](std::size_t dot) {
    if (dot + 2 >= name.size() || !kBeginnings[two_letters(name.substr(dot + 1))]) return false;
    const auto rest = name.substr(dot);
    return std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](auto prefix) { return rest.starts_with(prefix); });
  };
  std::size_t at = 0;
  if constexpr (std::endian::native == std::endian::little) {
    for (; at + sizeof(std::uint64_t) <= name.size(); at += sizeof(std::uint64_t)) {
      std::uint64_t word{};
      std::memcpy(&word, name.data() + at, sizeof word);
      for (auto dots = zero_bytes(word ^ kEachByte * '.'); dots != 0; dots &= dots - 1) {
        const std::size_t dot = at + static_cast<std::size_t>(std::countr_zero(dots)) / 8;
        if (name[dot] == '.' && begins(dot)) return dot;
      }
    }
  }
  for (; at < name.size(); ++at) {
    if (name[at] == '.' && begins(at)) return at;
  }
  return std::string_view::npos;
}

/// Source: src/peft/tuners/vera, pvera and randlora.
constexpr std::array<std::string_view, 6> kFrozen{".base_layer.weight", ".base_layer.bias", "vera_A", "vera_B",
                                                  "randlora_A",         "randlora_B"};

bool is_number(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

}  // namespace

const AdapterEnding* adapter_ending(std::string_view name) {
  const auto found = std::find_if(kEndings.begin(), kEndings.end(),
                                  [&](const AdapterEnding& ending) { return name.ends_with(ending.text); });
  return found != kEndings.end() ? &*found : nullptr;
}

std::size_t adapter_part(std::string_view name) {
  const std::size_t place = find_prefix(name);
  if (place == std::string_view::npos) return place;
  const auto* ending = adapter_ending(name);  // each begins with the first of the prefixes
  return ending != nullptr ? name.size() - ending->text.size() : place;
}

bool is_frozen(std::string_view name) {
  return std::any_of(kFrozen.begin(), kFrozen.end(), [&](const auto end) { return name.ends_with(end); });
}

std::string module_kind(std::string_view module) {
  for (const std::string_view end : {".weight", ".base_layer"}) {
    if (module.ends_with(end)) module.remove_suffix(end.size());
  }
  const auto words = split(module, '.');
  std::string kind(words.back());
  for (std::size_t i = words.size(); i > 1 && is_number(kind); --i) kind = words[i - 2];
  return kind;
}

bool names_adapter(const Checkpoint& checkpoint) {
  std::size_t others = 0;
  for (const auto& tensor : checkpoint.tensors) {
    if (2 * others >= checkpoint.tensors.size()) return false;
    const bool adapter = adapter_part(tensor.name) != std::string_view::npos ||
                         tensor.name.starts_with("base_model.model.") || tensor.name == "prompt_embeddings";
    if (!adapter) ++others;
  }
  return 2 * others < checkpoint.tensors.size();
}

}  // namespace paramcount
