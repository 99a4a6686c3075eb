// Source: NVIDIA/NeMo: core/connectors/save_restore_connector.py ("nemo:" in a config is a file of the archive),
// collections/common/tokenizers/sentencepiece_tokenizer.py; google/sentencepiece: src/sentencepiece_model.proto.
#include "read/nemo_archive.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/budgets.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "read/config_file.hpp"
#include "read/protobuf.hpp"
#include "read/source.hpp"
#include "read/tar.hpp"
#include "read/yaml.hpp"

namespace paramcount {
namespace {

/// NeMo's own, and the TensorRT-LLM config of a .qnemo.
constexpr std::array<std::string_view, 3> kConfigs{"model_config.yaml", "context/model.yaml", "config.json"};
constexpr std::array<std::string_view, 3> kVocabularyKeys{"vocab_size", "override_vocab_size", "padded_vocab_size"};
constexpr std::string_view kInArchive = "nemo:";

/// The pieces of a SentencePiece model: its fields of number 1.
std::int64_t pieces_in(const std::string& model) {
  const Source source("tokenizer", model.size(), [&](std::uint64_t offset, char* to, std::size_t count) {
    const std::size_t some = std::min<std::size_t>(count, model.size() - static_cast<std::size_t>(offset));
    std::memcpy(to, model.data() + offset, some);
    return some;
  });
  ProtobufReader reader(source);
  std::int64_t pieces = 0;
  while (reader.position() < reader.size()) {
    const auto field = reader.field(reader.size());
    if (field.number == 1) ++pieces;
    reader.skip(field);
  }
  return pieces;
}

/// How many tokens the archive's tokenizer has; nothing if none of its files says.
std::optional<std::int64_t> vocabulary_in(const Source& archive, const Value& config) {
  const Value* const tokenizer = config.find("tokenizer");
  if (tokenizer == nullptr) return std::nullopt;
  // Then tokens may be added that are in no file.
  if (const auto* legacy = tokenizer->find("sentencepiece_legacy"); legacy != nullptr && *legacy == Value(true)) {
    return std::nullopt;
  }
  for (const std::string_view key : {"model", "vocab_file"}) {
    const auto* text = tokenizer->find<std::string>(key);
    if (text == nullptr || !text->starts_with(kInArchive)) continue;
    const std::array<std::string_view, 1> name{std::string_view(*text).substr(kInArchive.size())};
    const bool sentencepiece = name[0].ends_with(".model");
    if (!sentencepiece && !name[0].ends_with(".json")) continue;
    const std::string bytes = read_tar_entry(archive, name, kMostJsonBytes).second;
    if (sentencepiece) return pieces_in(bytes);
    const Value vocabulary = parse_json(bytes);
    if (const auto* tokens = vocabulary.as<Value::Object>()) return static_cast<std::int64_t>(tokens->size());
  }
  return std::nullopt;
}

}  // namespace

Value read_nemo_config(const std::string& path) {
  const Source source = open_source(path);
  if (first_bytes(source, 2) == "\x1f\x8b") {
    throw Error("a gzip-compressed NeMo archive, which is not supported; unpack it and name its model_config.yaml");
  }
  const auto [name, text] = read_tar_entry(source, kConfigs, kMostJsonBytes);
  try {
    Value config = is_yaml(name) ? parse_yaml(text) : parse_json(text);
    const bool told = std::any_of(kVocabularyKeys.begin(), kVocabularyKeys.end(), [&](std::string_view key) {
      const auto* value = config.find(key);
      return value != nullptr && !value->is_null();
    });
    if (!told && config.as<Value::Object>() != nullptr) {
      if (const auto tokens = vocabulary_in(source, config)) config.set("vocab_size", Value(*tokens));
    }
    return config;
  } catch (const Error& error) {
    throw located(name, error);
  }
}

}  // namespace paramcount
