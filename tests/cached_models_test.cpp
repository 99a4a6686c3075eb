// Models that other programs keep on this machine: caches built in a folder of the test.
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "gguf_writer.hpp"
#include "paramcount/base/error.hpp"
#include "process.hpp"
#include "read/cached_models.hpp"
#include "read/hub_cache.hpp"
#include "read/ollama_store.hpp"
#include "test_folder.hpp"

using namespace paramcount;

namespace {

namespace fs = std::filesystem;

const std::string kCommit = "0123456789abcdef0123456789abcdef01234567";
const std::string kConfig =
    R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 128, "vocab_size": 100,
        "max_position_embeddings": 64, "tie_word_embeddings": false, "rms_norm_eps": 1e-5})";

void write(const std::string& path, const std::string& content) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

/// As the Hub's library lays it out: the snapshot's files are links into blobs.
void add_to_hub(const std::string& hub, const std::string& folder, const std::map<std::string, std::string>& files) {
  const std::string base = hub + "/" + folder;
  write(base + "/refs/main", kCommit);
  fs::create_directories(base + "/snapshots/" + kCommit);
  std::size_t number = 0;
  for (const auto& [name, content] : files) {
    const std::string blob = "blob" + std::to_string(number++);
    write(base + "/blobs/" + blob, content);
    fs::create_symlink("../../blobs/" + blob, base + "/snapshots/" + kCommit + "/" + name);
  }
}

std::string tiny_gguf() {
  const TestFolder folder;
  tiny_llama().write(folder / "tiny.gguf");
  std::ifstream file(folder / "tiny.gguf", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string digest(char c) { return std::string(64, c); }

void add_to_ollama(const std::string& store, const std::string& manifest, char c) {
  write(store + "/manifests/" + manifest,
        R"({"schemaVersion": 2, "config": {"digest": "sha256:)" + digest('9') + R"(", "size": 10}, "layers": [)" +
            R"({"mediaType": "application/vnd.ollama.image.license", "digest": "sha256:)" + digest('8') +
            R"(", "size": 3}, {"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:)" + digest(c) +
            R"(", "size": 1000}]})");
  write(store + "/blobs/sha256-" + digest(c), tiny_gguf());
}

/// Runs with no other caches than those of the test.
Finished run_in(const TestFolder& home, const std::string& arguments, const std::string& variables = "") {
  return run_shell(
      "env -u HF_HOME -u HF_HUB_CACHE -u HUGGINGFACE_HUB_CACHE -u LLAMA_CACHE -u OLLAMA_MODELS "
      "-u MODELSCOPE_CACHE -u XDG_CACHE_HOME HOME=" +
      home.path() + " " + variables + " paramcount " + arguments);
}

}  // namespace

TEST_CASE("a model of the Hub's cache is found by its name", "[caches]") {
  const TestFolder home;
  const std::string hub = home / ".cache/huggingface/hub";
  add_to_hub(hub, "models--acme--tiny-llama", {{"config.json", kConfig}});
  const auto found = run_in(home, "acme/tiny-llama --get params.total");
  CHECK(found.out == "86848\n");
  const auto page = run_in(home, "acme/tiny-llama");
  CHECK_THAT(page.out, ContainsSubstring("read from the Hub's cache"));
  CHECK_THAT(page.out, ContainsSubstring(kCommit));
  CHECK_THAT(page.out, ContainsSubstring("acme/tiny-llama"));
  // The folder itself is a path too.
  CHECK(run_in(home, hub + "/models--acme--tiny-llama --get params.total").out == "86848\n");
  // All variables lead there.
  for (const auto* variable : {"HF_HUB_CACHE=", "HUGGINGFACE_HUB_CACHE=", "LLAMA_CACHE="}) {
    const TestFolder other;
    CHECK(run_in(other, "acme/tiny-llama --get params.total", variable + hub).out == "86848\n");
  }
  const TestFolder other;
  CHECK(run_in(other, "acme/tiny-llama --get params.total", "HF_HOME=" + (home / ".cache/huggingface")).out ==
        "86848\n");
  CHECK(run_in(other, "acme/tiny-llama --get params.total", "XDG_CACHE_HOME=" + (home / ".cache")).out == "86848\n");
  CHECK(run_in(other, "acme/tiny-llama").code == 1);
}

