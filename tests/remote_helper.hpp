// The program asking a loopback server (tests/hub_server.hpp) for models.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "gguf_writer.hpp"
#include "hub_server.hpp"
#include "process.hpp"
#include "remote/curl.hpp"
#include "test_folder.hpp"
#include "tests/paths.hpp"

namespace paramcount {

namespace fs = std::filesystem;

inline constexpr const char* kTinyLlama = PARAMCOUNT_SOURCE_DIR "/tests/golden/files/checkpoints/tiny-llama";

/// A server with a few models, and the program asking it with a cache of its own.
class Hub {
 public:
  Hub() : server_(folder_.path()) {
    fs::copy(kTinyLlama, folder_ / "tiny", fs::copy_options::recursive);
    fs::create_directory(folder_ / "config");
    fs::copy(PARAMCOUNT_SOURCE_DIR "/tests/golden/files/config.json", folder_ / "config");
  }

  [[nodiscard]] Finished run(const std::string& arguments, const std::string& variables = {}) {
    return run_shell(
        "env -u HF_HOME -u HF_TOKEN -u HF_HUB_OFFLINE -u http_proxy -u HTTP_PROXY -u all_proxy -u ALL_PROXY HOME=" +
        home_.path() + " XDG_CACHE_HOME=" + cache() + " HF_ENDPOINT=" + server_.endpoint() + " MS_ENDPOINT=" +
        server_.endpoint() + " OLLAMA_REGISTRY=" + server_.endpoint() + " " + variables + " paramcount " + arguments);
  }
  /// One line of error and exit code 1.
  [[nodiscard]] std::string refusal(const std::string& arguments, const std::string& variables = {}) {
    const Finished ran = run(arguments, variables);
    INFO(ran.out << ran.err);
    CHECK(ran.code == 1);
    CHECK(ran.out.empty());
    CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 1);
    return ran.err;
  }
  [[nodiscard]] std::string total(const std::string& name, const std::string& variables = {}) {
    const Finished ran = run(name + " --get params.total", variables);
    INFO(ran.err);
    CHECK(ran.code == 0);
    return ran.out;
  }

  [[nodiscard]] std::string cache() const { return home_ / "cache"; }
  [[nodiscard]] std::string served(const std::string& path) const { return folder_ / path; }
  HubServer& server() { return server_; }

 private:
  TestFolder folder_;
  TestFolder home_;
  HubServer server_;
};

/// The cases below need curl, as the program does.
[[nodiscard]] inline bool no_curl() {
  if (has_curl()) return false;
  WARN("SKIPPED: curl is not installed, which the program reads the network with");
  return true;
}

[[nodiscard]] inline std::vector<std::string> paths_of(const std::vector<Asked>& asked, const std::string& part) {
  std::vector<std::string> paths;
  for (const auto& one : asked) {
    if (one.path.find(part) != std::string::npos) paths.push_back(one.path);
  }
  return paths;
}

[[nodiscard]] inline std::string local_total(const std::string& path) {
  const Finished ran = run_shell("paramcount " + path + " --get params.total");
  CHECK(ran.code == 0);
  return ran.out;
}

[[nodiscard]] inline std::string everything_below(const std::string& folder) {
  std::ostringstream text;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    text << entry.path().string() << '\n';
    if (entry.is_regular_file()) text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
  }
  return text.str();
}

/// A checkpoint of one file whose header has about that many bytes, and weights of 300,000.
inline void write_wide(const std::string& folder, std::size_t header_bytes) {
  fs::create_directory(folder);
  std::vector<NewTensor> tensors;
  for (std::size_t i = 0; i * 80 < header_bytes; ++i) tensors.push_back({"tensor." + std::to_string(i), "F32", {100}});
  tensors.push_back({"last", "F32", {75000}});
  write_checkpoint(folder + "/model.safetensors", tensors);
}

/// The GGUF of a small model with a vocabulary of that many tokens.
[[nodiscard]] inline std::string gguf(std::size_t tokens) {
  GgufWriter file;
  file.text("general.architecture", "llama");
  file.text("general.name", "Served");
  std::vector<std::string> words;
  for (std::size_t i = 0; i < tokens; ++i) words.push_back("token" + std::to_string(i));
  file.texts("tokenizer.ggml.tokens", words);
  file.tensor("token_embd.weight", {64, 1000}, 0, 256'000);
  const std::string header = file.header();
  return header + std::string((32 - header.size() % 32) % 32 + 256'000, '\0');
}

}  // namespace paramcount
