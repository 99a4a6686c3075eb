// What most expressions come to, in two words: a flag, a whole number, or a value that stands elsewhere. Where it came
// from, for messages, is what an Operand knows (count/scope.hpp).
#pragma once

#include <cstdint>
#include <string>

#include "paramcount/base/value.hpp"

namespace paramcount {

class Plain {
 public:
  /// The last two stand for a value that there is not yet: nobody asked, or it is being evaluated.
  enum class Kind : std::uint8_t { null, flag, whole, other, unset, pending };

  Plain() = default;
  /// Of a number with a fraction, a text, a list or an object it keeps the address.
  explicit Plain(const Value& value) {
    if (const auto* whole = value.as<std::int64_t>()) {
      kind_ = Kind::whole;
      whole_ = *whole;
    } else if (const auto* flag = value.as<bool>()) {
      kind_ = Kind::flag;
      whole_ = *flag ? 1 : 0;
    } else if (!value.is_null()) {
      kind_ = Kind::other;
      other_ = &value;
    }
  }
  static Plain unset() { return {Kind::unset, 0}; }
  static Plain pending() { return {Kind::pending, 0}; }
  static Plain of_flag(bool flag) { return {Kind::flag, flag ? 1 : 0}; }
  static Plain of_whole(std::int64_t whole) { return {Kind::whole, whole}; }

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool is_set() const { return kind_ < Kind::unset; }
  [[nodiscard]] bool is_pending() const { return kind_ == Kind::pending; }
  [[nodiscard]] bool is_null() const { return kind_ == Kind::null; }
  [[nodiscard]] bool is_flag() const { return kind_ == Kind::flag; }
  [[nodiscard]] bool is_whole() const { return kind_ == Kind::whole; }
  /// Preconditions: of that kind.
  [[nodiscard]] bool flag() const { return whole_ != 0; }
  [[nodiscard]] std::int64_t whole() const { return whole_; }
  [[nodiscard]] const Value& other() const { return *other_; }

  [[nodiscard]] Value value() const {
    switch (kind_) {
      case Kind::null:
      case Kind::unset:
      case Kind::pending:
        return {};
      case Kind::flag:
        return flag();
      case Kind::whole:
        return whole_;
      case Kind::other:
        break;
    }
    return *other_;
  }

  [[nodiscard]] bool operator==(const Plain& o) const {
    if (kind_ != Kind::other && o.kind_ != Kind::other) return kind_ == o.kind_ && whole_ == o.whole_;
    if (kind_ != o.kind_) return kind_ == Kind::other ? *other_ == o.value() : value() == *o.other_;
    const auto* a = other_->as<std::string>();
    const auto* b = o.other_->as<std::string>();
    return a != nullptr && b != nullptr ? *a == *b : *other_ == *o.other_;
  }

 private:
  Plain(Kind kind, std::int64_t whole) : whole_(whole), kind_(kind) {}

  union {
    std::int64_t whole_{0};
    const Value* other_;
  };
  Kind kind_{Kind::null};
};

/// Marks a value as being evaluated, so that one that needs itself is noticed; an error takes the mark away as well.
class Pending {
 public:
  explicit Pending(Plain& value) : value_(value), before_(value) { value_ = Plain::pending(); }
  ~Pending() { value_ = before_; }
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

 private:
  Plain& value_;
  Plain before_;
};

}  // namespace paramcount
