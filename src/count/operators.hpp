// What the operators and functions of the expression language do to values. Names, keys and laziness are count/scope's.
#pragma once

#include <string_view>
#include <vector>

#include "count/expression.hpp"
#include "count/scope.hpp"

namespace paramcount {

// All throw Error when an operand is of the wrong kind, naming its origin; `e` is the expression they stand in.
[[nodiscard]] bool contains(const Operand& item, const Operand& in, const Expression& e);
[[nodiscard]] bool ordered(Op op, const Operand& a, const Operand& b, const Expression& e);
/// Precondition: what divides is not 0.
[[nodiscard]] std::int64_t whole_arithmetic(Op op, std::int64_t x, std::int64_t y);
[[nodiscard]] Operand arithmetic(Op op, const Operand& a, const Operand& b, const Expression& e);
/// int, len, max, ceil_div, round_up, index_of.
[[nodiscard]] Operand call(std::string_view name, std::vector<Operand>& args, const Expression& e);

}  // namespace paramcount
