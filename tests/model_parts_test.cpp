// A folder is all its parts: the modules of sentence-transformers, the components of diffusers, draft heads next to a
// model, and what is there but not counted. EmbeddingGemma's 307,581,696 is its makers' figure
// (embeddings-benchmark/mteb#3129); BERT base's 109,482,240 is transformers' BertModel; the rest are sums of shapes.
#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "process.hpp"
#include "torch_writer.hpp"

namespace paramcount {
namespace {

using Tensors = std::vector<NewTensor>;

constexpr const char* kBert =
    R"({"model_type": "bert", "architectures": ["BertModel"], "hidden_size": 768, "num_hidden_layers": 12,
        "num_attention_heads": 12, "intermediate_size": 3072, "vocab_size": 30522, "max_position_embeddings": 512,
        "type_vocab_size": 2})";
constexpr std::uint64_t kBertTotal = 109482240;

class ModelFolder {
 public:
  void config(const std::string& name, const std::string& text) {
    write(name, [&](auto& at) { write_bytes(at, text); });
  }
  void weights(const std::string& name, const Tensors& tensors) {
    write(name, [&](auto& at) { write_checkpoint(at, tensors); });
  }
  [[nodiscard]] std::string get(const std::string& keys) const {
    const auto done = run_shell("paramcount " + folder_.path() + "/ --get " + keys);
    return done.out + done.err;
  }
  [[nodiscard]] Finished run(const std::string& options = "") const {
    return run_shell("paramcount " + folder_.path() + " " + options);
  }
  [[nodiscard]] const std::string& path() const { return folder_.path(); }

 private:
  template <class Write>
  void write(const std::string& name, const Write& write_to) {
    const std::string at = folder_ / name;
    std::filesystem::create_directories(at.substr(0, at.rfind('/')));
    write_to(at);
  }

  TestFolder folder_;
};

std::string modules(const std::vector<std::pair<std::string, std::string>>& list) {
  std::string text = "[";
  for (const auto& [path, type] : list) {
    text += (text.size() > 1 ? ", " : "") + std::string(R"({"path": ")") + path + R"(", "type": ")" + type + "\"}";
  }
  return text + "]";
}

const std::string kType = "sentence_transformers.models.";

void embedding_gemma(ModelFolder& folder) {
  folder.config("config.json",
                R"({"architectures": ["Gemma3TextModel"], "model_type": "gemma3_text", "hidden_size": 768,
                    "intermediate_size": 1152, "num_hidden_layers": 24, "num_attention_heads": 3,
                    "num_key_value_heads": 1, "head_dim": 256, "vocab_size": 262144, "max_position_embeddings": 2048,
                    "sliding_window": 512, "use_bidirectional_attention": true, "sliding_window_pattern": 6})");
  folder.config("modules.json", modules({{"", kType + "Transformer"},
                                         {"1_Pooling", kType + "Pooling"},
                                         {"2_Dense", kType + "Dense"},
                                         {"3_Dense", kType + "Dense"},
                                         {"4_Normalize", kType + "Normalize"}}));
  folder.config("1_Pooling/config.json", R"({"word_embedding_dimension": 768, "pooling_mode_mean_tokens": true})");
  folder.config("2_Dense/config.json", R"({"in_features": 768, "out_features": 3072, "bias": false,
                                           "activation_function": "torch.nn.modules.linear.Identity"})");
  folder.config("3_Dense/config.json", R"({"in_features": 3072, "out_features": 768, "bias": false,
                                           "activation_function": "torch.nn.modules.linear.Identity"})");
}

