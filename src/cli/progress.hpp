// A progress line on standard error: only on a terminal, only after a delay, and erased at the end.
#pragma once

#include <chrono>
#include <string>

namespace paramcount {

class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(const std::string& text);

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point next_;  ///< when a line may be shown
  std::size_t width_{0};    ///< 0: not on a terminal
  bool shown_{false};
};

}  // namespace paramcount
