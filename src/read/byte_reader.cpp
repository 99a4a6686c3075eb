#include "read/byte_reader.hpp"

#include <algorithm>

#include "paramcount/base/error.hpp"

namespace paramcount {

void ByteReader::fail(const std::string& what, std::uint64_t at) {
  throw Error("byte " + std::to_string(at) + ": " + what);
}

void ByteReader::need(std::uint64_t count) const {
  if (count > left()) {
    fail(std::to_string(count) + " bytes declared, but only " + std::to_string(left()) + " left in the file");
  }
}

void ByteReader::refill() {
  start_ += at_;
  at_ = 0;
  filled_ = 0;
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kBuffer, size() - start_));
  filled_ = source_.read_some(start_, reinterpret_cast<char*>(buffer_.get()), count);
}

void ByteReader::read(void* to, std::size_t count) {
  need(count);
  auto* out = static_cast<std::byte*>(to);
  while (count > 0) {
    if (at_ == filled_) refill();
    const std::size_t some = std::min(count, filled_ - at_);
    std::memcpy(out, buffer_.get() + at_, some);
    at_ += some;
    out += some;
    count -= some;
  }
}

void ByteReader::append(std::string& to, std::uint64_t count) {
  need(count);
  const auto before = to.size();
  to.resize(before + static_cast<std::size_t>(count));
  read(to.data() + before, static_cast<std::size_t>(count));
}

void ByteReader::skip(std::uint64_t count) {
  if (count <= filled_ - at_) {
    at_ += static_cast<std::size_t>(count);
    return;
  }
  need(count);
  start_ = position() + count;
  at_ = 0;
  filled_ = 0;
}

}  // namespace paramcount
