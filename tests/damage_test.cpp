// Damaged configs: a clear error that names the key, or the right answer; never a wrong total.

#include "catalog/json.hpp"
#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "read/hf_config.hpp"

namespace paramcount {
namespace {

constexpr const char* kLlama =
    R"({"model_type": "llama", "hidden_size": 512, "num_hidden_layers": 4, "num_attention_heads": 8, "num_key_value_heads": 2,
        "intermediate_size": 1024, "vocab_size": 1000, "tie_word_embeddings": false})";
constexpr const char* kMoe =
    R"({"model_type": "qwen3_moe", "hidden_size": 256, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2,
        "head_dim": 64, "intermediate_size": 512, "moe_intermediate_size": 128, "num_experts": 8, "num_experts_per_tok": 2,
        "vocab_size": 1000, "tie_word_embeddings": false})";

/// The total, or what the error says.
std::string outcome(const std::string& text) {
  static const Catalog catalog;
  Expander expander(catalog.families());
  try {
    const Model model = model_of_config(parse_json(text), "config", catalog);
    return std::to_string(count_params(expander.expand(model)).total.value);
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.what();
  }
}

/// The config with one key set to a JSON text.
std::string with(const std::string& config, const std::string& key, const std::string& json) {
  Value value = parse_json(config);
  std::string text = "{";
  for (const auto& [name, member] : *value.as<Value::Object>()) {
    if (name == key) continue;
    text += '"' + name + "\": ";
    if (const auto* string = member.as<std::string>()) {
      text += '"' + *string + '"';
    } else {
      text += brief(member);
    }
    text += ", ";
  }
  return text + '"' + key + "\": " + json + "}";
}

struct Damage {
  const char* key;
  const char* value;
  const char* said;
};

TEST_CASE("a key of the wrong kind or size is named") {
  const auto d = GENERATE(values<Damage>({
      {"hidden_size", "\"512\"", "/hidden_size"},
      {"hidden_size", "512.5", "hidden_size"},
      {"hidden_size", "null", "/hidden_size"},
      {"hidden_size", "[512]", "/hidden_size"},
      {"hidden_size", "{}", "/hidden_size"},
      {"hidden_size", "true", "/hidden_size"},
      {"hidden_size", "-512", "must not be negative"},
      {"hidden_size", "9223372036854775808", "/hidden_size"},
      {"hidden_size", "1e30", "/hidden_size"},
      {"hidden_size", "NaN", "/hidden_size"},
      {"hidden_size", "Infinity", "/hidden_size"},
      {"num_hidden_layers", "\"4\"", "/num_hidden_layers"},
      {"num_hidden_layers", "-4", "/num_hidden_layers"},
      {"num_hidden_layers", "4.0", "/num_hidden_layers"},
      {"num_attention_heads", "0", "/num_attention_heads"},
      {"num_attention_heads", "7", "num_attention_heads"},
      {"num_attention_heads", "\"8\"", "/num_attention_heads"},
      {"intermediate_size", "-1", "/intermediate_size"},
      {"vocab_size", "\"many\"", "/vocab_size"},
      {"vocab_size", "9223372036854775807", "64 bits"},
      {"tie_word_embeddings", "\"yes\"", "/tie_word_embeddings"},
      {"tie_word_embeddings", "3", "/tie_word_embeddings"},
      {"model_type", "7", "/model_type"},
      {"model_type", "\"lama\"", "Did you mean llama"},
      {"model_type", "\"\"", "/model_type"},
  }));
  INFO(d.key << " = " << d.value);
  CHECK_THAT(outcome(with(kLlama, d.key, d.value)), ContainsSubstring(d.said));
}

TEST_CASE("experts that do not fit are refused") {
  CHECK_THAT(outcome(with(kMoe, "num_experts_per_tok", "-1")), ContainsSubstring("must not be negative"));
  CHECK_THAT(outcome(with(kMoe, "num_experts", "-8")), ContainsSubstring("num_experts"));
  CHECK_THAT(outcome(with(kMoe, "num_experts", "\"8\"")), ContainsSubstring("/num_experts"));
}

