#include "base/ordered_work.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/budgets.hpp"

namespace paramcount {
namespace {

class Pool {
 public:
  Pool(const OrderedWork& work, std::size_t jobs) : work_(work), slots_(jobs * kAhead), jobs_(jobs) {
    threads_.reserve(jobs);
    given_back_.reserve(jobs);
  }

  void run() {
    guarded([this] { feed(); });
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
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
      changed_.wait(lock, [&] {
        const bool room = line_bytes_ == 0 || line_bytes_ + lines.text.size() <= kMostLineBytes;
        return stopped_ || (slot.state == State::empty && room);
      });
      if (stopped_) return;
      std::swap(slot.lines, lines);
      line_bytes_ += slot.lines.text.size();
      slot.state = State::waiting;
      ++fed_;
      const bool wanted = fed_ - taken_ > idle_ && threads_.size() < jobs_ && !scarce_;
      lock.unlock();
      changed_.notify_all();
      if (wanted) start_thread();
      if (threads_.empty()) {
        lock.lock();
        do_next(0, lock);
      }
    }
  }

  /// Where the system gives no more threads, those that there are do the work, or the caller's own.
  void start_thread() {
    const auto count = [this](bool started) {
      const std::lock_guard lock(mutex_);
      started ? ++able_ : --able_;
      scarce_ = scarce_ || !started;
    };
    count(true);
    try {
      threads_.emplace_back([this, job = threads_.size()] { worker(job); });
    } catch (const std::system_error&) {
      count(false);
    } catch (const std::bad_alloc&) {
      count(false);
    }
  }

  void worker(std::size_t job) {
    guarded([&] {
      std::unique_lock lock(mutex_);
      for (bool able = true; able;) {
        ++idle_;
        changed_.wait(lock, [&] {
          // The piece whose turn it is continues, however much waits for it.
          const bool may = taken_ == written_ || result_bytes_ <= kMostAnswerBytes;
          return stopped_ || !given_back_.empty() || (taken_ < fed_ ? may : ended_ && written_ == fed_);
        });
        --idle_;
        if (stopped_ || written_ == fed_) return;
        able = do_next(job, lock);
      }
    });
  }

  /// False when the job had too little memory: then it gives its own and the piece back, and others go on. The last one
  /// fails.
  bool do_next(std::size_t job, std::unique_lock<std::mutex>& lock) {
    const std::size_t piece = given_back_.empty() ? taken_++ : given_back_.back();
    if (!given_back_.empty()) given_back_.pop_back();
    Slot& slot = slots_[piece % slots_.size()];
    slot.state = State::working;
    lock.unlock();
    try {
      work_.work(job, slot.lines, slot.result);
      lock.lock();
    } catch (const std::bad_alloc&) {
      std::string().swap(slot.result);
      work_.leave(job);
      lock.lock();
      if (able_ <= 1) throw;
      --able_;
      scarce_ = true;
      given_back_.push_back(piece);
      changed_.notify_all();
      return false;
    }
    line_bytes_ -= slot.lines.text.size();
    release(slot.lines.text);
    result_bytes_ += slot.result.size();
    slot.state = State::done;
    if (!writing_) write(lock);
    changed_.notify_all();
    return true;
  }

  /// Hands out what is done, in order; whoever finishes a piece does it, but one at a time.
  void write(std::unique_lock<std::mutex>& lock) {
    writing_ = true;
    while (!stopped_ && written_ < taken_ && slots_[written_ % slots_.size()].state == State::done) {
      Slot& slot = slots_[written_ % slots_.size()];
      lock.unlock();
      const bool more = work_.done(slot.result);
      lock.lock();
      result_bytes_ -= slot.result.size();
      release(slot.result);
      slot.state = State::empty;
      ++written_;
      if (!more) stopped_ = true;
      changed_.notify_all();
    }
    writing_ = false;
  }

  /// Empties a text for the next piece, and keeps no more memory in all slots than may wait.
  void release(std::string& text) const {
    if (text.capacity() > kMostAnswerBytes / slots_.size()) std::string().swap(text);
    text.clear();
  }

  const OrderedWork& work_;
  std::vector<Slot> slots_;
  std::size_t jobs_;     ///< threads there may be
  std::size_t able_{0};  ///< that there are
  bool scarce_{false};   ///< memory is short
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t fed_{0}, taken_{0}, written_{0};  ///< pieces
  std::vector<std::size_t> given_back_;
  std::size_t idle_{0};  ///< threads that wait
  std::size_t line_bytes_{0}, result_bytes_{0};
  bool writing_{false};
  bool ended_{false};
  bool stopped_{false};
  std::exception_ptr failure_;
};

}  // namespace

void run_in_order(const OrderedWork& work, std::size_t jobs) {
  if (jobs > 1) {
    Pool(work, jobs).run();
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
