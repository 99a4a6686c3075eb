// A thread pool that delivers results in the order of the work. Pending work is bounded in items and bytes, so memory
// use stays flat however slow the consumer is.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/line_reader.hpp"

namespace paramcount {

struct OrderedWork {
  /// The next piece; false at the end. Called by one thread.
  std::function<bool(LineReader::Lines&)> next;
  /// Writes a piece's result into an empty text. Called by `jobs` threads at a time, each with its own number from 0.
  std::function<void(std::size_t job, const LineReader::Lines&, std::string& result)> work;
  /// Frees the memory that a job holds: it had too little, and leaves its piece to others.
  std::function<void(std::size_t job)> leave;
  /// Takes a result, in order; false to stop. Called by one thread at a time.
  std::function<bool(const std::string&)> done;
};

/// Returns when everything is done or `done` said stop. The first exception of any of the three is thrown here, when
/// the threads have ended. One job: no threads. A thread is started when a piece waits for one; where the system
/// refuses, fewer do the work.
void run_in_order(const OrderedWork& work, std::size_t jobs);

}  // namespace paramcount
