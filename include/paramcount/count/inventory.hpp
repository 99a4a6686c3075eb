// The list of a model's weight tensors, with identical ones folded, and of its KV cache and recurrent state. Every
// number the program prints is a sum over these two lists and the model's dimensions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/base/value.hpp"
#include "paramcount/catalog/role.hpp"
#include "paramcount/count/stored.hpp"
#include "paramcount/count/tensor_name.hpp"

namespace paramcount {

/// first to last, both included.
struct Range {
  std::uint64_t first{};
  std::uint64_t last{};
  bool operator==(const Range&) const = default;
};

/// The values an index of a name takes: {"layer", 3–60}.
struct Axis {
  std::string index;
  std::vector<Range> ranges;  ///< ascending, disjoint
  bool operator==(const Axis&) const = default;

  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] bool contains(std::uint64_t value) const;
};

/// All tensors of one name pattern and one shape. `copies` is the product of the sizes of the axes.
struct Tensor {
  Role role;
  TensorName name;                   ///< "model.layers.{layer}.mlp.up_proj.weight"
  std::vector<std::uint64_t> shape;  ///< as in the checkpoint; empty for a scalar
  std::vector<Axis> axes;            ///< in the order the indices stand in the name
  std::uint64_t copies{1};
  int layer_axis{-1};  ///< which axis counts transformer layers; -1: outside the layers
  bool mtp{false};     ///< belongs to a multi-token-prediction module
  /// The fraction of the elements used for one token: experts_per_token / n_experts for experts, else 1.
  std::uint64_t active_numerator{1};
  std::uint64_t active_denominator{1};

  /// True if it is part of the total: neither a buffer nor of a multi-token-prediction module.
  [[nodiscard]] bool counts() const { return !role.is_buffer() && !mtp; }
  /// Elements of one copy.
  [[nodiscard]] std::uint64_t elements() const;
  /// Elements of all copies; also for a buffer, although its elements are not parameters.
  [[nodiscard]] Params params() const;
  [[nodiscard]] Params active() const;
};

enum class StateKind : std::uint8_t {
  kv,         ///< elements × context, or × context // every
  window,     ///< elements × min(context, window)
  cross,      ///< elements × length of the encoder's input
  recurrent,  ///< elements, once per sequence: read and updated by each token
  conv,       ///< elements, once per sequence: the last inputs of a short convolution or a token shift
};

/// KV cache or recurrent state: elements per layer and sequence (for caches: and token), for all identical layers. The
/// shape of a cache is [heads, key width, value width]; [width] is one vector that serves as both (MLA's latent).
struct State {
  StateKind kind{};
  std::string name;
  std::vector<std::uint64_t> shape;
  std::vector<Axis> axes;
  std::uint64_t copies{1};
  int layer_axis{-1};
  std::uint64_t window{0};  ///< of kind window: its width in tokens
  std::uint64_t every{1};   ///< of kind kv: complete groups of that many tokens share the elements (compressed cache)

  [[nodiscard]] std::uint64_t elements() const;
  [[nodiscard]] bool is_cache() const { return kind != StateKind::recurrent && kind != StateKind::conv; }
  /// Of a cache: elements of keys (or of both together), and of values.
  [[nodiscard]] std::uint64_t key_elements() const;
  [[nodiscard]] std::uint64_t value_elements() const;
};

struct AdapterSummary;  // paramcount/count/adapter.hpp
struct GgufInventory;   // paramcount/count/gguf.hpp

/// What was counted of a part of a model (paramcount/catalog/model.hpp).
struct CountedPart {
  std::string path;    ///< "." of the model's own folder
  std::string kind;    ///< "Dense"; may be empty
  std::string family;  ///< empty: by the tensors in its files alone
  bool apart{false};   ///< its tensors are not in the inventory
  Params params;
  std::string doubt;    ///< how its files differ from its family; may be empty
  std::string problem;  ///< why it could not be counted; empty: it was
};

struct Inventory {
  std::string family;
  std::vector<Tensor> tensors;
  std::vector<State> state;
  /// Shared KV: caches that a layer reads and another one holds: attention as usual, without memory of their own.
  std::vector<State> borrowed;
  /// Of a GGUF: what its blocks of multi-token prediction cache in a context of their own, for who drafts with them.
  std::vector<State> draft_state;
  /// Each token passes through tensors with these prefixes times/of times; through all others once.
  struct Repeat {
    std::string prefix;
    std::uint64_t times{1};
    std::uint64_t of{1};
  };
  std::vector<Repeat> repeats;
  bool unverified{false};  ///< its family, or that of one of its parts, was not compared with an independent count or
                           ///< tensor listing
  bool audited{false};     ///< it comes from a config from outside; the next two say what is open about that
  /// Keys of a config from a file that no known code reads, as JSON pointers: they do not affect the count.
  std::vector<std::string> unread;
  /// Standard dimensions that such a config leaves to the class's defaults, with the key that would give them.
  std::vector<std::pair<std::string, std::string>> dims_default;
  std::string named;       ///< how the given name was interpreted; empty: it is the model's own
  std::string counted_as;  ///< the class it was counted as, and the config's; empty: the config's own
  bool draft{false};       ///< of a draft model: see Family::draft
  bool state_known{true};  ///< false: the tensors of a file without a family were counted
  /// The standard dimensions that the family defines (kStandardDims), then its own; as a list per layer if layers
  /// differ. Dimensions without a value for this model are left out.
  std::vector<std::pair<std::string, Value>> dims;
  /// Dimensions that a checkpoint's files give in place of its config: n_layers of a depth-pruned model.
  std::vector<std::pair<std::string, Value>> from_files;
  std::uint64_t layer_count{0};  ///< transformer layers, without multi-token-prediction modules
  /// Rows and columns that share one scale in a checkpoint of block-scaled fp8; 0: not stored so, or not known where.
  std::uint64_t scale_rows{0}, scale_columns{0};
  std::vector<CountedPart> parts;  ///< of a model of parts, itself first; their tensors are among `tensors`
  std::shared_ptr<const StoredSummary> stored;    ///< of a checkpoint, with those of its parts
  std::shared_ptr<const GgufInventory> gguf;      ///< of a GGUF checkpoint: the same as llama.cpp sees it
  std::shared_ptr<const AdapterSummary> adapter;  ///< of an adapter

  /// Whether a part that belongs to it could not be counted.
  [[nodiscard]] bool incomplete() const;
  [[nodiscard]] const Value* dim(std::string_view name) const;
  /// The dimension as a count; 0 when it is absent, negative or no integer.
  [[nodiscard]] std::uint64_t count(std::string_view name) const;
  /// The dimension as a flag; false when it is absent.
  [[nodiscard]] bool flag(std::string_view name) const;
};

}  // namespace paramcount
