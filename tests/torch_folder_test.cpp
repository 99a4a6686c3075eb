// Folders of PyTorch files: shards and their index, Meta's parts, what is counted of them and what commands say.
#include <string>
#include <vector>

#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "process.hpp"
#include "refusal.hpp"
#include "test_folder.hpp"
#include "torch_writer.hpp"

namespace paramcount {
namespace {

const std::string kConfig = R"({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4,
  "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": 8, "vocab_size": 16,
  "tie_word_embeddings": true})";

/// Those of two_layers(), whose head is the embedding.
std::vector<NewTensor> without_head() {
  auto tensors = two_layers(2);
  std::erase_if(tensors, [](const auto& tensor) { return tensor.name == "lm_head.weight"; });
  return tensors;
}

/// The same, as a PyTorch file has them.
std::vector<NewTorchTensor> llama() {
  std::vector<NewTorchTensor> result;
  for (const auto& tensor : without_head()) result.push_back({tensor.name, tensor.shape});
  return placed(result);
}

std::string json_of(const std::string& path, const std::string& key) {
  const auto ran = run_words({path, "--get", key});
  return ran.code == 0 ? ran.out : ran.err;
}

TEST_CASE("shards of PyTorch files are one checkpoint, with an index and without") {
  const TestFolder folder;
  const auto all = llama();
  const std::size_t half = all.size() / 2;
  const std::vector<NewTorchTensor> first(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(half));
  const std::vector<NewTorchTensor> second(all.begin() + static_cast<std::ptrdiff_t>(half), all.end());
  const std::string one = "pytorch_model-00001-of-00002.bin";
  const std::string two = "pytorch_model-00002-of-00002.bin";
  write_bytes(folder / one, torch_zip(pickled(first), first));
  CHECK_THAT(checkpoint_refusal(folder.path()), ContainsSubstring(two + ": missing, and no index"));
  write_bytes(folder / two, torch_legacy(pickled(second), second));
  CHECK(read_checkpoint(folder.path()).tensors.size() == all.size());
  std::string map;
  for (std::size_t i = 0; i < all.size(); ++i) {
    map += (map.empty() ? "" : ", ") + ("\"" + all[i].name + "\": \"" + (i < half ? one : two) + "\"");
  }
  const std::string index = folder / "pytorch_model.bin.index.json";
  write_bytes(index, R"({"weight_map": {)" + map + "}}");
  CHECK(read_checkpoint(index).files.size() == 2);
  CHECK(read_checkpoint(folder.path()).tensors.size() == all.size());
  // Training leftovers next to them are not weights; a name that no shard has is an error.
  write_bytes(folder / "training_args.bin", "x");
  write_bytes(folder / "optimizer.pt", "x");
  CHECK(read_checkpoint(folder.path()).tensors.size() == all.size());
  write_bytes(index, R"({"weight_map": {"absent": ")" + one + "\"}}");
  CHECK_THAT(checkpoint_refusal(index), ContainsSubstring("/weight_map: absent is not in " + one));
  write_bytes(folder / two, torch_zip(pickled(first), first));
  CHECK_THAT(checkpoint_refusal(folder / one), ContainsSubstring("read"));
  write_bytes(index, R"({"weight_map": {")" + all[0].name + "\": \"" + one + R"(", "x": ")" + two + "\"}}");
  CHECK_THAT(checkpoint_refusal(index), ContainsSubstring("also in "));
}

