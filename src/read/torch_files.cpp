#include "read/torch_files.hpp"

#include <algorithm>
#include <array>

#include "base/file.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "read/checkpoint_files.hpp"
#include "read/left_out.hpp"
#include "read/meta_shards.hpp"
#include "read/torch_checkpoint.hpp"

namespace paramcount {
namespace {

constexpr std::array<std::string_view, 4> kEndings{".bin", ".pth", ".pt", ".ckpt"};
constexpr std::array<std::string_view, 4> kUsualStems{"pytorch_model", "diffusion_pytorch_model", "adapter_model",
                                                      "pytorch_lora_weights"};
constexpr std::string_view kIndexEnding = ".bin.index.json";

constexpr FileFormat kTorch{
    CheckpointFormat::pytorch, "PyTorch", kEndings, kIndexEnding, kUsualStems, is_torch_name, read_torch_file};

/// How DeepSpeed and Megatron call what one rank keeps of a model: "mp_rank_00_model_states.pt", a folder "mp_rank_00".
constexpr std::string_view kRank = "mp_rank_";
/// What torch.distributed.checkpoint and FSDP keep of a model: pieces of tensors, which a pickle next to them
/// describes.
constexpr std::string_view kDistributed = ".distcp";

/// Throws if other ranks are next to a file: it is a part of a model, and how to join the parts is not known.
void refuse_rank(const std::string& path) {
  const std::string folder = parent_of(path);
  const std::string name = path.substr(folder.size());
  const std::string above = folder.empty() ? "" : parent_of(folder.substr(0, folder.size() - 1));
  const auto ranks = [](const std::vector<std::string>& names, std::string_view ending) {
    return std::count_if(names.begin(), names.end(),
                         [&](const auto& other) { return other.starts_with(kRank) && other.ends_with(ending); });
  };
  const auto ending = name.rfind('_');
  const bool file = name.starts_with(kRank) && ranks(files_in(folder, ""), name.substr(ending)) > 1;
  const std::string own = folder.substr(above.size());
  const bool in_folder = own.starts_with(kRank) && ranks(folders_in(above), "") > 1;
  if (file || in_folder) {
    throw Error(printable(path) + ": one rank's shard of a model; such shards are not joined. Convert them");
  }
}

/// Throws where a path is, or holds only, pieces of tensors, which a pickle next to them describes.
void refuse_distributed(const std::string& path) {
  const bool folder = is_folder(path);
  const bool pieces = folder ? !files_in(path + "/", kDistributed).empty() && !has_torch_weights(path + "/")
                             : path.ends_with(kDistributed);
  if (!pieces) return;
  throw Error(printable(path) +
              ": shards of a distributed checkpoint (.distcp), which are not joined. Convert it: python "
              "-m torch.distributed.checkpoint.format_utils dcp_to_torch");
}

}  // namespace

bool is_torch_name(std::string_view name) {
  return std::any_of(kEndings.begin(), kEndings.end(), [&](auto ending) { return name.ends_with(ending); }) &&
         is_weights_name(std::string(name));
}

bool is_distributed_name(std::string_view name) { return name.ends_with(kDistributed); }

bool is_torch_index(std::string_view name) { return name.ends_with(kIndexEnding); }

bool is_usual_torch_name(std::string_view name) {
  if (is_torch_index(name) || is_meta_shard(name)) return true;
  const auto ending = std::find_if(kEndings.begin(), kEndings.end(), [&](auto end) { return name.ends_with(end); });
  if (ending == kEndings.end()) return false;
  const std::string_view stem = name.substr(0, name.size() - ending->size());
  return std::any_of(kUsualStems.begin(), kUsualStems.end(), [&](auto usual) {
    return stem == usual || (stem.starts_with(usual) && stem.substr(usual.size()).starts_with('-'));
  });
}

bool has_torch_weights(const std::string& folder) {
  const auto names = files_in(folder, "");
  return std::any_of(names.begin(), names.end(), is_usual_torch_name);
}

Checkpoint read_torch(const std::string& path) {
  refuse_distributed(path);
  if (const auto shards = meta_shards_of(path); shards.size() > 1) return read_meta_shards(path, shards);
  if (!is_folder(path) && !path.ends_with(".json")) refuse_rank(path);
  return read_checkpoint_files(path, kTorch);
}

}  // namespace paramcount
