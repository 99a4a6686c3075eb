#include "base/ordered_work.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace paramcount {
namespace {

class Pool {
 public:
  Pool(const OrderedWork& work, std::size_t jobs) : work_(work), slots_(jobs * kAhead) {}

  void run(std::size_t jobs) {
    std::vector<std::thread> threads;
    threads.reserve(jobs);
    for (std::size_t job = 0; job < jobs; ++job) threads.emplace_back([this, job] { worker(job); });
    guarded([this] { feed(); });
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads) thread.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  static constexpr std::size_t kAhead = 4;  ///< pieces under way for each thread
  enum class State { empty, waiting, working, done };
  struct Slot {
    State state{State::empty};
    LineReader::Lines lines;
    std::string result;
  };

  template <class Body>
  void guarded(const Body& body) {
    try {
      body();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      stopped_ = true;
      changed_.notify_all();
    }
  }

  void feed() {
    LineReader::Lines lines;
    while (work_.next(lines)) {
      std::unique_lock lock(mutex_);
      Slot& slot = slots_[fed_ % slots_.size()];
      changed_.wait(lock, [&] { return stopped_ || slot.state == State::empty; });
      if (stopped_) return;
      std::swap(slot.lines, lines);
      slot.state = State::waiting;
      ++fed_;
      changed_.notify_all();
    }
  }

  void worker(std::size_t job) {
    guarded([&] {
      for (;;) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopped_ || taken_ < fed_ || ended_; });
        if (stopped_ || taken_ == fed_) return;
        Slot& slot = slots_[taken_++ % slots_.size()];
        slot.state = State::working;
        lock.unlock();
        slot.result.clear();
        work_.work(job, slot.lines, slot.result);
        lock.lock();
        slot.state = State::done;
        if (!writing_) write(lock);
      }
    });
  }

  /// Hands out what is done, in order; whoever finishes a piece does it, but one at a time.
  void write(std::unique_lock<std::mutex>& lock) {
    writing_ = true;
    while (!stopped_ && written_ < taken_ && slots_[written_ % slots_.size()].state == State::done) {
      Slot& slot = slots_[written_ % slots_.size()];
      lock.unlock();
      const bool more = work_.done(slot.result);
      lock.lock();
      slot.state = State::empty;
      ++written_;
      if (!more) stopped_ = true;
      changed_.notify_all();
    }
    writing_ = false;
  }

  const OrderedWork& work_;
  std::vector<Slot> slots_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t fed_{0}, taken_{0}, written_{0};
  bool writing_{false};
  bool ended_{false};
  bool stopped_{false};
  std::exception_ptr failure_;
};

}  // namespace

void run_in_order(const OrderedWork& work, std::size_t jobs) {
  if (jobs > 1) {
    Pool(work, jobs).run(jobs);
    return;
  }
  LineReader::Lines lines;
  std::string result;
  while (work.next(lines)) {
    result.clear();
    work.work(0, lines, result);
    if (!work.done(result)) return;
  }
}

}  // namespace paramcount
