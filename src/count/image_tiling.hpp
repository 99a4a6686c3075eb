// Processors that tile images by rules of their own; src/count/image_resize.hpp selects among them.
#pragma once

#include "count/image_resize.hpp"

namespace paramcount {

/// No known processor makes more tiles of one image. Throws Error.
void check_tiles(std::int64_t most);

/// Pairs (a, b) whose product is between the two, by the product and then by a.
[[nodiscard]] std::vector<std::pair<std::int64_t, std::int64_t>> grids(std::int64_t least, std::int64_t most);

/// An image cut into that many whole tiles.
[[nodiscard]] ResizedImage of_tiles(std::int64_t down, std::int64_t across, std::int64_t tile);

/// The grid of min_tiles to max_tiles tiles whose aspect is nearest to the image's: get_optimal_tiled_canvas of
/// transformers, models/got_ocr2/image_processing_got_ocr2.py. Equal ones: the one with more tiles while the image has
/// more than half of their area.
[[nodiscard]] ResizedImage tile_grid(std::int64_t height, std::int64_t width, const RuleNumber& number);

/// As many tiles as the image needs, else the grid nearest to its aspect; `inner_*`: every second patch of each tile
/// that is not padding: dynamic_preprocess of transformers, models/phi4_multimodal/image_processing_phi4_multimodal.py.
[[nodiscard]] ResizedImage needed_tiles(std::int64_t height, std::int64_t width, const RuleNumber& number);

/// The fewest tiles that cover nine tenths of the image without shrinking it, else those that cover most:
/// get_min_tile_covering_grid of transformers, models/ovis2/image_processing_ovis2.py.
[[nodiscard]] ResizedImage covering_tiles(std::int64_t height, std::int64_t width, const RuleNumber& number);

/// Tiles that overlap by `margin` pixels in all, in the grid that scales the image up least, or down least where each
/// scales it down: select_tiling of vLLM, model_executor/models/molmo.py and molmo2.py, in floats of 32 bits as there.
[[nodiscard]] ResizedImage overlapping_tiles(std::int64_t height, std::int64_t width, const RuleNumber& number);

/// Windows as wide as the image's shape makes them, none for a small one: _plan_patches of transformers,
/// models/step3p7/image_processing_step3p7.py.
[[nodiscard]] ResizedImage windows(std::int64_t height, std::int64_t width, const RuleNumber& number);

/// Of the whole grids of units of `factor` pixels round the image, or round its largest scale of max_tokens units, the
/// one nearest to its aspect; of equal ones the first in the order of a Python set: smart_resize of transformers,
/// models/muse_glimmer/image_processing_muse_glimmer.py.
[[nodiscard]] ResizedImage closest_grid(std::int64_t height, std::int64_t width, const RuleNumber& number);

/// Slices for so many tiles as the image has area, one more or one less, in the grid nearest to its aspect; none where
/// one tile does: get_sliced_grid of MiniCPM-V's image processor, as transformers has it in
/// models/minicpmv4_6/image_processing_minicpmv4_6.py.
[[nodiscard]] ResizedImage slices(std::int64_t height, std::int64_t width, const RuleNumber& number);

/// The same slices, with the size that the whole image gets, and as `inner_*` that of a slice, in patches:
/// find_best_resize and get_refine_size there.
[[nodiscard]] ResizedImage fitted_slices(std::int64_t height, std::int64_t width, const RuleNumber& number);

}  // namespace paramcount
