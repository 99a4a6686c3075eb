// The first memory of the static program. A call takes a few hundred small blocks and ends: they are cut from one
// piece, one behind the other, and go back with the process. What is larger or comes later is the C library's, as ever.
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <new>

namespace {

constexpr std::size_t kPiece = 128 * 1024;
constexpr std::size_t kLargest = 4096;
constexpr std::size_t kAlign = alignof(std::max_align_t);

alignas(kAlign) char piece[kPiece];
std::atomic<std::size_t> used{0};

bool is_within(const void* at) {
  return std::greater_equal<>()(at, static_cast<const void*>(piece)) &&
         std::less<>()(at, static_cast<const void*>(piece + kPiece));
}

}  // namespace

void* operator new(std::size_t size) {
  if (size <= kLargest && used.load(std::memory_order_relaxed) < kPiece) {
    const std::size_t whole = size == 0 ? kAlign : (size + kAlign - 1) / kAlign * kAlign;
    const std::size_t at = used.fetch_add(whole, std::memory_order_relaxed);
    if (at + whole <= kPiece) return piece + at;
  }
  while (true) {
    if (void* const at = std::malloc(size == 0 ? 1 : size)) return at;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

void operator delete(void* at) noexcept {
  if (!is_within(at)) std::free(at);
}

void operator delete(void* at, std::size_t) noexcept { operator delete(at); }
