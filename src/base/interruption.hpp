// SIGINT and SIGTERM that wait until what is being written is whole: a kill in the middle of a write leaves half a
// line.
#pragma once

#include <array>
#include <csignal>

namespace paramcount {

/// While it lives, the first of each signal only asks to stop; a second one ends the process as ever. One at a time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// Readable once a signal has asked to stop; -1: signals are as ever.
  [[nodiscard]] int descriptor() const { return pipe_[0]; }
  /// Ends the process by the signal that has asked to; returns when none has.
  void obey();

 private:
  void restore();

  std::array<int, 2> pipe_{-1, -1};
  struct sigaction old_int_ {};
  struct sigaction old_term_ {};
};

}  // namespace paramcount
