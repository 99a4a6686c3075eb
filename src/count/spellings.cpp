#include "paramcount/catalog/spellings.hpp"

namespace paramcount {

void Spellings::append(const Spellings& other) {
  renames.insert(renames.end(), other.renames.begin(), other.renames.end());
  merges.insert(merges.end(), other.merges.begin(), other.merges.end());
  buffers.insert(buffers.end(), other.buffers.begin(), other.buffers.end());
  tied.insert(tied.end(), other.tied.begin(), other.tied.end());
  mtp.insert(mtp.end(), other.mtp.begin(), other.mtp.end());
}

}  // namespace paramcount
