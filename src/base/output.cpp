#include "base/output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <string>

#include "base/interruption.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// 0, or the errno of the failure.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto wrote = ::write(descriptor, text.data(), text.size());
    if (wrote < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return 0;
}

/// How much of the lines goes out in one piece: as many as fit, or one that does not.
std::size_t whole_lines(std::string_view lines, std::size_t most) {
  if (lines.size() <= most) return lines.size();
  std::size_t size = 0;
  do {
    const auto end = lines.find('\n', size);
    const auto next = end != std::string_view::npos ? end + 1 : lines.size();
    if (size > 0 && next > most) break;
    size = next;
  } while (size < most);
  return size;
}

/// Whether standard output is writable within that many milliseconds; -1: waits for ever.
bool wait_for_reader(int milliseconds) {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  int ready = 0;
  while ((ready = ::poll(&out, 1, milliseconds)) < 0 && errno == EINTR) continue;
  return ready != 0;
}

/// The same inside a line. After a signal a reader has a second to take the rest of it.
void wait_for_rest() {
  constexpr int kPause = 100;
  constexpr int kPauses = 10;
  for (int pauses = 0; !wait_for_reader(kPause);) {
    if (LineUnderWay::is_interrupted() && ++pauses == kPauses) LineUnderWay::obey();
  }
}

}  // namespace

bool write_lines(std::string_view lines) {
  std::signal(SIGPIPE, SIG_IGN);
  // What is ready to take something takes this much without waiting; a file takes everything.
  struct stat status {};
  const bool file = ::fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode);
  const std::size_t most = file ? std::numeric_limits<std::size_t>::max() : PIPE_BUF;
  while (!lines.empty()) {
    wait_for_reader(-1);
    const LineUnderWay under_way;
    const auto size = whole_lines(lines, most);
    for (std::size_t written = 0; written < size;) {
      if (written > 0) wait_for_rest();
      const auto wrote = ::write(STDOUT_FILENO, lines.data() + written, std::min(size - written, most));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0 && errno == EPIPE) return false;
      if (wrote < 0) throw Error(std::string("standard output: ") + std::strerror(errno));
      written += static_cast<std::size_t>(wrote);
    }
    lines.remove_prefix(size);
  }
  return true;
}

int write_output(std::string_view out, std::string_view err, int code) {
  if (!out.empty()) {
    std::signal(SIGPIPE, SIG_IGN);
    const int failure = write_all(STDOUT_FILENO, out);
    if (failure != 0 && failure != EPIPE) {
      const std::string message = "paramcount: standard output: " + std::string(std::strerror(failure)) + "\n";
      static_cast<void>(write_all(STDERR_FILENO, message));
      return 1;
    }
  }
  static_cast<void>(write_all(STDERR_FILENO, err));
  return code;
}

int replace_file(const std::string& place, std::initializer_list<std::string_view> texts, mode_t mode) {
  std::string beside = place + ".XXXXXX";
  const int descriptor = ::mkstemp(beside.data());
  if (descriptor < 0) return errno;
  int failure = 0;
  for (const auto text : texts) {
    if (failure == 0) failure = write_all(descriptor, text);
  }
  if (failure == 0 && ::fchmod(descriptor, mode) != 0) failure = errno;
  if (::close(descriptor) != 0 && failure == 0) failure = errno;
  if (failure == 0 && ::rename(beside.c_str(), place.c_str()) != 0) failure = errno;
  if (failure != 0) ::unlink(beside.c_str());
  return failure;
}

void write_file(const std::string& path, std::string_view text) {
  const auto fail = [&](int failure) -> Error { return Error(printable(path) + ": " + std::strerror(failure)); };
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (!exists || S_ISREG(status.st_mode)) {
    std::string place = path;
    // The file that a link leads to is what is replaced, not the link.
    if (exists) {
      const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), std::free);
      if (real) place = real.get();
    }
    const mode_t mask = ::umask(0);
    ::umask(mask);
    const int failure = replace_file(place, {text}, exists ? status.st_mode & 07777U : 0666U & ~mask);
    if (failure != 0) throw fail(failure);
    return;
  }
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) throw fail(errno);
  std::signal(SIGPIPE, SIG_IGN);
  int failure = write_all(descriptor, text);
  if (::close(descriptor) != 0 && failure == 0) failure = errno;
  if (failure != 0) throw fail(failure);
}

}  // namespace paramcount
