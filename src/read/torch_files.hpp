// Finds the PyTorch checkpoints of a folder by file name.
#pragma once

#include <string>
#include <string_view>

namespace paramcount {

/// Whether a file of that name may hold a model's weights as PyTorch writes them: "pytorch_model.bin", "last.ckpt", but
/// not "training_args.bin" or "optimizer.pt".
[[nodiscard]] bool is_torch_name(std::string_view name);

/// The names that libraries give weights: pytorch_model.bin, its shards and their index, diffusion_pytorch_model.bin,
/// adapter_model.bin, consolidated.00.pth.
[[nodiscard]] bool is_usual_torch_name(std::string_view name);

/// A piece of a distributed checkpoint: read_torch() refuses it by name.
[[nodiscard]] bool is_distributed_name(std::string_view name);

/// The same of an index of shards: "pytorch_model.bin.index.json".
[[nodiscard]] bool is_torch_index(std::string_view name);

/// Whether a folder holds files of such names.
[[nodiscard]] bool has_torch_weights(const std::string& folder);

}  // namespace paramcount
