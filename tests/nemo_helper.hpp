// A config as NeMo writes it, and an archive around it.
#pragma once

#include <cstdio>
#include <string>

namespace paramcount {

// A model_config.yaml as NeMo 1 writes it (examples/nlp/language_modeling/conf/megatron_llama_config.yaml).
inline const std::string kNemoYaml = R"(# saved by NeMo
mcore_gpt: true
micro_batch_size: 4
tensor_model_parallel_size: 1
encoder_seq_length: 4096
max_position_embeddings: ${.encoder_seq_length}
num_layers: 32 # 7b: 32 | 13b: 40
hidden_size: 4096
ffn_hidden_size: 11008
num_attention_heads: 32
init_method_std: 2.0e-2
kv_channels: null
normalization: 'rmsnorm'
layernorm_epsilon: 1e-5
make_vocab_size_divisible_by: 128
bias: False
activation: fast-swiglu
headscale: false
transformer_block_type: pre_ln
position_embedding_type: rope
share_embeddings_and_output_weights: False
num_query_groups: 32
override_vocab_size: 32000
tokenizer:
  library: sentencepiece
  type: null
  model: nemo:tokenizer.model
optim:
  name: fused_adam
  betas:
  - 0.9
  - 0.98
precision: bf16
target: nemo.collections.nlp.models.language_modeling.megatron_gpt_model.MegatronGPTModel
nemo_version: 1.23.0
)";

inline std::string tar_of(const std::string& name, const std::string& text) {
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, const std::string& value) { header.replace(at, value.size(), value); };
  put(0, name);
  put(100, "0000644");
  char size[13];
  std::snprintf(size, sizeof size, "%011o", static_cast<unsigned>(text.size()));
  put(124, size);
  put(156, "0");
  put(257, "ustar");
  put(148, "        ");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  char checksum[8];
  std::snprintf(checksum, sizeof checksum, "%06o", sum);
  put(148, checksum);
  header[154] = '\0';
  std::string body = text;
  body.resize((text.size() + 511) / 512 * 512);
  return header + body;
}

}  // namespace paramcount
