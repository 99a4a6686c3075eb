// SIGINT and SIGTERM end the process at once, but never in the middle of an output line.
#pragma once

#include <csignal>

namespace paramcount {

/// While it lives, the first of each signal waits for a line that is being written; a second one ends the process as
/// ever. One at a time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

 private:
  struct sigaction old_int_ {};
  struct sigaction old_term_ {};
};

/// While it lives, signals wait; its end obeys one that has come. One thread at a time writes.
class LineUnderWay {
 public:
  LineUnderWay();
  ~LineUnderWay();
  LineUnderWay(const LineUnderWay&) = delete;
  LineUnderWay& operator=(const LineUnderWay&) = delete;

  /// Whether a signal has come.
  [[nodiscard]] static bool is_interrupted();
  /// Ends the process by the signal that has come; returns when none has.
  static void obey();
};

}  // namespace paramcount