TEST_CASE("a folder of PyTorch files is counted, verified and listed like one of safetensors") {
  const TestFolder folder;
  const TestFolder other;
  auto tensors = llama();
  write_bytes(folder / "config.json", kConfig);
  write_bytes(other / "config.json", kConfig);
  write_checkpoint(other / "model.safetensors", without_head());
  // The head is the embedding, as torch.save keeps it.
  auto head = tensors.front();
  head.name = "lm_head.weight";
  tensors.push_back(head);
  write_bytes(folder / "pytorch_model.bin", torch_zip(pickled(tensors), tensors));
  for (const std::string key : {"params.total", "checkpoint.tensor_elements", "checkpoint.unverified"}) {
    CHECK(json_of(folder.path(), key) == json_of(other.path(), key));
  }
  CHECK(json_of(folder.path(), "checkpoint.format") == "pytorch\n");
  CHECK(json_of(folder.path(), "checkpoint.tied.0.name") == "lm_head.weight\n");
  CHECK(json_of(folder.path(), "checkpoint.tied.0.of") == tensors.front().name + "\n");
  CHECK(run_words({"verify", folder.path()}).code == 0);
  CHECK(run_words({"verify", folder / "pytorch_model.bin"}).code == 0);
  CHECK(run_words({"diff", folder.path(), other.path()}).code == 0);
  const auto scanned = run_words({"scan", folder.path(), "--format", "csv"});
  CHECK(scanned.code == 0);
  CHECK_THAT(scanned.out, ContainsSubstring("pytorch_model.bin"));
  CHECK_THAT(run_words({folder.path()}).out, ContainsSubstring("lm_head.weight shares its storage with "));
  for (const std::string command : {"tensors", "layers", "kv", "metadata"}) {
    INFO(command);
    CHECK(run_words({command, command == "metadata" ? folder / "pytorch_model.bin" : folder.path()}).code == 0);
  }
  // A GGUF next to them is left out, as the config is not its own.
  write_bytes(folder / "model.gguf", "GGUF");
  CHECK(json_of(folder.path(), "checkpoint.format") == "pytorch\n");
  // Safetensors next to them are the same weights, and are read instead.
  write_checkpoint(folder / "model.safetensors", without_head());
  CHECK(json_of(folder.path(), "checkpoint.format") == "safetensors\n");
  CHECK_THAT(json_of(folder.path(), "left_out.0"), ContainsSubstring("pytorch_model.bin"));
}

TEST_CASE("an optimizer's states are listed, not counted") {
  const TestFolder folder;
  auto tensors = llama();
  std::uint64_t total = 0;
  for (const auto& tensor : tensors) total += tensor.numbers;
  NewTorchTensor moment{"moment", {100}, "FloatStorage", "moment", 0, {1}, 100};
  const std::string value =
      pickled_dict({{"state_dict", pickled(tensors)}, {"optimizer", pickled_dict({{"m", pickled(moment)}})}});
  tensors.push_back(moment);
  write_bytes(folder / "last.ckpt", torch_zip(value, tensors));
  CHECK(json_of(folder / "last.ckpt", "params.total") == std::to_string(total) + "\n");
  CHECK(json_of(folder / "last.ckpt", "checkpoint.others.0.elements") == "100\n");
  CHECK_THAT(run_words({folder / "last.ckpt"}).out,
             ContainsSubstring("not counted: optimizer (optimizer states): 100 numbers"));
}

/// Two of Meta's parts; `embedding` is their vocabulary's axis, `changed` another shape for one name.
void write_meta(const TestFolder& folder, std::size_t embedding, const NewTorchTensor& changed = {}) {
  const std::vector<NewTorchTensor> whole{
      {"tok_embeddings.weight", embedding == 0 ? std::vector<std::uint64_t>{10, 8} : std::vector<std::uint64_t>{20, 4}},
      {"norm.weight", {8}},
      {"output.weight", {10, 8}},
      {"layers.0.attention.wq.weight", {4, 8}},
      {"layers.0.attention.wk.weight", {2, 8}},
      {"layers.0.attention.wv.weight", {2, 8}},
      {"layers.0.attention.wo.weight", {8, 4}},
      {"layers.0.feed_forward.w1.weight", {12, 8}},
      {"layers.0.feed_forward.w2.weight", {8, 12}},
      {"layers.0.feed_forward.w3.weight", {12, 8}},
      {"layers.0.attention_norm.weight", {8}},
      {"layers.0.ffn_norm.weight", {8}},
      {"rope.freqs", {2}}};
  for (const char* name : {"consolidated.00.pth", "consolidated.01.pth"}) {
    auto tensors = whole;
    for (auto& tensor : tensors) {
      if (tensor.name == changed.name) tensor.shape = changed.shape;
    }
    tensors = placed(tensors);
    write_bytes(folder / name, torch_zip(pickled(tensors), tensors));
  }
  write_bytes(folder / "params.json", R"({"dim": 8, "n_layers": 1, "n_heads": 2, "n_kv_heads": 1, "vocab_size": 20,
    "multiple_of": 4, "norm_eps": 1e-5})");
}

