// Evaluates a family's expressions over one config. A scope is the family, the config object that it reads, dimensions
// set from outside, and the current values of the indices.
#pragma once

#include <bitset>
#include <cstdint>
#include <forward_list>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/budgets.hpp"
#include "base/hash.hpp"
#include "count/list_index.hpp"
#include "count/program.hpp"
#include "count/value_view.hpp"
#include "count/work.hpp"
#include "paramcount/base/value.hpp"

namespace paramcount {

/// Gives programs by family id or model_type.
using ProgramLookup = std::function<Program&(std::string_view)>;

/// All that evaluate throw Error when an expression has no value; where a value from the config is to blame, the
/// message begins with its place ("/num_hidden_layers", or the name of the dimension that was set).
class Scope {
 public:
  /// `config` must outlive the scope; anything but an object reads as an empty one.
  Scope(Program& program, const Value& config, const ProgramLookup& programs);

  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  /// Sets a dimension from outside; one that depends on an index may be set to a list of its values along it, null
  /// where the family's expression applies. Throws Error when the family has none of that name.
  void set(std::string_view dim, Value value);

  [[nodiscard]] Program& program() const { return program_; }
  /// Shared with its parts, and with the scope whose part it is.
  [[nodiscard]] Work& work() { return *work_; }
  /// The value of an expression, or of a dimension. Valid until the next evaluation.
  [[nodiscard]] ValueView evaluate(const Expression& expression) {
    enter();
    return whole(expression);
  }
  /// A copy of a value, paid for by its size.
  [[nodiscard]] Value copy(const ValueView& value);
  [[nodiscard]] ValueView dim(std::size_t i) {
    enter();
    return value_of_dim(i);
  }
  /// True for no nodes. Throws Error unless the value is a boolean.
  [[nodiscard]] bool holds(const Expression& condition);
  /// The same of the node alone, and of several all together.
  [[nodiscard]] bool holds(const Expression& condition, std::uint32_t node);
  [[nodiscard]] bool hold(const Expression& condition, const std::vector<std::uint32_t>& nodes);
  /// A whole number of at least that. Throws Error naming the key to blame otherwise.
  [[nodiscard]] std::uint64_t size(const Expression& expression, std::int64_t least = 0);
  [[nodiscard]] std::uint64_t dim_size(std::size_t i);
  [[nodiscard]] std::uint64_t index_count(std::size_t i) { return size(program_.index(i)); }

  /// Throws Error "/key: expected <what>, got <value>" about a dimension's value.
  [[noreturn]] void blame_dim(std::size_t i, const std::string& expected);

  /// The part's scope; nullptr when its condition does not hold.
  [[nodiscard]] Scope* part(std::size_t i);

  /// Where its config is in the outermost one, as a JSON pointer; nothing when it was computed.
  [[nodiscard]] std::optional<std::string> place();
  [[nodiscard]] const Value& config() const { return config_; }
  /// The keys whose absence lets the class's own number into the dimension's value, as JSON pointers.
  void keys_by_default(std::size_t dim, std::vector<std::string>& out);

  /// True if an evaluation since forget_asked() read this index; otherwise the results are the same for every value of
  /// the index.
  [[nodiscard]] bool asked(std::size_t index) const { return ((asked_ >> index) & 1U) != 0; }
  void forget_asked() { asked_ = 0; }

  /// The current value of an index.
  void at(std::size_t index, std::uint64_t value) { place(index, static_cast<std::int64_t>(value)); }
  void leave(std::size_t index) { place(index, kNowhere); }

 private:
  static constexpr std::int64_t kNowhere = -1;
  static constexpr std::uint64_t kStepsOfDim = 4;   ///< in addition to those of its expression
  static constexpr std::uint64_t kStepsOfCopy = 8;  ///< of one value: it takes memory as well
  /// What is remembered of a dimension that depends on indices or is set from outside.
  struct Memo {
    std::optional<Value> given;  ///< from outside
    std::size_t along{};         ///< the one index that `by_value` is by
    std::vector<ValueView> by_value;
    std::forward_list<Value> owned;  ///< what `by_value` refers to, unless it is part of the config or the family
    std::uint64_t moment{0};         ///< of `here`, the value while no index moves
    IndexSet asked_here{0};          ///< the indices that `here` depends on
    ValueView here;
    Value owned_here;
  };
  struct PartSlot {
    bool made{false};  ///< or known not to be there
    bool making{false};
    Value config;
    std::unique_ptr<Scope> scope;
  };
  /// The node whose value another one passes on unchanged: `a ?? b` that of a or b, a dimension that of its expression.
  struct Source {
    Scope* scope{};
    const Expression* expression{};  ///< nullptr: a dimension set from outside, whose number is `node`
    std::uint32_t node{};
  };

