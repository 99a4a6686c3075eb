// Parses a Python pickle into a tree of values. Nothing is imported or called: a global is its name, and a call is a
// record of the name and the arguments. Object state (BUILD) is dropped. Protocols 2 to 5 are supported; operations of
// protocols 0 and 1, extensions and out-of-band buffers are refused by name. Source: Lib/pickletools.py of CPython.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "read/source.hpp"

namespace paramcount {

class Pickle {
 public:
  using Id = std::uint32_t;  ///< of a value

  enum class Kind : std::uint8_t {
    none,
    boolean,
    integer,
    large,  ///< an integer of more than 64 bits
    real,
    text,  ///< also the strings of Python 2
    bytes,
    global,  ///< the name of a class or a function
    tuple,
    list,  ///< also sets
    dict,
    call,        ///< of a function, or an object made of a class
    persistent,  ///< what the pickle's writer kept outside it
  };

  /// A list's values, or a dictionary's keys and values, in order; of a call what was put into the object afterwards.
  struct Cell {
    Id key{0};  ///< of a dictionary and of a call that was used as one; kNoKey otherwise
    Id value{0};
  };
  static constexpr Id kNoKey = UINT32_MAX;
  static constexpr std::uint32_t kNothing = UINT32_MAX;  ///< no place in a list

  [[nodiscard]] Id root() const { return root_; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  /// Where the pickle ends in its source.
  [[nodiscard]] std::uint64_t end() const { return end_; }
  [[nodiscard]] std::size_t length() const { return length_; }

  [[nodiscard]] Kind kind(Id id) const { return nodes_[id].kind; }
  [[nodiscard]] bool is_text(Id id) const { return kind(id) == Kind::text; }
  [[nodiscard]] bool is_true(Id id) const { return kind(id) == Kind::boolean && nodes_[id].a == 1; }
  /// Nothing when it is none, or more than 64 bits.
  [[nodiscard]] std::optional<std::int64_t> integer(Id id) const;
  /// Of a text, bytes or a large integer (little-endian): as they are, perhaps invalid UTF-8.
  [[nodiscard]] std::string_view text(Id id) const;
  /// "torch._utils._rebuild_tensor_v2" of a global; empty for anything else.
  [[nodiscard]] std::string name(Id id) const;
  /// Of a tuple.
  [[nodiscard]] std::size_t count(Id id) const { return kind(id) == Kind::tuple ? nodes_[id].b : 0; }
  [[nodiscard]] Id at(Id id, std::size_t i) const { return children_[nodes_[id].a + i]; }
  /// Of a call.
  [[nodiscard]] Id callee(Id id) const { return nodes_[id].a; }
  [[nodiscard]] Id arguments(Id id) const { return nodes_[id].b; }
  /// Of a persistent one: what names it.
  [[nodiscard]] Id key(Id id) const { return nodes_[id].a; }
  /// Of a list, a dictionary or a call.
  [[nodiscard]] std::vector<Cell> cells(Id id) const;

 private:
  friend class PickleReader;

  struct Node {
    Kind kind{};
    std::uint32_t a{0}, b{0}, c{0}, d{0};
  };
  struct LinkedCell {
    Cell cell;
    std::uint32_t next{kNothing};
  };

  std::string bytes_;  ///< the pickle's own
  std::vector<Node> nodes_;
  std::vector<Id> children_;
  std::vector<LinkedCell> cells_;
  Id root_{0};
  std::uint64_t end_{0};
  std::size_t length_{0};
};

/// Reads the pickle at `offset` of the source; it ends before `limit`. Throws Error "byte N: what", N being of the
/// source. Neither nesting nor lengths nor the memo cost more than the pickle is long.
[[nodiscard]] Pickle read_pickle(const Source& source, std::uint64_t offset, std::uint64_t limit);

}  // namespace paramcount
