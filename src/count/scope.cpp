#include "count/scope.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "count/depth.hpp"
#include "count/operators.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

const Value kNull;

/// Bounds the lists that expressions make, of which each may hold the one before several times.
void check_list(const Value& value, std::size_t& items, int depth, const Expression& e) {
  constexpr std::size_t kMostItems = 100'000;
  constexpr int kDeepestList = 64;
  const auto* list = value.as<Value::List>();
  if (list == nullptr) return;
  items += list->size();
  if (items > kMostItems || depth > kDeepestList)
    throw Error("`" + printable(e.text.substr(0, 80)) + "`: too large a list");
  for (const auto& item : *list) check_list(item, items, depth + 1, e);
}

}  // namespace

std::string Operand::origin() const {
  if (scope_ == nullptr) return {};
  if (expression_ == nullptr) return scope_->program_.family().dims[node_].name;
  const Family* assumed_by = nullptr;
  std::string where = scope_->pointer(*expression_, node_, assumed_by);
  if (assumed_by != nullptr && !where.empty() && !value().is_null()) {
    where += " (default of family " + printable(assumed_by->id) + ")";
  }
  return where;
}

Operand Operand::element(const Value& of, const Expression* expression, std::uint32_t node) const {
  if (seen_ == nullptr) return Operand(of);
  const bool from_config = scope_ != nullptr && expression_ == expression;
  return {of, from_config ? scope_ : nullptr, expression, node};
}

void throw_expected(const Operand& operand, std::string_view what, const Expression& in) {
  const auto origin = operand.origin();
  if (origin.empty()) {
    throw Error("`" + printable(in.text) + "`: expected " + std::string(what) + ", got " + brief(operand.value()));
  }
  if (operand.value().is_null()) throw Error(origin + ": missing, expected " + std::string(what));
  throw Error(origin + ": expected " + std::string(what) + ", got " + brief(operand.value()));
}

Scope::Scope(Program& program, const Value& config, const ProgramLookup& programs)
    : program_(program),
      config_(config),
      programs_(programs),
      dims_(program.family().dims.size(), Plain::unset()),
      memos_(program.family().dims.size()),
      indices_(program.family().indices.size(), kNowhere),
      parts_(program.family().parts.size()) {
  const auto* members = config.as<Value::Object>();
  if (members == nullptr) return;
  for (const auto& [name, unused] : *members) has_[fingerprint(name)] = true;
}

void Scope::set(std::string_view dim, Value value) {
  const auto target = program_.find(dim);
  if (!target || target->kind != Target::Kind::dim) {
    throw Error(printable(dim) + ": family " + program_.family().id + " has no dimension of that name");
  }
  memo(target->at).given = std::move(value);
}

void Scope::throw_empty() { throw Error("an expression is empty"); }

Operand Scope::evaluate(const Expression& expression) {
  if (expression.nodes.empty()) throw_empty();
  enter();
  return run(expression, expression.root);
}

