#include "count/stored_shares.hpp"

#include <algorithm>

#include "paramcount/base/checked.hpp"

namespace paramcount {

void StoredShares::add(const std::string& format, std::uint64_t elements, std::uint64_t bytes) {
  // The next tensor usually has the format of the one before.
  if (last_ == nullptr || last_->name != format) {
    last_ = &shares_[format];
    last_->name = format;
  }
  ++last_->tensors;
  last_->elements = checked_add(last_->elements, elements);
  last_->bytes += Bytes{bytes};
}

std::vector<StoredSummary::Share> StoredShares::take() const {
  std::vector<StoredSummary::Share> result;
  for (const auto& [format, share] : shares_) result.push_back(share);
  std::stable_sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  return result;
}

}  // namespace paramcount
