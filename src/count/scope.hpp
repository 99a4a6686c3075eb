// Evaluation: a family's expressions over one config. A scope is the family, the config object it sees, the
// dimensions set from outside, and the values the indices have at the moment.
#pragma once

#include <bitset>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.hpp"
#include "count/plain.hpp"
#include "count/program.hpp"
#include "paramcount/base/value.hpp"

namespace paramcount {

class Scope;

/// A value and where it comes from unchanged, so that an error can name the config key.
class Operand {
 public:
  Operand() = default;
  explicit Operand(Value own) : own_(std::move(own)) {}
  Operand(const Value& seen, const Scope* scope, const Expression* expression, std::uint32_t node)
      : seen_(&seen), scope_(scope), expression_(expression), node_(node) {}

  [[nodiscard]] const Value& value() const { return seen_ != nullptr ? *seen_ : own_; }
  /// "/num_hidden_layers", or the name of the dimension that was set, or nothing when the value was computed.
  [[nodiscard]] std::string origin() const;
  /// The same origin, seen through memory that outlives the scope's memo.
  [[nodiscard]] Operand element(const Value& of, const Expression* expression, std::uint32_t node) const;
  [[nodiscard]] bool is_computed() const { return seen_ == nullptr; }

 private:
  friend class Scope;
  Value own_;
  const Value* seen_{nullptr};
  const Scope* scope_{nullptr};
  const Expression* expression_{nullptr};
  std::uint32_t node_{0};
};

/// Gives programs by family id or model_type.
using ProgramLookup = std::function<Program&(std::string_view)>;

class Scope {
 public:
  /// `config` must outlive the scope; anything that is no object reads as an empty one.
  Scope(Program& program, const Value& config, const ProgramLookup& programs);

  /// Sets a dimension from outside; one that depends on an index may be set to a list of its values along it, null
  /// where the family's expression stands. Throws Error when the family has none of that name.
  void set(std::string_view dim, Value value);

  [[nodiscard]] Program& program() const { return program_; }
  [[nodiscard]] Operand evaluate(const Expression& expression);
  [[nodiscard]] Operand dim(std::size_t i);
  /// The same without its origin. Valid until the next evaluation.
  [[nodiscard]] Plain plain(std::size_t dim) {
    enter();
    return plain_dim(dim);
  }
  /// True for no nodes. Throws Error unless the value is a boolean.
  [[nodiscard]] bool holds(const Expression& condition);
  /// The same of the node alone, and of several all together.
  [[nodiscard]] bool holds(const Expression& condition, std::uint32_t node);
  [[nodiscard]] bool hold(const Expression& condition, const std::vector<std::uint32_t>& nodes);
  /// A whole number of at least 0. Throws Error naming the key to blame otherwise.
  [[nodiscard]] std::uint64_t size(const Expression& expression);
  [[nodiscard]] std::uint64_t index_count(std::size_t i);

  /// The part's scope; nullptr when its condition does not hold.
  [[nodiscard]] Scope* part(std::size_t i);

  /// Whether any evaluation since has asked where an index stands: one that has not comes to the same wherever it does.
  void forget_asked() { asked_ = 0; }
  [[nodiscard]] bool asked(std::size_t index) const { return ((asked_ >> index) & 1U) != 0; }

  /// The current value of an index.
  void at(std::size_t index, std::uint64_t value) { place(index, static_cast<std::int64_t>(value)); }
  void leave(std::size_t index) { place(index, kNowhere); }

 private:
  friend class Operand;
  static constexpr std::int64_t kNowhere = -1;
  static constexpr std::uint64_t kMostMemo = 100'000;  ///< values of one index remembered
  /// What is remembered of a dimension beside a value that depends on no index.
  struct Memo {
    std::size_t along{};  ///< the one index that `by_value` is by
    std::vector<Plain> by_value;
    std::optional<Value> given;                 ///< from outside
    std::vector<std::unique_ptr<Value>> owned;  ///< what plain values refer to, where it stands nowhere else
    std::optional<Operand> fixed;
    std::vector<std::optional<Operand>> by_index;
    // No longer than the indices stay where they are.
    std::uint64_t plain_moment{0};
    IndexSet plain_asked{0};  ///< what `plain_here` depends on
    Plain plain_here;
    std::unique_ptr<Value> plain_value;  ///< what `plain_here` refers to, where it stands nowhere else
    std::uint64_t operand_moment{0};
    Operand operand_here;
  };
  struct PartSlot {
    bool made{false};  ///< or known not to be there
    bool making{false};
    Value config;
    std::unique_ptr<Scope> scope;
  };

