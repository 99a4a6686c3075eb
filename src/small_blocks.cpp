// operator new and delete of the static program. Freed small blocks are kept in free lists by size, one set per thread,
// and reused: counting a model takes a few hundred of them, and each line of `batch` as many again. Larger blocks come
// from the C library.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t kStep = alignof(std::max_align_t);
constexpr std::size_t kLargest = 4096;
constexpr std::size_t kSizes = kLargest / kStep + 1;
constexpr std::size_t kPiece = 128 * 1024;

/// Precedes each block.
struct alignas(kStep) Header {
  std::size_t steps;  ///< its size in units of kStep; kSizes: it belongs to the C library
  Header* next;       ///< in a free list
};
static_assert(sizeof(Header) == kStep);

/// The free lists of a thread, and the unused rest of its piece. Pieces are never returned to the system.
struct Blocks {
  std::array<Header*, kSizes> kept{};
  char* at{nullptr};
  char* end{nullptr};
};
thread_local constinit Blocks blocks;

alignas(kStep) char first_piece[kPiece];
std::atomic_flag is_first_taken;

void* allocate(std::size_t size) {
  while (true) {
    if (void* const at = std::malloc(size)) return at;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

// Called last by their callers, so that the common case, a block from a free list, needs no stack frame.
[[gnu::noinline]] void* large(std::size_t size) {
  const std::size_t whole = size + sizeof(Header);
  if (whole < size) throw std::bad_alloc();
  return new (allocate(whole)) Header{kSizes, nullptr} + 1;
}

void* cut(std::size_t steps);

/// The rest of the previous piece is lost.
[[gnu::noinline]] void* cut_from_next_piece(std::size_t steps) {
  blocks.at = is_first_taken.test_and_set() ? static_cast<char*>(allocate(kPiece)) : first_piece;
  blocks.end = blocks.at + kPiece;
  return cut(steps);
}

void* cut(std::size_t steps) {
  char* const at = blocks.at;
  const std::size_t whole = sizeof(Header) + steps * kStep;
  if (static_cast<std::size_t>(blocks.end - at) < whole) return cut_from_next_piece(steps);
  blocks.at = at + whole;
  auto* const made = new (at) Header;
  made->steps = steps;
  return made + 1;
}

}  // namespace

void* operator new(std::size_t size) {
  if (size > kLargest) return large(size);
  const std::size_t steps = (size + kStep - 1) / kStep;
  Header* const kept = blocks.kept[steps];
  if (kept == nullptr) return cut(steps);
  blocks.kept[steps] = kept->next;
  return kept + 1;
}

void operator delete(void* at) noexcept {
  if (at == nullptr) return;
  Header* const header = static_cast<Header*>(at) - 1;
  const std::size_t steps = header->steps;
  if (steps == kSizes) return std::free(header);
  header->next = blocks.kept[steps];
  blocks.kept[steps] = header;
}

void operator delete(void* at, std::size_t) noexcept { operator delete(at); }
