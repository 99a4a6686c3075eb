// A key or label of a figure: usually a string literal, which is not copied. A report has hundreds.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace paramcount {

class Label {
 public:
  Label() = default;
  /// A string literal: only constants compile.
  consteval Label(const char* literal) : view_(literal) {}
  /// A view of a string that lives as long as the program, such as a name in a constant table.
  [[nodiscard]] static Label literal(std::string_view text) {
    Label words;
    words.view_ = text;
    return words;
  }
  /// Any other string is copied.
  Label(std::string_view text) : own_(text.empty() ? nullptr : std::make_unique<std::string>(text)) { see(); }
  Label(std::string text) : own_(text.empty() ? nullptr : std::make_unique<std::string>(std::move(text))) { see(); }

  Label(const Label& other) : view_(other.view_) {
    if (!other.own_) return;
    own_ = std::make_unique<std::string>(other.view_);
    see();
  }
  Label& operator=(const Label& other) { return *this = Label(other); }
  Label(Label&&) noexcept = default;
  Label& operator=(Label&&) noexcept = default;
  ~Label() = default;

  [[nodiscard]] std::string_view view() const { return view_; }
  operator std::string_view() const { return view_; }
  [[nodiscard]] std::string text() const { return std::string(view_); }
  [[nodiscard]] bool is_literal() const { return !own_; }
  [[nodiscard]] bool empty() const { return view_.empty(); }
  [[nodiscard]] friend bool operator==(const Label& a, std::string_view b) { return a.view_ == b; }
  [[nodiscard]] friend std::string operator+(std::string a, const Label& b) { return std::move(a.append(b.view_)); }
  [[nodiscard]] friend std::string operator+(const Label& a, std::string_view b) { return a.text().append(b); }

 private:
  void see() {
    if (own_) view_ = *own_;
  }

  std::string_view view_;
  std::unique_ptr<std::string> own_;  ///< what `view_` points into, unless it is a literal
};

}  // namespace paramcount
