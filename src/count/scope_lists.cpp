// Evaluation steps that can be expensive because the config holds long lists, objects or strings: indexing, members,
// comparison, membership, and lists made by expressions.
#include "base/budgets.hpp"
#include "base/text.hpp"
#include "count/list_index.hpp"
#include "count/operators.hpp"
#include "count/scope.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// Bounds the lists that expressions make, of which each may hold the one before several times.
void check_list(const Value& value, std::size_t& items, int depth, const Expression& e) {
  const auto* list = value.as<Value::List>();
  if (list == nullptr) return;
  items += list->size();
  if (items > kMostListItems || depth > kDeepestList)
    throw Error("`" + printable(e.text.substr(0, 80)) + "`: too large a list");
  for (const auto& item : *list) check_list(item, items, depth + 1, e);
}

}  // namespace

ValueView Scope::element(const Expression& e, const Expression::Node& node) {
  const ValueView of = value(e, node.a);
  if (of.is_null() || of.is_number()) return of;
  const ValueView index = value(e, node.b);
  if (of.as<Value::Object>() != nullptr) {
    const auto* name = index.as<std::string>();
    if (name == nullptr && !index.is_whole()) blame(e, node.b, "a key");
    const auto* found = member_of(of, name != nullptr ? *name : std::to_string(index.whole()));
    return found != nullptr ? ValueView(*found) : ValueView();
  }
  if (!index.is_whole()) blame(e, node.b, "an integer");
  const auto inside = [&](std::size_t size) {
    const auto at = static_cast<std::uint64_t>(index.whole());
    if (at < size) return static_cast<std::size_t>(at);
    const auto where = origin(e, node.a, of);
    throw Error((where.empty() ? "`" + printable(e.text) + "`" : where) + ": has " + std::to_string(size) +
                " entries, entry " + std::to_string(index.whole()) + " is needed");
  };
  if (const auto* list = of.as<Value::List>()) return ValueView((*list)[inside(list->size())]);
  if (const auto* text = of.as<std::string>()) return keep(std::string(1, (*text)[inside(text->size())]));
  blame(e, node.a, "a list, a string or an object");
}

ValueView Scope::list(const Expression& e, const Expression::Node& node) {
  Value::List list;
  for (std::uint32_t i = 0; i < node.b; ++i) list.push_back(copy(value(e, e.args[node.a + i])));
  Value made(std::move(list));
  std::size_t items = 0;
  check_list(made, items, 1, e);
  return keep(std::move(made));
}

ValueView Scope::call_function(const Expression& e, const Expression::Node& node) {
  std::vector<ValueView> args(node.b);
  for (std::uint32_t i = 0; i < node.b; ++i) args[i] = value(e, e.args[node.a + i]);
  if (args.size() == 2 && e.word(node) == "index_of") {
    const auto at = place_in(e, e.args[node.a], args[0], args[1]);
    return ValueView::of_whole(at ? static_cast<std::int64_t>(*at) : -1);
  }
  try {
    return keep(call(e.word(node), args, e));
  } catch (const WrongOperand& wrong) {
    blame(e, e.args[node.a + wrong.operand], wrong.expected);
  }
}

const Value* Scope::member_of(const ValueView& object, std::string_view name) {
  if (const auto* members = object.as<Value::Object>()) work_->spend(members->size() / 4);
  return object.find(name);
}

bool Scope::equal(const Expression& e, const Expression::Node& node) {
  const ValueView a = value(e, node.a);
  const ValueView b = value(e, node.b);
  if (a.kind() == ValueView::Kind::other) work_->spend(weight(a.other()));
  return a == b;
}

std::optional<std::size_t> Scope::place_in(const Expression& e, std::uint32_t node, const ValueView& in,
                                           const ValueView& item) {
  const auto* list = in.as<Value::List>();
  if (list == nullptr) blame(e, node, "a list");
  const bool is_short = list->size() <= ListIndex::kShort;
  if (!is_short && program_.needs(e, node) == 0) {
    auto& index = list_indices_[{&e, node}];
    if (!index) {
      work_->spend(kStepsOfCopy * weight(in.other()));
      index = std::make_unique<ListIndex>(*list);
    }
    work_->spend(index->steps(item));
    return index->find(item);
  }
  const bool is_simple = item.kind() != ValueView::Kind::other || item.as<std::string>() != nullptr;
  if (!is_short || !is_simple) work_->spend(weight(in.other()));
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (ValueView((*list)[i]) == item) return i;
  }
  return std::nullopt;
}

bool Scope::is_in(const Expression& e, const Expression::Node& node) {
  const ValueView item = value(e, node.a);
  const auto& list_node = e.nodes[node.b];
  if (list_node.op == Op::list) {
    bool found = false;
    for (std::uint32_t i = 0; i < list_node.b; ++i) found = value(e, e.args[list_node.a + i]) == item || found;
    return found;
  }
  const ValueView in = value(e, node.b);
  if (in.as<Value::List>() != nullptr) return place_in(e, node.b, in, item).has_value();
  const auto* text = in.as<std::string>();
  const auto* part = item.as<std::string>();
  if (text == nullptr) blame(e, node.b, "a list or a string");
  if (part == nullptr) blame(e, node.a, "a text");
  work_->spend(text->size() * (1 + part->size() / 16) / 16);
  return text->find(*part) != std::string::npos;
}

}  // namespace paramcount