TEST_CASE("Meta's parts are joined along the axis of each kind of layer") {
  // 2·20·8 + 3·8 + 2·8·8 + 2·4·8 + 3·24·8 = 320 + 24 + 128 + 64 + 576, and 2 of the rotary table.
  constexpr std::uint64_t kTotal = 1112;
  for (const std::size_t embedding : {0U, 1U}) {
    const TestFolder folder;
    write_meta(folder, embedding);
    const Checkpoint checkpoint = read_checkpoint(folder.path());
    CHECK(checkpoint.files.size() == 2);
    std::uint64_t elements = 0;
    std::uint64_t bytes = 0;
    for (const auto& tensor : checkpoint.tensors) {
      elements += tensor.elements;
      bytes += tensor.bytes;
    }
    CHECK(elements == kTotal + 2);
    CHECK(bytes == 2 * (kTotal + 2));  // BF16
    CHECK(json_of(folder.path(), "params.total") == std::to_string(kTotal) + "\n");
    CHECK(run_words({"verify", folder.path()}).code == 0);
    const auto shape = [&](std::size_t i) { return checkpoint.tensors[i].shape; };
    CHECK(shape(0) == std::vector<std::uint64_t>{20, 8});
    CHECK(shape(1) == std::vector<std::uint64_t>{8});
    CHECK(shape(3) == std::vector<std::uint64_t>{8, 8});
    CHECK(shape(4) == std::vector<std::uint64_t>{4, 8});
    CHECK(shape(6) == std::vector<std::uint64_t>{8, 8});
    CHECK(shape(8) == std::vector<std::uint64_t>{8, 24});
    CHECK(read_checkpoint(folder / "consolidated.00.pth").files.size() == 2);
    CHECK_THAT(checkpoint_refusal(folder / "consolidated.01.pth"), ContainsSubstring("one part of a model"));
  }
}

TEST_CASE("Meta's parts that contradict each other or params.json are refused") {
  const auto refused = [](const NewTorchTensor& changed) {
    const TestFolder folder;
    write_meta(folder, 0, changed);
    return checkpoint_refusal(folder.path());
  };
  CHECK_THAT(refused({"layers.0.attention.wk.weight", {4, 8}}),
             ContainsSubstring("layers.0.attention.wk.weight 4×8 in 2 files: makes 8 of 4"));
  CHECK_THAT(refused({"layers.0.attention.wo.weight", {4, 8}}),
             ContainsSubstring("wo.weight 4×8 in 2 files: its axis 0"));
  CHECK_THAT(refused({"layers.0.ffn_norm.weight", {4}}), ContainsSubstring("ffn_norm.weight 4 in 2 files"));
  CHECK_THAT(refused({"output.weight", {20, 8}}), ContainsSubstring("output.weight 20×8 in 2 files: makes 40 of 20"));
  CHECK_THAT(refused({"norm.weight", {16}}), ContainsSubstring("norm.weight has 16 numbers; params.json says 8"));
  CHECK_THAT(refused({"rope.freqs", {2, 2}}), ContainsSubstring("rope.freqs 2×2 in 2 files: no rule"));
  const TestFolder folder;
  write_meta(folder, 0);
  const auto other = placed({{"norm.weight", {8}}});
  write_bytes(folder / "consolidated.01.pth", torch_zip(pickled(other), other));
  CHECK_THAT(checkpoint_refusal(folder.path()), ContainsSubstring("consolidated.01.pth: lacks "));
  const auto third = placed({{"norm.weight", {16}}});
  write_bytes(folder / "consolidated.01.pth", torch_zip(pickled(third), third));
  CHECK_THAT(checkpoint_refusal(folder.path()), ContainsSubstring("norm.weight is BF16 16, BF16 8 in "));
  write_bytes(folder / "consolidated.03.pth", "x");
  CHECK_THAT(checkpoint_refusal(folder.path()), ContainsSubstring("consolidated.02.pth: missing"));
}

TEST_CASE("one rank's shard of a model is not a model") {
  const TestFolder folder;
  const TestFolder pieces;
  write_bytes(pieces / "__0_0.distcp", torch_zip(llama()));
  write_bytes(pieces / ".metadata", "x");
  CHECK_THAT(checkpoint_refusal(pieces / "__0_0.distcp"), ContainsSubstring("shards of a distributed checkpoint"));
  CHECK_THAT(run_words({pieces.path()}).err, ContainsSubstring("shards of a distributed checkpoint"));
  const auto tensors = llama();
  const std::string bytes = torch_zip(pickled_dict({{"module", pickled(tensors)}}), tensors);
  write_bytes(folder / "mp_rank_00_model_states.pt", bytes);
  CHECK(checkpoint_refusal(folder / "mp_rank_00_model_states.pt") == "read");
  write_bytes(folder / "mp_rank_01_model_states.pt", bytes);
  CHECK_THAT(checkpoint_refusal(folder / "mp_rank_00_model_states.pt"),
             ContainsSubstring("one rank's shard of a model"));
}

}  // namespace
}  // namespace paramcount
