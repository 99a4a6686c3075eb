// Evaluation: a family's expressions over one config. A scope is the family, the config object it sees, the
// dimensions set from outside, and the values the indices have at the moment.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "count/program.hpp"
#include "paramcount/value.hpp"

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

  /// Sets a dimension from outside; one that depends on an index may be set to a list of its values along it, null where
  /// the family's expression stands. Throws Error when the family has none of that name.
  void set(std::string_view dim, Value value);

  [[nodiscard]] Program& program() const { return program_; }
  [[nodiscard]] Operand evaluate(const Expression& expression);
  [[nodiscard]] Operand dim(std::size_t i);
  /// True for no nodes. Throws Error unless the value is a boolean.
  [[nodiscard]] bool holds(const Expression& condition);
  /// A whole number of at least 0. Throws Error naming the key to blame otherwise.
  [[nodiscard]] std::uint64_t size(const Expression& expression);
  [[nodiscard]] std::uint64_t index_count(std::size_t i);

  /// The part's scope; nullptr when its condition does not hold.
  [[nodiscard]] Scope* part(std::size_t i);

  /// The current value of an index.
  void at(std::size_t index, std::uint64_t value) { indices_[index] = static_cast<std::int64_t>(value); }
  void leave(std::size_t index) { indices_[index] = kNowhere; }

 private:
  friend class Operand;
  static constexpr std::int64_t kNowhere = -1;
  struct Memo {
    std::optional<Operand> fixed;
    std::vector<std::optional<Operand>> by_index;
    bool visiting{false};
  };
  struct PartSlot {
    bool made{false};
    Value config;
    std::unique_ptr<Scope> scope;
  };

  Operand run(const Expression& e, std::uint32_t node);
  Operand run_name(const Expression& e, const Expression::Node& node);
  Operand run_member(const Expression& e, std::uint32_t node);
  Operand run_at(const Expression& e, std::uint32_t node);
  Operand run_call(const Expression& e, const Expression::Node& node);
  Operand run_key(const Expression& e, std::uint32_t node);
  bool truth(const Expression& e, std::uint32_t node);
  /// The value of a literal, or of a dimension that has been evaluated where the indices stand; else nullptr.
  [[nodiscard]] const Value* settled(const Expression& e, std::uint32_t node) const;
  [[nodiscard]] const Value* key(std::string_view name, std::string_view* spelling) const;
  [[nodiscard]] std::string pointer(const Expression& e, std::uint32_t node) const;
  [[noreturn]] void blame_size(const Expression& expression, const Operand& result);
  /// Throws when a config key that the expression rests on is negative.
  void blame_parts(const Expression& expression, int depth);

  Program& program_;
  const Value& config_;
  const ProgramLookup& programs_;
  std::vector<std::optional<Value>> set_;
  std::vector<Memo> memos_;
  std::vector<std::int64_t> indices_;
  std::vector<PartSlot> parts_;
  int depth_{0};
};

/// Throws Error "<origin>: expected <what>, got <value>".
[[noreturn]] void throw_expected(const Operand& operand, std::string_view what, const Expression& in);

}  // namespace paramcount
