// How far programs come on real devices: a row of data/speed.json, fitted to measurements by scripts/fit-speed.
#pragma once

#include <cstdint>
#include <string>

namespace paramcount {

/// Factors on a predicted speed between which 80 % of unseen measurements lie.
struct SpeedRange {
  double low{1};
  double high{1};
};

/// One kind of program on one kind of device.
struct SpeedConstants {
  std::string id;
  std::string program;       ///< "llama.cpp", "served": RuntimeProfile::Serving::speed
  std::string device_class;  ///< "nvidia-ada", as speed_class() says it; "any"
  std::string text;          ///< "llama.cpp on NVIDIA cards since Ada"
  // Generating.
  double bandwidth{0};      ///< share of the memory bandwidth that reading weights and caches reaches
  double layer_s{0};        ///< seconds that a layer takes beside: launches and waiting
  double group_layer_s{0};  ///< the same where a layer is shared by tensor parallelism
  double compute{0};        ///< share of the peak of the format
  double sequence_s{0};     ///< seconds of the host for each sequence and step
  // Reading prompts.
  double prompt_compute{0};    ///< share of the peak of the format
  double prompt_token_s{0};    ///< seconds of the host for each token
  std::uint64_t chunk{0};      ///< tokens of a prompt in one pass
  std::uint64_t sequences{0};  ///< the most that run at once
  // Weights in the host's memory; 0: such are not known.
  double host_bandwidth{0};  ///< share of the host's memory bandwidth
  double host_layer_s{0};    ///< seconds for each layer that has weights there
  double power{0};           ///< watts of the machine's socket by those of its devices' limit, generating
  SpeedRange decode, batched, prompt, offload, watts;
  std::uint64_t decode_rows{0}, batched_rows{0}, prompt_rows{0};  ///< measurements of this kind; 0: of others
  std::string source;
};

}  // namespace paramcount