TEST_CASE("the Dense modules of a sentence-transformers model count, by their configs and by their files") {
  ModelFolder folder;
  embedding_gemma(folder);
  const std::string parts =
      "parts.0.path,parts.0.params,parts.1.params,parts.2.path,parts.2.kind,parts.2.params,parts.3.params,parts.4."
      "params";
  const std::string expected = ".\n302863104\n0\n2_Dense\nDense\n2359296\n2359296\n0\n";
  CHECK(folder.get("params.total") == "307581696\n");
  CHECK(folder.get(parts) == expected);
  folder.weights("2_Dense/model.safetensors", {{"linear.weight", "F32", {3072, 768}}});
  folder.weights("3_Dense/model.safetensors", {{"linear.weight", "F32", {768, 3072}}});
  CHECK(folder.get("params.total") == "307581696\n");
  Tensors tensors{{"embed_tokens.weight", "F32", {262144, 768}}, {"norm.weight", "F32", {768}}};
  for (int layer = 0; layer < 24; ++layer) {
    const std::string p = "layers." + std::to_string(layer) + ".";
    for (const auto& [name, shape] :
         std::vector<std::pair<std::string, std::vector<std::uint64_t>>>{{"self_attn.q_proj", {768, 768}},
                                                                         {"self_attn.k_proj", {256, 768}},
                                                                         {"self_attn.v_proj", {256, 768}},
                                                                         {"self_attn.o_proj", {768, 768}},
                                                                         {"self_attn.q_norm", {256}},
                                                                         {"self_attn.k_norm", {256}},
                                                                         {"mlp.gate_proj", {1152, 768}},
                                                                         {"mlp.up_proj", {1152, 768}},
                                                                         {"mlp.down_proj", {768, 1152}},
                                                                         {"input_layernorm", {768}},
                                                                         {"post_attention_layernorm", {768}},
                                                                         {"pre_feedforward_layernorm", {768}},
                                                                         {"post_feedforward_layernorm", {768}}}) {
      tensors.push_back({p + name + ".weight", "F32", shape});
    }
  }
  folder.weights("model.safetensors", tensors);
  CHECK(folder.get("params.total,checkpoint.files,checkpoint.elements,dims.n_layers") ==
        "307581696\n3\n307581696\n24\n");
  CHECK(folder.get(parts) == expected);
  CHECK_THAT(folder.run("--dtype q8_0").out, ContainsSubstring("file types are without 2_Dense, 3_Dense."));
  const auto page = folder.run();
  CHECK(page.code == 0);
  CHECK_THAT(page.out, ContainsSubstring("\nParts"));
  CHECK_THAT(page.out, !ContainsSubstring("unverified"));
}

TEST_CASE("every module of sentence-transformers is counted, named as uncounted, or has no weights") {
  ModelFolder folder;
  folder.config("0_BERT/config.json", kBert);
  folder.config("1_Pooling/config.json", "{}");
  folder.config("2_LayerNorm/config.json", R"({"dimension": 768})");
  folder.config("3_Dense/config.json", R"({"in_features": 768, "out_features": 256})");
  const std::vector<NewTorchTensor> dense{{"linear.weight", {256, 768}}, {"linear.bias", {256}}};
  folder.config("3_Dense/pytorch_model.bin", torch_zip(dense));
  folder.config("3_Dense/optimizer.bin", "x");
  folder.config("modules.json",
                modules({{"0_BERT", kType + "BERT"},
                         {"1_Pooling", "sentence_transformers.sentence_transformer.modules.pooling.Pooling"},
                         {"2_LayerNorm", kType + "LayerNorm"},
                         {"3_Dense", "pylate.models.Dense.Dense"},
                         {"4_Normalize", kType + "Normalize"}}));
  CHECK(folder.get("params.total") == std::to_string(kBertTotal + 2 * 768 + 769 * 256) + "\n");
  CHECK(folder.get("left_out.0").find("no such key") != std::string::npos);

  ModelFolder words;
  words.config("modules.json", modules({{"0_WordEmbeddings", kType + "WordEmbeddings"},
                                        {"1_LSTM", kType + "LSTM"},
                                        {"2_CNN", kType + "CNN"},
                                        {"3_Pooling", kType + "Pooling"}}));
  words.config("0_WordEmbeddings/wordembedding_config.json", R"({"max_seq_length": 100})");
  words.weights("0_WordEmbeddings/model.safetensors", {{"emb_layer.weight", "F32", {400001, 300}}});
  words.config("1_LSTM/lstm_config.json",
               R"({"word_embedding_dimension": 300, "hidden_dim": 512, "bidirectional": true})");
  words.config("2_CNN/cnn_config.json",
               R"({"in_word_embedding_dimension": 1024, "out_channels": 256, "kernel_sizes": [1, 3, 5]})");
  // 2 directions of 4 gates: 300 and 512 in, two biases; 9 columns of 1024 in, and three biases.
  constexpr std::uint64_t kLstm = 2 * 4 * 512 * (300 + 512 + 2);
  constexpr std::uint64_t kCnn = 256 * (9 * 1024 + 3);
  CHECK(words.get("params.total") == std::to_string(400001 * 300 + kLstm + kCnn) + "\n");

  ModelFolder fixed;
  fixed.config("modules.json", modules({{"", kType + "StaticEmbedding"}, {"1_Normalize", kType + "Normalize"}}));
  fixed.weights("model.safetensors", {{"embedding.weight", "F32", {30522, 1024}}});
  CHECK(fixed.get("params.total") == "31254528\n");
}

