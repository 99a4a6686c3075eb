// How a model is laid over several devices: tensor, pipeline, expert and data parallelism. Which layouts a program can
// build, and what one device of a layout holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/sharding.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/kv_cache.hpp"
#include "paramcount/estimate/runtime.hpp"
#include "paramcount/estimate/weights.hpp"

namespace paramcount {

struct Layout {
  std::uint64_t tensor{1};    ///< tp: devices that share every matrix of a layer
  std::uint64_t pipeline{1};  ///< pp: groups of devices that share the layers
  std::uint64_t expert{1};    ///< ep: devices that share the routed experts whole; 1: these are split like the rest
  std::uint64_t data{1};      ///< dp: groups that each hold all but the experts, for requests of their own

  [[nodiscard]] std::uint64_t devices() const;
  /// Of so many sequences those of one data-parallel group, the fullest.
  [[nodiscard]] std::uint64_t sequences(std::uint64_t of_all) const;
  bool operator==(const Layout&) const = default;
};

/// "tp 8", "tp 8 × pp 2, ep 16"; "one device".
[[nodiscard]] std::string layout_text(const Layout& layout);

/// The formats in which a runtime holds the weights. A quantiser's method leaves some matrices alone, and which is not
/// in the format's name: `likely` leaves alone what the published checkpoints of the kind do, `low` as little and
/// `high` as much as is usual. All three are the same for formats of 16 bits and more, and where each role was named.
struct ServedFormats {
  WeightFormat low, likely, high;
  bool exact{false};  ///< the three are the same
};
[[nodiscard]] ServedFormats served_formats(const WeightFormat& format, const Inventory& inventory,
                                           const Catalog& catalog);

/// Why the runtime cannot build the layout, in words; empty: it can. Heads divide over tp (those of keys and values are
/// kept several times above their number); matrices that tp splits stay whole numbers of a format's blocks; a stage has
/// a layer at least. Sources: vllm-project/vllm#17569, #13640; vllm/model_executor/layers/linear.py.
[[nodiscard]] std::string not_buildable(const Inventory& inventory, const WeightFormat& format,
                                        const RuntimeProfile& runtime, const Layout& layout);

/// The layouts of so many devices, of machines with `node` each, that the runtime can build, the usual one first;
/// empty: none. `why`: what stands in the way of the most usual.
[[nodiscard]] std::vector<Layout> buildable_layouts(const Inventory& inventory, const WeightFormat& format,
                                                    const RuntimeProfile& runtime, std::uint64_t devices,
                                                    std::uint64_t node, std::string* why = nullptr);

/// Devices of one machine, where nothing else is known.
inline constexpr std::uint64_t kNode = 8;

/// What one device of a stage holds.
struct StageLoad {
  Range layers;              ///< the last stage has all that follow
  Bytes low, weights, high;  ///< weights with tables of rotary positions
  Bytes tables;              ///< of rotary positions alone
  std::vector<State> state;  ///< caches and recurrent state of one device
};

/// The stages of a layout, first to last. Layers are divided as vLLM does it (vllm/distributed/utils.py
/// get_pp_indices): what does not divide goes to the stages before the last. data/sharding.json says what tp divides;
/// keys and values are divided no further than their heads; embedding and head are padded to 64 rows. Multi-token
/// prediction is not loaded. Known error: tests/truth/serving.jsonl.
[[nodiscard]] std::vector<StageLoad> stage_loads(const Inventory& inventory, const ServedFormats& formats,
                                                 const RuntimeProfile& runtime, const Layout& layout,
                                                 const Sharding& sharding = builtin_sharding());

/// The cache of the device that keeps most. `state` is the model's as the runtime of the request has it. Throws Error
/// where that cannot build the layout.
[[nodiscard]] KvCache cache_on_device(const std::vector<State>& state, const Inventory& inventory,
                                      const CacheRequest& request, const Layout& layout);

/// The layout that options say: tensor, pipeline, expert and data parallelism, 1 where one is left out; nothing when
/// all are.
struct LayoutChoice {
  std::optional<std::uint64_t> tensor, pipeline, expert, data;

  [[nodiscard]] bool given() const { return tensor || pipeline || expert || data; }
  [[nodiscard]] Layout layout() const;
};

/// What of the states is in those layers; states outside the layers are in the first.
[[nodiscard]] std::vector<State> states_of(const std::vector<State>& state, const Range& layers);
/// How many copies of a tensor or state with these axes are in those layers.
[[nodiscard]] std::uint64_t copies_in(const std::vector<Axis>& axes, int layer_axis, std::uint64_t copies,
                                      const Range& layers);

}  // namespace paramcount
