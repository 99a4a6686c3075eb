// How close programs get to the hardware limits on real devices: a row of data/speed.json, fitted to measurements by
// scripts/fit-speed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace paramcount {

class Value;

/// Factors on a predicted speed between which 80 % of unseen measurements lie.
struct SpeedRange {
  double low{1};
  double high{1};
};

/// One kind of program on one kind of device.
struct SpeedConstants {
  static constexpr std::string_view kTable = "speed";
  [[nodiscard]] static SpeedConstants read(const Value& row);

  std::string id;
  std::string program;       ///< "llama.cpp", "served": RuntimeProfile::Serving::speed
  std::string device_class;  ///< "nvidia-ada", as speed_class() says it; "any"
  std::string text;          ///< "llama.cpp on NVIDIA cards since Ada"
  // Decoding.
  double bandwidth{0};      ///< fraction of the memory bandwidth reached when reading weights and KV cache
  double layer_s{0};        ///< overhead per layer in seconds: kernel launches and waiting
  double group_layer_s{0};  ///< the same under tensor parallelism
  double compute{0};        ///< fraction of the format's peak
  double sequence_s{0};     ///< host overhead in seconds per sequence and step
  // Prefill.
  double prompt_compute{0};    ///< fraction of the format's peak
  double prompt_token_s{0};    ///< host overhead in seconds per token
  std::uint64_t chunk{0};      ///< tokens of a prompt in one pass
  std::uint64_t sequences{0};  ///< the most that run at once
  // Weights in host memory; 0: not known.
  double host_bandwidth{0};  ///< fraction of host memory bandwidth
  double host_layer_s{0};    ///< seconds per layer with weights there
  double power{0};           ///< watts at the wall over the devices' power limit, while decoding
  SpeedRange decode, batched, prompt, offload, watts;
  std::uint64_t decode_rows{0}, batched_rows{0}, prompt_rows{0};  ///< measurements of this kind; 0: of others
  std::string source;
};

}  // namespace paramcount
