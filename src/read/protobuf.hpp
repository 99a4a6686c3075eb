// The protocol buffers wire format, read sequentially: the fields of a message, whatever they mean. Every length is
// checked against the enclosing message.
#pragma once

#include <cstdint>
#include <string>

#include "read/byte_reader.hpp"

namespace paramcount {

class ProtobufReader {
 public:
  explicit ProtobufReader(const Source& source) : bytes_(source) {}

  /// A field's number and what follows it: a number, or a length and that many bytes.
  struct Field {
    std::uint32_t number{0};
    bool has_length{false};
    std::uint64_t value{0};
  };

  [[nodiscard]] std::uint64_t position() const { return bytes_.position(); }
  [[nodiscard]] std::uint64_t size() const { return bytes_.size(); }

  /// The next field of a message that ends at that byte; a field with a length is read or skipped by the caller.
  /// Throws Error "byte N: ...", also beyond 50,000,000 fields of the file.
  Field field(std::uint64_t end);
  /// A number on its own, of a packed list that ends at that byte.
  std::uint64_t varint(std::uint64_t end);
  /// The bytes of a field with a length, at most `longest`.
  std::string text(const Field& field, std::uint64_t longest);
  /// Steps over what is left of a field.
  void skip(const Field& field) {
    if (field.has_length) bytes_.skip(field.value);
  }

  [[noreturn]] void fail(const std::string& what) const { bytes_.fail(what); }

 private:
  ByteReader bytes_;
  std::uint64_t fields_{0};
};

}  // namespace paramcount
