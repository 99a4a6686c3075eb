#include "base/interruption.hpp"

#include <atomic>

namespace paramcount {
namespace {

// The handler sets the first and then reads the second, a writer the other way round: one of them sees the other.
std::atomic<int> asked_by{0};
std::atomic<bool> line_under_way{false};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

void end_by(int signal) {
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

void ask(int signal) {
  asked_by = signal;
  if (!line_under_way) end_by(signal);
}

void install(int signal, struct sigaction& old) {
  struct sigaction action {};
  action.sa_handler = ask;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, &old);
  // Whoever started the program with a signal ignored wants that.
  if (old.sa_handler == SIG_IGN) ::sigaction(signal, &old, nullptr);
}

}  // namespace

Interruption::Interruption() {
  asked_by = 0;
  install(SIGINT, old_int_);
  install(SIGTERM, old_term_);
}

Interruption::~Interruption() {
  ::sigaction(SIGINT, &old_int_, nullptr);
  ::sigaction(SIGTERM, &old_term_, nullptr);
}

LineUnderWay::LineUnderWay() {
  line_under_way = true;
  obey();
}

LineUnderWay::~LineUnderWay() {
  line_under_way = false;
  obey();
}

bool LineUnderWay::is_interrupted() { return asked_by != 0; }

void LineUnderWay::obey() {
  const int signal = asked_by;
  if (signal != 0) end_by(signal);
}

}  // namespace paramcount
