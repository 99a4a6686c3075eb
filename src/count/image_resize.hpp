// The sizes to which processors resize an image before cutting it into patches, following each library's own code
// including its rounding.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "paramcount/catalog/media_rule.hpp"
#include "paramcount/count/media.hpp"

namespace paramcount {

/// Gives a number of the rule by its name: "factor", "max_pixels".
using RuleNumber = std::function<std::int64_t(std::string_view name)>;
/// Gives a list of [height, width].
using RuleSizes = std::function<std::vector<ImageSize>(std::string_view name)>;

/// What a resize says of an image.
struct ResizedImage {
  std::int64_t height{0}, width{0};              ///< pixels after it
  std::int64_t tiles_down{1}, tiles_across{1};   ///< pieces that the tower sees one by one
  std::int64_t inner_rows{0}, inner_columns{0};  ///< of best_resolution: patches left when padding is cut off
};

/// The arithmetic of Python's processors: true division, int() of a float, and a quotient rounded up.
inline double ratio(std::int64_t a, std::int64_t b) { return static_cast<double>(a) / static_cast<double>(b); }
inline std::int64_t whole(double value) { return static_cast<std::int64_t>(value); }
inline std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// Throws Error where the processor would refuse the image.
[[nodiscard]] ResizedImage resized(ImageResize how, ImageSize image, const RuleNumber& number, const RuleSizes& sizes);

}  // namespace paramcount
