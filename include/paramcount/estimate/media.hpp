// Images and audio in a prompt: the tokens that a model makes of them, and the FLOPs of the towers and of the language
// model's prefill for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/count/media.hpp"
#include "paramcount/estimate/runtime.hpp"

namespace paramcount {

/// The images and audio of a prompt; each sequence has them.
struct MediaRequest {
  std::uint64_t images{0};
  std::optional<ImageSize> image_size;
  double seconds{0};  ///< of sound

  [[nodiscard]] bool asked() const { return images > 0 || seconds > 0; }
};

/// All the images of a request, or its sound.
struct MediaUse {
  MediaRule rule;
  std::uint64_t count{0};      ///< images; 1 of sound
  MediaCount each;             ///< of one image, or of the sound
  std::optional<Flops> tower;  ///< per image, or of the audio; nothing if not known
  std::string tower_parts;     ///< its derivation: "weights 2 × ... + attention ..."
  bool usual{false};           ///< settings of the processor are the rule's: the model's own could not be read
  [[nodiscard]] Flops towers() const { return {tower->value * static_cast<double>(count)}; }
  [[nodiscard]] std::uint64_t tokens() const { return each.tokens * count; }
  [[nodiscard]] std::uint64_t cross() const { return each.cross * count; }
};

struct MediaInput {
  MediaRequest request;
  std::vector<MediaUse> uses;  ///< images first
  Flops language;              ///< of the language model's weights except the head, to read the tokens of all

  /// Added to the text's tokens in every sequence.
  [[nodiscard]] std::uint64_t tokens() const;
  /// Adds what cross-attention caches of them to a request for a KV cache.
  void add_to(CacheRequest& request) const;
};

/// Throws Error "takes no images ..." for a text-only model, "no rule of image tokens for ..." if none is known, and if
/// the model's processor would refuse the image.
[[nodiscard]] MediaInput media_input(const Model& model, const Inventory& inventory, const MediaRequest& request,
                                     const Catalog& catalog, Expander& expander);

}  // namespace paramcount
