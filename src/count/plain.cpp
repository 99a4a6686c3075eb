// Scope's evaluation of values alone: what rows are expanded with, thousands of times a model.
#include "count/plain.hpp"

#include <algorithm>
#include <memory>

#include "base/text.hpp"
#include "count/depth.hpp"
#include "count/operators.hpp"
#include "count/scope.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

bool is_number(const Plain& value) {
  return value.is_whole() || (value.kind() == Plain::Kind::other && value.other().is_number());
}

bool is_zero(const Plain& value) { return value == Plain::of_whole(0); }

}  // namespace

Plain Scope::keep(Operand operand) {
  if (!operand.is_computed()) return Plain(operand.value());
  const Plain value(operand.own_);
  if (value.kind() != Plain::Kind::other) return value;
  return Plain(*kept_.emplace_back(std::make_unique<Value>(std::move(operand.own_))));
}

Plain Scope::evaluate_dim(std::size_t i) {
  const Memo* const known = memos_[i].get();
  if (known != nullptr && known->given) return keep(dim(i));
  if (known != nullptr && known->plain_moment == moment_) {
    asked_ |= known->plain_asked;
    return known->plain_here;
  }
  if (dims_[i].is_pending()) throw Error(printable(program_.family().dims[i].name) + " is defined by itself");
  const Expression& expression = program_.dim(i);
  if (expression.nodes.empty()) throw_empty();
  const Depth depth(depth_, expression, expression.depth);
  IndexSet asked{};
  Plain value = [&] {
    const Pending pending(dims_[i]);
    const Asking asking(asked_);
    const Plain found = plain(expression, expression.root);
    asked = asked_;
    return found;
  }();
  const bool may_be_lost = value.kind() == Plain::Kind::other && !kept_.empty();
  const auto owned = [&] {
    return may_be_lost ? Plain(*memo(i).owned.emplace_back(std::make_unique<Value>(value.other()))) : value;
  };
  if (asked == 0) return dims_[i] = owned();
  if (const auto along = only_member(program_.dim_needs(i))) {
    const auto at = static_cast<std::uint64_t>(indices_[*along]);
    if (indices_[*along] != kNowhere && at < kMostMemo) {
      value = owned();
      Memo& here = memo(i);
      here.along = *along;
      if (at >= here.by_value.size()) here.by_value.resize(std::max(2 * here.by_value.size(), at + 32), Plain::unset());
      return here.by_value[at] = value;
    }
  }
  Memo& here = memo(i);
  if (may_be_lost) {
    here.plain_value = std::make_unique<Value>(value.other());
    value = Plain(*here.plain_value);
  }
  here.plain_moment = moment_;
  here.plain_asked = asked;
  return here.plain_here = value;
}

Plain Scope::plain_member(const Expression& e, std::uint32_t node) {
  const auto& n = e.nodes[node];
  const auto& left = e.nodes[n.a];
  if (left.op != Op::name || target_of(left).kind != Target::Kind::part) {
    const Plain of = plain(e, n.a);
    if (of.is_null()) return of;
    if (of.kind() == Plain::Kind::other && of.other().as<Value::Object>() != nullptr) {
      const auto* found = of.other().find(e.word(n));
      return found != nullptr ? Plain(*found) : Plain();
    }
  }
  return keep(run(e, node));
}

Plain Scope::plain_at(const Expression& e, std::uint32_t node) {
  const auto& n = e.nodes[node];
  const Plain of = plain(e, n.a);
  if (of.is_null() || is_number(of)) return of;
  if (of.is_flag()) return keep(run(e, node));
  const Plain position = plain(e, n.b);
  if (position.kind() == Plain::Kind::other) {
    const auto* name = position.other().as<std::string>();
    if (name != nullptr && of.other().as<Value::Object>() != nullptr) {
      const auto* found = of.other().find(*name);
      return found != nullptr ? Plain(*found) : Plain();
    }
  }
  const auto at = static_cast<std::uint64_t>(position.is_whole() ? position.whole() : -1);
  if (const auto* list = of.other().as<Value::List>(); list != nullptr && at < list->size()) {
    return Plain((*list)[at]);
  }
  if (const auto* text = of.other().as<std::string>(); text != nullptr && at < text->size()) {
    return keep(Operand(Value(std::string(1, (*text)[at]))));
  }
  return keep(run(e, node));
}

