#include "count/expression.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

bool is_word_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
struct BinaryOp {
  std::string_view symbol;
  Op op;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) { out_.text = text; }

  Expression parse() {
    out_.nodes.reserve(text_.size() / 6 + 1);
    skip_space();
    out_.root = expression();
    if (at_ != text_.size()) fail("unexpected '" + printable(text_.substr(at_, 12)) + "'");
    out_.depth = depth();
    return std::move(out_);
  }

 private:
  using Index = std::uint32_t;

  struct Depth {
    explicit Depth(Parser& p) : parser(p) {
      if (++parser.depth_ > kDeepestExpression) parser.fail("nested deeper than 64 levels");
    }
    ~Depth() { --parser.depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;
    Parser& parser;
  };

  /// Operands come before what they belong to.
  [[nodiscard]] int depth() const {
    std::vector<int> depths;
    depths.reserve(out_.nodes.size());
    for (const auto& node : out_.nodes) {
      int below = 0;
      each_operand(out_, node, [&](Index operand) { below = std::max(below, depths[operand]); });
      depths.push_back(below + 1);
    }
    return depths[out_.root];
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error("expression `" + printable(text_.substr(0, 80)) + "`, column " + std::to_string(at_ + 1) + ": " + what);
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }

  bool accept(std::string_view symbol) {
    if (!text_.substr(at_).starts_with(symbol)) return false;
    at_ += symbol.size();
    skip_space();
    return true;
  }

  /// Accepts a whole word: "in" but not the start of "index".
  bool accept_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    const auto end = at_ + word.size();
    if (end < text_.size() && (is_word_start(text_[end]) || is_digit(text_[end]))) return false;
    at_ = end;
    skip_space();
    return true;
  }

  void expect(std::string_view symbol) {
    if (!accept(symbol)) fail("expected '" + std::string(symbol) + "'");
  }

  Index add(const Expression::Node& node) {
    out_.nodes.push_back(node);
    return static_cast<Index>(out_.nodes.size() - 1);
  }
  Index add(Op op, Index a, Index b = 0, Index c = 0) { return add({op, a, b, c, 0, 0, -1}); }

  Index expression() {
    const Depth depth(*this);
    const Index condition = coalesce();
    if (text_.substr(at_).starts_with("??") || !accept("?")) return condition;
    const Index yes = expression();
    expect(":");
    const Index no = expression();
    return add(Op::choose, condition, yes, no);
  }

  Index coalesce() {
    Index left = disjunction();
    while (accept("??")) left = add(Op::coalesce, left, disjunction());
    return left;
  }

  Index disjunction() {
    Index left = conjunction();
    while (accept_word("or")) left = add(Op::or_, left, conjunction());
    return left;
  }

  Index conjunction() {
    Index left = negation();
    while (accept_word("and")) left = add(Op::and_, left, negation());
    return left;
  }

  Index negation() {
    const Depth depth(*this);
    if (accept_word("not")) return add(Op::not_, negation());
    return comparison();
  }

  std::optional<Op> comparison_op() {
    static constexpr std::array<BinaryOp, 6> kOps{{{"==", Op::equal},
                                                   {"!=", Op::not_equal},
                                                   {"<=", Op::less_equal},
                                                   {">=", Op::greater_equal},
                                                   {"<", Op::less},
                                                   {">", Op::greater}}};
    for (const auto& [symbol, op] : kOps) {
      if (accept(symbol)) return op;
    }
    if (accept_word("in")) return Op::in;
    const auto before = at_;
    if (accept_word("not")) {
      if (accept_word("in")) return Op::not_in;
      at_ = before;
    }
    return std::nullopt;
  }

  Index comparison() {
    Index left = sum();
    while (const auto op = comparison_op()) left = add(*op, left, sum());
    return left;
  }

  Index sum() {
    Index left = product();
    for (;;) {
      if (accept("+")) {
        left = add(Op::add, left, product());
      } else if (accept("-")) {
        left = add(Op::subtract, left, product());
      } else {
        return left;
      }
    }
  }

  Index product() {
    Index left = unary();
    for (;;) {
      if (accept("*")) {
        left = add(Op::multiply, left, unary());
      } else if (accept("//")) {
        left = add(Op::floor_divide, left, unary());
      } else if (accept("%")) {
        left = add(Op::modulo, left, unary());
      } else {
        return left;
      }
    }
  }

  Index unary() {
    const Depth depth(*this);
    if (accept("-")) return add(Op::negate, unary());
    return postfix();
  }

  Index postfix() {
    Index left = primary();
    for (;;) {
      if (accept("[")) {
        const Index index = expression();
        expect("]");
        left = add(Op::at, left, index);
      } else if (accept(".")) {
        left = add(word(Op::member, left, "a name after '.'"));
      } else {
        return left;
      }
    }
  }

  Expression::Node word(Op op, Index a, std::string_view what) {
    const auto start = at_;
    while (at_ < text_.size() && (is_word_start(text_[at_]) || (at_ > start && is_digit(text_[at_])))) ++at_;
    if (at_ == start) fail("expected " + std::string(what));
    const Expression::Node node{op, a, 0, 0, static_cast<Index>(start), static_cast<Index>(at_ - start), -1};
    skip_space();
    return node;
  }

  void arguments(Expression::Node& node, std::string_view close) {
    std::vector<Index> args;
    if (!accept(close)) {
      do args.push_back(expression());
      while (accept(","));
      expect(close);
    }
    node.a = static_cast<Index>(out_.args.size());
    node.b = static_cast<Index>(args.size());
    out_.args.insert(out_.args.end(), args.begin(), args.end());
  }

  Index number() {
    const char* first = text_.data() + at_;
    const char* last = text_.data() + text_.size();
    std::int64_t whole{};
    auto [end, error] = std::from_chars(first, last, whole);
    Value value = whole;
    if (end != last && (*end == '.' || *end == 'e')) {
      double decimal{};
      const auto read = std::from_chars(first, last, decimal);
      end = read.ptr;
      error = read.ec;
      value = decimal;
    }
    if (error != std::errc{}) fail("a number that is too large");
    at_ += static_cast<std::size_t>(end - first);
    skip_space();
    return literal(std::move(value));
  }

  Index literal(Value value) {
    out_.literals.push_back(std::move(value));
    return add(Op::literal, static_cast<Index>(out_.literals.size() - 1));
  }

  Index primary() {
    if (at_ == text_.size()) fail("something is missing at the end");
    const char c = text_[at_];
    if (is_digit(c)) return number();
    if (c == '\'') {
      const auto end = text_.find('\'', at_ + 1);
      if (end == std::string_view::npos) fail("a string without its closing quote");
      std::string value(text_.substr(at_ + 1, end - at_ - 1));
      at_ = end + 1;
      skip_space();
      return literal(std::move(value));
    }
    if (accept("(")) {
      const Index inner = expression();
      expect(")");
      return inner;
    }
    if (accept("[")) {
      Expression::Node node{Op::list};
      arguments(node, "]");
      return add(node);
    }
    if (c == '$') {
      ++at_;
      if (at_ < text_.size() && is_word_start(text_[at_])) return add(word(Op::key, 0, "a config key"));
      skip_space();
      return add(Op::config, 0);
    }
    Expression::Node node = word(Op::name, 0, "a value");
    const auto text = text_.substr(node.word, node.word_size);
    if (text == "true") return literal(true);
    if (text == "false") return literal(false);
    if (text == "null") return literal(Value{});
    if (accept("(")) {
      node.op = Op::call;
      arguments(node, ")");
    }
    return add(node);
  }

  std::string_view text_;
  std::size_t at_{0};
  int depth_{0};
  Expression out_;
};

}  // namespace

namespace {

/// Most expressions are one name: these need no parser. The words with a meaning do.
bool is_one_name(std::string_view text) {
  if (text.empty() || text.size() > 40 || !is_word_start(text.front())) return false;
  for (const char c : text) {
    if (!is_word_start(c) && !is_digit(c)) return false;
  }
  return text != "true" && text != "false" && text != "null" && text != "not" && text != "and" && text != "or" &&
         text != "in";
}

}  // namespace

Expression parse_expression(std::string_view text) {
  if (text.size() > kLongestExpression) throw Error("an expression of more than 8,192 characters");
  if (!is_one_name(text)) return Parser(text).parse();
  Expression result;
  result.text = text;
  result.nodes.push_back({Op::name, 0, 0, 0, 0, static_cast<std::uint32_t>(text.size()), -1});
  return result;
}

}  // namespace paramcount
