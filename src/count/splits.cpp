#include "count/splits.hpp"

#include <algorithm>

#include "count/combinations.hpp"
#include "count/ranges.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {

std::vector<Range> Splits::walk(const Question& question, const std::vector<Range>* within) {
  std::vector<Range> result;
  const std::vector<std::size_t> along{question.index};
  Combinations combinations(question.scope, along, question.row);
  std::size_t next = 0;  // of `within`: values ascend
  combinations.each([&] {
    const auto value = combinations.values()[0];
    while (within != nullptr && next < within->size() && (*within)[next].last < value) ++next;
    if (within != nullptr && (next == within->size() || value < (*within)[next].first)) return;
    const bool holds = question.scope.holds(question.expression, question.node);
    const Range alike = combinations.alike();
    if (holds) append(result, alike);
  });
  return result;
}

const std::vector<Range>& Splits::answer(const Question& question) {
  const auto& node = question.expression.nodes[question.node];
  const bool is_dim = node.op == Op::name && target_of(node).kind == Target::Kind::dim;
  const Expression* const expression = is_dim ? nullptr : &question.expression;
  const std::size_t what = is_dim ? target_of(node).at : question.node;
  question.scope.work().spend(known_.size() / 4);
  for (const auto& known : known_) {
    if (known.what == what && known.expression == expression && known.scope == &question.scope &&
        known.index == question.index) {
      return known.ranges;
    }
  }
  return known_.emplace_back(Known{&question.scope, expression, what, question.index, walk(question, nullptr)}).ranges;
}

std::vector<Range> Splits::holds(const Question& question, const std::vector<Range>& within) {
  const auto& node = question.expression.nodes[question.node];
  if (node.op == Op::not_) {
    return without(within, holds({question.scope, question.expression, node.a, question.index, question.row}, within));
  }
  try {
    const auto& all = answer(question);
    question.scope.work().spend(within.size() + all.size());
    return common(within, all);
  } catch (const Error&) {
    // It may have no value where nobody asks.
    return common(within, walk(question, &within));
  }
}

const std::vector<std::vector<Range>>& Splits::of(Scope& scope, const Program::Plan& plan, bool fixed_part_holds,
                                                  std::string_view row) {
  const std::size_t index = plan.evaluated.front();
  const Expression& condition = *plan.row->condition;
  scope.work().spend(splits_.size() / 4);
  for (const auto& known : splits_) {
    if (known.condition == &condition && known.scope == &scope && known.index == index &&
        known.mtp == plan.splits_mtp) {
      return known.ranges;
    }
  }
  std::vector<Range> here;
  if (const auto count = scope.index_count(index); count > 0) here.push_back({0, count - 1});
  const auto ask = [&](const Expression& expression, std::uint32_t node) {
    return holds({scope, expression, node, index, row}, here);
  };
  if (fixed_part_holds) {
    for (const auto node : plan.varying) {
      if (!here.empty()) here = ask(condition, node);
    }
  } else if (!condition.nodes.empty() && !here.empty()) {
    here = ask(condition, condition.root);
  }
  std::vector<std::vector<Range>> parts;
  if (plan.splits_mtp && !here.empty()) {
    auto mtp = ask(*plan.mtp, plan.mtp->root);
    auto rest = without(here, mtp);
    if (!rest.empty()) parts.push_back(std::move(rest));
    if (!mtp.empty()) parts.push_back(std::move(mtp));
    if (parts.size() == 2 && parts[1].front().first < parts[0].front().first) std::swap(parts[0], parts[1]);
  } else if (!here.empty()) {
    parts.push_back(std::move(here));
  }
  return splits_.emplace_back(Split{&scope, &condition, index, plan.splits_mtp, std::move(parts)}).ranges;
}

}  // namespace paramcount
