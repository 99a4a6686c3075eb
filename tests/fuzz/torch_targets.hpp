// What the fuzzers of PyTorch files feed: a zip archive, a pickle, a whole file. Any bytes must end in an answer or a
// paramcount::Error, and no answer may say more than the bytes hold. The unit tests replay kept inputs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "paramcount/base/error.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "read/pickle.hpp"
#include "read/source.hpp"
#include "read/tied_tensors.hpp"
#include "read/torch_checkpoint.hpp"
#include "read/torch_contents.hpp"
#include "read/zip_directory.hpp"

namespace paramcount {

inline Source bytes_source(std::string_view bytes) {
  return {"fuzz", bytes.size(), [bytes](std::uint64_t offset, char* to, std::size_t count) -> std::size_t {
            if (offset >= bytes.size()) return 0;
            count = std::min(count, bytes.size() - static_cast<std::size_t>(offset));
            std::memcpy(to, bytes.data() + offset, count);
            return count;
          }};
}

/// Entries are inside the archive and do not overlap.
inline void fuzz_zip(std::string_view bytes) {
  const Source source = bytes_source(bytes);
  try {
    const ZipDirectory directory = read_zip_directory(source);
    std::uint64_t sum = directory.bytes;
    for (const auto& entry : directory.entries) {
      if (directory.find(entry.name) != &entry) __builtin_trap();
      sum += entry.bytes;
      try {
        const auto start = data_offset(source, entry);
        if (start > bytes.size() || bytes.size() - start < entry.bytes) __builtin_trap();
      } catch (const Error&) {
        // An entry that cannot be read leaves the others.
      }
    }
    if (sum > bytes.size()) __builtin_trap();
  } catch (const Error&) {
    return;
  }
}

/// Tensors are inside their storages, and counted ones do not overlap.
inline void fuzz_pickle(std::string_view bytes) {
  const Source source = bytes_source(bytes);
  try {
    const Pickle pickle = read_pickle(source, 0, bytes.size());
    const TorchContents contents = torch_contents(pickle);
    const auto tied = tied_tensors(contents.weights, contents.storages);
    std::vector<std::uint64_t> left;
    for (const auto& storage : contents.storages) left.push_back(storage.bytes());
    for (std::size_t i = 0; i < tied.size(); ++i) {
      const auto& tensor = contents.weights[i];
      if (tied[tied[i]] != tied[i]) __builtin_trap();
      if (tied[i] != i) continue;
      const std::uint64_t size = tensor.elements * tensor.element_bytes;
      if (size > left[tensor.storage]) __builtin_trap();
      left[tensor.storage] -= size;
    }
  } catch (const Error&) {
    return;
  }
}

/// A file of either kind holds at least the bytes of the tensors that it lists.
inline void fuzz_torch(std::string_view bytes) {
  try {
    Checkpoint checkpoint;
    CheckpointTexts texts;
    read_torch_file(bytes_source(bytes), checkpoint, texts);
    std::uint64_t sum = 0;
    for (const auto& tensor : checkpoint.tensors) {
      if (tensor.offset > bytes.size() || bytes.size() - tensor.offset < tensor.bytes) {
        // Strides may leave gaps, but the numbers are inside all the same.
        if (tensor.bytes > bytes.size()) __builtin_trap();
      }
      sum += tensor.bytes;
    }
    if (sum > bytes.size()) __builtin_trap();
  } catch (const Error&) {
    return;
  }
}

}  // namespace paramcount
