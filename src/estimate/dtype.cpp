#include "paramcount/catalog/dtype.hpp"

#include <algorithm>

#include "paramcount/base/checked.hpp"

namespace paramcount {
namespace {

std::uint64_t whole_bytes(std::uint64_t count, std::uint64_t bits) {
  return checked_add(checked_mul(count / 8, bits), ceil_div(checked_mul(count % 8, bits), 8));
}

/// Tiles along one side of a matrix; a tile of size 0 is as long as the side.
std::uint64_t tiles(std::uint64_t side, std::uint64_t tile) {
  return tile == 0 ? (side > 0 ? 1 : 0) : ceil_div(side, tile);
}

}  // namespace

double Dtype::bits_per_weight() const {
  double sum = static_cast<double>(bits) / static_cast<double>(elements);
  for (const auto& scale : scales) {
    if (scale.rows != 0 && scale.columns != 0) {
      sum += static_cast<double>(scale.bits) / (static_cast<double>(scale.rows) * static_cast<double>(scale.columns));
    }
  }
  return sum;
}

Bytes Dtype::bytes_of(std::uint64_t count) const {
  std::uint64_t bytes = whole_bytes(ceil_div(count, elements), bits);
  for (const auto& scale : scales) {
    bytes = checked_add(bytes, whole_bytes(tiles(count, scale.columns), scale.bits));
  }
  return {bytes};
}

Bytes Dtype::bytes_of(const std::vector<std::uint64_t>& shape) const {
  const auto count = checked_product(shape);
  std::uint64_t bytes = whole_bytes(elements == 1 ? count : ceil_div(count, elements), bits);
  for (const auto& scale : scales) {
    // A block of neighbours runs on over the end of a row; a tile does not.
    std::uint64_t blocks = 0;
    if (scale.rows == 1 && scale.columns != 0) {
      blocks = tiles(count, scale.columns);
    } else if (!shape.empty() && count > 0) {
      const auto columns = shape.back();
      const auto rows = shape.size() > 1 ? shape[shape.size() - 2] : 1;
      blocks =
          checked_mul(count / (rows * columns), checked_mul(tiles(rows, scale.rows), tiles(columns, scale.columns)));
    }
    bytes = checked_add(bytes, whole_bytes(blocks, scale.bits));
  }
  return {bytes};
}

bool Dtype::leaves_alone(Role role) const {
  if (leaves.empty()) return false;
  return role.suffix != RoleSuffix::none || std::find(leaves.begin(), leaves.end(), role.kind) != leaves.end();
}

}  // namespace paramcount
