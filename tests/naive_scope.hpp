// The expression language as simply as it can be said, to hold the engine's evaluation against: every value is made
// anew and copied, nothing is cached except the current indices.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "count/operators.hpp"
#include "count/scope.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {

class NaiveScope {
 public:
  NaiveScope(Program& program, Value config, const ProgramLookup& programs)
      : program_(program), config_(std::move(config)), programs_(programs) {}

  void at(std::size_t index, std::uint64_t value) {
    indices_[index] = static_cast<std::int64_t>(value);
    known_.clear();
  }
  void leave(std::size_t index) {
    indices_.erase(index);
    known_.clear();
  }

  Value dim(std::size_t i) {
    if (const auto known = known_.find(i); known != known_.end()) return known->second;
    if (const auto given = given_.find(i); given != given_.end()) {
      const auto* list = given->second.as<Value::List>();
      const auto along = list != nullptr ? only_member(program_.dim_needs(i)) : std::nullopt;
      if (!along) return given->second;
      const auto here = indices_.find(*along);
      const bool inside = here != indices_.end() && static_cast<std::size_t>(here->second) < list->size();
      if (inside && !(*list)[static_cast<std::size_t>(here->second)].is_null()) {
        return (*list)[static_cast<std::size_t>(here->second)];
      }
    }
    return known_[i] = whole(program_.dim(i));
  }

  Value whole(const Expression& e) {
    if (e.nodes.empty()) throw Error("an expression is empty");
    return value(e, e.root);
  }

  NaiveScope* part(std::size_t i) {
    if (const auto made = parts_.find(i); made != parts_.end()) return made->second.get();
    const auto part = program_.part(i);
    if (!part.condition->nodes.empty() && !truth(*part.condition, part.condition->root)) {
      return (parts_[i] = nullptr).get();
    }
    const Value family = whole(*part.family);
    const auto* name = family.as<std::string>();
    if (name == nullptr) throw Error("no family");
    auto inner = std::make_unique<NaiveScope>(programs_(*name), whole(*part.config), programs_);
    for (const auto& [dim, expression] : part.dims) {
      inner->given_[inner->program_.find(dim).value().at] = whole(*expression);
    }
    return (parts_[i] = std::move(inner)).get();
  }

 private:
  bool truth(const Expression& e, std::uint32_t node) {
    const Value of = value(e, node);
    if (const auto* flag = of.as<bool>()) return *flag;
    throw Error("no flag");
  }

  Value key(const Expression::Node& node) const {
    const auto& key = program_.key(node);
    if (const auto* found = config_.find(key.name)) return *found;
    for (const auto& other : key.aliases) {
      if (const auto* found = config_.find(other)) return *found;
    }
    return key.fallback != nullptr ? *key.fallback : Value{};
  }

  Value name(const Expression::Node& node) {
    const Target target = target_of(node);
    if (target.kind == Target::Kind::dim) return dim(target.at);
    if (target.kind == Target::Kind::index && indices_.contains(target.at)) return indices_[target.at];
    throw Error("no value");
  }

  Value member(const Expression& e, const Expression::Node& node) {
    const auto& left = e.nodes[node.a];
    if (left.op == Op::name && target_of(left).kind == Target::Kind::part) {
      NaiveScope* inner = part(target_of(left).at);
      return inner != nullptr ? inner->dim(inner->program_.find(e.word(node)).value().at) : Value{};
    }
    const Value of = value(e, node.a);
    if (of.is_null()) return {};
    if (of.as<Value::Object>() == nullptr) throw Error("no object");
    const auto* found = of.find(e.word(node));
    return found != nullptr ? *found : Value{};
  }

  Value element(const Expression& e, const Expression::Node& node) {
    Value of = value(e, node.a);
    if (of.is_null() || of.is_number()) return of;
    const Value where = value(e, node.b);
    if (of.as<Value::Object>() != nullptr) {
      if (where.as<std::string>() == nullptr) throw Error("no key");
      const auto* found = of.find(*where.as<std::string>());
      return found != nullptr ? *found : Value{};
    }
    const auto* position = where.as<std::int64_t>();
    if (position == nullptr || *position < 0) throw Error("no position");
    const auto at = static_cast<std::size_t>(*position);
    if (const auto* list = of.as<Value::List>(); list != nullptr && at < list->size()) return (*list)[at];
    if (const auto* text = of.as<std::string>(); text != nullptr && at < text->size())
      return std::string(1, (*text)[at]);
    throw Error("no element");
  }

  std::vector<Value> all(const Expression& e, const Expression::Node& node) {
    std::vector<Value> result;
    for (std::uint32_t i = 0; i < node.b; ++i) result.push_back(value(e, e.args[node.a + i]));
    return result;
  }

  static std::int64_t index_of(const Value& in, const Value& item) {
    const auto* list = in.as<Value::List>();
    if (list == nullptr) throw Error("no list");
    const auto at = std::find(list->begin(), list->end(), item);
    return at == list->end() ? -1 : at - list->begin();
  }

  static bool contains(const Value& item, const Value& in) {
    const auto* text = in.as<std::string>();
    if (text == nullptr) return index_of(in, item) >= 0;
    const auto* part = item.as<std::string>();
    if (part == nullptr) throw Error("no text");
    return text->find(*part) != std::string::npos;
  }

  Value value(const Expression& e, std::uint32_t at) {
    const auto& n = e.nodes[at];
    switch (n.op) {
      case Op::literal:
        return e.literals[n.a];
      case Op::key:
        return key(n);
      case Op::config:
        return config_;
      case Op::name:
        return name(n);
      case Op::member:
        return member(e, n);
      case Op::at:
        return element(e, n);
      case Op::list:
        return all(e, n);
      case Op::call: {
        const std::vector<Value> operands = all(e, n);
        if (e.word(n) == "index_of") return index_of(operands.at(0), operands.at(1));
        return call(e.word(n), {operands.begin(), operands.end()}, e);
      }
      case Op::not_:
        return !truth(e, n.a);
      case Op::and_:
        return truth(e, n.a) && truth(e, n.b);
      case Op::or_:
        return truth(e, n.a) || truth(e, n.b);
      case Op::coalesce: {
        const Value first = value(e, n.a);
        return first.is_null() ? value(e, n.b) : first;
      }
      case Op::choose:
        return value(e, truth(e, n.a) ? n.b : n.c);
      case Op::equal:
      case Op::not_equal:
        return (value(e, n.a) == value(e, n.b)) == (n.op == Op::equal);
      case Op::in:
      case Op::not_in: {
        const Value item = value(e, n.a);
        const Value in = value(e, n.b);
        return contains(item, in) == (n.op == Op::in);
      }
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal: {
        const Value left = value(e, n.a);
        const Value right = value(e, n.b);
        return ordered(n.op, ValueView(left), ValueView(right));
      }
      case Op::negate:
        return arithmetic(Op::subtract, ValueView::of_whole(0), ValueView(value(e, n.a)));
      default: {
        const Value left = value(e, n.a);
        const Value right = value(e, n.b);
        return arithmetic(n.op, ValueView(left), ValueView(right));
      }
    }
  }

  Program& program_;
  Value config_;
  const ProgramLookup& programs_;
  std::map<std::size_t, Value> given_;
  std::map<std::size_t, std::int64_t> indices_;
  std::map<std::size_t, Value> known_;
  std::map<std::size_t, std::unique_ptr<NaiveScope>> parts_;
};

}  // namespace paramcount
