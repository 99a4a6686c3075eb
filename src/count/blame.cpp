// Finds the cause of a failed evaluation: the expression is walked again to find which config key, default or given
// dimension the bad value came from.
#include "base/text.hpp"
#include "count/scope.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/expand.hpp"

namespace paramcount {

Scope::Source Scope::source(const Expression& e, std::uint32_t node) {
  work_->spend(e.nodes.size());
  const auto& n = e.nodes[node];
  switch (n.op) {
    case Op::name:
      if (const auto target = target_of(n); target.kind == Target::Kind::dim) return source_of_dim(target.at);
      break;
    case Op::member:
      if (is_part(e.nodes[n.a])) {
        std::size_t dim{};
        Scope* const inner = part_of_member(e, n, dim);
        return inner != nullptr ? inner->source_of_dim(dim) : Source{};
      }
      break;
    case Op::at:
      if (const ValueView of = value(e, n.a); of.is_null() || of.is_number()) return source(e, n.a);
      break;
    case Op::coalesce:
      return source(e, value(e, n.a).is_null() ? n.b : n.a);
    case Op::choose:
      return source(e, truth(e, n.a) ? n.b : n.c);
    case Op::call:  // int and max return one of their operands
      for (std::uint32_t i = 0; i < n.b && (e.word(n) == "int" || e.word(n) == "max"); ++i) {
        if (value(e, e.args[n.a + i]) == value(e, node)) return source(e, e.args[n.a + i]);
      }
      break;
    default:
      break;
  }
  return {this, &e, node};
}

Scope::Source Scope::source_of_dim(std::size_t i) {
  if (given(i) != nullptr) return {this, nullptr, static_cast<std::uint32_t>(i)};
  const Expression& e = program_.dim(i);
  return source(e, e.root);
}

std::optional<std::string> Scope::pointer(const Expression& e, std::uint32_t node, const Family*& assumed_by) {
  const auto& n = e.nodes[node];
  switch (n.op) {
    case Op::key: {
      std::string_view spelling;
      const Value* value = key(n, &spelling);
      std::string where = config_place(assumed_by).value_or("");
      if (in_config(spelling) == nullptr && !value->is_null()) assumed_by = &program_.family();
      return where + "/" + printable(spelling);
    }
    case Op::config:
      return config_place(assumed_by).value_or("");
    case Op::member:
    case Op::at: {
      // Only within one expression: an element of a dimension's list has no origin, nor has a letter of a text.
      const Source of = source(e, n.a);
      const ValueView whole = value(e, n.a);
      if (of.expression != &e || whole.is_null() || whole.as<std::string>() != nullptr) return std::nullopt;
      auto where = pointer(e, of.node, assumed_by);
      if (!where || n.op == Op::member) return where ? *where + "/" + std::string(e.word(n)) : where;
      const Value index = value(e, n.b).value();
      const auto* text = index.as<std::string>();
      return *where + "/" + (text != nullptr ? printable(*text) : brief(index));
    }
    default:
      return std::nullopt;
  }
}

std::optional<std::string> Scope::config_place(const Family*& assumed_by) {
  if (outer_ == nullptr) return std::string{};
  const Source config = outer_->source(*outer_config_, outer_config_->root);
  if (config.scope == nullptr || config.expression == nullptr) return std::nullopt;
  return config.scope->pointer(*config.expression, config.node, assumed_by);
}

std::optional<std::string> Scope::place() {
  enter();
  const Family* assumed_by = nullptr;
  return config_place(assumed_by);
}

std::string Scope::origin(const Source& source, const ValueView& value) {
  if (source.scope == nullptr) return {};
  if (source.expression == nullptr) return source.scope->program_.family().dims[source.node].name;
  const Family* assumed_by = nullptr;
  std::string where = source.scope->pointer(*source.expression, source.node, assumed_by).value_or("");
  if (assumed_by != nullptr && !where.empty() && !value.is_null()) {
    where += " (default of family " + printable(assumed_by->id) + ")";
  }
  return where;
}

void Scope::blame(const std::string& origin, const Expression& e, const ValueView& value, std::string_view expected) {
  const std::string what = "expected " + std::string(expected);
  if (origin.empty()) throw Error("`" + printable(e.text) + "`: " + what + ", got " + brief(value.value()));
  if (value.is_null()) throw Error(origin + ": missing, " + what);
  throw Error(origin + ": " + what + ", got " + brief(value.value()));
}

void Scope::blame(const Expression& e, std::uint32_t node, std::string_view expected) {
  const ValueView found = value(e, node);
  blame(origin(e, node, found), e, found, expected);
}

void Scope::blame_dim(std::size_t i, const std::string& expected) {
  const ValueView value = dim(i);
  blame(origin(source_of_dim(i), value), program_.dim(i), value, expected);
}

namespace {

std::string too_small(const ValueView& value) {
  if (!value.is_whole()) return ": expected an integer, got " + brief(value.value());
  return (value.whole() < 0 ? ": must not be negative, got " : ": must be at least 1, got ") + brief(value.value());
}

}  // namespace

void Scope::blame_small(const Expression& e, const ValueView& value, std::int64_t least) {
  if (const auto where = origin(e, e.root, value); !where.empty()) throw Error(where + too_small(value));
  std::vector<bool> asked(memos_.size());
  blame_small_parts(e, least, asked, 0);
  throw Error("`" + printable(e.text) + "`" + too_small(value));
}

void Scope::blame_small_parts(const Expression& e, std::int64_t least, std::vector<bool>& asked, int depth) {
  constexpr int kFarthest = 16;
  work_->spend(e.nodes.size());
  for (std::uint32_t i = 0; i < e.nodes.size(); ++i) {
    const auto& node = e.nodes[i];
    if (node.op != Op::name && node.op != Op::key) continue;
    const bool is_dim = node.op == Op::name && target_of(node).kind == Target::Kind::dim;
    if (node.op == Op::name && !is_dim) continue;
    if (is_dim) {
      if (asked[target_of(node).at]) continue;
      asked[target_of(node).at] = true;
    }
    const ValueView leaf = value(e, i);
    if (!leaf.is_number() || (leaf.is_whole() && leaf.whole() >= least)) continue;
    if (const auto where = origin(e, i, leaf); !where.empty()) throw Error(where + too_small(leaf));
    if (is_dim && depth < kFarthest) blame_small_parts(program_.dim(target_of(node).at), least, asked, depth + 1);
  }
}

void Scope::keys_by_default(std::size_t dim, std::vector<std::string>& out) {
  enter();
  if (given(dim) == nullptr) keys_by_default(program_.dim(dim), program_.dim(dim).root, out, 0);
}

void Scope::keys_by_default(const Expression& e, std::uint32_t node, std::vector<std::string>& out, int depth) {
  constexpr int kFarthest = 16;
  const auto& n = e.nodes[node];
  const auto look = [&](std::uint32_t at) { keys_by_default(e, at, out, depth + 1); };
  if (depth > kFarthest) return;
  work_->spend(1);
  switch (n.op) {
    case Op::key: {
      const Value* const found = key(n);
      const ValueView number(*found);
      // A default of 0 is the absence of the thing.
      if (!number.is_number() || number == ValueView::of_whole(0)) return;
      // The config of a part may be a default as a whole.
      if (outer_ == nullptr && found != program_.key(n).fallback) return;
      const Family* assumed_by = nullptr;
      const auto where = pointer(e, node, assumed_by);
      if (where && assumed_by != nullptr) out.push_back(*where);
      return;
    }
    case Op::name: {
      const auto target = target_of(n);
      // A standard dimension speaks for itself.
      if (target.kind != Target::Kind::dim || is_standard_dim(program_.family().dims[target.at].name)) return;
      if (given(target.at) != nullptr) return;
      const Expression& inner = program_.dim(target.at);
      keys_by_default(inner, inner.root, out, depth + 1);
      return;
    }
    case Op::member:
      if (is_part(e.nodes[n.a])) {
        std::size_t dim{};
        if (Scope* const inner = part_of_member(e, n, dim)) inner->keys_by_default(dim, out);
      }
      return;
    case Op::at:
      return look(n.a);
    case Op::coalesce:
      return look(value(e, n.a).is_null() ? n.b : n.a);
    case Op::choose:
      return look(truth(e, n.a) ? n.b : n.c);
    case Op::call:
      for (std::uint32_t i = 0; i < n.b; ++i) look(e.args[n.a + i]);
      return;
    case Op::negate:
      return look(n.a);
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::floor_divide:
    case Op::modulo:
      look(n.a);
      return look(n.b);
    default:
      return;
  }
}

}  // namespace paramcount
