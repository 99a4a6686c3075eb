// Images and sound in the prompt of a model of the catalog, or of a family with a config.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "catalog/json.hpp"
#include "catch.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/estimate/media.hpp"

namespace paramcount {

class Prompt {
 public:
  Prompt() : expander_(catalog_.families(), catalog_.gguf_families()) {}

  MediaInput of(const std::string& family, const std::string& config, const MediaRequest& request) {
    Model model;
    model.family = family;
    model.origin = "config";
    model.config = parse_json(config);
    return of(model, request);
  }
  MediaInput of(const Model& model, const MediaRequest& request) {
    return media_input(model, expander_.expand(model), request, catalog_, expander_);
  }
  MediaInput named(const std::string& id, const MediaRequest& request) { return of(catalog_.model(id), request); }

 private:
  Catalog catalog_;
  Expander expander_;
};

inline MediaRequest image(std::uint64_t width, std::uint64_t height, std::uint64_t images = 1) {
  return {images, ImageSize{width, height}, 0};
}

inline constexpr std::array<ImageSize, 8> kImageSizes{
    {{1024, 768}, {336, 336}, {500, 1000}, {1920, 1080}, {40, 900}, {3000, 4000}, {640, 481}, {224, 224}}};

/// What a family's processor makes of images of those sizes.
struct KnownImages {
  const char* family;
  const char* config;
  std::array<std::uint64_t, kImageSizes.size()> tokens;
};

inline void check_images(Prompt& prompt, const KnownImages& known) {
  for (std::size_t i = 0; i < kImageSizes.size(); ++i) {
    const auto& size = kImageSizes[i];
    INFO(known.family << " " << size.width << "x" << size.height);
    CHECK(prompt.of(known.family, known.config, image(size.width, size.height)).tokens() == known.tokens[i]);
  }
}

}  // namespace paramcount
