#include "read/gguf_header.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "read/byte_reader.hpp"
#include "read/ggml_type.hpp"
#include "read/gguf_layout.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kMagic = "GGUF";

// The least a pair and a tensor take: length of the name, one byte of it, and what has to follow.
constexpr std::uint64_t kLeastPair = 8 + 1 + 4 + 1;
constexpr std::uint64_t kLeastTensor = 8 + 1 + 4 + 4 + 8;

enum class ValueType : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, text, array, u64, i64, f64 };
constexpr std::array<std::string_view, 13> kValueTypeNames{"uint8",  "int8",    "uint16", "int16",  "uint32",
                                                           "int32",  "float32", "bool",   "string", "array",
                                                           "uint64", "int64",   "float64"};
/// Bytes of a value; 0: of no fixed size.
constexpr std::array<std::uint64_t, 13> kValueBytes{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

Value shortened(std::string_view type, std::uint64_t length) {
  return Value::Object{{"type", type}, {"length", static_cast<std::int64_t>(length)}};
}

Value real(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

class HeaderReader {
 public:
  HeaderReader(ByteReader& reader, GgufHeader& out) : reader_(reader), out_(out) {}

  void read() {
    const auto tensors = read_counts();
    const auto pairs = reader_.number<std::uint64_t>();
    refuse_more(pairs, kMostGgufPairs, kLeastPair, "key-value pairs");
    for (std::uint64_t i = 0; i < pairs; ++i) read_pair();
    check_keys();
    refuse_more(tensors, kMostGgufTensors, kLeastTensor, "tensors");
    for (std::uint64_t i = 0; i < tensors; ++i) read_tensor();
    out_.header_bytes = reader_.position();
    out_.file_bytes = reader_.size();
    lay_out(out_);
  }

 private:
  /// Magic and version; returns the number of tensors.
  std::uint64_t read_counts() {
    std::string magic;
    reader_.append(magic, std::min<std::uint64_t>(kMagic.size(), reader_.size()));
    if (magic != kMagic) {
      for (const std::string_view old : {"lmgg", "fmgg", "tjgg", "algg"}) {
        if (magic == old) ByteReader::fail("a file in a GGML format older than GGUF. Convert the model again", 0);
      }
      ByteReader::fail("not a GGUF file: it does not begin with GGUF", 0);
    }
    auto version = reader_.number<std::uint32_t>();
    if ((version & 0xFFFFU) == 0 && version != 0) {
      reader_.swap_bytes(true);
      version = __builtin_bswap32(version);
    }
    if (version == 1) ByteReader::fail("GGUF version 1, which is obsolete. Convert the model again", 4);
    if (version != 2 && version != 3) {
      ByteReader::fail("GGUF version " + std::to_string(version) + "; supported: 2 and 3", 4);
    }
    return reader_.number<std::uint64_t>();
  }

  /// Bytes left of the file, or of what a header may take: a sparse file is as long as it likes.
  [[nodiscard]] std::uint64_t left() const {
    return std::min(reader_.left(), kMostGgufHeaderBytes - std::min(kMostGgufHeaderBytes, reader_.position()));
  }

  void refuse_more(std::uint64_t count, std::uint64_t most, std::uint64_t least_bytes, const char* what) const {
    if (count > left() / least_bytes) {
      reader_.fail(std::to_string(count) + " " + what + " declared, but the rest of the " + rest() +
                   " can hold at most " + std::to_string(left() / least_bytes));
    }
    if (count > most)
      reader_.fail(std::to_string(count) + " " + what + " declared; more than " + std::to_string(most) +
                   " are refused");
  }

  /// What ends first: "file".
  [[nodiscard]] const char* rest() const { return left() < reader_.left() ? "128 MiB limit for headers" : "file"; }

  void bound_header() const {
    if (reader_.position() > kMostGgufHeaderBytes) reader_.fail("a header of more than 128 MiB is refused");
  }

  /// The length of a text or an array whose items take at least that many bytes.
  std::uint64_t read_length(std::uint64_t item_bytes, const char* what) {
    const auto at = reader_.position();
    const auto length = reader_.number<std::uint64_t>();
    if (length > left() / item_bytes) {
      ByteReader::fail(std::string(what) + " of length " + std::to_string(length) + ", with " + std::to_string(left()) +
                           " bytes left of the " + rest(),
                       at);
    }
    return length;
  }

  void require_utf8(std::string_view text, std::uint64_t at, const char* what) const {
    if (!is_utf8(text)) ByteReader::fail(std::string(what) + " " + printable(text.substr(0, 40)) + ": not UTF-8", at);
  }

  void keep_name(std::uint64_t length) {
    names_ += length;
    if (names_ > kMostGgufNames) reader_.fail("more than 64 MiB of names are refused");
  }

  void read_pair() {
    bound_header();
    const auto at = reader_.position();
    std::string key;
    const auto length = read_length(1, "a key");
    if (length == 0) ByteReader::fail("a key without a name", at);
    if (length > kLongestGgufName)
      ByteReader::fail("a key of " + std::to_string(length) + " bytes; at most 65,535 are allowed", at);
    keep_name(length);
    reader_.append(key, length);
    require_utf8(key, at, "key");
    try {
      Value value = read_value(read_type(), 0);
      out_.metadata.emplace_back(std::move(key), std::move(value));
    } catch (const Error& error) {
      throw located(printable(key), error);
    }
  }

  ValueType read_type() {
    const auto at = reader_.position();
    const auto type = reader_.number<std::uint32_t>();
    if (type >= kValueTypeNames.size()) ByteReader::fail("unknown value type " + std::to_string(type), at);
    return static_cast<ValueType>(type);
  }

  Value read_value(ValueType type, int depth) {
    switch (type) {
      case ValueType::u8:
        return std::int64_t{reader_.number<std::uint8_t>()};
      case ValueType::i8:
        return std::int64_t{reader_.number<std::int8_t>()};
      case ValueType::u16:
        return std::int64_t{reader_.number<std::uint16_t>()};
      case ValueType::i16:
        return std::int64_t{reader_.number<std::int16_t>()};
      case ValueType::u32:
        return std::int64_t{reader_.number<std::uint32_t>()};
      case ValueType::i32:
        return std::int64_t{reader_.number<std::int32_t>()};
      case ValueType::f32:
        return real(static_cast<double>(reader_.number<float>()));
      case ValueType::boolean:
        return read_bool();
      case ValueType::text:
        return read_text();
      case ValueType::array:
        return read_array(depth + 1);
      case ValueType::u64: {
        // No number of ours is larger than 63 bits.
        const auto value = reader_.number<std::uint64_t>();
        return value <= INT64_MAX ? Value(static_cast<std::int64_t>(value)) : Value(std::to_string(value));
      }
      case ValueType::i64:
        return reader_.number<std::int64_t>();
      case ValueType::f64:
        break;
    }
    return real(reader_.number<double>());
  }

  Value read_bool() {
    const auto at = reader_.position();
    const auto byte = reader_.number<std::uint8_t>();
    if (byte > 1) ByteReader::fail("a bool is 0 or 1, not " + std::to_string(byte), at);
    return byte == 1;
  }

  /// The same of many, a block at a time.
  void check_bools(std::uint64_t count) {
    constexpr std::size_t kBlock = std::size_t{1} << 12U;
    std::array<std::uint8_t, kBlock> block;
    while (count > 0) {
      const auto at = reader_.position();
      const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(count, kBlock));
      reader_.read(block.data(), some);
      const auto* const end = block.data() + some;
      const auto* const odd = std::find_if(block.data(), block.data() + some, [](auto byte) { return byte > 1; });
      if (odd != end) {
        ByteReader::fail("a bool is 0 or 1, not " + std::to_string(*odd),
                         at + static_cast<std::uint64_t>(odd - block.data()));
      }
      count -= some;
    }
  }

  Value read_text() {
    const auto at = reader_.position();
    const auto length = read_length(1, "a string");
    if (length > kLongestKeptText || length > kMostKeptText - kept_text_) {
      reader_.skip(length);
      return shortened("string", length);
    }
    kept_text_ += length;
    std::string text;
    reader_.append(text, length);
    require_utf8(text, at, "a string");
    return text;
  }

  Value read_array(int depth) {
    if (depth > kDeepestGgufArray)
      reader_.fail("arrays are nested more than " + std::to_string(kDeepestGgufArray) + " deep");
    const auto type = read_type();
    const auto bytes = kValueBytes[static_cast<std::size_t>(type)];
    const auto least = type == ValueType::text ? 8 : type == ValueType::array ? 12 : bytes;
    const auto length = read_length(least, "an array");
    const auto name = kValueTypeNames[static_cast<std::size_t>(type)];
    if (length <= kLongestKeptArray && kept_ + length <= kMostKeptItems) {
      kept_ += length;
      if (type == ValueType::text) return read_texts(length);
      Value::List list;
      for (std::uint64_t i = 0; i < length; ++i) list.push_back(read_value(type, depth));
      return list;
    }
    if (type == ValueType::boolean) {
      check_bools(length);
    } else if (bytes > 0) {
      reader_.skip(checked_mul(length, bytes));
    } else if (type == ValueType::text) {
      for (std::uint64_t i = 0; i < length; ++i) skip_text();
    } else {
      for (std::uint64_t i = 0; i < length; ++i) static_cast<void>(read_array(depth + 1));
    }
    bound_header();
    return shortened(name, length);
  }

  /// A short list of texts. Tokens may be no UTF-8: then the list is given by its length, as a long one is.
  Value read_texts(std::uint64_t count) {
    Value::List list;
    std::uint64_t bytes = 0;
    bool plain = true;
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto length = read_length(1, "a string");
      bytes = checked_add(bytes, length);
      plain = plain && bytes <= std::min(kLongestKeptText, kMostKeptText - kept_text_);
      if (!plain) {
        reader_.skip(length);
        continue;
      }
      std::string text;
      reader_.append(text, length);
      plain = is_utf8(text);
      list.emplace_back(std::move(text));
    }
    if (!plain) return shortened("string", count);
    kept_text_ += bytes;
    return list;
  }

  void skip_text() { reader_.skip(read_length(1, "a string")); }

  void check_keys() const {
    std::vector<std::string_view> keys;
    keys.reserve(out_.metadata.size());
    for (const auto& [key, value] : out_.metadata) keys.emplace_back(key);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) throw Error("the key " + printable(*twice) + " appears twice");
  }

  void read_tensor() {
    bound_header();
    const auto at = reader_.position();
    const auto begin = out_.names.size();
    const auto length = read_length(1, "a tensor's name");
    if (length == 0) ByteReader::fail("a tensor without a name", at);
    if (length > kLongestGgufName) {
      ByteReader::fail("a tensor's name of " + std::to_string(length) + " bytes; at most 65,535 are allowed", at);
    }
    keep_name(length);
    reader_.append(out_.names, length);
    const std::string_view name = std::string_view(out_.names).substr(begin);
    require_utf8(name, at, "the name");
    out_.name_ends.push_back(out_.names.size());
    try {
      out_.tensors.push_back(read_info());
    } catch (const Error& error) {
      throw located(printable(name), error);
    }
  }

  /// What the type makes of the tensor. Of numbers that forks use otherwise, offsets decide (read/gguf_layout.hpp).
  static void take_type(const GgmlType& type, StoredTensor& tensor, std::uint64_t at) {
    const auto row = tensor.shape.empty() ? 1 : tensor.shape.back();
    tensor.dtype = type.name;
    if (type.bytes_of(tensor, tensor.bytes) || type.number >= kFirstForkType) return;
    if (row % type.block == 0) ByteReader::fail("its size in bytes exceeds 64 bits", at);
    ByteReader::fail("rows of " + std::to_string(row) + " are not whole blocks of " + std::string(type.name) + " (" +
                         std::to_string(type.block) + ")",
                     at);
  }

  StoredTensor read_info() {
    StoredTensor tensor;
    auto at = reader_.position();
    const auto dimensions = reader_.number<std::uint32_t>();
    if (dimensions > kMostGgufDimensions) {
      ByteReader::fail(std::to_string(dimensions) + " dimensions; at most 4 are allowed", at);
    }
    tensor.shape.resize(dimensions);
    tensor.elements = 1;
    for (std::size_t i = dimensions; i > 0; --i) tensor.shape[i - 1] = reader_.number<std::uint64_t>();
    for (const auto size : tensor.shape) {
      if (size > INT64_MAX || __builtin_mul_overflow(tensor.elements, size, &tensor.elements)) {
        ByteReader::fail("its number of elements exceeds 64 bits", at);
      }
    }
    at = reader_.position();
    const auto number = reader_.number<std::uint32_t>();
    out_.types.push_back(number);
    if (const auto* type = find_ggml_type(number)) take_type(*type, tensor, at);
    tensor.offset = reader_.number<std::uint64_t>();
    return tensor;
  }

  ByteReader& reader_;
  GgufHeader& out_;
  std::uint64_t kept_{0};       ///< items of arrays
  std::uint64_t kept_text_{0};  ///< bytes of strings
  std::uint64_t names_{0};      ///< bytes of keys and of names
};

}  // namespace

std::string_view GgufHeader::name_of(std::size_t tensor) const {
  const auto begin = tensor == 0 ? 0 : name_ends[tensor - 1];
  return std::string_view(names).substr(begin, name_ends[tensor] - begin);
}

std::optional<std::uint64_t> GgufHeader::number(std::string_view key) const {
  const auto at = std::find_if(metadata.begin(), metadata.end(), [&](const auto& pair) { return pair.first == key; });
  if (at == metadata.end()) return std::nullopt;
  const auto* whole = at->second.as<std::int64_t>();
  if (whole == nullptr || *whole < 0) {
    throw Error(std::string(key) + ": expected a whole number, got " + brief(at->second));
  }
  return static_cast<std::uint64_t>(*whole);
}

GgufHeader read_gguf_header(const Source& source) {
  ByteReader reader(source);
  GgufHeader header;
  try {
    HeaderReader(reader, header).read();
  } catch (const Error& error) {
    throw located(printable(source.name()), error);
  }
  return header;
}

}  // namespace paramcount
