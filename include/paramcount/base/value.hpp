// A JSON-like value: what a config.json or a data file holds, and what an expression of a family file yields.
// Reading text is not here (src/catalog/json.hpp), evaluating is not here (src/count).
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
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

  /// The held alternative, or nullptr when the value is of another kind.
  template <class T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&data_);
  }
  template <class T>
  [[nodiscard]] T* as() {
    return std::get_if<T>(&data_);
  }

  /// The member of that name; nullptr when there is none or this is no object.
  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] Value* find(std::string_view key);

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
