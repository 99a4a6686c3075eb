// Limits on evaluating one model, whatever its config and family: steps, counted over all scopes, and nesting depth.
// Every evaluation loop checks here.
#pragma once

#include <cstdint>
#include <string>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "count/expression.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {

class Work {
 public:
  /// Throws Error once there were more than kMostWork.
  void spend(std::uint64_t steps) {
    if (steps > left_) fail();
    left_ -= steps;
  }
  /// Throws the same Error where it was caught on the way, so that nothing half evaluated is answered.
  void finish() const {
    if (failed_) throw_exhausted();
  }

 private:
  friend class Depth;
  [[noreturn]] static void throw_exhausted() {
    throw Error("evaluating the family over this config takes more than " + std::to_string(kMostWork / 1'000'000) +
                " million steps; it has too many layers, or lists that are too long");
  }
  [[noreturn]] void fail() {
    left_ = 0;
    failed_ = true;
    throw_exhausted();
  }

  std::uint64_t left_{kMostWork};
  int depth_{0};
  bool failed_{false};
};

/// One evaluation inside another, of a scope and of all scopes together. Throws Error beyond the limit.
class Depth {
 public:
  Depth(Work& work, int& of_scope, const Expression& e) : work_(work), of_scope_(of_scope), by_(e.depth) {
    if (work_.depth_ > kDeepestEvaluation - by_) {
      throw Error("`" + printable(e.text.substr(0, 80)) + "`: nested too deeply");
    }
    work_.depth_ += by_;
    of_scope_ += by_;
  }
  ~Depth() {
    work_.depth_ -= by_;
    of_scope_ -= by_;
  }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  Work& work_;
  int& of_scope_;
  int by_;
};

/// Marks what is being evaluated, so that what needs itself is noticed; an error takes the mark away as well.
class Visit {
 public:
  explicit Visit(bool& visiting) : visiting_(visiting) { visiting_ = true; }
  ~Visit() { visiting_ = false; }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

 private:
  bool& visiting_;
};

}  // namespace paramcount
