// Runtimes, and how each allocates the KV cache: a row of rules and texts per runtime, each in its own file,
// src/estimate/runtimes/<name>.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/dtype.hpp"
#include "paramcount/count/gguf.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

struct CacheRequest;
struct KvCache;
struct Layout;
struct LlamaCppMemory;

/// Tokens that a full-attention cache has room for, in each of `streams` buffers.
struct CacheCells {
  std::uint64_t full{0};
  std::uint64_t streams{1};
};

/// Elements of a token that one layer stores, of keys and of values.
struct CacheWidths {
  std::uint64_t key{0};
  std::uint64_t value{0};
};

/// A runtime's memory overhead on a device besides weights and KV cache, and the source of the figures.
struct OverheadPart {
  std::string_view key;    ///< "activations"
  std::string_view label;  ///< "activations of 8,192 tokens"
  Bytes low, likely, high;
  std::string_view source;
};

/// What overheads depend on.
struct OverheadQuestion {
  const Inventory& inventory;
  const CacheRequest& request;
  const Layout& layout;
  Bytes memory;         ///< of the device
  bool unified{false};  ///< shared with the host: no driver context
  bool reported{true};  ///< `memory` is what the driver reports, not what was given
};

struct RuntimeProfile {
  /// How a serving runtime uses its devices.
  struct Serving {
    /// How a model is split over several devices.
    enum class Split : std::uint8_t { layers, tensors } split{Split::tensors};
    double utilization{1};  ///< the fraction of a device's memory that it uses
    /// The same where it depends on the layout and on the device's memory; nullptr: it does not.
    double (*utilization_of)(const Layout& layout, Bytes memory){nullptr};
    std::string_view option{};  ///< its own name for that: "--gpu-memory-utilization"
    bool of_free{false};  ///< the fraction applies to what weights and buffers leave, and is for the KV cache only
    /// Layers of like caches are put in groups that draw blocks from one pool (src/estimate/runtimes/vllm_pages.hpp).
    bool groups_layers{false};
    bool rotary_tables{false};    ///< cosine and sine of all positions are stored on each device
    bool pads_vocabulary{false};  ///< to a multiple of 64
    struct Padding {
      std::uint64_t width{0}, model{0};
    } pads_mxfp4{};  ///< multiples that experts in mxfp4 are padded to; 0: they are not
    std::vector<OverheadPart> (*overhead)(const OverheadQuestion& question){nullptr};  ///< nullptr: none
    std::span<const std::string_view> formats{};  ///< those worth considering, in the syntax of --dtype
    /// The program whose speeds were measured (data/speed.json); empty: not known.
    std::string_view speed{};
    bool follows_checkpoint{false};      ///< the KV cache has the format that the checkpoint requests: Dtype::cache
    std::string_view half_cache{"fp8"};  ///< the usual format of a cache of half the size
    std::string_view beside{};           ///< what comes out of the unused fraction; empty: nothing known
    std::string_view source{};
  };

  /// A setting of a runtime: a number with a default, or a flag.
  struct Knob {
    std::string_view name;
    enum class Kind : std::uint8_t { number, flag } kind;
    std::uint64_t usual;  ///< the program's default; 0: none that is a number
    std::string_view text;
  };
  std::string_view name;
  std::span<const std::string_view> aliases{};              ///< other spellings of the name
  std::string_view text;                                    ///< what it allocates for every model
  std::string_view windows;                                 ///< for window layers
  std::string_view latent{"MLA keeps its latent vectors"};  ///< for MLA
  std::string_view state;                                   ///< for recurrent layers
  std::string_view source;
  std::span<const Knob> knobs{};
  bool is_bound{false};    ///< no real runtime: the lower bound for all of them
  bool reads_gguf{false};  ///< it allocates for the GGUF's state and tensors, not the checkpoint's

  /// Throws Error if the runtime refuses the request. nullptr: it never does.
  void (*check)(const std::vector<State>& state, const CacheRequest& request){nullptr};
  CacheCells (*cells)(const CacheRequest& request);
  /// Tokens that a sliding-window cache has room for, in each buffer.
  std::uint64_t (*window_cells)(std::uint64_t window, const CacheCells& cells, const CacheRequest& request);
  /// One layer of `entry`, which is one of the caches of `state`.
  CacheWidths (*widths)(const State& entry, const std::vector<State>& state, const Inventory& inventory,
                        const CacheRequest& request);
  /// So many elements of the recurrent or convolution state `entry`.
  Bytes (*state_bytes)(const State& entry, std::uint64_t elements, const Inventory& inventory,
                       const CacheRequest& request);
  /// Memory of the whole process. nullptr: not known.
  LlamaCppMemory (*process)(const GgufInventory& gguf, const GgufFile& file, const Inventory& inventory,
                            const CacheRequest& request, const KvCache& cache){nullptr};
  Serving serving{};
};
/// All runtimes, the default first.
[[nodiscard]] std::span<const RuntimeProfile> runtime_profiles();
/// "ideal, llama.cpp, vllm ..."
[[nodiscard]] std::string runtime_names();
/// "tokens of a page (--block-size); 16"
[[nodiscard]] std::string knob_text(const RuntimeProfile::Knob& knob);
/// nullptr if there is none of that name; case-insensitive.
[[nodiscard]] const RuntimeProfile* find_runtime(std::string_view name);

/// A runtime with its knobs set.
struct RuntimeChoice {
  const RuntimeProfile* profile{&runtime_profiles().front()};       ///< never nullptr
  std::string id{profile->name};                                    ///< as typed: "llama.cpp:ubatch=2048,unified"
  std::vector<std::pair<std::string_view, std::uint64_t>> knobs{};  ///< those set; of a flag 1

  /// The value set, or else the program's own. The profile must have such a knob.
  [[nodiscard]] std::uint64_t knob(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view flag) const { return knob(flag) != 0; }
};

/// Reads NAME[:knob[=value],...]. Throws Error with exit code usage, naming what is known.
[[nodiscard]] RuntimeChoice parse_runtime(const std::string& text);

struct CacheRequest {
  std::uint64_t context{0};  ///< tokens of one sequence
  std::uint64_t sequences{1};
  Dtype keys;
  Dtype values;
  RuntimeChoice runtime{};
  std::uint64_t encoder{0};  ///< positions of the encoder's input; 0: as many as the context
  /// Elements that cross-attention caches of a sequence's images or audio in addition to the architecture's states.
  std::uint64_t encoder_elements{0};
};

}  // namespace paramcount
