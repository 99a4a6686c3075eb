#include "cli/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <string_view>

#include "base/text.hpp"

namespace paramcount {
namespace {

constexpr auto kPatience = std::chrono::milliseconds(300);
constexpr auto kPause = std::chrono::milliseconds(100);

void write_error(std::string_view text) {
  // A failure cannot be reported here.
  [[maybe_unused]] const auto wrote = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

Progress::Progress() : next_(Clock::now() + kPatience) {
  winsize size{};
  if (::isatty(STDERR_FILENO) != 1) return;
  width_ = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1U : 79U;
}

Progress::~Progress() {
  if (shown_) write_error("\r\x1B[K");
}

void Progress::show(const std::string& text) {
  if (width_ == 0) return;
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + kPause;
  shown_ = true;
  std::string line = printable(text);
  while (columns(line) > width_) line.pop_back();
  write_error("\r\x1B[K" + printable(line));
}

}  // namespace paramcount
