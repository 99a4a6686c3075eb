// Tests operator new of the static program: threads fill blocks with a pattern, exchange them, check the pattern and
// free them.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <new>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace {

struct Block {
  unsigned char* at{nullptr};
  std::size_t size{0};
  unsigned char filling{0};
};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "small_blocks: %s\n", what);
  std::_Exit(1);
}

Block made(std::size_t size, unsigned char filling) {
  auto* const at = static_cast<unsigned char*>(::operator new(size));
  if (reinterpret_cast<std::uintptr_t>(at) % alignof(std::max_align_t) != 0) fail("a block is not aligned");
  for (std::size_t i = 0; i < size; ++i) at[i] = filling;
  return {at, size, filling};
}

void give_back(const Block& block) {
  for (std::size_t i = 0; i < block.size; ++i) {
    if (block.at[i] != block.filling) fail("two blocks overlap");
  }
  ::operator delete(block.at);
}

class Exchange {
 public:
  /// Exchanges a block for one that another thread may have made.
  Block swap(std::size_t place, const Block& own) {
    const std::lock_guard lock(mutex_);
    return std::exchange(blocks_[place % blocks_.size()], own);
  }
  void give_all_back() const {
    for (const auto& block : blocks_) {
      if (block.at != nullptr) give_back(block);
    }
  }

 private:
  std::mutex mutex_;
  std::array<Block, 64> blocks_{};
};

void work(Exchange& exchange, unsigned seed) {
  constexpr int kRounds = 60'000;
  std::array<Block, 500> held{};
  std::mt19937 random(seed);
  for (int round = 0; round < kRounds; ++round) {
    Block& block = held[random() % held.size()];
    if (block.at != nullptr) give_back(block);
    // Mostly up to 200 bytes, sometimes beyond the largest small block.
    const std::size_t most = round % 16 == 0 ? 6000 : 200;
    block = made(random() % most, static_cast<unsigned char>(random()));
    if (round % 8 == 0) block = exchange.swap(random(), block);
  }
  for (const auto& block : held) {
    if (block.at != nullptr) give_back(block);
  }
}

}  // namespace

int main() {
  const Block empty = made(0, 0);
  const Block other = made(0, 0);
  if (empty.at == other.at) fail("two empty blocks are one");
  give_back(other);
  give_back(empty);
  ::operator delete(nullptr);
  try {
    ::operator delete(::operator new(std::numeric_limits<std::size_t>::max()));
    fail("room for a header beyond the largest size");
  } catch (const std::bad_alloc&) {
  }
  Exchange exchange;
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 4; ++seed) threads.emplace_back([&exchange, seed] { work(exchange, seed); });
  for (auto& thread : threads) thread.join();
  exchange.give_all_back();
}