TEST_CASE("lists that disagree with the number of layers, and unknown kinds of layer, are refused") {
  const std::string gemma = R"({"model_type": "gemma2", "num_hidden_layers": 3, "layer_types": )";
  CHECK_THAT(outcome(gemma + R"(["full_attention", "sliding_attention"]})"), ContainsSubstring("layer_types"));
  CHECK_THAT(outcome(gemma + R"(["full_attention", "sliding_attention", "magic"]})"), ContainsSubstring("layer_types"));
  CHECK_THAT(outcome(gemma + R"("full"})"), ContainsSubstring("layer_types"));
}

TEST_CASE("an inner config of an unknown type is named by its path") {
  CHECK_THAT(outcome(R"({"model_type": "mistral3", "text_config": {"model_type": "lama"}})"),
             ContainsSubstring("/text_config/model_type: no family covers model type lama. Did you mean llama?"));
  CHECK_THAT(outcome(R"({"model_type": "mistral3", "text_config": {"model_type": 3}})"),
             ContainsSubstring("/text_config/model_type: expected the name of a family, got 3"));
  CHECK_THAT(outcome(R"({"model_type": "mistral3", "text_config": [1]})"), ContainsSubstring("/text_config"));
}

TEST_CASE("sizes that would take forever end quickly") {
  // Bounded work: without bounds this would run for hours, and ctest would end it.
  for (const char* size : {"1099511627776", "2147483647", "9223372036854775807"}) {
    INFO(size);
    static_cast<void>(outcome(with(kLlama, "num_hidden_layers", size)));
  }
  static_cast<void>(outcome(with(kMoe, "num_hidden_layers", "2147483647")));
  static_cast<void>(outcome(with(kMoe, "num_experts", "1099511627776")));
}

TEST_CASE("text that is not a config says what it is") {
  CHECK_THAT(outcome("[]"), ContainsSubstring("expected a JSON object"));
  CHECK_THAT(outcome("\"llama\""), ContainsSubstring("expected a JSON object"));
  CHECK_THAT(outcome("{}"), ContainsSubstring("/model_type: missing"));
  CHECK_THAT(outcome(""), ContainsSubstring("empty"));
  CHECK_THAT(outcome(std::string(kLlama).substr(0, 60)), ContainsSubstring("not valid JSON"));
  CHECK_THAT(outcome(std::string(10'000, '[')), ContainsSubstring("64 levels"));
  std::string objects;
  for (int i = 0; i < 10'000; ++i) objects += "{\"a\":";
  CHECK_THAT(outcome(objects), ContainsSubstring("64 levels"));
  CHECK_THAT(outcome(std::string(kMostJsonBytes + 1, ' ') + kLlama), ContainsSubstring("16 MiB"));
  CHECK_THAT(outcome(with(kLlama, "x", "1, \"vocab_size\": 7")), ContainsSubstring("/vocab_size"));
}

TEST_CASE("what does not change the count does not change the answer") {
  const std::string total = outcome(kLlama);
  CHECK(total == std::to_string(2 * 1000 * 512 + 4 * (2 * 512 * 512 + 2 * 128 * 512 + 3 * 512 * 1024 + 2 * 512) + 512));
  CHECK(outcome("\xEF\xBB\xBF" + std::string(kLlama)) == total);
  CHECK(outcome(with(kLlama, "rope_theta", "Infinity")) == total);
  CHECK(outcome(with(kLlama, "vocab_size", "1000")) == total);
  CHECK(outcome(with(kLlama, "whatever", "{\"deep\": [1, 2, {\"er\": null}]}")) == total);
}

TEST_CASE("a hostile name cannot reach the terminal") {
  const auto said = outcome(R"({"model_type": "\u001b]0;owned\u0007llama\n"})");
  CHECK(said.find('\x1b') == std::string::npos);
  CHECK(said.find('\x07') == std::string::npos);
}

}  // namespace
}  // namespace paramcount
