// Low-rank adapters (LoRA, arXiv:2106.09685): which matrices get one, and how many parameters that trains.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// RANK or RANK:TARGET,TARGET...: q, k, v and o are the projections of attention however they are stored; `attention`,
/// `ffn`, `expert` ... are all matrices of that role; anything else is part of a tensor's name. No target: every matrix
/// of the layers, but routers.
struct LoraRequest {
  std::uint64_t rank{0};
  std::vector<std::string> targets;
};
/// Throws Error with exit code usage.
[[nodiscard]] LoraRequest parse_lora(const std::string& text);

struct LoraTarget {
  std::string name;  ///< of the tensors, or of the projection
  std::uint64_t copies{0};
  std::uint64_t inputs{0};
  std::uint64_t outputs{0};
  Params trained;  ///< copies × rank × (inputs + outputs)
};

struct Lora {
  std::uint64_t rank{0};
  std::vector<LoraTarget> targets;
  Params trained;
};

/// Throws Error with exit code usage when a target names nothing.
[[nodiscard]] Lora count_lora(const Inventory& inventory, const LoraRequest& request);

}  // namespace paramcount
