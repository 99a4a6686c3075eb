// Reading an object of our own data files field by field: each has one kind, and a field nobody asked for is an error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/value.hpp"

namespace paramcount {

class Fields {
 public:
  /// `where` leads every message: "/published". Throws Error unless the value is an object. Keeps a reference.
  Fields(const Value& object, std::string where);

  /// The field, marked as known; nullptr when absent.
  const Value* get(std::string_view key);
  /// Throws Error when absent.
  const Value& need(std::string_view key);

  std::string text(std::string_view key);  ///< "" when absent
  std::string need_text(std::string_view key);
  void unread_text(std::string_view key);                ///< may be there, for people who read the file
  std::vector<std::string> texts(std::string_view key);  ///< a list of texts; empty when absent
  bool flag(std::string_view key, bool fallback);
  std::optional<double> number(std::string_view key);
  /// Throws Error unless it is a number above 0.
  double positive(std::string_view key);
  /// The same; `fallback` when absent.
  double positive(std::string_view key, double fallback);
  std::optional<std::uint64_t> count(std::string_view key);  ///< an integer of at least 0

  /// Throws Error naming the first field that was never asked for.
  void finish() const;

  [[nodiscard]] const std::string& where() const { return where_; }
  [[noreturn]] void fail(std::string_view key, const std::string& what) const;

 private:
  [[nodiscard]] const std::string& text_of(const Value& value, std::string_view key) const;

  const Value::Object& object_;
  std::string where_;
  std::vector<bool> read_;  ///< which members were asked for
  std::size_t next_{0};     ///< after the one found last: most are asked for in their order
};

/// A text; throws Error "<where>: expected a text, got ..." otherwise.
const std::string& need_text(const Value& value, const std::string& where);

/// The value as a list, or as an object; Error "<where>: expected a list, got ..." where it is none.
[[nodiscard]] const Value::List& list_of(const Value& value, const std::string& where);
[[nodiscard]] const Value::Object& object_of(const Value& value, const std::string& where);

}  // namespace paramcount
