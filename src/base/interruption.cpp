#include "base/interruption.hpp"

#include <fcntl.h>
#include <unistd.h>

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

}  // namespace

Interruption::Interruption() {
  if (::pipe2(pipe_.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    pipe_ = {-1, -1};
    return;
  }
  asked_by = 0;
  pipe_end = pipe_[1];
  struct sigaction action {};
  action.sa_handler = ask;
  action.sa_flags = SA_RESETHAND | SA_RESTART;
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
