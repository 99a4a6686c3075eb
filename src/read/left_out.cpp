#include "read/left_out.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "base/file.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "read/shards.hpp"

namespace paramcount {
namespace {

constexpr std::array<std::string_view, 17> kEndings{
    ".safetensors", ".gguf", ".bin", ".pth",    ".pt",      ".ckpt", ".pkl",  ".onnx",  ".onnx_data",
    ".msgpack",     ".h5",   ".ot",  ".tflite", ".mlmodel", ".npz",  ".nemo", ".engine"};
/// What such files of a training run, or of a tokenizer, are called.
constexpr std::array<std::string_view, 11> kOtherFiles{"training_args", "optimizer", "scheduler",     "scaler",
                                                       "sampler",       "rng_state", "random_states", "tokenizer",
                                                       "vocab",         "merges",    "imatrix"};

void collect(const std::string& folder, const std::string& below, const std::set<std::string>& read,
             std::vector<std::string>& out) {
  std::map<std::string, std::vector<std::string>> kinds;
  for (const auto& name : files_in(folder + below, "")) {
    if (!is_weights_name(name) || is_folder(folder + below + name) || read.contains(folder + below + name)) continue;
    const std::string ending = name.substr(name.rfind('.'));
    const auto shard = shard_of(name);
    kinds[shard ? shard->stem + "-*" + ending : "*" + ending].push_back(name);
  }
  constexpr std::size_t kFew = 3;
  for (const auto& [kind, names] : kinds) {
    if (names.size() > (kind.starts_with('*') ? kFew : 1)) {
      out.push_back(below + kind + " (" + grouped(names.size()) + " files)");
    } else {
      for (const auto& name : names) out.push_back(below + name);
    }
  }
}

}  // namespace

bool is_weights_name(const std::string& name) {
  const std::string text = lower(name);
  const auto begins = [&](std::string_view word) { return text.starts_with(word); };
  return std::any_of(kEndings.begin(), kEndings.end(), [&](auto ending) { return text.ends_with(ending); }) &&
         std::none_of(kOtherFiles.begin(), kOtherFiles.end(), begins);
}

std::set<std::string> files_of(const Model& model) {
  std::set<std::string> files;
  if (model.checkpoint) files.insert(model.checkpoint->files.begin(), model.checkpoint->files.end());
  for (const auto& part : model.parts) {
    if (part.model) files.merge(files_of(*part.model));
  }
  return files;
}

std::vector<std::string> left_out_of(const std::string& folder, const std::set<std::string>& read) {
  std::vector<std::string> out;
  collect(folder, "", read, out);
  for (const auto& name : folders_in(folder)) {
    if (!name.starts_with('.')) collect(folder, name + "/", read, out);
  }
  return out;
}

}  // namespace paramcount
