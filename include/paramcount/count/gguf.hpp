// A model as llama.cpp's converter and quantiser write it: tensors under GGUF names, and the block type of each in a
// file type. This predicts llama.cpp's files before they exist; it does not read files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/dtype.hpp"
#include "paramcount/catalog/file_type.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

struct GgufInventory {
  std::string family;
  std::string arch;  ///< general.architecture: "llama", "deepseek2"
  /// Names with "blk.{layer}"; experts stacked. Shapes have the row length last, as in checkpoints.
  std::vector<Tensor> tensors;
  std::vector<State> state;  ///< KV cache and recurrent state as llama.cpp lays them out
  std::uint64_t blocks{0};   ///< including multi-token-prediction modules that are written
  std::uint64_t n_experts{0};
  /// Heads of layer 0, which the quantiser assumes for all layers; 0: it has no attention.
  std::uint64_t n_heads{0}, n_kv_heads{0};
  std::uint64_t vocab_size{0}, d_model{0};
  bool half{false};            ///< the checkpoint is fp16, not bf16
  bool router_in_half{false};  ///< the converter does not keep this architecture's routers in fp32
  bool head_twice{false};      ///< a tied head is a second copy of the input embedding in host memory too
  bool large{false};           ///< llama.cpp considers it a 70B: its quantiser gives attn_v more bits

  [[nodiscard]] std::uint64_t elements() const;
  [[nodiscard]] std::uint64_t tensor_count() const;
};

/// One tensor of a file.
struct GgufTensor {
  std::string_view name;   ///< "blk.7.ffn_down.weight": of GgufFile::names, or of the checkpoint that was read
  std::int64_t block{-1};  ///< -1: outside the blocks
  const Tensor* pattern{nullptr};
  const Dtype* type{nullptr};
  Bytes bytes;
};

struct GgufFile {
  std::vector<Dtype> types;  ///< those in use, each once
  std::vector<GgufTensor> tensors;
  std::shared_ptr<const std::string> names;  ///< what the tensors' names point into
  Bytes tensor_bytes;                        ///< sum over the tensors
  Bytes data_bytes;                          ///< each padded to 32, as it lies in the file
  Bytes info_bytes;                          ///< names, shapes and offsets of the tensors in the header
  bool imatrix_missing{false};               ///< the quantiser needs an importance matrix, and none was given
};

/// Gives a number format by its id; throws Error when there is none.
using DtypeLookup = std::function<Dtype(std::string_view)>;

/// What convert_hf_to_gguf and llama-quantize make of the model, tensor by tensor. Pointers stay valid as long as the
/// inventory lives and the result is not copied. Throws Error if the quantiser refuses. Source: llama.cpp, August 2026,
/// src/llama-quant.cpp and conversion/base.py. Known error: releases differ; files of fused-QKV models made before 2026
/// have Q5_K where these rules give Q6_K.
[[nodiscard]] GgufFile quantise(const GgufInventory& inventory, const FileType& file_type, bool imatrix,
                                const DtypeLookup& dtypes);

/// The same for several file types of one model: what does not depend on the type is looked up once.
class Quantisation {
 public:
  /// The inventory must outlive it and what it makes.
  explicit Quantisation(const GgufInventory& inventory);
  ~Quantisation();
  Quantisation(const Quantisation&) = delete;
  Quantisation& operator=(const Quantisation&) = delete;

  /// As quantise().
  [[nodiscard]] GgufFile file(const FileType& file_type, bool imatrix, const DtypeLookup& dtypes) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace paramcount
