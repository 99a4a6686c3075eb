#include "count/operators.hpp"

#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

void need_numbers(const ValueView& a, const ValueView& b) {
  if (!a.is_number()) throw WrongOperand(0, "a number");
  if (!b.is_number()) throw WrongOperand(1, "a number");
}

Value decimal_arithmetic(Op op, double x, double y) {
  switch (op) {
    case Op::add:
      return x + y;
    case Op::subtract:
      return x - y;
    case Op::multiply:
      return x * y;
    case Op::floor_divide:
      return std::floor(x / y);
    default:
      return x - y * std::floor(x / y);
  }
}

}  // namespace

std::int64_t whole_arithmetic(Op op, std::int64_t x, std::int64_t y) {
  std::int64_t result{};
  bool overflow = false;
  switch (op) {
    case Op::add:
      overflow = __builtin_add_overflow(x, y, &result);
      break;
    case Op::subtract:
      overflow = __builtin_sub_overflow(x, y, &result);
      break;
    case Op::multiply:
      overflow = __builtin_mul_overflow(x, y, &result);
      break;
    case Op::floor_divide:
      overflow = x == INT64_MIN && y == -1;
      if (!overflow) result = x / y - (x % y != 0 && (x < 0) != (y < 0) ? 1 : 0);
      break;
    default:
      result = y == -1 ? 0 : (x % y + y) % y;
      break;
  }
  if (overflow) throw_overflow();
  return result;
}

bool ordered(Op op, const ValueView& a, const ValueView& b) {
  need_numbers(a, b);
  const auto compare = [op](auto left, auto right) {
    switch (op) {
      case Op::less:
        return left < right;
      case Op::less_equal:
        return left <= right;
      case Op::greater:
        return left > right;
      default:
        return left >= right;
    }
  };
  return a.is_whole() && b.is_whole() ? compare(a.whole(), b.whole()) : compare(a.number(), b.number());
}

Value arithmetic(Op op, const ValueView& a, const ValueView& b) {
  need_numbers(a, b);
  if ((op == Op::floor_divide || op == Op::modulo) && b.number() == 0) throw WrongOperand(1, "a number other than 0");
  if (a.is_whole() && b.is_whole()) return whole_arithmetic(op, a.whole(), b.whole());
  return decimal_arithmetic(op, a.number(), b.number());
}

Value call(std::string_view name, const std::vector<ValueView>& args, const Expression& e) {
  const auto need = [&](std::size_t n) {
    if (args.size() != n)
      throw Error("`" + printable(e.text) + "`: " + std::string(name) + " takes " + std::to_string(n) + " values");
  };
  const auto whole = [&](std::size_t i) {
    if (!args[i].is_whole()) throw WrongOperand(i, "an integer");
    return args[i].whole();
  };
  if (name == "int") {
    need(1);
    if (args[0].is_whole()) return args[0].whole();
    if (const auto* text = args[0].as<std::string>()) {
      std::int64_t number = 0;
      const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), number);
      if (problem != std::errc() || end != text->data() + text->size()) throw WrongOperand(0, "a number");
      return number;
    }
    const auto* v = args[0].as<double>();
    if (v == nullptr) throw WrongOperand(0, "a number");
    if (!(std::abs(*v) < 9.2e18)) throw Error("`" + printable(e.text) + "`: the number is too large");
    return static_cast<std::int64_t>(*v);
  }
  if (name == "len") {
    need(1);
    std::size_t size = args[0].is_null() ? 0 : 1;
    if (const auto* list = args[0].as<Value::List>()) size = list->size();
    if (const auto* text = args[0].as<std::string>()) size = text->size();
    if (const auto* object = args[0].as<Value::Object>()) size = object->size();
    return static_cast<std::int64_t>(size);
  }
  if (name == "max") {
    need(2);
    need_numbers(args[0], args[1]);
    return args[args[0].number() < args[1].number() ? 1 : 0].value();
  }
  if (name == "ceil_div" || name == "round_up") {
    need(2);
    const auto a = whole(0);
    const auto b = whole(1);
    if (a < 0 || b <= 0) throw WrongOperand(b <= 0 ? 1 : 0, "a positive integer");
    const auto quotient = a / b + (a % b != 0 ? 1 : 0);
    if (name == "ceil_div") return quotient;
    std::int64_t product{};
    if (__builtin_mul_overflow(quotient, b, &product)) throw_overflow();
    return product;
  }
  if (name == "index_of") need(2);
  throw Error("`" + printable(e.text) + "`: there is no function " + std::string(name));
}

}  // namespace paramcount