  /// Begins with nothing asked for; what was asked before is added at the end.
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

  void place(std::size_t index, std::int64_t value) {
    indices_[index] = value;
    ++moment_;
  }
  Operand run(const Expression& e, std::uint32_t node);
  Operand run_name(const Expression& e, const Expression::Node& node);
  Operand run_member(const Expression& e, std::uint32_t node);
  Operand run_at(const Expression& e, std::uint32_t node);
  Operand run_call(const Expression& e, const Expression::Node& node);
  Operand run_key(const Expression& e, std::uint32_t node);
  bool truth(const Expression& e, std::uint32_t node);
  /// The value alone, which is what most are wanted for; where there is none, run() says why. Valid until the next
  /// evaluation from outside.
  Plain plain(const Expression& e, std::uint32_t node);
  Plain plain_dim(std::size_t i) {
    if (dims_[i].is_set()) return dims_[i];
    if (const Memo* const memo = memos_[i].get(); memo != nullptr && !memo->by_value.empty()) {
      const auto at = static_cast<std::size_t>(indices_[memo->along]);
      if (at < memo->by_value.size() && memo->by_value[at].is_set()) {
        asked_ |= IndexSet{1} << memo->along;
        return memo->by_value[at];
      }
    }
    return evaluate_dim(i);
  }
  Plain evaluate_dim(std::size_t i);
  Memo& memo(std::size_t i) {
    auto& made = memos_[i];
    if (!made) made = std::make_unique<Memo>();
    return *made;
  }
  Plain plain_member(const Expression& e, std::uint32_t node);
  Plain plain_at(const Expression& e, std::uint32_t node);
  Plain plain_arithmetic(Op op, const Plain& a, const Plain& b, const Expression& e, const Expression::Node& node);
  bool plain_order(const Expression& e, const Expression::Node& node);
  bool plain_in(const Expression& e, const Expression::Node& node);
  Plain keep(Operand operand);
  void enter() {
    if (depth_ == 0) kept_.clear();
  }
  [[nodiscard]] const Value* in_config(std::string_view name) const;
  [[nodiscard]] const Value* key(const Expression::Node& node, std::string_view* spelling) const;
  /// Where a value stands, or would stand, in the outermost config. Sets the family whose default it is, when it is
  /// one.
  [[nodiscard]] std::string pointer(const Expression& e, std::uint32_t node, const Family*& assumed_by) const;
  /// The same of the config itself.
  [[nodiscard]] std::string place(const Family*& assumed_by) const;
  [[noreturn]] static void throw_empty();
  [[noreturn]] void blame_size(const Expression& expression, const Operand& result);
  /// Throws when a config key that the expression rests on is negative.
  void blame_parts(const Expression& expression, std::vector<bool>& asked, int depth);

  Program& program_;
  const Value& config_;
  const ProgramLookup& programs_;
  const Scope* outer_{nullptr};  ///< of a part, where its config comes from
  const Expression* outer_expression_{nullptr};
  std::uint32_t outer_node_{0};
  std::bitset<256> has_;  ///< fingerprints of the config's keys
  IndexSet asked_{0};
  std::vector<Plain> dims_;  ///< those that asked for no index
  std::vector<std::unique_ptr<Memo>> memos_;
  std::vector<std::int64_t> indices_;
  std::uint64_t moment_{1};  ///< another one whenever an index moves
  std::vector<PartSlot> parts_;
  std::vector<std::unique_ptr<Value>> kept_;  ///< computed values that a Plain refers to
  int depth_{0};
};

/// Throws Error "<origin>: expected <what>, got <value>".
[[noreturn]] void throw_expected(const Operand& operand, std::string_view what, const Expression& in);

}  // namespace paramcount
