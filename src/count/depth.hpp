// How deep evaluations may be nested: expressions in expressions, dimensions that need dimensions.
#pragma once

#include <string>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "count/expression.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {

/// Throws Error beyond the limit.
class Depth {
 public:
  Depth(int& depth, const Expression& e, int by = 1) : depth_(depth), by_(by) {
    if (depth_ > kDeepestEvaluation - by_) fail(e);
    depth_ += by_;
  }
  ~Depth() { depth_ -= by_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  [[noreturn]] static void fail(const Expression& e) {
    throw Error("`" + printable(e.text.substr(0, 80)) + "`: nested too deeply");
  }
  int& depth_;
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
