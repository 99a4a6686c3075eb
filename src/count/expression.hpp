// Parses the expression language of family files into a syntax tree; evaluation is in count/scope.hpp. Grammar
// (data/README.md): a ?? b, ?:, or, and, not, comparisons, in, + - * // %, unary -, [i], .name, $key, calls.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/value.hpp"

namespace paramcount {

enum class Op : std::uint8_t {
  literal,
  key,     ///< $name: a key of the config
  config,  ///< $: the whole config
  name,    ///< a dimension, an index or a part
  member,  ///< a.name
  at,      ///< a[b]
  list,    ///< [args...]
  call,    ///< name(args...)
  negate,
  not_,
  and_,
  or_,
  coalesce,  ///< a ?? b
  choose,    ///< a ? b : c
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  not_in,
  add,
  subtract,
  multiply,
  floor_divide,
  modulo,
};

/// A tree in flat vectors: nodes refer to each other, to literals and to pieces of the text by position. Operands come
/// before what they belong to.
struct Expression {
  struct Node {
    Op op{};
    std::uint32_t a{}, b{}, c{};        ///< operands; of literal, `a` is its position in `literals`
    std::uint32_t word{}, word_size{};  ///< of key, name, member, call: the word's position in the text
    std::int32_t target{-1};            ///< of name and key: what it stands for, encoded by count/program
  };
  std::string text;  ///< as written
  std::vector<Node> nodes;
  std::vector<Value> literals;
  std::vector<std::uint32_t> args;  ///< of list and call: b of them, from position a on
  std::uint32_t root{};
  int depth{1};  ///< levels of nodes

  [[nodiscard]] std::string_view word(const Node& node) const {
    return std::string_view(text).substr(node.word, node.word_size);
  }
};

/// Calls back with the position of each operand of a node.
template <class Visit>
void each_operand(const Expression& e, const Expression::Node& node, const Visit& visit) {
  switch (node.op) {
    case Op::literal:
    case Op::key:
    case Op::config:
    case Op::name:
      return;
    case Op::list:
    case Op::call:
      for (std::uint32_t i = 0; i < node.b; ++i) visit(e.args[node.a + i]);
      return;
    case Op::member:
    case Op::negate:
    case Op::not_:
      visit(node.a);
      return;
    case Op::choose:
      visit(node.c);
      [[fallthrough]];
    default:
      visit(node.a);
      visit(node.b);
  }
}

/// Throws Error with the text and the column of what was not expected. Nesting is limited to 64 levels.
[[nodiscard]] Expression parse_expression(std::string_view text);

}  // namespace paramcount
