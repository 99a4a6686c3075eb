// Memoises, for one model, the ranges of an index (usually the layer) where each condition is true: rows share
// conditions, and conditions share sub-expressions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "count/scope.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

class Splits {
 public:
  /// Where a row's condition holds along the only index that its plan evaluates: in the model itself and, where that
  /// depends on the index, in its modules of multi-token prediction, whichever is first. `fixed_part_holds`: known to.
  /// Throws Error where the condition has no value or the index too many. Valid until the next call.
  const std::vector<std::vector<Range>>& of(Scope& scope, const Program::Plan& plan, bool fixed_part_holds,
                                            std::string_view row);

 private:
  struct Split {
    const Scope* scope;
    const Expression* condition;
    std::size_t index;
    bool mtp;
    std::vector<std::vector<Range>> ranges;
  };
  /// The answer to one node of an expression, or to a dimension.
  struct Known {
    const Scope* scope;
    const Expression* expression;  ///< nullptr: `what` is a dimension
    std::size_t what, index;
    std::vector<Range> ranges;
  };
  /// One node asked along one index.
  struct Question {
    Scope& scope;
    const Expression& expression;
    std::uint32_t node;
    std::size_t index;
    std::string_view row;
  };
  [[nodiscard]] std::vector<Range> holds(const Question& question, const std::vector<Range>& within);
  /// All along the index.
  [[nodiscard]] const std::vector<Range>& answer(const Question& question);
  [[nodiscard]] static std::vector<Range> walk(const Question& question, const std::vector<Range>* within);

  std::vector<Split> splits_;
  std::deque<Known> known_;
};

}  // namespace paramcount
