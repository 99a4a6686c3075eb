#include "base/line_reader.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

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

bool LineReader::is_to_stop() const {
  if (stop_ < 0) return false;
  std::array<pollfd, 2> waiting{{{descriptor_, POLLIN, 0}, {stop_, POLLIN, 0}}};
  while (::poll(waiting.data(), waiting.size(), -1) < 0 && errno == EINTR) continue;
  return (waiting[1].revents & POLLIN) != 0;
}

bool LineReader::next(Lines& lines) {
  constexpr std::size_t kPiece = std::size_t{1} << 16U;
  buffer_.resize(kPiece);
  while (!ended_ && line_ == 0) {
    if (is_to_stop()) return false;
    const auto got = ::read(descriptor_, buffer_.data(), buffer_.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(std::string("standard input: ") + std::strerror(errno));
    ended_ = got == 0;
    take(buffer_.data(), static_cast<std::size_t>(got));
  }
  if (ended_) line_ = text_.size();
  if (line_ == 0) return false;
  lines.text.assign(text_, 0, line_);
  lines.first = next_line_;
  next_line_ += static_cast<std::uint64_t>(std::count(lines.text.begin(), lines.text.end(), '\n'));
  text_.erase(0, line_);
  line_ = 0;
  return true;
}

}  // namespace paramcount