  void place(std::size_t index, std::int64_t value) {
    indices_[index] = value;
    ++moment_;
  }
  // Those below return views that are valid until the next evaluation from outside.
  ValueView whole(const Expression& e);
  ValueView value(const Expression& e, std::uint32_t node);
  bool truth(const Expression& e, std::uint32_t node);
  ValueView value_of_dim(std::size_t i) {
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
  ValueView evaluate_dim(std::size_t i);
  ValueView name(const Expression& e, const Expression::Node& node);
  ValueView member(const Expression& e, const Expression::Node& node);
  ValueView element(const Expression& e, const Expression::Node& node);
  ValueView list(const Expression& e, const Expression::Node& node);
  ValueView call_function(const Expression& e, const Expression::Node& node);
  ValueView calculate(const Expression& e, const Expression::Node& node);
  bool compare(const Expression& e, const Expression::Node& node);
  bool is_in(const Expression& e, const Expression::Node& node);
  bool equal(const Expression& e, const Expression::Node& node);
  /// Where the list that a node is holds the item; nothing when it does not.
  std::optional<std::size_t> place_in(const Expression& e, std::uint32_t node, const ValueView& in,
                                      const ValueView& item);
  const Value* member_of(const ValueView& object, std::string_view name);
  ValueView keep(Value made);
  void enter() {
    if (depth_ == 0) kept_.clear();
  }
  /// The scope whose dimension `part.dimension` is; nullptr where there is no such part, `dim` is then not set.
  Scope* part_of_member(const Expression& e, const Expression::Node& node, std::size_t& dim);
  [[nodiscard]] const Value* given(std::size_t dim) const;
  Memo& memo(std::size_t i) {
    auto& made = memos_[i];
    if (!made) made = std::make_unique<Memo>();
    return *made;
  }
  [[nodiscard]] const Value* in_config(std::string_view name) const;
  [[nodiscard]] const Value* key(const Expression::Node& node, std::string_view* spelling = nullptr) const;

  // Finding whom to blame once an evaluation has failed (count/blame.cpp).
  Source source(const Expression& e, std::uint32_t node);
  Source source_of_dim(std::size_t i);
  /// Where a value is in the outermost config, or would be; nothing when it was computed. Sets the family whose default
  /// it is, when it is one.
  std::optional<std::string> pointer(const Expression& e, std::uint32_t node, const Family*& assumed_by);
  /// The same of the scope's own config.
  std::optional<std::string> config_place(const Family*& assumed_by);
  void keys_by_default(const Expression& e, std::uint32_t node, std::vector<std::string>& out, int depth);
  /// "/num_hidden_layers", or the name of the dimension that was set; empty when the value was computed.
  static std::string origin(const Source& source, const ValueView& value);
  std::string origin(const Expression& e, std::uint32_t node, const ValueView& value) {
    return origin(source(e, node), value);
  }
  /// Throw "<origin>: expected <what>, got <value>", the expression taking the place of an unknown origin.
  [[noreturn]] static void blame(const std::string& origin, const Expression& e, const ValueView& value,
                                 std::string_view expected);
  [[noreturn]] void blame(const Expression& e, std::uint32_t node, std::string_view expected);
  [[noreturn]] void blame_small(const Expression& e, const ValueView& value, std::int64_t least);
  /// Throws if a config key that the expression depends on is not an integer, or is below the minimum.
  void blame_small_parts(const Expression& e, std::int64_t least, std::vector<bool>& asked, int depth);

  Program& program_;
  const Value& config_;
  const ProgramLookup& programs_;
  Scope* outer_{nullptr};                     ///< of a part, the scope whose part it is
  const Expression* outer_config_{nullptr};   ///< and the expression there that gives its config
  int level_{0};                              ///< how many scopes it is inside of
  std::bitset<256> has_;                      ///< fingerprints of the config's keys
  std::vector<const Value::Member*> sorted_;  ///< the config's members by name, where there are many
  IndexSet asked_{0};
  std::vector<ValueView> dims_;  ///< those that depend on no index
  std::vector<std::unique_ptr<Memo>> memos_;
  std::vector<std::int64_t> indices_;
  std::uint64_t moment_{1};  ///< another one whenever an index moves
  std::vector<PartSlot> parts_;
  std::forward_list<Value> kept_;  ///< computed values that a view refers to
  std::map<std::pair<const Expression*, std::uint32_t>, std::unique_ptr<ListIndex>> list_indices_;  ///< by their node
  Work own_work_;  ///< of a scope that is not a part
  Work* work_{&own_work_};
  int depth_{0};
};

}  // namespace paramcount
