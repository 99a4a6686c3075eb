// How many tokens a model makes from an image or from audio: a row of data/media_tokens.json, after the rule of the
// model's processor. Evaluation is in paramcount/count/media.hpp; data/README.md documents the row.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/family.hpp"

namespace paramcount {

enum class MediaKind : std::uint8_t { image, audio };
inline constexpr std::array<std::string_view, 2> kMediaKindNames{"image", "audio"};

/// How a processor changes an image's size before it cuts it in patches (src/count/image_resize.hpp, image_tiling.hpp).
enum class ImageResize : std::uint8_t {
  none,
  smart,
  fit_within,
  best_resolution,
  tile_grid,
  canvas,
  split_longest,
  split_large,
  budget,
  shrink,
  fill_tiles,
  slices,
  needed_tiles,
  covering_tiles,
  overlapping_tiles,
  windows,
  fitted_slices,
  fit_box,
  closest_grid
};
inline constexpr std::array<std::string_view, 19> kImageResizeNames{
    "none",       "smart",         "fit_within",   "best_resolution", "tile_grid",
    "canvas",     "split_longest", "split_large",  "budget",          "shrink",
    "fill_tiles", "slices",        "needed_tiles", "covering_tiles",  "overlapping_tiles",
    "windows",    "fitted_slices", "fit_box",      "closest_grid"};

struct MediaRule {
  static constexpr std::string_view kTable = "media_tokens";
  [[nodiscard]] static MediaRule read(const Value& row);

  /// A number of the processor: what its preprocessor_config.json says in the first of these places, else `usual`.
  struct Setting {
    std::string name;
    Value usual;
    std::vector<std::string> places;  ///< "size.shortest_edge"
  };
  /// Tensors whose names begin so are multiplied with that many positions of an image, or of the sound.
  struct Pass {
    std::string prefix;
    std::string positions;  ///< an expression
  };

  std::string id;
  MediaKind takes{};
  std::vector<std::string> families;
  std::string when;  ///< an expression of the family's; empty: always
  ImageResize resize{};
  std::vector<Setting> settings;
  Value::Object keys;  ///< config keys in addition to those that the family reads, with their defaults
  std::vector<Family::Definition> dims;  ///< `tokens` and what else the rule needs, as expressions of the family's
  std::vector<Family::Requirement> requirements;  ///< what the processor refuses else
  std::vector<Pass> passes;
  std::vector<std::string> tower;  ///< prefixes of the model's own tensors that form the tower, if it is not a part
  std::string note;                ///< what of an image or of sound is not in the count
  std::string source;
};

}  // namespace paramcount
