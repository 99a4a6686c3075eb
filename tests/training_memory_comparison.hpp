// Our figures next to those of others, by source: each row as it is read, then a table of medians and worst errors.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "paramcount/estimate/training_peak.hpp"

namespace paramcount {

/// Rows of one source and the errors it may show, as shares. `states`: of the states alone; `megatron`: of Megatron's
/// own estimate.
struct Source {
  double median_limit, worst_limit;
  std::vector<double> errors{}, states{}, megatron{};
  std::size_t inside{0};
};

class Comparison {
 public:
  explicit Comparison(std::map<std::string, Source> sources) : sources_(std::move(sources)) {}

  /// Prints a row: theirs, ours and our range in one unit. 0: nothing to compare states or Megatron's estimate with.
  void add(const std::string& source, const std::string& id, double theirs, double ours, double low, double high,
           double states, double megatron);
  /// A run that did run on the device of its setup.
  void ran(const std::string& id, const PeakMemory& memory);
  /// Prints the table. Returns how many sources are beyond their limits.
  int finish();

 private:
  std::map<std::string, Source> sources_;
  std::size_t ran_{0}, fitted_{0};
};

}  // namespace paramcount
