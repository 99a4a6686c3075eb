#include "count/scope.hpp"

#include <algorithm>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "count/operators.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

const Value kNull;

/// Marks a dimension as being evaluated, so that one that needs itself is noticed; an error takes the mark away too.
class Pending {
 public:
  explicit Pending(ValueView& value) : value_(value), before_(value) { value_ = ValueView::pending(); }
  ~Pending() { value_ = before_; }
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

 private:
  ValueView& value_;
  ValueView before_;
};

/// Begins with no index asked for; what was asked before is added at the end.
class Asking {
 public:
  explicit Asking(IndexSet& asked) : asked_(asked), before_(std::exchange(asked, 0)) {}
  ~Asking() { asked_ |= before_; }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

 private:
  IndexSet& asked_;
  IndexSet before_;
};

}  // namespace

Scope::Scope(Program& program, const Value& config, const ProgramLookup& programs)
    : program_(program),
      config_(config),
      programs_(programs),
      dims_(program.family().dims.size(), ValueView::unset()),
      memos_(program.family().dims.size()),
      indices_(program.family().indices.size(), kNowhere),
      parts_(program.family().parts.size()) {
  const auto* members = config.as<Value::Object>();
  if (members == nullptr) return;
  for (const auto& [name, unused] : *members) has_[fingerprint(name)] = true;
  constexpr std::size_t kFew = 256;
  if (members->size() <= kFew) return;
  for (const auto& member : *members) sorted_.push_back(&member);
  std::sort(sorted_.begin(), sorted_.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
}

void Scope::set(std::string_view dim, Value value) {
  const auto target = program_.find(dim);
  if (!target || target->kind != Target::Kind::dim) {
    throw Error(printable(dim) + ": family " + program_.family().id + " has no dimension of that name");
  }
  memo(target->at).given = std::move(value);
}

const Value* Scope::given(std::size_t dim) const {
  const Memo* const memo = memos_[dim].get();
  if (memo == nullptr || !memo->given) return nullptr;
  const auto* list = memo->given->as<Value::List>();
  const auto along = list != nullptr ? only_member(program_.dim_needs(dim)) : std::nullopt;
  if (!along) return &*memo->given;
  const auto at = static_cast<std::size_t>(indices_[*along]);
  return at < list->size() && !(*list)[at].is_null() ? &(*list)[at] : nullptr;
}

bool Scope::holds(const Expression& condition) { return condition.nodes.empty() || holds(condition, condition.root); }

bool Scope::holds(const Expression& condition, std::uint32_t node) {
  enter();
  work_->spend(condition.nodes.size());
  const Depth depth(*work_, depth_, condition);
  return truth(condition, node);
}

bool Scope::hold(const Expression& condition, const std::vector<std::uint32_t>& nodes) {
  return std::all_of(nodes.begin(), nodes.end(), [&](std::uint32_t node) { return holds(condition, node); });
}

std::uint64_t Scope::size(const Expression& expression, std::int64_t least) {
  const ValueView value = evaluate(expression);
  if (!value.is_number()) blame(expression, expression.root, "an integer");
  if (!value.is_whole() || value.whole() < least) blame_small(expression, value, least);
  return static_cast<std::uint64_t>(value.whole());
}

std::uint64_t Scope::dim_size(std::size_t i) {
  const ValueView value = dim(i);
  if (!value.is_whole()) blame(origin(source_of_dim(i), value), program_.dim(i), value, "an integer");
  if (value.whole() < 0) {
    const std::string where = origin(source_of_dim(i), value);
    throw Error((where.empty() ? printable(program_.family().dims[i].name) : where) + ": must not be negative, got " +
                brief(value.value()));
  }
  return static_cast<std::uint64_t>(value.whole());
}

Scope* Scope::part(std::size_t i) {
  PartSlot& slot = parts_[i];
  if (slot.made) return slot.scope.get();
  if (slot.making) throw Error(printable(program_.family().parts[i].name) + " is defined by itself");
  if (level_ == kDeepestPart)
    throw Error(printable(program_.family().id) + ": parts nested deeper than " + std::to_string(kDeepestPart) +
                " levels");
  const Visit making(slot.making);
  const auto part = program_.part(i);
  if (!holds(*part.condition)) {
    slot.made = true;
    return nullptr;
  }
  const ValueView family = evaluate(*part.family);
  const auto* name = family.as<std::string>();
  if (name == nullptr) blame(*part.family, part.family->root, "the name of a family");
  Program& program = [&]() -> Program& {
    try {
      return programs_(*name);
    } catch (const Error& error) {
      const auto where = origin(*part.family, part.family->root, family);
      if (where.empty()) throw;
      throw located(where, error);
    }
  }();
  slot.config = copy(evaluate(*part.config));
  auto scope = std::make_unique<Scope>(program, slot.config, programs_);
  scope->outer_ = this;
  scope->level_ = level_ + 1;
  scope->work_ = work_;
  scope->outer_config_ = part.config;
  for (const auto& [dim, expression] : part.dims) scope->set(dim, copy(evaluate(*expression)));
  // A dimension given from outside that only passes on one of the part's is given to the part.
  for (std::size_t at = 0; at < memos_.size(); ++at) {
    if (memos_[at] == nullptr || !memos_[at]->given) continue;
    const Expression& e = program_.dim(at);
    const auto& root = e.nodes[e.root];
    if (root.op != Op::member || !is_part(e.nodes[root.a]) || target_of(e.nodes[root.a]).at != i) continue;
    scope->set(e.word(root), copy(ValueView(*memos_[at]->given)));
  }
  slot.scope = std::move(scope);
  slot.made = true;
  return slot.scope.get();
}

const Value* Scope::in_config(std::string_view name) const {
  if (!has_[fingerprint(name)]) return nullptr;
  if (sorted_.empty()) return config_.find(name);
  const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), name,
                                   [](const auto* member, std::string_view key) { return member->first < key; });
  return at != sorted_.end() && (*at)->first == name ? &(*at)->second : nullptr;
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

