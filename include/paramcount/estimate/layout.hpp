// How a model is split over several devices: tensor, pipeline, expert and data parallelism. Which layouts a runtime can
// build, and the memory of one device.
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
  std::uint64_t tensor{1};    ///< tp: devices that every matrix of a layer is split across
  std::uint64_t pipeline{1};  ///< pp: stages that the layers are split into
  std::uint64_t expert{
      1};  ///< ep: devices that whole routed experts are distributed over; 1: these are split like the rest
  std::uint64_t data{1};  ///< dp: replicas of everything but the experts, each with its own requests

  [[nodiscard]] std::uint64_t devices() const;
  /// The sequences of the fullest data-parallel group, given the total.
  [[nodiscard]] std::uint64_t sequences(std::uint64_t of_all) const;
  bool operator==(const Layout&) const = default;
};

/// "tp 8", "tp 8 × pp 2, ep 16"; "one device".
[[nodiscard]] std::string layout_text(const Layout& layout);

/// The formats in which a runtime holds the weights. A quantiser leaves some matrices unquantised, and the format's
/// name does not say which: `likely` leaves those that published checkpoints of the kind do, `low` as few and `high` as
/// many as is usual. All three are equal for formats of 16 bits and more, and where each role was given.
struct ServedFormats {
  WeightFormat low, likely, high;
  bool exact{false};  ///< the three are equal
};
[[nodiscard]] ServedFormats served_formats(const WeightFormat& format, const Inventory& inventory,
                                           const Catalog& catalog);

/// Why the runtime cannot build the layout, in words; empty: it can. Heads must be divisible by tp (KV heads are
/// replicated beyond their number); matrices split by tp must remain whole blocks of a format; a stage needs at least
/// one layer. Sources: vllm-project/vllm#17569, #13640; vllm/model_executor/layers/linear.py.
[[nodiscard]] std::string not_buildable(const Inventory& inventory, const WeightFormat& format,
                                        const RuntimeProfile& runtime, const Layout& layout);

/// The layouts of that many devices, in machines with `node` each, that the runtime can build, the default one first;
/// empty: none. `why`: what prevents the most usual one.
[[nodiscard]] std::vector<Layout> buildable_layouts(const Inventory& inventory, const WeightFormat& format,
                                                    const RuntimeProfile& runtime, std::uint64_t devices,
                                                    std::uint64_t node, std::string* why = nullptr);

/// Devices of one machine, where nothing else is known.
inline constexpr std::uint64_t kNode = 8;

/// Memory of one device of a stage.
struct StageLoad {
  Range layers;              ///< the last stage has all that follow
  Bytes low, weights, high;  ///< weights including rotary tables
  Bytes tables;              ///< rotary tables only
  std::vector<State> state;  ///< caches and recurrent state of one device
};

/// The stages of a layout, first to last. Layers are split as in vLLM (vllm/distributed/utils.py get_pp_indices): the
/// remainder goes to the stages before the last. data/sharding.json defines what tp splits; keys and values are not
/// split beyond their heads; embedding and head are padded to 64 rows. Multi-token prediction is not loaded. Known
/// error: tests/truth/serving.jsonl.
[[nodiscard]] std::vector<StageLoad> stage_loads(const Inventory& inventory, const ServedFormats& formats,
                                                 const RuntimeProfile& runtime, const Layout& layout,
                                                 const Sharding& sharding = builtin_sharding());

/// The KV cache of the device with the largest one. `state` is the model's as the request's runtime has it. Throws
/// Error if that cannot build the layout.
[[nodiscard]] KvCache cache_on_device(const std::vector<State>& state, const Inventory& inventory,
                                      const CacheRequest& request, const Layout& layout);

/// The layout given by options: tensor, pipeline, expert and data parallelism, 1 if left out; nothing if all are.
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