Operand Scope::dim(std::size_t i) {
  Memo& memo = this->memo(i);
  const IndexSet needs = program_.dim_needs(i);
  asked_ |= needs;
  if (memo.given) {
    const auto* list = memo.given->as<Value::List>();
    const auto along = list != nullptr ? only_member(needs) : std::nullopt;
    if (!along) return {*memo.given, this, nullptr, static_cast<std::uint32_t>(i)};
    const auto at = static_cast<std::uint64_t>(indices_[*along]);
    if (indices_[*along] != kNowhere && at < list->size() && !(*list)[at].is_null()) {
      return {(*list)[at], this, nullptr, static_cast<std::uint32_t>(i)};
    }
  }
  const auto reference = [](const Operand& kept) {
    return Operand(kept.value(), kept.scope_, kept.expression_, kept.node_);
  };
  if (memo.fixed) return reference(*memo.fixed);
  const auto along = only_member(needs);
  std::optional<std::size_t> at;
  if (along && indices_[*along] != kNowhere && indices_[*along] < static_cast<std::int64_t>(kMostMemo)) {
    at = static_cast<std::size_t>(indices_[*along]);
    if (*at < memo.by_index.size() && memo.by_index[*at]) return reference(*memo.by_index[*at]);
  }
  if (dims_[i].is_pending()) throw Error(printable(program_.family().dims[i].name) + " is defined by itself");
  if (!at && memo.operand_moment == moment_) return memo.operand_here;
  Operand result = [&] {
    const Pending pending(dims_[i]);
    return evaluate(program_.dim(i));
  }();
  if (needs == 0) return reference(memo.fixed.emplace(std::move(result)));
  if (at) {
    // Reserving ahead keeps what earlier references see in place.
    if (memo.by_index.empty()) memo.by_index.reserve(kMostMemo < index_count(*along) ? kMostMemo : index_count(*along));
    if (*at < memo.by_index.capacity()) {
      if (memo.by_index.size() <= *at) memo.by_index.resize(*at + 1);
      return reference(memo.by_index[*at].emplace(std::move(result)));
    }
  }
  memo.operand_moment = moment_;
  memo.operand_here = result;
  return result;
}

bool Scope::holds(const Expression& condition) { return condition.nodes.empty() || holds(condition, condition.root); }

bool Scope::holds(const Expression& condition, std::uint32_t node) {
  enter();
  const Depth depth(depth_, condition, condition.depth);
  return truth(condition, node);
}

bool Scope::hold(const Expression& condition, const std::vector<std::uint32_t>& nodes) {
  return std::all_of(nodes.begin(), nodes.end(), [&](std::uint32_t node) { return holds(condition, node); });
}

std::uint64_t Scope::size(const Expression& expression) {
  if (!expression.nodes.empty()) {
    enter();
    const Depth depth(depth_, expression, expression.depth);
    const Plain value = plain(expression, expression.root);
    if (value.is_whole() && value.whole() >= 0) return static_cast<std::uint64_t>(value.whole());
  }
  const Operand result = evaluate(expression);
  const auto* whole = result.value().as<std::int64_t>();
  if (whole == nullptr) throw_expected(result, "an integer", expression);
  if (*whole < 0) blame_size(expression, result);
  return static_cast<std::uint64_t>(*whole);
}

void Scope::blame_size(const Expression& expression, const Operand& result) {
  if (const auto origin = result.origin(); !origin.empty()) {
    throw Error(origin + ": must not be negative, got " + brief(result.value()));
  }
  std::vector<bool> asked(memos_.size());
  blame_parts(expression, asked, 0);
  throw Error("`" + printable(expression.text) + "`: must not be negative, got " + brief(result.value()));
}

void Scope::blame_parts(const Expression& expression, std::vector<bool>& asked, int depth) {
  constexpr int kFarthest = 16;
  for (std::uint32_t i = 0; i < expression.nodes.size(); ++i) {
    const auto& node = expression.nodes[i];
    if (node.op != Op::name && node.op != Op::key) continue;
    const bool is_dim = node.op == Op::name && target_of(node).kind == Target::Kind::dim;
    if (node.op == Op::name && !is_dim) continue;
    if (is_dim) {
      if (asked[target_of(node).at]) continue;
      asked[target_of(node).at] = true;
    }
    const Operand leaf = run(expression, i);
    const auto* whole = leaf.value().as<std::int64_t>();
    if (whole == nullptr || *whole >= 0) continue;
    if (const auto origin = leaf.origin(); !origin.empty()) {
      throw Error(origin + ": must not be negative, got " + brief(leaf.value()));
    }
    if (is_dim && depth < kFarthest) blame_parts(program_.dim(target_of(node).at), asked, depth + 1);
  }
}

std::uint64_t Scope::index_count(std::size_t i) { return size(program_.index(i)); }

