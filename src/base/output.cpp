#include "base/output.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

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

}  // namespace

bool write_now(std::string_view out) {
  std::signal(SIGPIPE, SIG_IGN);
  const int failure = write_all(STDOUT_FILENO, out);
  if (failure != 0 && failure != EPIPE) throw Error(std::string("standard output: ") + std::strerror(failure));
  return failure == 0;
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

}  // namespace paramcount
