// Large blocks of memory that are written once: where the kernel can, in huge pages, as most of the time a large header
// takes would otherwise go into faulting in small ones.
#pragma once

#include <cstddef>

namespace paramcount {

/// Zeroed memory.
class LargeBlock {
 public:
  /// Throws std::bad_alloc.
  explicit LargeBlock(std::size_t bytes);
  ~LargeBlock();
  LargeBlock(LargeBlock&& other) noexcept;
  LargeBlock& operator=(LargeBlock&&) = delete;

  [[nodiscard]] void* data() const { return start_; }

 private:
  void* start_{nullptr};
  void* mapped_{nullptr};  ///< null: from the heap
  std::size_t mapped_bytes_{0};
};

/// Asks for huge pages behind a block that is about to be written.
void prefer_huge_pages(void* start, std::size_t bytes);

}  // namespace paramcount
