#include "read/safetensors.hpp"

#include <algorithm>
#include <array>

#include "base/budgets.hpp"
#include "base/json_scanner.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "read/name_set.hpp"

namespace paramcount {
namespace {

struct Format {
  std::string_view name;
  std::uint64_t bits;
};

/// Every number format of safetensors 0.7, the usual ones first.
constexpr std::array<Format, 22> kFormats{
    {{"BF16", 16},   {"F32", 32}, {"F16", 16},        {"F8_E4M3", 8},    {"U8", 8},   {"I32", 32},
     {"I64", 64},    {"BOOL", 8}, {"F8_E5M2", 8},     {"F8_E8M0", 8},    {"F4", 4},   {"F6_E2M3", 6},
     {"F6_E3M2", 6}, {"I8", 8},   {"I16", 16},        {"U16", 16},       {"U32", 32}, {"U64", 64},
     {"F64", 64},    {"C64", 64}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}}};

std::string quoted(std::string_view name) {
  constexpr std::size_t kLongest = 120;
  return printable(name.size() > kLongest ? std::string(name.substr(0, kLongest)) + "..." : std::string(name));
}

class HeaderScanner {
 public:
  HeaderScanner(char* text, std::size_t length, std::uint64_t file_bytes, std::uint32_t file,
                std::vector<StoredTensor>& tensors)
      : scanner_(text, length, kHeaderStart),
        data_start_(kHeaderStart + length),
        data_bytes_(file_bytes - data_start_),
        file_(file),
        first_(tensors.size()),
        tensors_(tensors) {
    // Few entries are shorter. Room that stays unused is never touched.
    constexpr std::size_t kUsualEntry = 100;
    if (tensors_.capacity() == 0) tensors_.reserve(length / kUsualEntry);
    hashes_.reserve(length / kUsualEntry);
  }

  void scan(Value& metadata) {
    scanner_.need('{');
    bool has_metadata = false;
    if (!scanner_.accept('}')) {
      do {
        const std::string_view name = scanner_.text();
        scanner_.need(':');
        if (name == "__metadata__") {
          if (has_metadata) scanner_.fail("__metadata__ twice");
          has_metadata = true;
          read_metadata(metadata);
        } else {
          read_tensor(name);
        }
      } while (scanner_.accept(','));
      scanner_.need('}');
    }
    scanner_.finish();
    check_names();
    check_places();
  }

 private:
  enum Field : unsigned { dtype = 1, shape = 2, data_offsets = 4 };

  void read_metadata(Value& metadata) {
    Value read{Value::Object{}};
    std::vector<std::string_view> keys;
    scanner_.need('{');
    if (!scanner_.accept('}')) {
      do {
        const std::string_view key = scanner_.text();
        keys.push_back(key);
        scanner_.need(':');
        read.as<Value::Object>()->emplace_back(std::string(key), Value(scanner_.text()));
      } while (scanner_.accept(','));
      scanner_.need('}');
    }
    std::sort(keys.begin(), keys.end());
    if (const auto twice = std::adjacent_find(keys.begin(), keys.end()); twice != keys.end()) {
      scanner_.fail("__metadata__: " + quoted(*twice) + " twice");
    }
    if (metadata.is_null()) metadata = std::move(read);
  }

  void read_tensor(std::string_view name) {
    StoredTensor& tensor = tensors_.emplace_back();
    tensor.name = name;
    tensor.file = file_;
    hashes_.push_back(hash_of(name));
    std::uint64_t bits = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    unsigned seen = 0;
    scanner_.need('{');
    if (scanner_.accept('}')) fail(name, "no dtype, shape and data_offsets");
    do {
      const Field field = read_field(name);
      if ((seen & field) != 0) fail(name, "dtype, shape or data_offsets twice");
      seen |= field;
      switch (field) {
        case dtype:
          bits = read_format(tensor);
          break;
        case shape:
          read_shape(tensor);
          break;
        case data_offsets:
          scanner_.need('[');
          begin = scanner_.whole();
          scanner_.need(',');
          end = scanner_.whole();
          scanner_.need(']');
      }
    } while (scanner_.accept(','));
    scanner_.need('}');
    if (seen != 7) {
      fail(name, (seen & dtype) == 0 ? "no dtype" : (seen & shape) == 0 ? "no shape" : "no data_offsets");
    }
    place(tensor, bits, begin, end);
  }

  /// The key of an entry and its colon.
  Field read_field(std::string_view name) {
    if (scanner_.accept_usual("\"dtype\":")) return dtype;
    if (scanner_.accept_usual("\"shape\":")) return shape;
    if (scanner_.accept_usual("\"data_offsets\":")) return data_offsets;
    const std::string_view key = scanner_.text();
    scanner_.need(':');
    if (key == "dtype") return dtype;
    if (key == "shape") return shape;
    if (key == "data_offsets") return data_offsets;
    fail(name, "unknown key " + quoted(key));
  }

