#include "estimate/safetensors_file.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/checked.hpp"

namespace paramcount {
namespace {

std::uint64_t digits(std::uint64_t number) {
  std::uint64_t count = 1;
  for (; number > 9; number /= 10) ++count;
  return count;
}

/// Digits of all numbers of an axis together.
std::uint64_t digits_of(const Axis& axis) {
  std::uint64_t sum = 0;
  for (const auto& range : axis.ranges) {
    for (auto number = range.first; number <= range.last;) {
      std::uint64_t next = 10;
      while (next <= number) next *= 10;
      const auto last = std::min<std::uint64_t>(range.last, next - 1);
      sum += digits(number) * (last - number + 1);
      number = last + 1;
    }
  }
  return sum;
}

/// Of the names of all copies together, as of one name without its indices.
std::uint64_t name_bytes(const Tensor& tensor) {
  std::uint64_t literal = tensor.name.text().size();
  for (const auto& index : tensor.name.indices()) literal -= index.size;
  std::uint64_t sum = checked_mul(literal, tensor.copies);
  for (const auto& axis : tensor.axes) {
    if (axis.size() > 0) sum = checked_add(sum, checked_mul(digits_of(axis), tensor.copies / axis.size()));
  }
  return sum;
}

std::uint64_t shape_bytes(const Tensor& tensor, Dtype::Stored::Shape shape) {
  if (shape == Dtype::Stored::Shape::one || tensor.shape.empty()) return 1;
  if (shape == Dtype::Stored::Shape::vector || shape == Dtype::Stored::Shape::inputs)
    return digits(tensor.shape.back());
  std::uint64_t sum = tensor.shape.size() - 1;
  for (const auto size : tensor.shape) sum += digits(size);
  return sum;
}

/// Bytes of each copy that are stored in addition to its weights and scales.
std::uint64_t settings_bytes(const Tensor& tensor, const Dtype::Stored& stored) {
  constexpr std::uint64_t kIndex = 4;  // group indices are I32
  return stored.shape == Dtype::Stored::Shape::inputs ? checked_mul(tensor.shape.back(), kIndex) : stored.beside;
}

std::string_view plain_dtype(const Dtype& dtype) {
  return dtype.id == "fp32" ? "F32" : dtype.id == "fp16" ? "F16" : "BF16";
}

}  // namespace

std::optional<SafetensorsFile> safetensors_file(const Inventory& inventory, const WeightFormat& format) {
  if (format.file_type || format.dtype.stored.empty()) return std::nullopt;
  // safetensors writes compact JSON and fills it up to 8 bytes, behind 8 bytes of its length.
  constexpr std::string_view kEntry = R"("":{"dtype":"","shape":[],"data_offsets":[,]},)";
  constexpr std::string_view kAround = R"({"__metadata__":{"format":"pt"}})";
  constexpr std::string_view kWeight = ".weight";
  // Most places in a file have as many digits as its size: shards are of 5 GB (transformers: max_shard_size).
  constexpr std::uint64_t kOffsetDigits = 10;
  SafetensorsFile file;
  std::uint64_t bytes = kAround.size();
  for (const auto& tensor : inventory.tensors) {
    if (!tensor.counts()) continue;
    const Dtype& dtype = format.of(tensor.role);
    const bool packed = !dtype.stored.empty() && tensor.shape.size() > 1;
    const std::vector<Dtype::Stored> plain{{"", std::string(plain_dtype(dtype))}};
    const bool named = tensor.name.text().ends_with(kWeight);
    for (const auto& one : packed ? dtype.stored : plain) {
      file.tensors = checked_add(file.tensors, tensor.copies);
      file.settings += Bytes{checked_mul(settings_bytes(tensor, one), tensor.copies)};
      const auto each = kEntry.size() + one.ending.size() + one.dtype.size() + shape_bytes(tensor, one.shape) +
                        2 * kOffsetDigits - (packed && named ? kWeight.size() : 0);
      bytes = checked_add(bytes, checked_add(name_bytes(tensor), checked_mul(each, tensor.copies)));
    }
  }
  constexpr std::uint64_t kWord = 8;
  file.header = {checked_add(kWord, round_up(bytes, kWord))};
  return file;
}

}  // namespace paramcount
