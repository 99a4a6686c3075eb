#include "base/memory.hpp"

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

namespace paramcount {
namespace {

constexpr std::size_t kHuge = std::size_t{2} << 20U;

std::size_t rounded_down(std::size_t bytes) { return bytes & ~(kHuge - 1); }

std::size_t rounded_up(std::size_t bytes) { return rounded_down(bytes + kHuge - 1); }

/// From there to the next border of a huge page.
std::size_t bytes_to_border(const void* start) {
  return static_cast<std::size_t>(-reinterpret_cast<std::uintptr_t>(start)) & (kHuge - 1);
}

}  // namespace

LargeBlock::LargeBlock(std::size_t bytes) {
  if (bytes < kHuge / 2) {
    start_ = std::calloc(bytes > 0 ? bytes : 1, 1);
    if (start_ == nullptr) throw std::bad_alloc();
    return;
  }
  if (bytes > SIZE_MAX - 2 * kHuge) throw std::bad_alloc();
  // Room to begin and to end at the border of a huge page; what is not touched costs nothing.
  mapped_bytes_ = rounded_up(bytes) + kHuge;
  mapped_ = ::mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped_ == MAP_FAILED) throw std::bad_alloc();
  start_ = static_cast<std::byte*>(mapped_) + bytes_to_border(mapped_);
  prefer_huge_pages(start_, rounded_up(bytes));
}

LargeBlock::LargeBlock(LargeBlock&& other) noexcept
    : start_(std::exchange(other.start_, nullptr)),
      mapped_(std::exchange(other.mapped_, nullptr)),
      mapped_bytes_(std::exchange(other.mapped_bytes_, 0)) {}

LargeBlock::~LargeBlock() {
  if (mapped_ != nullptr) {
    ::munmap(mapped_, mapped_bytes_);
  } else {
    std::free(start_);
  }
}

void prefer_huge_pages([[maybe_unused]] void* start, [[maybe_unused]] std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  const auto skipped = bytes_to_border(start);
  const auto whole = bytes > skipped ? rounded_down(bytes - skipped) : 0;
  if (whole > 0) ::madvise(static_cast<std::byte*>(start) + skipped, whole, MADV_HUGEPAGE);
#endif
}

}  // namespace paramcount