TEST_CASE("of GGUF files in a cache the quant decides", "[caches]") {
  const TestFolder home;
  const std::string gguf = tiny_gguf();
  add_to_hub(home / ".cache/huggingface/hub", "models--acme--tiny-GGUF",
             {{"tiny-Q8_0.gguf", gguf},
              {"tiny-Q4_K_M.gguf", gguf},
              {"mmproj-tiny-F16.gguf", gguf},
              {"tiny-Q6_K-00001-of-00002.gguf", gguf},
              {"tiny-Q6_K-00002-of-00002.gguf", gguf}});
  CHECK(quant_of("tiny-Q6_K-00001-of-00002.gguf") == "Q6_K");
  CHECK(quant_of("tiny.Q8_0.gguf") == "Q8_0");
  CHECK(quant_of("tiny.gguf").empty());
  const std::string snapshot = home / (".cache/huggingface/hub/models--acme--tiny-GGUF/snapshots/" + kCommit);
  CHECK(choose_gguf(snapshot, "") == snapshot + "/tiny-Q4_K_M.gguf");
  CHECK(choose_gguf(snapshot, "q8_0") == snapshot + "/tiny-Q8_0.gguf");
  CHECK(choose_gguf(snapshot, "Q6_K") == snapshot + "/tiny-Q6_K-00001-of-00002.gguf");
  CHECK_THROWS_AS(choose_gguf(snapshot, "Q4_K"), Error);
  CHECK(run_in(home, "acme/tiny-GGUF --get params.total").out == "284\n");
  CHECK(run_in(home, "acme/tiny-GGUF:Q8_0 --get params.total").out == "284\n");
  const auto missing = run_in(home, "acme/tiny-GGUF:Q5_K_M");
  CHECK(missing.code == 1);
  CHECK_THAT(missing.err, ContainsSubstring("no GGUF file of Q5_K_M here"));
  CHECK(run_in(home, "verify acme/tiny-GGUF").code == 0);
  CHECK(run_in(home, "diff acme/tiny-GGUF acme/tiny-GGUF:Q8_0").code == 0);
  CHECK_THAT(run_in(home, "metadata acme/tiny-GGUF").out, ContainsSubstring("general.architecture"));
}

TEST_CASE("Ollama's models are found by name, manifest, blob and folder", "[caches]") {
  const TestFolder home;
  const std::string store = home / ".ollama/models";
  add_to_ollama(store, "registry.ollama.ai/library/tiny/1b", 'a');
  CHECK(run_in(home, "ollama:tiny:1b --get params.total").out == "284\n");
  CHECK_THAT(run_in(home, "ollama:tiny:1b").out, ContainsSubstring("read from Ollama's models"));
  CHECK(run_in(home, store + " --get params.total").out == "284\n");
  CHECK(run_in(home, store + "/blobs/sha256-" + digest('a') + " --get params.total").out == "284\n");
  CHECK(run_in(home, store + "/manifests/registry.ollama.ai/library/tiny/1b --get params.total").out == "284\n");
  CHECK(run_in(home, "ollama:tiny", "HF_HUB_OFFLINE=1").code == 1);
  add_to_ollama(store, "registry.ollama.ai/library/tiny/latest", 'b');
  add_to_ollama(store, "registry.ollama.ai/someone/else/latest", 'b');
  add_to_ollama(store, "hf.co/acme/tiny-GGUF/Q4_K_M", 'b');
  CHECK(run_in(home, "ollama:tiny --get params.total").out == "284\n");
  CHECK(run_in(home, "ollama:someone/else --get params.total").out == "284\n");
  CHECK(run_in(home, "ollama:hf.co/acme/tiny-GGUF:Q4_K_M --get params.total").out == "284\n");
  CHECK(run_in(home, "ollama:tiny --get params.total", "OLLAMA_MODELS=" + store).out == "284\n");
  const auto batch = run_shell("printf 'ollama:tiny\\n' | OLLAMA_MODELS=" + store + " paramcount batch --jobs 1");
  CHECK(batch.code == 0);
  CHECK_THAT(batch.out, ContainsSubstring("\"ollama:tiny\""));
  const auto closed = run_shell("printf 'ollama:tiny\\n' | OLLAMA_MODELS=" + store + " paramcount batch --no-files");
  CHECK(closed.code == 1);
  const auto several = run_in(home, store);
  CHECK(several.code == 1);
  CHECK_THAT(several.err, ContainsSubstring("4 models. Name one"));
  CHECK(run_in(home, "scan " + store).code == 0);
}

TEST_CASE("LM Studio's, ModelScope's and llama.cpp's models are found by name", "[caches]") {
  const TestFolder home;
  const std::string gguf = tiny_gguf();
  write(home / ".lmstudio/models/acme/studio-GGUF/studio-Q4_K_M.gguf", gguf);
  write(home / ".cache/modelscope/hub/models/acme/scope-1___5b/config.json", kConfig);
  write(home / ".cache/llama.cpp/acme_flat-GGUF_flat-Q4_K_M.gguf", gguf);
  CHECK(run_in(home, "acme/studio-GGUF --get params.total").out == "284\n");
  CHECK(run_in(home, "acme/scope-1.5b --get params.total").out == "86848\n");
  CHECK(run_in(home, "acme/flat-GGUF --get params.total").out == "284\n");
  CHECK(run_in(home, "acme/flat-GGUF:Q4_K_M --get params.total").out == "284\n");
  CHECK(run_in(home, "acme/flat-GGUF:Q8_0").code == 1);
  // The catalog comes first.
  write(home / ".lmstudio/models/Qwen/Qwen3-8B/config.json", kConfig);
  CHECK(run_in(home, "Qwen/Qwen3-8B --get params.total").out == "8190735360\n");
}

