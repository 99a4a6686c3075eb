#include "count/operators.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

double number(const Value& value) {
  if (const auto* whole = value.as<std::int64_t>()) return static_cast<double>(*whole);
  return *value.as<double>();
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

bool contains(const Operand& item, const Operand& in, const Expression& e) {
  if (const auto* list = in.value().as<Value::List>()) {
    return std::find(list->begin(), list->end(), item.value()) != list->end();
  }
  const auto* text = in.value().as<std::string>();
  if (text == nullptr) throw_expected(in, "a list or a text", e);
  const auto* part = item.value().as<std::string>();
  if (part == nullptr) throw_expected(item, "a text", e);
  return text->find(*part) != std::string::npos;
}

bool ordered(Op op, const Operand& a, const Operand& b, const Expression& e) {
  if (!a.value().is_number()) throw_expected(a, "a number", e);
  if (!b.value().is_number()) throw_expected(b, "a number", e);
  const auto* x = a.value().as<std::int64_t>();
  const auto* y = b.value().as<std::int64_t>();
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
  return x != nullptr && y != nullptr ? compare(*x, *y) : compare(number(a.value()), number(b.value()));
}

Operand arithmetic(Op op, const Operand& a, const Operand& b, const Expression& e) {
  if (!a.value().is_number()) throw_expected(a, "a number", e);
  if (!b.value().is_number()) throw_expected(b, "a number", e);
  if ((op == Op::floor_divide || op == Op::modulo) && number(b.value()) == 0)
    throw_expected(b, "a number other than 0", e);
  const auto* x = a.value().as<std::int64_t>();
  const auto* y = b.value().as<std::int64_t>();
  if (x != nullptr && y != nullptr) return Operand(Value(whole_arithmetic(op, *x, *y)));
  return Operand(decimal_arithmetic(op, number(a.value()), number(b.value())));
}

Operand call(std::string_view name, std::vector<Operand>& args, const Expression& e) {
  const auto need = [&](std::size_t n) {
    if (args.size() != n)
      throw Error("`" + printable(e.text) + "`: " + std::string(name) + " takes " + std::to_string(n) + " values");
  };
  const auto whole = [&](std::size_t i) {
    const auto* v = args[i].value().as<std::int64_t>();
    if (v == nullptr) throw_expected(args[i], "an integer", e);
    return *v;
  };
  if (name == "int") {
    need(1);
    if (args[0].value().as<std::int64_t>() != nullptr) return std::move(args[0]);
    const auto* v = args[0].value().as<double>();
    if (v == nullptr) throw_expected(args[0], "a number", e);
    if (!(std::abs(*v) < 9.2e18)) throw Error("`" + printable(e.text) + "`: the number is too large");
    return Operand(Value(static_cast<std::int64_t>(*v)));
  }
  if (name == "len") {
    need(1);
    const Value& v = args[0].value();
    std::size_t size = 1;
    if (v.is_null()) size = 0;
    if (const auto* list = v.as<Value::List>()) size = list->size();
    if (const auto* text = v.as<std::string>()) size = text->size();
    if (const auto* object = v.as<Value::Object>()) size = object->size();
    return Operand(Value(static_cast<std::int64_t>(size)));
  }
  if (name == "max") {
    need(2);
    for (const auto& arg : args) {
      if (!arg.value().is_number()) throw_expected(arg, "a number", e);
    }
    return number(args[0].value()) < number(args[1].value()) ? std::move(args[1]) : std::move(args[0]);
  }
  if (name == "ceil_div" || name == "round_up") {
    need(2);
    const auto a = whole(0);
    const auto b = whole(1);
    if (a < 0 || b <= 0) throw_expected(args[b <= 0 ? 1 : 0], "a positive integer", e);
    const auto quotient = a / b + (a % b != 0 ? 1 : 0);
    if (name == "ceil_div") return Operand(Value(quotient));
    std::int64_t product{};
    if (__builtin_mul_overflow(quotient, b, &product)) throw_overflow();
    return Operand(Value(product));
  }
  if (name == "index_of") {
    need(2);
    const auto* list = args[0].value().as<Value::List>();
    if (list == nullptr) throw_expected(args[0], "a list", e);
    const auto at = std::find(list->begin(), list->end(), args[1].value());
    return Operand(Value(at == list->end() ? std::int64_t{-1} : static_cast<std::int64_t>(at - list->begin())));
  }
  throw Error("`" + printable(e.text) + "`: there is no function " + std::string(name));
}

}  // namespace paramcount
