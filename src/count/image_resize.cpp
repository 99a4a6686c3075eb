#include "count/image_resize.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "count/image_tiling.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// Both sides multiples of `factor`, their product between min_pixels and max_pixels, the aspect kept as well as that
/// goes: smart_resize of transformers, models/qwen2_vl/image_processing_qwen2_vl.py and its copies. Python's round()
/// takes halves to the even neighbour, as nearbyint does.
ResizedImage smart(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  const auto factor = number("factor");
  const auto least = number("min_pixels");
  const auto most = number("max_pixels");
  // Sides shorter than a unit: models/glm4v scales both until they hold one, models/paddleocr_vl one after the other,
  // MiMo-VL (vLLM, transformers_utils/processors/mimo_v2_omni.py) the shorter one, whatever the aspect.
  const auto small = number("small_sides");
  if (small == 1 && (height < factor || width < factor)) {
    const double scale = std::max(ratio(factor, height), ratio(factor, width));
    height = whole(static_cast<double>(height) * scale);
    width = whole(static_cast<double>(width) * scale);
  }
  if (small == 2 && height < factor) {
    width = whole(std::nearbyint(ratio(width * factor, height)));
    height = factor;
  }
  if (small == 2 && width < factor) {
    height = whole(std::nearbyint(ratio(height * factor, width)));
    width = factor;
  }
  const bool cut_short = small == 4 && std::min(height, width) < factor;
  if (cut_short) {
    const auto longer = whole(ratio(std::max(height, width) * factor, std::min(height, width)));
    const bool wide = height < width;
    height = wide ? factor : longer;
    width = wide ? longer : factor;
  }
  constexpr std::int64_t kMostAspect = 200;
  if (!cut_short && std::max(height, width) > kMostAspect * std::min(height, width)) {
    throw Error("its processor refuses images whose sides differ by more than " + std::to_string(kMostAspect) +
                " times");
  }
  const auto area = static_cast<double>(height) * static_cast<double>(width);
  const auto side = static_cast<double>(factor);
  // models/lfm2_vl rounds no side to nothing.
  const auto floor = small == 3 ? factor : 0;
  ResizedImage out;
  out.height = std::max(floor, whole(std::nearbyint(ratio(height, factor))) * factor);
  out.width = std::max(floor, whole(std::nearbyint(ratio(width, factor))) * factor);
  if (out.height * out.width > most) {
    const double beta = std::sqrt(area / static_cast<double>(most));
    out.height = std::max(factor, whole(std::floor(static_cast<double>(height) / beta / side)) * factor);
    out.width = std::max(factor, whole(std::floor(static_cast<double>(width) / beta / side)) * factor);
  } else if (out.height * out.width < least) {
    const double beta = std::sqrt(static_cast<double>(least) / area);
    out.height = whole(std::ceil(static_cast<double>(height) * beta / side)) * factor;
    out.width = whole(std::ceil(static_cast<double>(width) * beta / side)) * factor;
  }
  return out;
}

/// At most `longest_edge` on either side, then cut in whole patches of `factor`: get_resize_output_image_size of
/// transformers, models/pixtral/image_processing_pixtral.py.
ResizedImage fit_within(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  const auto longest = number("longest_edge");
  const auto factor = number("factor");
  const double scale = std::max(ratio(height, longest), ratio(width, longest));
  if (scale > 1) {
    height = whole(std::floor(static_cast<double>(height) / scale));
    width = whole(std::floor(static_cast<double>(width) / scale));
  }
  ResizedImage out;
  out.height = ceil_div(height, factor) * factor;
  out.width = ceil_div(width, factor) * factor;
  return out;
}

/// At most box_height and box_width, the aspect kept, never enlarged: resize of transformers,
/// models/fuyu/image_processing_fuyu.py.
ResizedImage fit_box(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  const double scale = std::min(ratio(number("box_height"), height), ratio(number("box_width"), width));
  ResizedImage out;
  out.height = std::min(height, whole(static_cast<double>(height) * scale));
  out.width = std::min(width, whole(static_cast<double>(width) * scale));
  return out;
}