Scope* Scope::part(std::size_t i) {
  PartSlot& slot = parts_[i];
  if (slot.made) return slot.scope.get();
  if (slot.making) throw Error(printable(program_.family().parts[i].name) + " is defined by itself");
  const Visit making(slot.making);
  const auto part = program_.part(i);
  if (!holds(*part.condition)) {
    slot.made = true;
    return nullptr;
  }
  const Operand family = evaluate(*part.family);
  const auto* name = family.value().as<std::string>();
  if (name == nullptr) throw_expected(family, "the name of a family", *part.family);
  Operand config = evaluate(*part.config);
  slot.config = config.value();
  Program& program = [&]() -> Program& {
    try {
      return programs_(*name);
    } catch (const Error& error) {
      const auto origin = family.origin();
      if (origin.empty()) throw;
      throw located(origin, error);
    }
  }();
  auto scope = std::make_unique<Scope>(program, slot.config, programs_);
  scope->outer_ = config.scope_;
  scope->outer_expression_ = config.expression_;
  scope->outer_node_ = config.node_;
  for (const auto& [dim, expression] : part.dims) scope->set(dim, evaluate(*expression).value());
  slot.scope = std::move(scope);
  slot.made = true;
  return slot.scope.get();
}

const Value* Scope::in_config(std::string_view name) const {
  return has_[fingerprint(name)] ? config_.find(name) : nullptr;
}

const Value* Scope::key(const Expression::Node& node, std::string_view* spelling) const {
  const auto& key = program_.key(node);
  if (spelling != nullptr) *spelling = key.name;
  if (const auto* found = in_config(key.name)) return found;
  for (const auto& other : key.aliases) {
    if (const auto* found = in_config(other)) {
      if (spelling != nullptr) *spelling = other;
      return found;
    }
  }
  return key.fallback != nullptr ? key.fallback : &kNull;
}

std::string Scope::place(const Family*& assumed_by) const {
  if (outer_ == nullptr || outer_expression_ == nullptr) return {};
  return outer_->pointer(*outer_expression_, outer_node_, assumed_by);
}

std::string Scope::pointer(const Expression& e, std::uint32_t node, const Family*& assumed_by) const {
  const auto& n = e.nodes[node];
  switch (n.op) {
    case Op::key: {
      std::string_view spelling;
      const Value* value = key(n, &spelling);
      std::string where = place(assumed_by);
      if (in_config(spelling) == nullptr && !value->is_null()) assumed_by = &program_.family();
      return where + "/" + printable(spelling);
    }
    case Op::config:
      return place(assumed_by);
    case Op::member:
      return pointer(e, n.a, assumed_by) + "/" + std::string(e.word(n));
    case Op::coalesce: {
      const bool left = !const_cast<Scope*>(this)->run(e, n.a).value().is_null();
      return pointer(e, left ? n.a : n.b, assumed_by);
    }
    case Op::choose:
      return pointer(e, const_cast<Scope*>(this)->truth(e, n.a) ? n.b : n.c, assumed_by);
    case Op::at: {
      const Value index = const_cast<Scope*>(this)->run(e, n.b).value();
      const auto* text = index.as<std::string>();
      return pointer(e, n.a, assumed_by) + "/" + (text != nullptr ? printable(*text) : brief(index));
    }
    default:
      return "";
  }
}

bool Scope::truth(const Expression& e, std::uint32_t node) {
  const Plain value = plain(e, node);
  if (value.is_flag()) return value.flag();
  throw_expected(run(e, node), "true or false", e);
}

Operand Scope::run_key(const Expression& e, std::uint32_t node) {
  return {*key(e.nodes[node], nullptr), this, &e, node};
}

Operand Scope::run_name(const Expression& e, const Expression::Node& node) {
  const Target target = target_of(node);
  switch (target.kind) {
    case Target::Kind::dim:
      return dim(target.at);
    case Target::Kind::index:
      asked_ |= IndexSet{1} << target.at;
      if (indices_[target.at] == kNowhere) {
        throw Error("`" + printable(e.text) + "`: " + std::string(e.word(node)) +
                    " has no value outside a row that names it");
      }
      return Operand(Value(indices_[target.at]));
    case Target::Kind::part:
      break;
  }
  throw Error("`" + printable(e.text) + "`: " + std::string(e.word(node)) + " is a part; name one of its dimensions");
}

