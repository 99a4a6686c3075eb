#include "base/line_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/budgets.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {

void LineReader::take(const char* bytes, std::size_t count) {
  while (count > 0) {
    const auto* newline = static_cast<const char*>(std::memchr(bytes, '\n', count));
    const std::size_t size = newline == nullptr ? count : static_cast<std::size_t>(newline - bytes);
    const std::size_t kept = text_.size() - line_;
    text_.append(bytes, std::min(size, longest_ + 1 - std::min(kept, longest_ + 1)));
    if (newline == nullptr) return;
    text_ += '\n';
    line_ = text_.size();
    bytes += size + 1;
    count -= size + 1;
  }
}

bool LineReader::next(Lines& lines) {
  constexpr std::size_t kPiece = std::size_t{1} << 16U;
  if (next_ == line_) {
    text_.erase(0, next_);
    next_ = line_ = 0;
    // The memory of a long line is not kept for short ones.
    if (text_.size() < kPiece && text_.capacity() > 16 * kPiece) text_.shrink_to_fit();
    buffer_.resize(kPiece);
    while (!ended_ && line_ == 0) {
      const auto got = ::read(descriptor_, buffer_.data(), buffer_.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw Error(std::string("standard input: ") + std::strerror(errno));
      ended_ = got == 0;
      take(buffer_.data(), static_cast<std::size_t>(got));
    }
    if (ended_) line_ = text_.size();
    if (line_ == 0) return false;
  }
  std::size_t count = 0;
  std::size_t end = next_;
  for (; end < line_ && count < kMostBatchPiece; ++count) end = std::min(text_.find('\n', end), line_ - 1) + 1;
  lines.text.assign(text_, next_, end - next_);
  lines.first = next_line_;
  next_line_ += count;
  next_ = end;
  return true;
}

}  // namespace paramcount
