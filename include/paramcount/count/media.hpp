// What a model makes of an image or of sound by its processor's rule: tokens, and the tower that it passes through.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "paramcount/catalog/media_rule.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// Pixels.
struct ImageSize {
  std::uint64_t width{0};
  std::uint64_t height{0};
};

/// An image, or a stretch of sound.
struct Medium {
  ImageSize image;
  std::uint64_t images{1};  ///< of that size in the prompt
  double seconds{0};        ///< of sound
  /// Settings of the processor that its own preprocessor_config.json gives (MediaRule::Setting).
  Value processor{};
};

/// Towers and projectors, with how much of the input passes through them.
struct MediaTower {
  std::string part;     ///< of the family: "vision"; empty: the model's own tensors
  Inventory inventory;  ///< its tensors with the roles they have inside the tower, named without a prefix
};

struct MediaCount {
  std::uint64_t tokens{0};   ///< that the processor puts into the prompt, including its markers
  std::uint64_t markers{0};  ///< of these, those between or around the tower's outputs
  std::uint64_t cross{0};    ///< positions that cross-attention layers cache instead; not in the context
  /// Elements of keys and values that all these layers cache per position, if they are not a state of the family.
  std::uint64_t cross_elements{0};
  /// Positions that the tower processes; nothing if the rule does not say.
  std::optional<std::uint64_t> positions;
  std::uint64_t patches{0};          ///< positions that come from the input itself: without class tokens
  std::uint64_t projected{0};        ///< positions passed from the tower to the language model
  std::uint64_t attended{0};         ///< pairs of a query and a key, summed over the tower's layers
  std::uint64_t attention_width{0};  ///< elements of a query, all heads; 0: the tower's dimensions say
  std::vector<std::pair<std::string, std::uint64_t>> passes;  ///< MediaRule::Pass, evaluated
  std::vector<std::pair<std::string, std::string>> steps;     ///< names and values of the rule, for explanations
  std::vector<MediaTower> towers;
};

}  // namespace paramcount
