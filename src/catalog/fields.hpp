// Reads an object of our own data files field by field: each field has one type, and an unknown field is an error.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "paramcount/base/error.hpp"
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
  const Value::List& list(std::string_view key);         ///< empty when absent
  const Value::Object& members(std::string_view key);    ///< of an object; empty when absent
  /// The members of an object of texts; empty when absent.
  std::vector<std::pair<std::string, std::string>> text_pairs(std::string_view key);
  /// Reads each object of a list.
  template <class Read>
  void each(std::string_view key, const Read& read) {
    std::size_t i = 0;
    for (const auto& item : list(key)) {
      Fields one(item, where_ + "/" + std::string(key) + "/" + std::to_string(i++));
      read(one);
      one.finish();
    }
  }
  bool flag(std::string_view key, bool fallback);
  std::optional<double> number(std::string_view key);
  /// Throws Error unless it is a number above 0.
  double positive(std::string_view key);
  /// The same; `fallback` when absent.
  double positive(std::string_view key, double fallback);
  std::optional<std::uint64_t> count(std::string_view key);  ///< an integer of at least 0

  /// The text "source", which is needed; ", unverified" after it where the object says so of itself.
  std::string marked_source();
  /// The keys whose source was not verified, "unverified": ["released", "licence"], joined by commas; "all" for true,
  /// empty when there is none. Throws Error for a key that the object has not.
  std::string unverified();

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
  std::uint64_t marks_{0};  ///< of all members: what has none of these is absent
};

/// A text; throws Error "<where>: expected a string, got ..." otherwise.
const std::string& need_text(const Value& value, const std::string& where);

/// The one of the names that the text is.
template <class Enum, std::size_t N>
Enum named(const std::array<std::string_view, N>& names, std::string_view text, const std::string& where) {
  const auto at = static_cast<std::size_t>(std::find(names.begin(), names.end(), text) - names.begin());
  if (at == N) throw Error(where + ": " + printable(text) + " is not known here");
  return static_cast<Enum>(at);
}

/// The value as a list, or as an object; Error "<where>: expected a list, got ..." where it is none.
[[nodiscard]] const Value::List& list_of(const Value& value, const std::string& where);
[[nodiscard]] const Value::Object& object_of(const Value& value, const std::string& where);

}  // namespace paramcount
