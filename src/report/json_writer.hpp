// Writes one object as JSON, on a line or indented, while it is being built: the hot path of bulk output.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "report/tree.hpp"

namespace paramcount {

class JsonWriter final : public Tree {
 public:
  enum class Layout : std::uint8_t { line, indented };
  explicit JsonWriter(Layout layout = Layout::line) : indented_(layout == Layout::indented) { restart(); }

  void leaf(Label key, Label label, Measure measure, Label formula = {}, Label source = {},
            Said said = Said::counted) override;
  void text(const Label& key, const Label& label, std::string_view text) override;
  void named(std::string_view name, const Value& value) override;
  void add(Row row) override;

  /// A row that is kept, and all children of one.
  void member(const Row& row);
  void members(const Row& object);
  /// Ends the object and its last line.
  void finish();
  /// Begins another object in the same memory.
  void restart() {
    out_.clear();
    open_.clear();
    open(Row::Kind::object);
  }
  /// What has been written so far.
  [[nodiscard]] std::string_view written() const { return {out_.data(), out_.size()}; }

 private:
  void begin(Row::Kind kind, const Label& key, const Label& label) override;
  void end() override;

  void open(Row::Kind kind);
  void start(const Label& key);
  void start(std::string_view key);
  void value(const Value& value);
  void value(std::string_view text);
  void number(double number);
  void number(std::int64_t number);
  /// Before another member or item.
  void next() {
    const char last = out_[out_.size() - 1];
    if (last != '{' && last != '[') out_.push_back(',');
    if (indented_) break_line(open_.size());
  }
  void break_line(std::size_t depth);
  void append(std::string_view text) { out_.append(text.data(), text.data() + text.size()); }
  /// Between quotes, as it is: it needs no escapes.
  void quoted(std::string_view text, std::string_view after = {});
  bool indented_;
  std::string open_;  ///< the brackets that are
  fmt::memory_buffer out_;
};

}  // namespace paramcount
