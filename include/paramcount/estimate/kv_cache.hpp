// What has to be kept between tokens, and what programs allocate for it: caches of keys and values, recurrent state.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/dtype.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

enum class Runtime : std::uint8_t { ideal, llama_cpp, vllm, transformers };

/// One program's way of allocating, in words, and the knobs it has.
struct RuntimeProfile {
  struct Knob {
    std::string_view name;
    bool has_value;
    std::string_view text;
  };
  Runtime runtime;
  std::string_view name;
  std::string_view text;     ///< what it allocates for every model
  std::string_view windows;  ///< for window layers
  std::string_view latent;   ///< for MLA
  std::string_view state;    ///< for recurrent layers
  std::string_view source;
  std::array<Knob, 6> knobs;  ///< those without a name do not exist
};
[[nodiscard]] const std::array<RuntimeProfile, 4>& runtime_profiles();
[[nodiscard]] const RuntimeProfile& profile_of(Runtime runtime);

/// A runtime with its knobs set. Defaults are the programs' own.
struct RuntimeChoice {
  Runtime runtime{Runtime::ideal};
  std::string id{"ideal"};  ///< as typed, defaults left out: "llama.cpp:ubatch=2048,unified"
  // llama.cpp
  std::uint64_t ubatch{512};  ///< tokens of one computed batch (--ubatch-size)
  std::uint64_t batch{2048};  ///< tokens of one submitted batch (--batch-size)
  std::uint64_t total{0};     ///< tokens of all sequences (--ctx-size); 0: context × sequences
  bool unified{false};        ///< one buffer for all sequences (--kv-unified)
  bool swa_full{false};       ///< window layers keep everything (--swa-full)
  bool flash{true};           ///< flash attention
  // vLLM
  std::uint64_t block{16};      ///< tokens of a page (--block-size)
  std::uint64_t batched{8192};  ///< tokens scheduled at once (--max-num-batched-tokens)
  // transformers
  bool is_static{false};  ///< StaticCache
};

/// Reads NAME[:knob[=value],...]. Throws Error with exit code usage, naming what is known.
[[nodiscard]] RuntimeChoice parse_runtime(const std::string& text);

struct CacheRequest {
  std::uint64_t context{0};  ///< tokens of one sequence
  std::uint64_t sequences{1};
  Dtype keys;
  Dtype values;
  RuntimeChoice runtime;
};

struct KvCache {
  Bytes full;                        ///< caches that grow with the context, cross-attention's included
  Bytes window;                      ///< caches of layers that look back a fixed number of tokens
  Bytes state;                       ///< recurrent state, once per sequence
  std::uint64_t full_elements{0};    ///< per token, all layers
  std::uint64_t window_elements{0};  ///< per token, all layers
  std::uint64_t state_elements{0};   ///< per sequence, all layers
  double bytes_per_token{0};         ///< of a token that all layers keep
  std::uint64_t full_cells{0};       ///< tokens a full cache has room for, all sequences together
  std::uint64_t window_cells{0};     ///< the same of a window cache; of several widths the largest

  [[nodiscard]] Bytes total() const { return full + window + state; }
};

/// What the request takes. `state` is the architecture's own for all runtimes but llama.cpp, for which it is the GGUF's
/// (paramcount/count/gguf.hpp). `inventory` gives the dimensions. ideal is the least the architecture has to keep: the
/// latent of MLA, min(window, context) tokens of a window layer, state in fp32, no padding; an encoder's input is taken
/// to be as long as the context. Throws Error where the program would refuse. Sources: llama.cpp, August 2026,
/// src/llama-kv-cache*.cpp, exact; vLLM, v1/kv_cache_interface.py, without the padding of pages in hybrids;
/// transformers 5.2, cache_utils.py.
[[nodiscard]] KvCache kv_cache(const std::vector<State>& state, const Inventory& inventory,
                               const CacheRequest& request);

}  // namespace paramcount
