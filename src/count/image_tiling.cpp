#include "count/image_tiling.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// CPython's hash of a tuple of two small whole numbers, at least 0 (Objects/tupleobject.c).
std::uint64_t tuple_hash(std::int64_t a, std::int64_t b) {
  constexpr std::uint64_t kFirst = 11400714785074694791U;
  constexpr std::uint64_t kSecond = 14029467366897019727U;
  constexpr std::uint64_t kFifth = 2870177450012600261U;
  std::uint64_t sum = kFifth;
  for (const auto item : {a, b}) sum = std::rotl(sum + static_cast<std::uint64_t>(item) * kSecond, 31) * kFirst;
  return sum + (2U ^ kFifth ^ 3527539U);
}

/// Up to four grids in the order in which a Python set gives them: eight places, taken by their hashes
/// (Objects/setobject.c).
std::vector<std::pair<std::int64_t, std::int64_t>> in_set_order(
    const std::vector<std::pair<std::int64_t, std::int64_t>>& grids) {
  std::array<std::optional<std::pair<std::int64_t, std::int64_t>>, 8> places;
  for (const auto& grid : grids) {
    std::uint64_t rest = tuple_hash(grid.first, grid.second);
    std::uint64_t at = rest % places.size();
    while (places[at] && *places[at] != grid) {
      rest >>= 5U;
      at = (at * 5 + 1 + rest) % places.size();
    }
    places[at] = grid;
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> out;
  for (const auto& place : places) {
    if (place) out.push_back(*place);
  }
  return out;
}

}  // namespace

void check_tiles(std::int64_t most) {
  constexpr std::int64_t kMostTiles = 1000;
  if (most > kMostTiles) throw Error("max_tiles of its image processor is " + std::to_string(most));
}

std::vector<std::pair<std::int64_t, std::int64_t>> grids(std::int64_t least, std::int64_t most) {
  check_tiles(most);
  std::vector<std::pair<std::int64_t, std::int64_t>> out;
  for (std::int64_t tiles = least; tiles <= most; ++tiles) {
    for (std::int64_t a = 1; a <= tiles; ++a) {
      if (tiles % a == 0) out.emplace_back(a, tiles / a);
    }
  }
  return out;
}

ResizedImage of_tiles(std::int64_t down, std::int64_t across, std::int64_t tile) {
  ResizedImage out;
  out.tiles_down = down;
  out.tiles_across = across;
  out.height = down * tile;
  out.width = across * tile;
  return out;
}

ResizedImage tile_grid(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  const auto tile = number("tile");
  const double aspect = ratio(width, height);
  double nearest = HUGE_VAL;
  ResizedImage out = of_tiles(1, 1, tile);
  for (const auto& [across, down] : grids(number("min_tiles"), number("max_tiles"))) {
    const double difference = std::abs(aspect - ratio(across, down));
    const bool tie = difference == nearest && static_cast<double>(width) * static_cast<double>(height) >
                                                  0.5 * static_cast<double>(tile * tile * across * down);
    if (difference >= nearest && !tie) continue;
    nearest = difference;
    out = of_tiles(down, across, tile);
  }
  return out;
}

ResizedImage needed_tiles(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  const auto tile = number("tile");
  const auto patch = number("patch");
  ResizedImage out = of_tiles(ceil_div(height, tile), ceil_div(width, tile), tile);
  if (out.tiles_down * out.tiles_across > number("max_tiles")) out = tile_grid(height, width, number);
  const double down = ratio(out.height, height);
  const double across = ratio(out.width, width);
  const auto filled_height = across < down ? whole(static_cast<double>(height) * across) : out.height;
  const auto filled_width = across < down ? out.width : whole(static_cast<double>(width) * down);
  constexpr std::int64_t kLeast = 10;
  if (filled_height < kLeast || filled_width < kLeast) throw Error("its processor refuses an image of that shape");
  const auto side = tile / patch;
  const auto seen = [&](std::int64_t tiles, std::int64_t padding) {
    const auto patches = std::max<std::int64_t>(0, tiles * side - padding / patch);
    return patches / side * ceil_div(side, 2) + ceil_div(patches % side, 2);
  };
  out.inner_rows = seen(out.tiles_down, out.height - filled_height);
  out.inner_columns = seen(out.tiles_across, out.width - filled_width);
  return out;
}