Value Scope::copy(const ValueView& value) {
  work_->spend(kStepsOfCopy * (value.kind() == ValueView::Kind::other ? weight(value.other()) : 1));
  return value.value();
}

ValueView Scope::keep(Value made) {
  const ValueView view(made);
  return view.kind() == ValueView::Kind::other ? ValueView(kept_.emplace_front(std::move(made))) : view;
}

ValueView Scope::whole(const Expression& e) {
  if (e.nodes.empty()) throw Error("an expression is empty");
  work_->spend(kStepsOfDim + e.nodes.size());
  const Depth depth(*work_, depth_, e);
  return value(e, e.root);
}

ValueView Scope::evaluate_dim(std::size_t i) {
  const Memo* const known = memos_[i].get();
  if (known != nullptr && known->moment == moment_) {
    asked_ |= known->asked_here;
    return known->here;
  }
  const bool is_given = known != nullptr && known->given;
  if (const Value* const value = given(i)) {
    asked_ |= program_.dim_needs(i);
    return ValueView(*value);
  }
  if (dims_[i].is_pending()) throw Error(printable(program_.family().dims[i].name) + " is defined by itself");
  IndexSet asked{};
  ValueView value = [&] {
    const Pending pending(dims_[i]);
    const Asking asking(asked_);
    const ValueView found = whole(program_.dim(i));
    asked = is_given ? program_.dim_needs(i) : asked_;
    return found;
  }();
  asked_ |= asked;
  // What is remembered outlives `kept_`.
  const bool may_be_lost = value.kind() == ValueView::Kind::other && !kept_.empty();
  const auto owned = [&] { return may_be_lost ? ValueView(memo(i).owned.emplace_front(copy(value))) : value; };
  if (asked == 0) return dims_[i] = owned();
  Memo& memo = this->memo(i);
  if (const auto along = only_member(program_.dim_needs(i))) {
    const auto at = static_cast<std::uint64_t>(indices_[*along]);
    if (at < kMostMemo) {
      memo.along = *along;
      if (at >= memo.by_value.size()) {
        memo.by_value.resize(std::max(2 * memo.by_value.size(), at + 32), ValueView::unset());
      }
      return memo.by_value[at] = owned();
    }
  }
  if (may_be_lost) {
    memo.owned_here = copy(value);
    value = ValueView(memo.owned_here);
  }
  memo.moment = moment_;
  memo.asked_here = asked;
  return memo.here = value;
}

bool Scope::truth(const Expression& e, std::uint32_t node) {
  const ValueView flag = value(e, node);
  if (!flag.is_flag()) blame(e, node, "true or false");
  return flag.flag();
}