  std::uint64_t read_format(StoredTensor& tensor) {
    const std::string_view text = scanner_.text();
    for (const auto& format : kFormats) {
      if (format.name == text) {
        tensor.dtype = format.name;
        return format.bits;
      }
    }
    fail(tensor.name, "unknown dtype " + quoted(text));
  }

  void read_shape(StoredTensor& tensor) {
    std::array<std::uint64_t, kMostDimensions> sizes;
    std::size_t rank = 0;
    scanner_.need('[');
    if (!scanner_.accept(']')) {
      do {
        if (rank == sizes.size()) fail(tensor.name, "a shape of more than 64 dimensions");
        sizes[rank++] = scanner_.whole();
      } while (scanner_.accept(','));
      scanner_.need(']');
    }
    tensor.shape.assign(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(rank));
    std::uint64_t elements = 1;
    for (const auto size : tensor.shape) {
      if (__builtin_mul_overflow(elements, size, &elements)) fail(tensor.name, "its shape has more than 2^64 elements");
    }
    tensor.elements = elements;
  }

  void place(StoredTensor& tensor, std::uint64_t format_bits, std::uint64_t begin, std::uint64_t end) {
    std::uint64_t bits = 0;
    if (__builtin_mul_overflow(tensor.elements, format_bits, &bits)) fail(tensor.name, "its size exceeds 64 bits");
    if (bits % 8 != 0) fail(tensor.name, "its elements do not fill whole bytes");
    tensor.bytes = bits / 8;
    if (end < begin) fail(tensor.name, "data_offsets end before they begin");
    if (end - begin != tensor.bytes) {
      fail(tensor.name,
           "data_offsets span " + grouped(end - begin) + " bytes, dtype and shape give " + grouped(tensor.bytes));
    }
    if (end > data_bytes_) {
      fail(tensor.name, "ends at byte " + grouped(end) + " of the data, but the file has " + grouped(data_bytes_) +
                            ". Is it truncated?");
    }
    tensor.offset = data_start_ + begin;
  }

  void check_names() {
    NameSet names(hashes_.size());
    const auto twice = names.add(tensors_, first_, hashes_);
    if (twice < tensors_.size()) scanner_.fail(quoted(tensors_[twice].name) + " twice");
  }

  /// The tensors fill the data from its first byte to its last, each byte once.
  void check_places() {
    std::vector<std::uint32_t> order(tensors_.size() - first_);
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(first_ + i);
    const auto before = [&](std::uint32_t a, std::uint32_t b) {
      const auto& left = tensors_[a];
      const auto& right = tensors_[b];
      // An empty tensor sorts before one that begins at the same offset.
      return left.offset != right.offset ? left.offset < right.offset : left.bytes < right.bytes;
    };
    if (!std::is_sorted(order.begin(), order.end(), before)) std::sort(order.begin(), order.end(), before);
    std::uint64_t at = data_start_;
    const StoredTensor* previous = nullptr;
    for (const auto i : order) {
      const auto& tensor = tensors_[i];
      if (tensor.offset < at) scanner_.fail(quoted(tensor.name) + " overlaps " + quoted(previous->name));
      if (tensor.offset > at) {
        scanner_.fail(grouped(tensor.offset - at) + " bytes before " + quoted(tensor.name) + " belong to no tensor");
      }
      at = tensor.offset + tensor.bytes;
      previous = &tensor;
    }
    if (const auto left = data_start_ + data_bytes_ - at; left > 0) {
      scanner_.fail(grouped(left) + " bytes at the end of the file belong to no tensor");
    }
  }

  [[noreturn]] void fail(std::string_view name, const std::string& what) const {
    scanner_.fail(quoted(name) + ": " + what);
  }

  JsonScanner scanner_;
  std::uint64_t data_start_;
  std::uint64_t data_bytes_;
  std::uint32_t file_;
  std::size_t first_;
  std::vector<StoredTensor>& tensors_;
  std::vector<std::uint64_t> hashes_;  ///< of the names
};

}  // namespace

std::uint64_t header_length(const char (&first)[kHeaderStart], std::uint64_t file_bytes) {
  std::uint64_t length = 0;
  for (std::size_t i = kHeaderStart; i-- > 0;) length = length << 8U | static_cast<unsigned char>(first[i]);
  const std::uint64_t follow = file_bytes - kHeaderStart;
  if (length > follow) {
    throw Error("byte 8: header of " + grouped(length) + " bytes, " + grouped(follow) + " follow");
  }
  if (length > kMostHeaderBytes) {
    throw Error("byte 0: header of " + grouped(length) + " bytes; the format allows " + grouped(kMostHeaderBytes));
  }
  return length;
}

void scan_header(char* text, std::size_t length, std::uint64_t file_bytes, std::uint32_t file,
                 std::vector<StoredTensor>& tensors, Value& metadata) {
  HeaderScanner(text, length, file_bytes, file, tensors).scan(metadata);
}

}  // namespace paramcount
