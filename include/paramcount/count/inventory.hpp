// The list of a model's weight tensors, equal ones folded, and of what it keeps at run time. Every number the program
// prints is a roll-up over these two lists and the model's dimensions.
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
  /// The share of the elements that one token uses: experts_per_token / n_experts for experts, else 1.
  std::uint64_t active_numerator{1};
  std::uint64_t active_denominator{1};

  /// True when it is part of the total: neither a buffer nor of a multi-token-prediction module.
  [[nodiscard]] bool counts() const { return !role.is_buffer() && !mtp; }
  /// Elements of one copy.
  [[nodiscard]] std::uint64_t elements() const;
  /// Elements of all copies; for a buffer too, although those are no parameters.
  [[nodiscard]] Params params() const;
  [[nodiscard]] Params active() const;
};

enum class StateKind : std::uint8_t {
  kv,         ///< elements × context, or × context // every
  window,     ///< elements × min(context, window)
  cross,      ///< elements × length of the encoder's input
  recurrent,  ///< elements, once per sequence: read and updated by each token
  conv,       ///< elements, once per sequence: the last inputs, kept for a short convolution or a token shift
};

/// Elements one layer keeps per sequence (and, for caches, per token), for all layers of equal need. The shape of a
/// cache is [heads, width of a key, width of a value]; [width] is one vector that serves as both (MLA's latent).
struct State {
  StateKind kind{};
  std::string name;
  std::vector<std::uint64_t> shape;
  std::vector<Axis> axes;
  std::uint64_t copies{1};
  int layer_axis{-1};
  std::uint64_t window{0};  ///< of kind window: its width in tokens
  std::uint64_t every{1};   ///< of kind kv: so many tokens together keep the elements once, when they are complete

  [[nodiscard]] std::uint64_t elements() const;
  [[nodiscard]] bool is_cache() const { return kind != StateKind::recurrent && kind != StateKind::conv; }
  /// Of a cache: what is kept of keys (or of both together), and of values.
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
  /// Caches that a layer reads and another one keeps: attention like any, but nothing more in memory.
  std::vector<State> borrowed;
  /// Of a GGUF: what its blocks of multi-token prediction cache in a context of their own, for who drafts with them.
  std::vector<State> draft_state;
  /// Tensors whose names begin so are passed times/of times by each token; all others once.
  struct Repeat {
    std::string prefix;
    std::uint64_t times{1};
    std::uint64_t of{1};
  };
  std::vector<Repeat> repeats;
  bool unverified{
      false};  ///< its family, or that of one of its parts, was not compared with anyone's count or tensor listing
  bool audited{false};  ///< it comes from a config from outside; the next two say what is open about that
  /// Keys of a config from outside that nobody is known to read, as JSON pointers: what they say is not in the count.
  std::vector<std::string> unread;
  /// Standard dimensions that such a config leaves to the class's defaults, with the key that would give them.
  std::vector<std::pair<std::string, std::string>> dims_default;
  std::string named;       ///< how the name it was asked for by is understood; empty: it is the model's own
  std::string counted_as;  ///< the class it was taken for, and what the config says; empty: the config's own
  bool draft{false};       ///< of a draft model: see Family::draft
  bool state_known{true};  ///< false: a file's tensors were counted that no family accounts for
  /// The standard dimensions the family defines (kStandardDims), then its own; per-layer ones as a list where the
  /// layers differ. Dimensions that have no value for this model are left out.
  std::vector<std::pair<std::string, Value>> dims;
  /// Dimensions that a checkpoint's files give in place of its config: n_layers of a depth-pruned model.
  std::vector<std::pair<std::string, Value>> from_files;
  std::uint64_t layer_count{0};  ///< transformer layers, multi-token-prediction modules left out
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
