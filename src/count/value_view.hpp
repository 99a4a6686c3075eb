// A 16-byte view of a Value: null, bool or int64 in place, anything else (double, string, list, object) as a pointer to
// a Value owned elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "paramcount/base/value.hpp"

namespace paramcount {

class ValueView {
 public:
  /// The last two are states of a memo rather than values: not evaluated yet, and being evaluated.
  enum class Kind : std::uint8_t { null, flag, whole, other, unset, pending };

  ValueView() = default;
  /// The value must outlive the view.
  explicit ValueView(const Value& value) {
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
  static ValueView unset() { return {Kind::unset, 0}; }
  static ValueView pending() { return {Kind::pending, 0}; }
  static ValueView of_flag(bool flag) { return {Kind::flag, flag ? 1 : 0}; }
  static ValueView of_whole(std::int64_t whole) { return {Kind::whole, whole}; }

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool is_set() const { return kind_ < Kind::unset; }
  [[nodiscard]] bool is_pending() const { return kind_ == Kind::pending; }
  [[nodiscard]] bool is_null() const { return kind_ == Kind::null; }
  [[nodiscard]] bool is_flag() const { return kind_ == Kind::flag; }
  [[nodiscard]] bool is_whole() const { return kind_ == Kind::whole; }
  [[nodiscard]] bool is_number() const { return is_whole() || as<double>() != nullptr; }
  /// Preconditions: of that kind.
  [[nodiscard]] bool flag() const { return whole_ != 0; }
  [[nodiscard]] std::int64_t whole() const { return whole_; }
  [[nodiscard]] double number() const { return is_whole() ? static_cast<double>(whole_) : *as<double>(); }
  /// Precondition: of kind other.
  [[nodiscard]] const Value& other() const { return *other_; }
  /// A double, text, list or object; nullptr when the value is of another kind.
  template <class T>
  [[nodiscard]] const T* as() const {
    return kind_ == Kind::other ? other_->as<T>() : nullptr;
  }

  /// The member of that name; nullptr if there is none or this is not an object.
  [[nodiscard]] const Value* find(std::string_view key) const {
    return kind_ == Kind::other ? other_->find(key) : nullptr;
  }

  /// A copy.
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

  [[nodiscard]] bool operator==(const ValueView& o) const {
    if (kind_ != Kind::other && o.kind_ != Kind::other) return kind_ == o.kind_ && whole_ == o.whole_;
    if (kind_ != o.kind_) return kind_ == Kind::other ? *other_ == o.value() : value() == *o.other_;
    const auto* a = as<std::string>();
    const auto* b = o.as<std::string>();
    return a != nullptr && b != nullptr ? *a == *b : *other_ == *o.other_;
  }

 private:
  ValueView(Kind kind, std::int64_t whole) : whole_(whole), kind_(kind) {}

  union {
    std::int64_t whole_{0};
    const Value* other_;
  };
  Kind kind_{Kind::null};
};

}  // namespace paramcount
