// How many bytes the weights take: in one format, in a format for each role, or as a llama.cpp file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/dtype.hpp"
#include "paramcount/catalog/file_type.hpp"
#include "paramcount/count/gguf.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// What --dtype can say.
struct WeightFormat {
  std::string id;                                 ///< "bf16", "q4_k_m", "experts=mxfp4,default=bf16"
  Dtype dtype;                                    ///< of every tensor, except as follows
  std::vector<std::pair<RoleKind, Dtype>> roles;  ///< matrices of these roles have formats of their own
  std::optional<Dtype> rest;                      ///< of what `dtype` leaves alone
  std::optional<FileType> file_type;              ///< then only this counts
  bool imatrix{false};                            ///< quantised with an importance matrix (imatrix)

  /// The format of a tensor with that role.
  [[nodiscard]] const Dtype& of(Role role) const;
  /// The one with the fewest bits, which most weights have.
  [[nodiscard]] const Dtype& narrowest() const;
};

/// Parses --dtype: a number format, a llama.cpp file type (with or without "gguf:"), or a list of role=format with
/// default=format. A name that is both is the number format, unless that is a block type of GGUF files. Throws Error
/// with exit code usage.
[[nodiscard]] WeightFormat weight_format(const std::string& text, bool imatrix, const Catalog& catalog);

/// What a quantiser's safetensors files contain besides the bytes of their tensors.
struct SafetensorsFile {
  std::uint64_t tensors{0};
  Bytes settings;  ///< code tables and a quantiser's settings, stored with each matrix
  Bytes header;    ///< of one file: estimated from names and shapes
};

struct WeightMemory {
  /// The tensors with one number format.
  struct Share {
    std::string dtype;
    std::uint64_t tensors{0};
    std::uint64_t elements{0};
    Bytes bytes;
  };
  /// What a GGUF contains besides its tensors.
  struct Header {
    std::uint64_t tensors{0};
    Bytes padding;            ///< after tensors, up to the next 32 bytes
    Bytes infos;              ///< names, shapes, offsets: exact
    Bytes low, likely, high;  ///< metadata and vocabulary: estimated from its number of tokens
  };

  std::string id;
  Bytes bytes;                ///< of the tensors
  double bits_per_weight{0};  ///< bits of all tensors by their elements
  std::vector<Share> shares;  ///< most bytes first
  bool imatrix_missing{false};
  bool shipped{false};                           ///< the format the weights are published in
  std::optional<Header> header;                  ///< of a GGUF
  std::optional<SafetensorsFile> safetensors{};  ///< of formats that name what they store
};

/// Every tensor of the total in its format, in whole bytes. Buffers and multi-token prediction are left out.
[[nodiscard]] WeightMemory weigh(const Inventory& inventory, const WeightFormat& format);
/// The same for several number formats, each of them for all tensors, whatever its method would leave alone.
[[nodiscard]] std::vector<WeightMemory> weigh(const Inventory& inventory, const std::vector<const Dtype*>& dtypes);

/// The tensors of a llama.cpp file of that type.
[[nodiscard]] WeightMemory weigh(const GgufInventory& inventory, const GgufFile& file, const WeightFormat& format);

}  // namespace paramcount