ResizedImage covering_tiles(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  const auto tile = number("tile");
  constexpr double kEnough = 0.9;
  const auto covered = [&](std::int64_t down, std::int64_t across) {
    double sum = 0;
    for (std::int64_t row = 0; row < down; ++row) {
      for (std::int64_t column = 0; column < across; ++column) {
        const auto last_row = row == down - 1;
        const auto last_column = column == across - 1;
        const auto h = last_row ? height - row * (height / down) : height / down;
        const auto w = last_column ? width - column * (width / across) : width / across;
        auto longer = static_cast<double>(std::max(h, w));
        auto shorter = static_cast<double>(std::min(h, w));
        if (longer > static_cast<double>(tile)) {
          shorter = shorter / longer * static_cast<double>(tile);
          longer = static_cast<double>(tile);
        }
        sum += longer * shorter;
      }
    }
    return sum / static_cast<double>(height * width);
  };
  ResizedImage out = of_tiles(1, 1, tile);
  double best = -1;
  bool enough = false;
  for (const auto& [a, b] : grids(1, number("max_tiles"))) {
    const double share = covered(a, b);
    const bool covers = share > kEnough;
    const bool fewer = a * b < out.tiles_down * out.tiles_across;
    const bool as_few = a * b == out.tiles_down * out.tiles_across;
    const bool better = covers ? !enough || fewer || (as_few && share > best) : !enough && share > best;
    if (!better) continue;
    best = share;
    enough = covers;
    // The processor takes the rows that it tried for columns.
    out = of_tiles(b, a, tile);
  }
  return out;
}

ResizedImage overlapping_tiles(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  const auto tile = number("tile");
  const auto margin = number("margin");
  const auto side = [&](std::int64_t length) { return static_cast<float>(length - margin); };
  const auto scale = [&](std::int64_t tiles, float length) {
    const auto to = static_cast<float>(tiles * tile);
    return length == 0 ? HUGE_VALF : to / length;
  };
  ResizedImage out = of_tiles(1, 1, tile);
  float best = 0;
  bool first = true;
  for (const auto& [down, across] : grids(1, number("max_tiles"))) {
    const float needed = std::min(scale(down, side(height)), scale(across, side(width)));
    const bool better = first || (needed >= 1 ? best < 1 || needed < best : best < 1 && needed > best);
    if (!better) continue;
    first = false;
    best = needed;
    out = of_tiles(down, across, tile);
  }
  out.height += margin;
  out.width += margin;
  return out;
}

ResizedImage windows(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  const auto whole_side = number("whole_side");
  const auto tile = number("tile");
  const auto longest = number("longest_edge");
  constexpr std::int64_t kSmall = 32;
  if (std::min(width, height) < kSmall && std::max(ratio(width, height), ratio(height, width)) > 4) {
    width = height = std::max(width, height);
  }
  if (std::max(height, width) > longest) {
    const double scale = ratio(longest, std::max(height, width));
    width = whole(static_cast<double>(width) * scale);
    height = whole(static_cast<double>(height) * scale);
  }
  const auto shorter = std::min(height, width);
  const auto longer = std::max(height, width);
  if (shorter == 0) throw Error("its processor refuses an image of that shape");
  auto window = tile;
  if (longer <= whole_side) {
    window = ratio(longer, shorter) > 1.5 ? shorter : 0;
  } else if (ratio(longer, shorter) > 4) {
    window = std::min(shorter, tile);
  }
  ResizedImage out{height, width, 0, 0, 0, 0};
  if (window == 0) return out;
  const auto pieces = [&](std::int64_t side) {
    const bool up = static_cast<double>(side % window) > 0.2 * static_cast<double>(window);
    return side < window ? 1 : side / window + (up ? 1 : 0);
  };
  out.tiles_down = pieces(height);
  out.tiles_across = pieces(width);
  return out;
}