Plain Scope::plain_arithmetic(Op op, const Plain& a, const Plain& b, const Expression& e,
                              const Expression::Node& node) {
  const bool divides = op == Op::floor_divide || op == Op::modulo;
  if (!is_number(a) || !is_number(b) || (divides && is_zero(b))) {
    const Operand left = node.op == Op::negate ? Operand(Value(0)) : run(e, node.a);
    return keep(arithmetic(op, left, run(e, node.op == Op::negate ? node.a : node.b), e));
  }
  if (a.is_whole() && b.is_whole()) return Plain::of_whole(whole_arithmetic(op, a.whole(), b.whole()));
  return keep(arithmetic(op, Operand(a.value()), Operand(b.value()), e));
}

bool Scope::plain_order(const Expression& e, const Expression::Node& node) {
  const Plain a = plain(e, node.a);
  const Plain b = plain(e, node.b);
  if (!is_number(a) || !is_number(b)) {
    const Operand left = run(e, node.a);
    return ordered(node.op, left, run(e, node.b), e);
  }
  if (!a.is_whole() || !b.is_whole()) return ordered(node.op, Operand(a.value()), Operand(b.value()), e);
  switch (node.op) {
    case Op::less:
      return a.whole() < b.whole();
    case Op::less_equal:
      return a.whole() <= b.whole();
    case Op::greater:
      return a.whole() > b.whole();
    default:
      return a.whole() >= b.whole();
  }
}

bool Scope::plain_in(const Expression& e, const Expression::Node& node) {
  const Plain item = plain(e, node.a);
  const auto& list_node = e.nodes[node.b];
  if (list_node.op == Op::list) {
    bool found = false;
    for (std::uint32_t i = 0; i < list_node.b; ++i) found = plain(e, e.args[list_node.a + i]) == item || found;
    return found;
  }
  const Plain in = plain(e, node.b);
  if (in.kind() == Plain::Kind::other) {
    if (const auto* list = in.other().as<Value::List>()) {
      return std::any_of(list->begin(), list->end(), [&](const Value& one) { return Plain(one) == item; });
    }
    const auto* text = in.other().as<std::string>();
    const auto* part = item.kind() == Plain::Kind::other ? item.other().as<std::string>() : nullptr;
    if (text != nullptr && part != nullptr) return text->find(*part) != std::string::npos;
  }
  const Operand left = run(e, node.a);
  return contains(left, run(e, node.b), e);
}

Plain Scope::plain(const Expression& e, std::uint32_t at) {
  const auto& n = e.nodes[at];
  switch (n.op) {
    case Op::literal:
      return Plain(e.literals[n.a]);
    case Op::key:
      return Plain(*key(n, nullptr));
    case Op::config:
      return Plain(config_);
    case Op::name: {
      const Target target = target_of(n);
      if (target.kind == Target::Kind::dim) return plain_dim(target.at);
      if (target.kind == Target::Kind::index && indices_[target.at] != kNowhere) {
        asked_ |= IndexSet{1} << target.at;
        return Plain::of_whole(indices_[target.at]);
      }
      return keep(run(e, at));
    }
    case Op::member:
      return plain_member(e, at);
    case Op::at:
      return plain_at(e, at);
    case Op::call:
    case Op::list:
      return keep(run(e, at));
    case Op::not_:
      return Plain::of_flag(!truth(e, n.a));
    case Op::and_:
      return Plain::of_flag(truth(e, n.a) && truth(e, n.b));
    case Op::or_:
      return Plain::of_flag(truth(e, n.a) || truth(e, n.b));
    case Op::coalesce: {
      const Plain left = plain(e, n.a);
      return left.is_null() ? plain(e, n.b) : left;
    }
    case Op::choose:
      return plain(e, truth(e, n.a) ? n.b : n.c);
    case Op::equal:
      return Plain::of_flag(plain(e, n.a) == plain(e, n.b));
    case Op::not_equal:
      return Plain::of_flag(!(plain(e, n.a) == plain(e, n.b)));
    case Op::in:
      return Plain::of_flag(plain_in(e, n));
    case Op::not_in:
      return Plain::of_flag(!plain_in(e, n));
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
      return Plain::of_flag(plain_order(e, n));
    case Op::negate:
      return plain_arithmetic(Op::subtract, Plain::of_whole(0), plain(e, n.a), e, n);
    default: {
      const Plain left = plain(e, n.a);
      return plain_arithmetic(n.op, left, plain(e, n.b), e, n);
    }
  }
}

}  // namespace paramcount
