// Small blocks of memory, in the static program. A model is counted in a few hundred of them, and each line of `batch`
// in as many again: those given back are kept by size for the next of that size. Larger ones are the C library's.
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

/// Stands before each block.
struct alignas(kStep) Header {
  std::size_t steps;  ///< its size in steps; kSizes: it is the C library's
  Header* next;       ///< of those given back
};
static_assert(sizeof(Header) == kStep);

/// What a thread may still cut from its piece, and what it was given back. Pieces end with the process.
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

// Each of these is the last thing its caller does, so that the way through a block that was kept stays short.
[[gnu::noinline]] void* large(std::size_t size) {
  const std::size_t whole = size + sizeof(Header);
  if (whole < size) throw std::bad_alloc();
  return new (allocate(whole)) Header{kSizes, nullptr} + 1;
}

void* cut(std::size_t steps);

/// What is left of the piece before is lost.
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