/// The size of `resolutions` that keeps most of the image and wastes least: select_best_resolution of transformers,
/// image_processing_utils.py. `inner_*`: patches of `side` to a tile that are left when the padding round the image is
/// cut off, _get_unpadded_features of models/llava_next/processing_llava_next.py; where `most_patches` is not 0 they
/// are thinned as models/llava_onevision/processing_llava_onevision.py does.
ResizedImage best_resolution(std::int64_t height, std::int64_t width, const RuleNumber& number,
                             const RuleSizes& sizes) {
  ResizedImage out;
  std::int64_t most = 0;
  std::int64_t least_waste = INT64_MAX;
  for (const auto& size : sizes("resolutions")) {
    const auto h = static_cast<std::int64_t>(size.height);
    const auto w = static_cast<std::int64_t>(size.width);
    const double scale = std::min(ratio(w, width), ratio(h, height));
    const auto kept = std::min(whole(static_cast<double>(width) * scale) * whole(static_cast<double>(height) * scale),
                               width * height);
    const auto waste = w * h - kept;
    if (kept > most || (kept == most && waste < least_waste)) {
      most = kept;
      least_waste = waste;
      out.height = h;
      out.width = w;
    }
  }
  if (out.height == 0) throw Error("none of the processor's resolutions fits an image of that size");
  const auto tile = number("tile");
  out.tiles_down = out.height / tile;
  out.tiles_across = out.width / tile;
  const auto side = number("side");
  auto rows = side * out.tiles_down;
  auto columns = side * out.tiles_across;
  // The library rounds to seven places before it cuts.
  const auto cut = [](double value) { return whole(std::nearbyint(value * 1e7) / 1e7); };
  if (ratio(width, height) > ratio(columns, rows)) {
    rows -= (rows - cut(static_cast<double>(height) * ratio(columns, width))) / 2 * 2;
  } else {
    columns -= (columns - cut(static_cast<double>(width) * ratio(rows, height))) / 2 * 2;
  }
  if (const auto patches = number("most_patches"); patches > 0) {
    const double over = std::sqrt(ratio(rows * columns, patches * side * side));
    if (over > 1.1) {
      rows = whole(std::floor(static_cast<double>(rows) / over));
      columns = whole(std::floor(static_cast<double>(columns) / over));
    }
  }
  out.inner_rows = rows;
  out.inner_columns = columns;
  return out;
}

/// The smallest scale of at least 1 that fits a canvas of at most max_tiles tiles, else the largest below it, on the
/// canvas with fewest tiles: get_best_fit of transformers, models/llama4/image_processing_llama4.py, and
/// get_optimal_tiled_canvas of models/mllama and models/cohere2_vision.
ResizedImage canvas(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  const auto tile = number("tile");
  ResizedImage out = of_tiles(1, 1, tile);
  double best = 0;
  for (const auto& [across, down] : grids(1, number("max_tiles"))) {
    const double scale = std::min(ratio(down * tile, height), ratio(across * tile, width));
    const bool better = best < 1 ? scale > best : scale >= 1 && scale < best;
    if (!better) continue;
    best = scale;
    out = of_tiles(down, across, tile);
  }
  return out;
}

/// An image of more than split_pixels is cut in tiles, and all are seen in a small copy too: resize_and_split of
/// transformers, models/lfm2_vl/image_processing_lfm2_vl.py. Height and width are the copy's, or the whole image's; no
/// tiles where it is not cut.
ResizedImage split_large(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  const auto factor = number("factor");
  const auto rounded = [&](std::int64_t side) {
    return std::max(number("patch"), whole(std::nearbyint(ratio(side, factor))) * factor);
  };
  ResizedImage out = smart(height, width, number);
  const auto most = number("max_tiles");
  const bool large = rounded(height) * rounded(width) > number("split_pixels");
  out.tiles_down = out.tiles_across = 0;
  if (!large || (number("min_tiles") == 1 && most == 1)) return out;
  const ResizedImage grid = tile_grid(height, width, number);
  out.tiles_down = grid.tiles_down;
  out.tiles_across = grid.tiles_across;
  return out;
}

/// The largest size of at most max_pixels whose sides are multiples of `factor`: get_aspect_ratio_preserving_size of
/// transformers, models/gemma4/image_processing_gemma4.py.
ResizedImage budget(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  const auto factor = number("factor");
  const auto pixels = number("max_pixels");
  const double scale = std::sqrt(static_cast<double>(pixels) / static_cast<double>(height * width));
  const auto side = static_cast<double>(factor);
  ResizedImage out;
  out.height = whole(std::floor(scale * static_cast<double>(height) / side)) * factor;
  out.width = whole(std::floor(scale * static_cast<double>(width) / side)) * factor;
  if (out.height == 0 && out.width == 0) throw Error("its processor refuses an image of that size");
  const auto longest = pixels / (factor * factor) * factor;
  if (out.height == 0) {
    out.height = factor;
    out.width = std::min(width / height * factor, longest);
  } else if (out.width == 0) {
    out.width = factor;
    out.height = std::min(height / width * factor, longest);
  }
  return out;
}