ValueView Scope::name(const Expression& e, const Expression::Node& node) {
  const Target target = target_of(node);
  switch (target.kind) {
    case Target::Kind::dim:
      return value_of_dim(target.at);
    case Target::Kind::index:
      asked_ |= IndexSet{1} << target.at;
      if (indices_[target.at] != kNowhere) return ValueView::of_whole(indices_[target.at]);
      throw Error("`" + printable(e.text) + "`: " + std::string(e.word(node)) +
                  " has no value outside a row that names it");
    case Target::Kind::part:
      break;
  }
  throw Error("`" + printable(e.text) + "`: " + std::string(e.word(node)) + " is a part; name one of its dimensions");
}

Scope* Scope::part_of_member(const Expression& e, const Expression::Node& node, std::size_t& dim) {
  const auto& left = e.nodes[node.a];
  Scope* const inner = part(target_of(left).at);
  if (inner == nullptr) return nullptr;
  const auto target = inner->program_.find(e.word(node));
  if (!target || target->kind != Target::Kind::dim) {
    throw Error("`" + printable(e.text) + "`: part " + std::string(e.word(left)) + " has no dimension " +
                std::string(e.word(node)));
  }
  dim = target->at;
  return inner;
}

ValueView Scope::member(const Expression& e, const Expression::Node& node) {
  if (is_part(e.nodes[node.a])) {
    std::size_t dim{};
    Scope* const inner = part_of_member(e, node, dim);
    return inner != nullptr ? inner->dim(dim) : ValueView();
  }
  const ValueView of = value(e, node.a);
  if (of.is_null()) return of;
  if (of.as<Value::Object>() == nullptr) blame(e, node.a, "an object");
  const auto* found = member_of(of, e.word(node));
  return found != nullptr ? ValueView(*found) : ValueView();
}

ValueView Scope::calculate(const Expression& e, const Expression::Node& node) {
  const bool negates = node.op == Op::negate;
  const Op op = negates ? Op::subtract : node.op;
  const ValueView a = negates ? ValueView::of_whole(0) : value(e, node.a);
  const ValueView b = value(e, negates ? node.a : node.b);
  try {
    if (!a.is_whole() || !b.is_whole() || b.whole() == 0) return keep(arithmetic(op, a, b));
    return ValueView::of_whole(whole_arithmetic(op, a.whole(), b.whole()));
  } catch (const WrongOperand& wrong) {
    blame(e, negates || wrong.operand == 0 ? node.a : node.b, wrong.expected);
  }
}

bool Scope::compare(const Expression& e, const Expression::Node& node) {
  const ValueView a = value(e, node.a);
  const ValueView b = value(e, node.b);
  try {
    return ordered(node.op, a, b);
  } catch (const WrongOperand& wrong) {
    blame(e, wrong.operand == 0 ? node.a : node.b, wrong.expected);
  }
}

ValueView Scope::value(const Expression& e, std::uint32_t at) {
  const auto& n = e.nodes[at];
  switch (n.op) {
    case Op::literal:
      return ValueView(e.literals[n.a]);
    case Op::key:
      return ValueView(*key(n));
    case Op::config:
      return ValueView(config_);
    case Op::name:
      return name(e, n);
    case Op::member:
      return member(e, n);
    case Op::at:
      return element(e, n);
    case Op::list:
      return list(e, n);
    case Op::call:
      return call_function(e, n);
    case Op::not_:
      return ValueView::of_flag(!truth(e, n.a));
    case Op::and_:
      return ValueView::of_flag(truth(e, n.a) && truth(e, n.b));
    case Op::or_:
      return ValueView::of_flag(truth(e, n.a) || truth(e, n.b));
    case Op::coalesce: {
      const ValueView left = value(e, n.a);
      return left.is_null() ? value(e, n.b) : left;
    }
    case Op::choose:
      return value(e, truth(e, n.a) ? n.b : n.c);
    case Op::equal:
      return ValueView::of_flag(equal(e, n));
    case Op::not_equal:
      return ValueView::of_flag(!equal(e, n));
    case Op::in:
      return ValueView::of_flag(is_in(e, n));
    case Op::not_in:
      return ValueView::of_flag(!is_in(e, n));
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
      return ValueView::of_flag(compare(e, n));
    default:
      return calculate(e, n);
  }
}

}  // namespace paramcount