Operand Scope::run_member(const Expression& e, std::uint32_t node) {
  const auto& n = e.nodes[node];
  const auto& left = e.nodes[n.a];
  if (left.op == Op::name && target_of(left).kind == Target::Kind::part) {
    Scope* inner = part(target_of(left).at);
    if (inner == nullptr) return Operand{};
    const auto target = inner->program_.find(e.word(n));
    if (!target || target->kind != Target::Kind::dim) {
      throw Error("`" + printable(e.text) + "`: part " + std::string(e.word(left)) + " has no dimension " +
                  std::string(e.word(n)));
    }
    return inner->dim(target->at);
  }
  const Operand of = run(e, n.a);
  if (of.value().is_null()) return Operand{};
  if (of.value().as<Value::Object>() == nullptr) throw_expected(of, "an object", e);
  const auto* found = of.value().find(e.word(n));
  return of.element(found != nullptr ? *found : kNull, &e, node);
}

Operand Scope::run_at(const Expression& e, std::uint32_t node) {
  const auto& n = e.nodes[node];
  Operand of = run(e, n.a);
  const Value& value = of.value();
  if (value.is_null() || value.is_number()) return of;
  const Operand index = run(e, n.b);
  if (value.as<Value::Object>() != nullptr) {
    const auto* name = index.value().as<std::string>();
    if (name == nullptr) throw_expected(index, "a key", e);
    const auto* found = value.find(*name);
    return of.element(found != nullptr ? *found : kNull, &e, node);
  }
  const auto* position = index.value().as<std::int64_t>();
  if (position == nullptr) throw_expected(index, "an integer", e);
  const auto inside = [&](std::size_t size) {
    if (*position >= 0 && static_cast<std::uint64_t>(*position) < size) return static_cast<std::size_t>(*position);
    const auto origin = of.origin();
    throw Error((origin.empty() ? "`" + printable(e.text) + "`" : origin) + ": has " + std::to_string(size) +
                " entries, entry " + std::to_string(*position) + " is needed");
  };
  if (const auto* list = value.as<Value::List>()) return of.element((*list)[inside(list->size())], &e, node);
  if (const auto* text = value.as<std::string>()) return Operand(Value(std::string(1, (*text)[inside(text->size())])));
  throw_expected(of, "a list, a text or an object", e);
}

Operand Scope::run_call(const Expression& e, const Expression::Node& node) {
  std::vector<Operand> args;
  args.reserve(node.b);
  for (std::uint32_t i = 0; i < node.b; ++i) args.push_back(run(e, e.args[node.a + i]));
  return call(e.word(node), args, e);
}

Operand Scope::run(const Expression& e, std::uint32_t at) {
  const Depth depth(depth_, e);
  const auto& n = e.nodes[at];
  switch (n.op) {
    case Op::literal:
      return {e.literals[n.a], nullptr, nullptr, 0};
    case Op::key:
      return run_key(e, at);
    case Op::config:
      return {config_, this, &e, at};
    case Op::name:
      return run_name(e, n);
    case Op::member:
      return run_member(e, at);
    case Op::at:
      return run_at(e, at);
    case Op::call:
      return run_call(e, n);
    case Op::list: {
      Value::List list;
      for (std::uint32_t i = 0; i < n.b; ++i) list.push_back(run(e, e.args[n.a + i]).value());
      Value made(std::move(list));
      std::size_t items = 0;
      check_list(made, items, 1, e);
      return Operand(std::move(made));
    }
    case Op::coalesce: {
      Operand left = run(e, n.a);
      return left.value().is_null() ? run(e, n.b) : left;
    }
    case Op::choose: {
      const bool yes = [&] {
        const Depth below(depth_, e, e.depth);
        return truth(e, n.a);
      }();
      return run(e, yes ? n.b : n.c);
    }
    default: {
      const Depth below(depth_, e, e.depth);
      return Operand(plain(e, at).value());
    }
  }
}

}  // namespace paramcount
