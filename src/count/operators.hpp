// The operators and functions of the expression language on values. Names, keys and short-circuiting are in
// count/scope.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "count/expression.hpp"
#include "count/value_view.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {

/// An operand is of the wrong kind. Whoever knows where the operand came from turns it into an error that says so.
struct WrongOperand : Error {
  WrongOperand(std::size_t position, const std::string& what)
      : Error("expected " + what), operand(position), expected(what) {}
  std::size_t operand;   ///< its position among the operands
  std::string expected;  ///< "a number"
};

// All throw WrongOperand.
[[nodiscard]] bool ordered(Op op, const ValueView& a, const ValueView& b);
[[nodiscard]] Value arithmetic(Op op, const ValueView& a, const ValueView& b);
/// The same of two integers. Throws Error on overflow. Precondition: what divides is not 0.
[[nodiscard]] std::int64_t whole_arithmetic(Op op, std::int64_t x, std::int64_t y);
/// int, len, max, ceil_div, round_up; index_of is the scope's. Throws Error when there is no such function or it takes
/// another number of values; `e` is the expression that contains the call.
[[nodiscard]] Value call(std::string_view name, const std::vector<ValueView>& args, const Expression& e);

}  // namespace paramcount
