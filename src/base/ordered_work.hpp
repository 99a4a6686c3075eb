// Work shared by threads whose results are wanted in the order of the work. At most a few pieces are under way, so
// memory stays flat however much there is.
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
  /// Takes a result, in order; false to stop. Called by one thread at a time.
  std::function<bool(const std::string&)> done;
};

/// Returns when everything is done or `done` said stop. The first exception of any of the three is thrown here, when
/// the threads have ended. One job: no threads.
void run_in_order(const OrderedWork& work, std::size_t jobs);

}  // namespace paramcount