TEST_CASE(
    "the modules that a router takes one of all count, and one that cannot be counted leaves the total incomplete") {
  ModelFolder folder;
  folder.config("modules.json", modules({{"", kType + "Transformer"}, {"1_Router", kType + "Router"}}));
  folder.config("config.json", kBert);
  folder.config("1_Router/router_config.json",
                R"({"types": {"query_0_Dense": "sentence_transformers.models.Dense.Dense",
                              "document_0_Dense": "sentence_transformers.models.Dense.Dense",
                              "document_1_Magic": "own.Magic"},
                    "structure": {"query": ["query_0_Dense"], "document": ["document_0_Dense", "document_1_Magic"]}})");
  folder.config("1_Router/query_0_Dense/config.json", R"({"in_features": 768, "out_features": 64})");
  folder.config("1_Router/document_0_Dense/config.json", R"({"in_features": 768, "out_features": 64})");
  CHECK(folder.get("params.total,incomplete,parts.3.path,parts.3.in_total") ==
        std::to_string(kBertTotal + 2 * 769 * 64) + "\ntrue\n1_Router/document_1_Magic\nfalse\n");
  const auto page = folder.run();
  CHECK_THAT(page.out, ContainsSubstring(", incomplete"));
  CHECK_THAT(page.out, ContainsSubstring("no family covers class Magic, and no weights are here"));
  // The same module with files.
  folder.weights("1_Router/document_1_Magic/model.safetensors", {{"wand", "F32", {7, 3}}});
  CHECK(folder.get("params.total") == std::to_string(kBertTotal + 2 * 769 * 64 + 21) + "\n");
  CHECK_THAT(folder.get("incomplete"), ContainsSubstring("incomplete: no such key"));
}

TEST_CASE("an index of modules that is none, or points elsewhere, is refused with its place") {
  const auto refused = [](const std::string& index) {
    ModelFolder folder;
    folder.config("config.json", kBert);
    folder.config("modules.json", index);
    const auto done = folder.run();
    CHECK(done.code == 1);
    return done.err;
  };
  CHECK_THAT(refused("{"), ContainsSubstring("modules.json: line 1, column"));
  CHECK_THAT(refused("{}"), ContainsSubstring("modules.json: expected a list of modules"));
  CHECK_THAT(refused("[]"), ContainsSubstring("modules.json: no modules"));
  CHECK_THAT(refused(R"([{"path": ""}])"), ContainsSubstring("modules.json: a module without its type"));
  CHECK_THAT(refused(modules({{"../other", kType + "Dense"}})), ContainsSubstring("../other is not a subfolder"));
}

void pipeline(ModelFolder& folder) {
  folder.config("model_index.json",
                R"({"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.30.0",
                    "feature_extractor": ["transformers", "CLIPImageProcessor"], "requires_safety_checker": true,
                    "safety_checker": [null, null], "scheduler": ["diffusers", "PNDMScheduler"],
                    "text_encoder": ["transformers", "BertModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
                    "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"]})");
  folder.config("scheduler/scheduler_config.json", R"({"_class_name": "PNDMScheduler"})");
  folder.config("tokenizer/tokenizer_config.json", "{}");
  folder.config("text_encoder/config.json", kBert);
  folder.config("unet/config.json", R"({"_class_name": "UNet2DConditionModel", "sample_size": 64})");
  folder.weights("unet/diffusion_pytorch_model.safetensors",
                 {{"conv_in.weight", "F16", {320, 4, 3, 3}}, {"conv_in.bias", "F16", {320}}});
  folder.weights("unet/diffusion_pytorch_model.non_ema.safetensors",
                 {{"conv_in.weight", "F16", {320, 4, 3, 3}}, {"conv_in.bias", "F16", {320}}});
  folder.config("vae/config.json", R"({"_class_name": "AutoencoderKL"})");
}

