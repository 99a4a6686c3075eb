// Images and sound in the prompt of a model of the catalog, or of a family with a config.
#pragma once

#include <cstdint>
#include <string>

#include "catalog/json.hpp"
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

}  // namespace paramcount