ResizedImage closest_grid(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  const auto factor = number("factor");
  const auto most = number("max_tokens");
  double rows = ratio(height, factor);
  double columns = ratio(width, factor);
  const double aspect = columns / rows;
  if (rows * columns > static_cast<double>(most)) {
    rows = std::sqrt(static_cast<double>(most) / aspect);
    columns = rows * aspect;
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> around;
  for (const double down : {std::floor(rows), std::ceil(rows)}) {
    for (const double across : {std::floor(columns), std::ceil(columns)}) {
      around.emplace_back(whole(down), whole(across));
    }
  }
  std::pair best{std::max<std::int64_t>(1, whole(std::nearbyint(rows))),
                 std::max<std::int64_t>(1, whole(std::nearbyint(columns)))};
  double least = HUGE_VAL;
  for (const auto& grid : in_set_order(around)) {
    if (grid.first < 1 || grid.second < 1 || grid.first * grid.second > most) continue;
    const double difference = std::abs(ratio(grid.first, grid.second) - ratio(height, width));
    if (difference >= least) continue;
    least = difference;
    best = grid;
  }
  ResizedImage out;
  out.height = best.first * factor;
  out.width = best.second * factor;
  return out;
}

ResizedImage slices(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  const auto tile = number("tile");
  const auto most = number("max_tiles");
  check_tiles(most);
  ResizedImage out{height, width, 0, 0, 0, 0};
  const auto area = static_cast<double>(width) * static_cast<double>(height) / static_cast<double>(tile * tile);
  const auto wanted = std::min(whole(std::ceil(area)), most);
  if (wanted <= 1) return out;
  const double aspect = std::log(ratio(width, height));
  double least = HUGE_VAL;
  for (const auto& [across, down] : grids(std::max<std::int64_t>(wanted - 1, 2), std::min(wanted + 1, most))) {
    const double error = std::abs(aspect - std::log(ratio(across, down)));
    if (error >= least) continue;
    least = error;
    out.tiles_across = across;
    out.tiles_down = down;
  }
  return out;
}

ResizedImage fitted_slices(std::int64_t height, std::int64_t width, const RuleNumber& number) {
  const auto tile = number("tile");
  const auto patch = number("patch");
  const auto unit = 4 * patch;
  const auto multiple = [](double length, std::int64_t of) {
    return std::max(whole(std::nearbyint(length / static_cast<double>(of))) * of, of);
  };
  const auto fitted = [&](double h, double w, bool enlarge) {
    if (h * w > static_cast<double>(tile * tile) || enlarge) {
      const double aspect = w / h;
      h = std::floor(static_cast<double>(tile) / std::sqrt(aspect));
      w = std::floor(h * aspect);
    }
    return std::pair{multiple(h, unit), multiple(w, unit)};
  };
  ResizedImage out = slices(height, width, number);
  const bool cut = out.tiles_down > 0;
  const auto h = static_cast<double>(height);
  const auto w = static_cast<double>(width);
  std::tie(out.height, out.width) = fitted(h, w, !cut);
  if (!cut) return out;
  // A slice is what the processor calls it: tiles_down of them in a column.
  const auto down = static_cast<double>(out.tiles_down);
  const auto across = static_cast<double>(out.tiles_across);
  const auto refined_height = static_cast<double>(multiple(h, out.tiles_down));
  const auto refined_width = static_cast<double>(multiple(w, out.tiles_across));
  const auto [slice_height, slice_width] = fitted(refined_height / down, refined_width / across, true);
  out.inner_rows = slice_height / patch;
  out.inner_columns = slice_width / patch;
  return out;
}

}  // namespace paramcount