TEST_CASE("a diffusers pipeline is the sum of its components: by family, by files, or named as missing") {
  ModelFolder folder;
  pipeline(folder);
  folder.config("vae/diffusion_pytorch_model.bin", "PK");
  folder.config("v1-5-pruned.ckpt", "PK");
  CHECK(folder.get("params.total,incomplete,parts.0.path,parts.0.params,parts.1.path,parts.1.params,parts.2.path") ==
        std::to_string(kBertTotal + 11840) + "\ntrue\ntext_encoder\n109482240\nunet\n11840\nvae\n");
  const auto page = folder.run();
  CHECK(page.code == 0);
  CHECK_THAT(page.out, ContainsSubstring(", incomplete  StableDiffusionPipeline"));
  CHECK_THAT(page.out, ContainsSubstring("vae/diffusion_pytorch_model.bin: byte 0: not a PyTorch checkpoint"));
  CHECK_THAT(page.out, ContainsSubstring("v1-5-pruned.ckpt"));
  CHECK_THAT(page.out, !ContainsSubstring("Training"));
  folder.weights("vae/diffusion_pytorch_model.safetensors", {{"decoder.conv_in.weight", "F32", {512, 4, 3, 3}}});
  CHECK(folder.get("params.total,checkpoint.files") == std::to_string(kBertTotal + 11840 + 18432) + "\n2\n");
  CHECK_THAT(folder.run("--runtime llama.cpp").err, ContainsSubstring("name one of them: text_encoder, unet, vae"));
  CHECK_THAT(run_shell("paramcount kv " + folder.path()).err, ContainsSubstring("name one of them: text_encoder"));
  CHECK(run_shell("paramcount " + folder.path() + "/unet --get params.total").out == "11840\n");
}

TEST_CASE("a pipeline without a single component that can be counted is an error") {
  ModelFolder folder;
  folder.config("model_index.json", R"({"_class_name": "P", "vae": ["diffusers", "AutoencoderKL"]})");
  CHECK_THAT(folder.run().err, ContainsSubstring("model_index.json: vae: no family covers class AutoencoderKL"));
  ModelFolder none;
  none.config("model_index.json", R"({"_class_name": "P", "scheduler": ["diffusers", "PNDMScheduler"]})");
  CHECK_THAT(none.run().err, ContainsSubstring("it lists no component with weights"));
}

TEST_CASE("draft heads next to a model are counted separately, and other forms of it are named") {
  ModelFolder folder;
  folder.weights("model.safetensors", two_layers(16));
  const std::string alone = folder.get("params.total");
  CHECK(folder.get("left_out.0").find("no such key") != std::string::npos);
  folder.weights("mtp/model.safetensors", {{"fc.weight", "BF16", {64, 128}}});
  folder.weights("draft/model.safetensors", {{"fc.weight", "BF16", {64, 64}}});
  folder.config("draft/config.json", R"({"architectures": ["Eagle"], "model_type": "eagle-of-tomorrow"})");
  folder.weights("model_mtp.safetensors", {{"mtp.fc.weight", "BF16", {32, 32}}});
  folder.config("original/consolidated.00.pth", "PK");
  folder.weights("original/model.safetensors", {{"x", "BF16", {9}}});
  for (const char* name : {"onnx/a.onnx", "onnx/b.onnx", "onnx/c.onnx", "onnx/d.onnx"}) folder.config(name, "onnx");
  folder.config("model-q4_k_m.gguf", "GGUF");
  folder.config("lora/adapter_config.json", "{}");
  folder.weights("lora/adapter_model.safetensors", {{"x.lora_A.weight", "F32", {8, 64}}});
  folder.config("training_args.bin", "PK");
  folder.config("1_Pooling/config.json", "{}");
  CHECK(folder.get("params.total") == alone);
  CHECK(folder.get("parts.1.path,parts.1.in_total,parts.1.params") == "draft\nfalse\n4096\n");
  CHECK(folder.get("parts.2.path,parts.2.params,parts.3.path,parts.3.params") ==
        "mtp\n8192\nmodel_mtp.safetensors\n1024\n");
  const auto page = folder.run();
  CHECK_THAT(page.out, ContainsSubstring("draft, mtp, model_mtp.safetensors are next to the model"));
  for (const char* name : {"model-q4_k_m.gguf", "lora/adapter_model.safetensors", "onnx/*.onnx (4 files)",
                           "original/consolidated.00.pth", "original/model.safetensors"}) {
    CHECK_THAT(run_shell("paramcount " + folder.path() + " --format json").out, ContainsSubstring(name));
  }
  CHECK_THAT(page.out, !ContainsSubstring("training_args"));
  CHECK_THAT(page.out, !ContainsSubstring("1_Pooling"));
}

