// A GGUF says what it is: a model, or an adapter, an mmproj, a vocabulary, an importance matrix, a control vector. Each
// is written as its program in llama.cpp writes it.
#include "catch.hpp"
#include "gguf_writer.hpp"
#include "paramcount/count/adapter.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "process.hpp"

namespace paramcount {
namespace {

constexpr std::uint32_t kF32 = 0;

void matrix(GgufWriter& file, const std::string& name, std::uint64_t row, std::uint64_t rows) {
  file.tensor(name, {row, rows}, kF32, row * rows * 4);
}

void low_rank(GgufWriter& file, const std::string& module, std::uint64_t in, std::uint64_t rank, std::uint64_t out) {
  matrix(file, module + ".lora_a", in, rank);
  matrix(file, module + ".lora_b", rank, out);
}

/// The adapter of https://github.com/ggml-org/llama.cpp/issues/12857: CodeLlama-13B, 320 tensors, 104.9 MB in f32.
GgufWriter code_llama_adapter() {
  GgufWriter file;
  file.text("general.architecture", "llama");
  file.text("general.type", "adapter");
  file.text("adapter.type", "lora");
  file.f32("adapter.lora.alpha", 32);
  for (int layer = 0; layer < 40; ++layer) {
    for (const char* module : {"attn_q", "attn_k", "attn_v", "attn_output"}) {
      low_rank(file, "blk." + std::to_string(layer) + "." + module + ".weight", 5120, 16, 5120);
    }
  }
  return file;
}

std::string value_of(const std::string& path, const std::string& key) {
  const Finished ran = run_words({path, "--get", key});
  INFO(ran.err);
  CHECK(ran.code == 0);
  return ran.out;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("an adapter in a GGUF has a rank, targets and trainable parameters, and nothing of its base model") {
  const TestFolder folder;
  const std::string path = folder / "adapter.gguf";
  code_llama_adapter().write(path);
  CHECK(value_of(path, "params.total") == "26214400\n");
  CHECK(value_of(path, "adapter.parameters") == "26214400\n");
  CHECK(value_of(path, "adapter.bytes") == "104857600\n");
  CHECK(value_of(path, "adapter.type") == "lora\n");
  CHECK(value_of(path, "adapter.rank") == "16\n");
  CHECK(value_of(path, "adapter.alpha") == "32\n");
  CHECK(value_of(path, "adapter.targets.3") == "attn_output\n");
  CHECK(value_of(path, "adapter.by_target.0.modules") == "40\n");
  CHECK(value_of(path, "checkpoint.type") == "adapter\n");
  const std::string json = run_words({path, "--format", "json"}).out;
  for (const char* key : {"\"dims\"", "\"kv_cache\"", "\"training\"", "\"family\"", "\"vocab", "\"file\""}) {
    INFO(key);
    CHECK_FALSE(has(json, key));
  }
  const std::string page = run_words({path}).out;
  CHECK(has(page, "llama, LoRA adapter\n"));
  CHECK(has(page, "base model – · rank 16 · alpha 32\n"));
  for (const char* word : {"layers ·", "KV cache,", "Training", "context 2", "tied head"}) CHECK_FALSE(has(page, word));
}

TEST_CASE("an adapter names its base model, and mixed ranks are a range") {
  const TestFolder folder;
  GgufWriter file;
  file.text("general.architecture", "qwen3moe");
  file.text("general.type", "adapter");
  file.text("adapter.type", "lora");
  file.u32("general.base_model.count", 1);
  file.text("general.base_model.0.name", "Qwen3 30B A3B");
  file.text("general.base_model.0.organization", "Qwen");
  low_rank(file, "blk.0.attn_q.weight", 64, 8, 128);
  low_rank(file, "blk.1.attn_q.weight", 64, 4, 128);
  // Experts of a layer are one tensor of three dimensions.
  file.tensor("blk.0.ffn_up_exps.weight.lora_a", {64, 32, 6}, kF32, 64 * 32 * 6 * 4);
  file.tensor("blk.0.ffn_up_exps.weight.lora_b", {32, 48, 6}, kF32, 32 * 48 * 6 * 4);
  // Of the input table llama.cpp has the first matrix the other way round.
  matrix(file, "token_embd.weight.lora_a", 2, 1000);
  matrix(file, "token_embd.weight.lora_b", 2, 64);
  file.tensor("blk.0.attn_norm.weight", {64}, kF32, 256);
  const std::string path = folder / "adapter.gguf";
  file.write(path);
  const AdapterSummary adapter = read_gguf_adapter(read_gguf(path));
  CHECK(adapter.base == "Qwen/Qwen3 30B A3B");
  CHECK(adapter.rank_low == 2);
  CHECK(adapter.rank_high == 32);
  CHECK_FALSE(adapter.alpha);
  REQUIRE(adapter.targets.size() == 3);
  CHECK(adapter.targets[0].name == "attn_q");
  CHECK(adapter.targets[0].rank_low == 4);
  CHECK(adapter.targets[0].rank_high == 8);
  CHECK(adapter.targets[1].parameters.value == 64 * 32 * 6 + 32 * 48 * 6);
  CHECK(adapter.targets[2].rank_high == 2);
  CHECK(adapter.modules_to_save == std::vector<std::string>{"attn_norm"});
  CHECK(adapter.parameters.value == 12 * (64 + 128) + 64 * 32 * 6 + 32 * 48 * 6 + 2 * 1064 + 64);
  CHECK(adapter.problem.empty());
  const std::string page = run_words({path}).out;
  CHECK(has(page, "base model Qwen/Qwen3 30B A3B · rank 2–32 · alpha –\n"));
  CHECK(has(page, "stored whole: attn_norm"));
  CHECK(has(run_words({path, "--format", "json"}).out, "\"rank\": null"));
}

TEST_CASE("an adapter that programs refuse is counted, and the page says why they do") {
  const TestFolder folder;
  const auto problem = [&](const auto& add) {
    GgufWriter file;
    file.text("general.type", "adapter");
    add(file);
    file.write(folder / "adapter.gguf");
    return read_gguf_adapter(read_gguf(folder / "adapter.gguf")).problem;
  };
  CHECK(problem([](GgufWriter& file) { matrix(file, "blk.0.attn_q.weight.lora_a", 64, 8); }) ==
        "blk.0.attn_q.weight has a first low-rank matrix without a second");
  CHECK(problem([](GgufWriter& file) { matrix(file, "blk.0.attn_q.weight.lora_b", 8, 64); }) ==
        "blk.0.attn_q.weight has a second low-rank matrix without a first");
  const char* const no_rank = "the two low-rank matrices of x differ in rank";
  CHECK(problem([](GgufWriter& file) {
          matrix(file, "x.lora_a", 64, 8);
          matrix(file, "x.lora_b", 9, 64);
        }) == no_rank);
  CHECK(problem([](GgufWriter& file) {
          file.tensor("x.lora_a", {64}, kF32, 256);
          file.tensor("x.lora_b", {}, kF32, 4);
        }) == no_rank);
}

/// Each kind of file that accompanies a model, in its oldest and tersest form.
std::vector<std::pair<CheckpointKind, GgufWriter>> companions() {
  std::vector<std::pair<CheckpointKind, GgufWriter>> files;
  const auto add = [&](CheckpointKind kind) -> GgufWriter& { return files.emplace_back(kind, GgufWriter()).second; };
  low_rank(add(CheckpointKind::adapter), "blk.0.attn_q.weight", 64, 8, 64);
  GgufWriter& mmproj = add(CheckpointKind::mmproj);
  mmproj.text("general.architecture", "clip");
  matrix(mmproj, "v.blk.0.attn_q.weight", 64, 64);
  matrix(mmproj, "mm.0.weight", 64, 32);
  GgufWriter& imatrix = add(CheckpointKind::imatrix);
  for (const char* name : {"blk.0.attn_q.weight", "blk.0.ffn_up.weight"}) {
    matrix(imatrix, std::string(name) + ".in_sum2", 64, 1);
    matrix(imatrix, std::string(name) + ".counts", 1, 1);
  }
  GgufWriter& vector = add(CheckpointKind::control_vector);
  vector.text("general.architecture", "controlvector");
  vector.text("controlvector.model_hint", "llama");
  vector.tensor("direction.1", {64}, kF32, 256);
  vector.tensor("direction.2", {64}, kF32, 256);
  GgufWriter& vocabulary = add(CheckpointKind::vocabulary);
  vocabulary.text("general.architecture", "llama");
  vocabulary.text("general.type", "model");
  vocabulary.u32("llama.block_count", 32);
  vocabulary.text("tokenizer.ggml.model", "gpt2");
  vocabulary.texts("tokenizer.ggml.tokens", {"a", "b", "c"});
  return files;
}

TEST_CASE("files that accompany a model are recognised by their content if general.type does not say") {
  const TestFolder folder;
  for (const auto& [kind, file] : companions()) {
    INFO(noun_of(kind));
    file.write(folder / "x.gguf");
    CHECK(read_gguf(folder / "x.gguf").kind == kind);
  }
  tiny_llama().write(folder / "x.gguf");
  CHECK(read_gguf(folder / "x.gguf").kind == CheckpointKind::model);
  for (const auto kind : {CheckpointKind::adapter, CheckpointKind::mmproj, CheckpointKind::imatrix}) {
    GgufWriter file = tiny_llama();
    file.text("general.type", name_of(kind));
    file.write(folder / "x.gguf");
    CHECK(read_gguf(folder / "x.gguf").kind == kind);
  }
}

TEST_CASE("questions that only a model answers refuse what goes with one, in a line that names it") {
  const TestFolder folder;
  const std::string path = folder / "x.gguf";
  for (const auto& [kind, file] : companions()) {
    file.write(path);
    for (const char* command : {"kv", "train", "explain", "layers", "verify", "scale"}) {
      INFO(command);
      const Finished ran = run_words({command, path});
      CHECK(ran.code == 1);
      CHECK(ran.err ==
            "paramcount: " + path + ": " + std::string(noun_of(kind)) + ", not a model. Name the model it is for\n");
    }
    const Finished what_if = run_words({path, "--set", "n_layers=2"});
    CHECK(has(what_if.err, ", not a model. Name the model it is for"));
    const std::string json = run_words({path, "--format", "json", "--context", "8k"}).out;
    CHECK(has(json, "not applied: --context"));
    for (const char* key : {"\"dims\"", "kv_cache", "\"training\"", "\"family\""}) CHECK_FALSE(has(json, key));
    const bool weights = kind == CheckpointKind::adapter || kind == CheckpointKind::mmproj;
    CHECK(has(json, "\"params\"") == weights);
    CHECK((run_words({path, "gpt-2"}).code == 0) == weights);
  }
}

TEST_CASE("files without parameters tell what they hold") {
  const TestFolder folder;
  const std::string path = folder / "x.gguf";
  for (const auto& [kind, file] : companions()) {
    file.write(path);
    if (kind == CheckpointKind::vocabulary) {
      CHECK(value_of(path, "vocabulary.tokens") == "3\n");
      CHECK(value_of(path, "vocabulary.tokenizer") == "gpt2\n");
    } else if (kind == CheckpointKind::imatrix) {
      CHECK(value_of(path, "imatrix.entries") == "2\n");
    } else if (kind == CheckpointKind::control_vector) {
      CHECK(value_of(path, "control_vector.layers") == "2\n");
      CHECK(value_of(path, "control_vector.width") == "64\n");
    } else if (kind == CheckpointKind::mmproj) {
      CHECK(value_of(path, "params.total") == "6144\n");
      CHECK(value_of(path, "params.by_role.projector") == "2048\n");
    }
  }
  GgufWriter uneven;
  uneven.text("general.architecture", "controlvector");
  uneven.tensor("direction.1", {64}, kF32, 256);
  uneven.tensor("direction.2", {32}, kF32, 128);
  uneven.write(path);
  CHECK(value_of(path, "control_vector.layers") == "2\n");
  CHECK(value_of(path, "control_vector.width") != "64\n");
  GgufWriter today;
  today.text("general.type", "imatrix");
  today.texts("imatrix.datasets", {"wiki.train.raw"});
  today.u32("imatrix.chunk_count", 125);
  today.u32("imatrix.chunk_size", 512);
  matrix(today, "blk.0.attn_q.weight.in_sum2", 64, 8);
  matrix(today, "blk.0.attn_q.weight.counts", 1, 8);
  matrix(today, "blk.0.attn_q.weight.in_sum", 64, 8);
  today.write(path);
  CHECK(value_of(path, "imatrix.entries") == "1\n");
  CHECK(value_of(path, "imatrix.chunks") == "125\n");
  const std::string page = run_words({path}).out;
  CHECK(has(page, "an importance matrix (imatrix), no model\n"));
  CHECK(has(page, "wiki.train.raw"));
}

TEST_CASE("a split adapter is one adapter, with the metadata of its first part") {
  const TestFolder folder;
  for (int part = 0; part < 2; ++part) {
    GgufWriter file;
    if (part == 0) {
      file.text("general.architecture", "llama");
      file.text("general.type", "adapter");
      file.f32("adapter.lora.alpha", 16);
    }
    file.u16("split.no", static_cast<std::uint16_t>(part));
    file.u16("split.count", 2);
    file.i32("split.tensors.count", 4);
    low_rank(file, "blk." + std::to_string(part) + ".attn_q.weight", 64, 8, 64);
    file.write(folder / ("a-0000" + std::to_string(part + 1) + "-of-00002.gguf"));
  }
  for (const char* name : {"a-00001-of-00002.gguf", "a-00002-of-00002.gguf"}) {
    CHECK(value_of(folder / name, "adapter.parameters") == "2048\n");
    CHECK(value_of(folder / name, "adapter.alpha") == "16\n");
  }
  CHECK(value_of(folder.path(), "adapter.rank") == "8\n");
}

}  // namespace
}  // namespace paramcount
