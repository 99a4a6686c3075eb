// Serialises a Value: the form of the built-in catalog in the binary. Written at build time and read only by the same
// build, so it has neither version nor byte order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "paramcount/base/value.hpp"

namespace paramcount {

void pack_number(std::string& out, std::uint64_t number);
void pack_text(std::string& out, std::string_view text);
void pack_value(std::string& out, const Value& value);

/// Objects, lists and texts that occur in several packed values, stored once in the built-in catalog's texts. All
/// values are counted first, then packed.
class SharedValues {
 public:
  /// Puts a packed value into kEmbeddedBlob: where it stands there.
  using Place = std::function<std::size_t(const std::string& packed)>;

  explicit SharedValues(Place place) : place_(std::move(place)) {}
  void count(const Value& value) { static_cast<void>(counted(value)); }
  /// Texts that are the value's own members stay in it: look-ups search for them.
  [[nodiscard]] std::string pack(const Value& value) const;

 private:
  std::string counted(const Value& value);
  [[nodiscard]] std::string shared(const Value& value) const;

  Place place_;
  std::map<std::string, std::size_t, std::less<>> counts_;  ///< by the value, packed without sharing
};

/// Takes packed things off the front. All throw Error when the bytes are not what the above make.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint64_t number();
  /// Valid as long as the bytes.
  [[nodiscard]] std::string_view text();
  [[nodiscard]] Value value();
  /// A number of things that follow: never more than there are bytes.
  [[nodiscard]] std::size_t size();

 private:
  [[nodiscard]] std::string_view take(std::size_t size);

  std::string_view bytes_;
};

[[nodiscard]] std::string pack(const Value& value);

/// The bytes as adjacent string literals of C++. Octal escapes end after three digits, whatever follows.
[[nodiscard]] std::string literal_of(const std::string& bytes);

/// Throws Error when the bytes are not what pack() makes.
[[nodiscard]] Value unpack(std::string_view bytes);

}  // namespace paramcount