TEST_CASE("of a model beside the model its module of multi-token prediction is counted too") {
  // MiMo of one layer, 8 wide: table and head, a layer and its norms, and a module of the same with a projection.
  const std::vector<NewTensor> block{
      {"input_layernorm.weight", "BF16", {8}},     {"post_attention_layernorm.weight", "BF16", {8}},
      {"self_attn.q_proj.weight", "BF16", {8, 8}}, {"self_attn.q_proj.bias", "BF16", {8}},
      {"self_attn.k_proj.weight", "BF16", {4, 8}}, {"self_attn.k_proj.bias", "BF16", {4}},
      {"self_attn.v_proj.weight", "BF16", {4, 8}}, {"self_attn.v_proj.bias", "BF16", {4}},
      {"self_attn.o_proj.weight", "BF16", {8, 8}}, {"mlp.gate_proj.weight", "BF16", {16, 8}},
      {"mlp.up_proj.weight", "BF16", {16, 8}},     {"mlp.down_proj.weight", "BF16", {8, 16}}};
  std::vector<NewTensor> tensors{{"model.embed_tokens.weight", "BF16", {16, 8}},
                                 {"lm_head.weight", "BF16", {16, 8}},
                                 {"model.norm.weight", "BF16", {8}},
                                 {"model.mtp_layers.0.token_layernorm.weight", "BF16", {8}},
                                 {"model.mtp_layers.0.hidden_layernorm.weight", "BF16", {8}},
                                 {"model.mtp_layers.0.final_layernorm.weight", "BF16", {8}},
                                 {"model.mtp_layers.0.input_proj.weight", "BF16", {8, 16}}};
  for (const char* prefix : {"model.layers.0.", "model.mtp_layers.0."}) {
    for (const auto& tensor : block) tensors.push_back({prefix + tensor.name, tensor.dtype, tensor.shape});
  }
  ModelFolder folder;
  folder.weights("model.safetensors", two_layers(16));
  folder.weights("draft/model.safetensors", tensors);
  folder.config("draft/config.json",
                R"({"model_type": "mimo", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
                    "num_key_value_heads": 1, "intermediate_size": 16, "vocab_size": 16,
                    "num_nextn_predict_layers": 1, "tie_word_embeddings": false})");
  const std::uint64_t layer = 2 * 8 + 2 * (8 * 8) + 2 * (4 * 8) + (8 + 4 + 4) + 3 * (16 * 8);
  CHECK(folder.get("parts.1.path,parts.1.params") ==
        "draft\n" + std::to_string(2 * (16 * 8) + 8 + layer + (3 * 8 + 8 * 16 + layer)) + "\n");
}

TEST_CASE("a scan counts a folder of parts once, and says when a part is missing") {
  TestFolder all;
  std::filesystem::create_directories(all / "gemma");
  ModelFolder gemma;
  embedding_gemma(gemma);
  std::filesystem::copy(gemma.path(), all / "gemma", std::filesystem::copy_options::recursive);
  ModelFolder sd;
  pipeline(sd);
  std::filesystem::copy(sd.path(), all / "sd", std::filesystem::copy_options::recursive);
  const auto scan = run_shell("paramcount scan " + all.path() + " --format csv");
  CHECK(scan.code == 1);
  CHECK_THAT(scan.out, ContainsSubstring("307581696"));
  CHECK_THAT(scan.out, ContainsSubstring("vae: no family covers class AutoencoderKL"));
  CHECK_THAT(scan.out, !ContainsSubstring("2_Dense"));
  CHECK_THAT(scan.out, !ContainsSubstring("/unet/"));
}

}  // namespace
}  // namespace paramcount
