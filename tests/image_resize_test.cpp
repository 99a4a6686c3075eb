// Sizes to which processors resize an image, worked out from the libraries' formulas.
#include "count/image_resize.hpp"

#include <map>
#include <string>

#include "catch.hpp"

namespace paramcount {
namespace {

ResizedImage of(ImageResize how, ImageSize image, const std::map<std::string, std::int64_t>& numbers) {
  const auto number = [&](std::string_view name) {
    const auto found = numbers.find(std::string(name));
    return found != numbers.end() ? found->second : 0;
  };
  return resized(how, image, number, [](std::string_view) { return std::vector<ImageSize>{}; });
}

}  // namespace

TEST_CASE("an image shorter than a unit is scaled until it holds one, as GLM-4V's processor does", "[media]") {
  // transformers, models/glm4v/image_processing_glm4v.py: scale = max(28 / 10, 28 / 100) = 2.8 gives 28 × 280, below
  // the least of 12,544 pixels; times sqrt(12,544 / 7,840) = 1.265, rounded up to units: 56 × 364.
  const ResizedImage image = of(ImageResize::smart, {100, 10},
                                {{"factor", 28}, {"min_pixels", 12'544}, {"max_pixels", 1 << 24}, {"small_sides", 1}});
  CHECK(image.height == 56);
  CHECK(image.width == 364);
}

TEST_CASE("Pixtral's patches cover an image whole", "[media]") {
  // transformers, models/pixtral/image_processing_pixtral.py: 1000 × 700 is within 1,024; 63 and 44 patches of 16.
  const ResizedImage image = of(ImageResize::fit_within, {1000, 700}, {{"longest_edge", 1024}, {"factor", 16}});
  CHECK(image.height == 704);
  CHECK(image.width == 1008);
}

TEST_CASE("tiles are as few as cover nine tenths of an image", "[media]") {
  // 1000 × 1000 in tiles of 400: one covers 0.16 of it, 2 × 2 cover 4 × 400² / 1000² = 0.64, 3 × 3 all.
  const ResizedImage image = of(ImageResize::covering_tiles, {1000, 1000}, {{"tile", 400}, {"max_tiles", 12}});
  CHECK(image.tiles_down == 3);
  CHECK(image.tiles_across == 3);
}

}  // namespace paramcount
