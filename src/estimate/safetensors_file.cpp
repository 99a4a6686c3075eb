#include "estimate/safetensors_file.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "paramcount/base/checked.hpp"

namespace paramcount {
namespace {

/// A tensor that stands for a matrix or beside it.
struct Stored {
  std::string_view ending;  ///< in place of ".weight"
  std::string_view dtype;
  enum class Shape : std::uint8_t { matrix, vector, one } shape{Shape::matrix};
};
constexpr auto kVector = Stored::Shape::vector;
constexpr auto kOne = Stored::Shape::one;

/// By a piece of a format's id, the first that occurs in it. The writers are those of data/dtypes.json, the
/// names those of data/packed.json.
struct Writer {
  std::string_view piece;
  std::vector<Stored> stored;
};
const std::vector<Writer>& writers() {
  static const std::vector<Writer> all{
      {"mlx-mx", {{".weight", "U32"}, {".scales", "U8"}}},
      {"mlx-nvfp4", {{".weight", "U32"}, {".scales", "U8"}}},
      {"mlx-", {{".weight", "U32"}, {".scales", "BF16"}, {".biases", "BF16"}}},
      {"a16-asym",
       {{".weight_packed", "I32"},
        {".weight_scale", "BF16"},
        {".weight_zero_point", "I32"},
        {".weight_shape", "I64", kOne}}},
      {"a16-g", {{".weight_packed", "I32"}, {".weight_scale", "BF16"}, {".weight_shape", "I64", kOne}}},
      {"gptq-", {{".qweight", "I32"}, {".qzeros", "I32"}, {".scales", "F16"}, {".g_idx", "I32", kVector}}},
      {"awq-", {{".qweight", "I32"}, {".qzeros", "I32"}, {".scales", "F16"}}},
      {"fp8-block128", {{".weight", "F8_E4M3"}, {".weight_scale_inv", "F32"}}},
      {"w8a8", {{".weight", "I8"}, {".weight_scale", "BF16"}}},
      {"fp8-dynamic", {{".weight", "F8_E4M3"}, {".weight_scale", "BF16"}}},
      {"modelopt-fp8", {{".weight", "F8_E4M3"}, {".weight_scale", "F32", kOne}, {".input_scale", "F32", kOne}}},
      {"modelopt-nvfp4",
       {{".weight", "U8"},
        {".weight_scale", "F8_E4M3"},
        {".weight_scale_2", "F32", kOne},
        {".input_scale", "F32", kOne}}},
      {"nvfp4a16", {{".weight_packed", "U8"}, {".weight_scale", "F8_E4M3"}, {".weight_global_scale", "F32", kOne}}},
      {"exl3-", {{".trellis", "I16"}, {".suh", "F16", kVector}, {".svh", "F16", kVector}, {".mcg", "I32", kOne}}},
      {"exl2-",
       {{".q_weight", "I32"},
        {".q_invperm", "I32", kVector},
        {".q_scale", "I32"},
        {".q_scale_max", "F16", kVector},
        {".q_groups", "I16", kVector}}}};
  return all;
}

const std::vector<Stored>* stored_by(const std::string& id) {
  const auto& all = writers();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Writer& writer) { return id.find(writer.piece) != std::string::npos; });
  return found != all.end() ? &found->stored : nullptr;
}

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

std::uint64_t shape_bytes(const Tensor& tensor, Stored::Shape shape) {
  if (shape == Stored::Shape::one || tensor.shape.empty()) return 1;
  if (shape == Stored::Shape::vector) return digits(tensor.shape.back());
  std::uint64_t sum = tensor.shape.size() - 1;
  for (const auto size : tensor.shape) sum += digits(size);
  return sum;
}

std::string_view plain_dtype(const Dtype& dtype) {
  return dtype.id == "fp32" ? "F32" : dtype.id == "fp16" ? "F16" : "BF16";
}

}  // namespace

std::optional<SafetensorsFile> safetensors_file(const Inventory& inventory, const WeightFormat& format) {
  if (format.file_type || stored_by(format.dtype.id) == nullptr) return std::nullopt;
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
    const auto* stored = stored_by(dtype.id);
    const bool packed = stored != nullptr && tensor.shape.size() > 1;
    const std::vector<Stored> plain{{"", plain_dtype(dtype)}};
    const bool named = tensor.name.text().ends_with(kWeight);
    for (const auto& one : packed ? *stored : plain) {
      file.tensors = checked_add(file.tensors, tensor.copies);
      const auto each = kEntry.size() + one.ending.size() + one.dtype.size() + shape_bytes(tensor, one.shape) +
                        2 * kOffsetDigits - (packed && named ? kWeight.size() : 0);
      bytes = checked_add(bytes, checked_add(name_bytes(tensor), checked_mul(each, tensor.copies)));
    }
  }
  constexpr std::uint64_t kWord = 8;
  file.header = {checked_add(kWord, (bytes + kWord - 1) / kWord * kWord)};
  return file;
}

}  // namespace paramcount
