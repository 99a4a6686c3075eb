#include "base/interruption.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

namespace paramcount {
namespace {

std::atomic<int> asked_by{0};
std::atomic<int> pipe_end{-1};
static_assert(std::atomic<int>::is_always_lock_free);

void ask(int signal) {
  const int before = errno;
  asked_by = signal;
  [[maybe_unused]] const auto wrote = ::write(pipe_end, "", 1);
  errno = before;
}

/// A pipe apart from the standard streams: where those are closed, it would be taken for one of them. {-1, -1} when
/// there is none to be had.
std::array<int, 2> open_pipe() {
  constexpr int kFirst = 3;
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) return {-1, -1};
  std::array<int, 2> moved{};
  for (std::size_t i = 0; i < pipe.size(); ++i) moved[i] = ::fcntl(pipe[i], F_DUPFD_CLOEXEC, kFirst);
  for (const int end : pipe) ::close(end);
  if (moved[0] >= 0 && moved[1] >= 0) return moved;
  for (const int end : moved) ::close(end);
  return {-1, -1};
}

}  // namespace

Interruption::Interruption() : pipe_(open_pipe()) {
  if (pipe_[0] < 0) return;
  asked_by = 0;
  pipe_end = pipe_[1];
  struct sigaction action {};
  action.sa_handler = ask;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, &old_int_);
  ::sigaction(SIGTERM, &action, &old_term_);
  // Whoever started the program with a signal ignored wants that.
  if (old_int_.sa_handler == SIG_IGN) ::sigaction(SIGINT, &old_int_, nullptr);
  if (old_term_.sa_handler == SIG_IGN) ::sigaction(SIGTERM, &old_term_, nullptr);
}

Interruption::~Interruption() { restore(); }

void Interruption::restore() {
  if (pipe_[0] < 0) return;
  ::sigaction(SIGINT, &old_int_, nullptr);
  ::sigaction(SIGTERM, &old_term_, nullptr);
  pipe_end = -1;
  ::close(pipe_[0]);
  ::close(pipe_[1]);
  pipe_ = {-1, -1};
}

void Interruption::obey() {
  const int signal = asked_by;
  if (signal == 0) return;
  restore();
  ::raise(signal);
}

}  // namespace paramcount
