// A checkpoint's tensors summed by number format.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "paramcount/count/stored.hpp"

namespace paramcount {

class StoredShares {
 public:
  /// `elements` in weights, `bytes` as stored. Throws Error where the elements are too many.
  void add(const std::string& format, std::uint64_t elements, std::uint64_t bytes);

  /// The largest in bytes first.
  [[nodiscard]] std::vector<StoredSummary::Share> take() const;

 private:
  std::map<std::string, StoredSummary::Share> shares_;
  StoredSummary::Share* last_{nullptr};
};

}  // namespace paramcount
