// A JSON-like value: the contents of a config.json or a data file, and the result of an expression in a family file.
// Parsing is in src/catalog/json.hpp, evaluation in src/count.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace paramcount {

class Value {
 public:
  using List = std::vector<Value>;
  using Member = std::pair<std::string, Value>;
  /// Members in the order of the file. Look-up is linear: objects are small.
  using Object = std::vector<Member>;

  Value() = default;  ///< null
  /// By assignment: libstdc++ 12 destroys a variant whose copy throws (out of memory) as if it held something.
  Value(const Value& other) { data_ = other.data_; }
  Value(Value&&) noexcept = default;
  Value& operator=(const Value&) = default;
  Value& operator=(Value&&) noexcept = default;
  ~Value() = default;
  Value(bool v) : data_(v) {}
  Value(std::int64_t v) : data_(v) {}
  Value(int v) : data_(std::int64_t{v}) {}
  Value(double v) : data_(v) {}
  Value(std::string v) : data_(std::move(v)) {}
  Value(std::string_view v) : data_(std::string(v)) {}
  Value(const char* v) : data_(std::string(v)) {}
  Value(List v) : data_(std::move(v)) {}
  Value(Object v) : data_(std::move(v)) {}

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  [[nodiscard]] bool is_number() const { return as<std::int64_t>() != nullptr || as<double>() != nullptr; }

  /// The alternative it holds, or nullptr for any other type.
  template <class T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&data_);
  }
  template <class T>
  [[nodiscard]] T* as() {
    return std::get_if<T>(&data_);
  }
  /// The value when it is a whole number above 0; 0 otherwise.
  [[nodiscard]] std::uint64_t count() const {
    const auto* whole = as<std::int64_t>();
    return whole != nullptr && *whole > 0 ? static_cast<std::uint64_t>(*whole) : 0;
  }

  /// The member of that name; nullptr if there is none or this is not an object.
  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] Value* find(std::string_view key);
  /// The member of that name and kind, or nullptr.
  template <class T>
  [[nodiscard]] const T* find(std::string_view key) const {
    const Value* member = find(key);
    return member != nullptr ? member->as<T>() : nullptr;
  }
  /// The member of that name when it is a text; empty otherwise.
  [[nodiscard]] std::string text(std::string_view key) const;

  /// Adds the member or replaces its value. Precondition: an object or null (which becomes an object).
  void set(std::string_view key, Value value);

  /// Numbers compare by value (1 == 1.0), objects and lists member by member, in order.
  [[nodiscard]] bool operator==(const Value& other) const;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Object> data_;
};

/// The value as short JSON text for messages: long texts, lists and objects are cut at about 40 characters.
[[nodiscard]] std::string brief(const Value& value);

}  // namespace paramcount