/// Never enlarged; at most max_patches patches, max_side_patches on a side, then filled up to multiples of `factor`:
/// navit_resize of transformers, models/kimi_k25/image_processing_kimi_k25.py.
ResizedImage shrink(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  const auto patch = number("patch");
  const auto factor = number("factor");
  const auto longest = number("max_side_patches") * patch;
  const auto patches = static_cast<double>(std::max<std::int64_t>(1, height / patch)) *
                       static_cast<double>(std::max<std::int64_t>(1, width / patch));
  const double scale = std::min({1.0, std::sqrt(static_cast<double>(number("max_patches")) / patches),
                                 ratio(longest, height), ratio(longest, width)});
  const auto side = [&](std::int64_t length) {
    const auto scaled = std::max<std::int64_t>(1, whole(static_cast<double>(length) * scale));
    return ceil_div(std::min(scaled, longest), factor) * factor;
  };
  ResizedImage out;
  out.height = side(height);
  out.width = side(width);
  return out;
}

/// As many tiles as max_tiles allows along the longer side, the image filled up to whole tiles: HD transform of
/// microsoft/Phi-3-vision-128k-instruct, as vLLM has it in model_executor/models/phi3v.py.
ResizedImage fill_tiles(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  const auto tile = number("tile");
  const auto most = number("max_tiles");
  check_tiles(most);
  const double aspect = ratio(std::max(height, width), std::min(height, width));
  std::int64_t along = 1;
  while (static_cast<double>(along) * std::ceil(static_cast<double>(along) / aspect) <= static_cast<double>(most)) {
    ++along;
  }
  --along;
  const auto across = ceil_div(whole(static_cast<double>(along * tile) / aspect), tile);
  return width < height ? of_tiles(along, across, tile) : of_tiles(across, along, tile);
}

/// The longest side becomes `longest_edge`, and what is larger than a tile is cut in tiles: get_number_of_image_patches
/// of transformers, models/idefics3/image_processing_idefics3.py. No tiles where the whole fits one.
ResizedImage split_longest(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  constexpr std::int64_t kLargest = 4096;  // MAX_IMAGE_SIZE there
  const auto longest = number("longest_edge");
  const auto tile = number("tile");
  const double aspect = ratio(width, height);
  const bool wide = width >= height;
  auto& shorter = wide ? height : width;
  auto& longer = wide ? width : height;
  const auto scaled = [&](std::int64_t to) {
    longer = to;
    shorter = wide ? whole(static_cast<double>(to) / aspect) : whole(static_cast<double>(to) * aspect);
  };
  scaled(longest);
  if (shorter % 2 != 0) ++shorter;
  shorter = std::max<std::int64_t>(shorter, 1);
  if (longer > kLargest) scaled(kLargest);
  shorter = std::max<std::int64_t>(shorter, 1);
  ResizedImage out;
  out.height = ceil_div(height, tile) * tile;
  out.width = ceil_div(width, tile) * tile;
  const bool split = out.height > tile || out.width > tile;
  out.tiles_down = split ? out.height / tile : 0;
  out.tiles_across = split ? out.width / tile : 0;
  return out;
}

}  // namespace

ResizedImage resized(ImageResize how, ImageSize image, const RuleNumber& number, const RuleSizes& sizes) {
  const auto height = static_cast<std::int64_t>(image.height);
  const auto width = static_cast<std::int64_t>(image.width);
  switch (how) {
    case ImageResize::smart:
      return smart(height, width, number);
    case ImageResize::fit_within:
      return fit_within(height, width, number);
    case ImageResize::best_resolution:
      return best_resolution(height, width, number, sizes);
    case ImageResize::tile_grid:
      return tile_grid(height, width, number);
    case ImageResize::canvas:
      return canvas(height, width, number);
    case ImageResize::split_large:
      return split_large(height, width, number);
    case ImageResize::budget:
      return budget(height, width, number);
    case ImageResize::shrink:
      return shrink(height, width, number);
    case ImageResize::fill_tiles:
      return fill_tiles(height, width, number);
    case ImageResize::slices:
      return slices(height, width, number);
    case ImageResize::split_longest:
      return split_longest(height, width, number);
    case ImageResize::fit_box:
      return fit_box(height, width, number);
    case ImageResize::needed_tiles:
      return needed_tiles(height, width, number);
    case ImageResize::covering_tiles:
      return covering_tiles(height, width, number);
    case ImageResize::overlapping_tiles:
      return overlapping_tiles(height, width, number);
    case ImageResize::windows:
      return windows(height, width, number);
    case ImageResize::closest_grid:
      return closest_grid(height, width, number);
    case ImageResize::fitted_slices:
      return fitted_slices(height, width, number);
    default:
      return {height, width};
  }
}

}  // namespace paramcount