TEST_CASE("scan --caches lists what this machine has, with size and count", "[caches]") {
  const TestFolder home;
  CHECK(run_in(home, "scan --caches").code == 1);
  add_to_hub(home / ".cache/huggingface/hub", "models--acme--tiny-llama", {{"config.json", kConfig}});
  add_to_hub(home / ".cache/huggingface/hub", "models--acme--only-a-tokenizer", {{"tokenizer.json", "{}"}});
  add_to_ollama(home / ".ollama/models", "registry.ollama.ai/library/tiny/1b", 'a');
  write(home / ".lmstudio/models/acme/studio-GGUF/studio-Q4_K_M.gguf", tiny_gguf());
  add_to_hub(home / ".cache/huggingface/hub", "models--acme--two-GGUF",
             {{"two-Q8_0.gguf", tiny_gguf()}, {"two-Q4_K_M.gguf", tiny_gguf()}});
  const auto page = run_in(home, "scan --caches");
  CHECK(page.code == 0);
  for (const auto* shown : {"acme/tiny-llama", "ollama:tiny:1b", "acme/studio-GGUF", "acme/two-GGUF:Q8_0", "5 models",
                            "Ollama's models: 1 model"}) {
    CHECK_THAT(page.out, ContainsSubstring(shown));
  }
  const auto json = nlohmann::json::parse(run_in(home, "scan --caches --format json").out);
  REQUIRE(json["models"].size() == 5);
  // Each is found by the name that the list gives.
  for (const auto& model : json["models"]) {
    const std::string name = model["name"];
    CHECK(run_in(home, name + " --get params.total").out == std::to_string(model["params"]["total"].get<int>()) + "\n");
  }
  CHECK(run_in(home, "scan").code == 2);
  CHECK(run_in(home, "scan . --caches").code == 2);
}

TEST_CASE("what a cache says leads nowhere else", "[caches]") {
  const TestFolder home;
  const std::string hub = home / ".cache/huggingface/hub";
  const std::string store = home / ".ollama/models";
  write(home / "secret/config.json", kConfig);
  write(home / "secret/secret.gguf", tiny_gguf());
  // refs/main is a commit or an error.
  for (const auto* bad :
       {"../../../../../secret", "main", "", "0123456789ABCDEF0123456789ABCDEF01234567", "/etc/passwd"}) {
    fs::remove_all(hub);
    add_to_hub(hub, "models--acme--tiny-llama", {{"config.json", kConfig}});
    write(hub + "/models--acme--tiny-llama/refs/main", bad);
    const auto done = run_in(home, "acme/tiny-llama");
    CHECK(done.code == 1);
    CHECK_THAT(done.err, ContainsSubstring("not a commit"));
  }
  write(hub + "/models--acme--tiny-llama/refs/main", std::string(1 << 20, 'a'));
  CHECK(run_in(home, "acme/tiny-llama").code == 1);
  write(hub + "/models--acme--tiny-llama/refs/main", std::string(40, 'f'));
  CHECK_THAT(run_in(home, "acme/tiny-llama").err, ContainsSubstring("no snapshot of"));
  // A name is a name.
  for (const auto* name : {"../secret", "acme/../secret", "acme/..", "ollama:../../secret", "ollama:a/b/c/d:e",
                           "ollama:tiny:../../../../secret/secret.gguf", "ollama:", "ollama::", "ollama:/"}) {
    CAPTURE(name);
    CHECK(run_in(home, std::string("'") + name + "'", "HF_HUB_OFFLINE=1").code != 0);
  }
  // A manifest is bounded, JSON, and names digests only.
  add_to_ollama(store, "registry.ollama.ai/library/tiny/1b", 'a');
  const std::string manifest = store + "/manifests/registry.ollama.ai/library/tiny/1b";
  const auto with = [&](const std::string& content, const char* said) {
    write(manifest, content);
    const auto done = run_in(home, "ollama:tiny:1b");
    CHECK(done.code == 1);
    CHECK_THAT(done.err, ContainsSubstring(said));
  };
  const auto layer = [](const std::string& blob) {
    return R"({"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": )" + blob + "}]}";
  };
  with(layer(R"("sha256:../../../../secret/secret.gguf")"), "64 hexadecimal digits");
  with(layer("\"sha256:" + std::string(63, 'a') + "/\""), "64 hexadecimal digits");
  with(layer("7"), "64 hexadecimal digits");
  with(layer("\"sha256:" + digest('e') + "\""), "is missing");
  with(R"({"layers": {}})", "/layers");
  with(R"({"layers": [1, null, {}]})", "names no model");
  with("[", "ollama");
  with("{\"layers\": [" + std::string(2 << 20, ' ') + "]}", "larger than");
  with(R"({"layers": [{"mediaType": "application/vnd.ollama.image.tensor"}]})", "separate tensors");
}

TEST_CASE("of a GGUF in parts the first is the model") {
  const TestFolder folder;
  for (const char* name : {"m-00001-of-00002.gguf", "m-00002-of-00002.gguf", "other.gguf"}) {
    write_bytes(folder / name, "GGUF");
  }
  CHECK(gguf_models(folder.path()) == std::vector<std::string>{"m-00001-of-00002.gguf", "other.gguf"});
}
