// https://protobuf.dev/programming-guides/encoding
#include "read/protobuf.hpp"

#include "base/budgets.hpp"
#include "base/numbers.hpp"

namespace paramcount {

std::uint64_t ProtobufReader::varint(std::uint64_t end) {
  constexpr unsigned kMostBits = 64, kBitsOfByte = 7;
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < kMostBits; shift += kBitsOfByte) {
    if (position() >= end) fail("an unterminated number");
    const auto byte = bytes_.number<std::uint8_t>();
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  fail("a number of more than ten bytes");
}

ProtobufReader::Field ProtobufReader::field(std::uint64_t end) {
  if (++fields_ > kMostOnnxFields) fail("more than 50,000,000 fields");
  const std::uint64_t tag = varint(end);
  Field field;
  field.number = static_cast<std::uint32_t>(tag >> 3U);
  if (tag >> 32U != 0 || field.number == 0) fail("not a protocol buffer field");
  switch (tag & 7U) {
    case 0:
      field.value = varint(end);
      return field;
    case 1:
    case 5: {
      const std::uint64_t width = (tag & 7U) == 1 ? 8 : 4;
      if (end - position() < width) fail("an unterminated number");
      bytes_.skip(width);
      return field;
    }
    case 2:
      field.has_length = true;
      field.value = varint(end);
      if (field.value > end - position()) {
        fail("a field of " + grouped(field.value) + " bytes, " + grouped(end - position()) + " left in its message");
      }
      return field;
    default:
      fail("not a protocol buffer field");
  }
}

std::string ProtobufReader::text(const Field& field, std::uint64_t longest) {
  if (!field.has_length) fail("expected a string, got a number");
  if (field.value > longest) fail("a string of " + grouped(field.value) + " bytes; the limit is " + grouped(longest));
  std::string text;
  bytes_.append(text, field.value);
  return text;
}

}  // namespace paramcount
