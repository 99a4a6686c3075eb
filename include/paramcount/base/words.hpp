// A text of the program's own, usually a literal: keys and labels of values, of which a report has hundreds.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace paramcount {

class Words {
 public:
  Words() = default;
  /// A literal: it must live as long as the program.
  Words(const char* literal) : view_(literal) {}
  [[nodiscard]] static Words literal(std::string_view text) {
    Words words;
    words.view_ = text;
    return words;
  }
  /// Any other text is copied.
  Words(std::string_view text) : own_(text.empty() ? nullptr : std::make_unique<std::string>(text)) { see(); }
  Words(std::string text) : own_(text.empty() ? nullptr : std::make_unique<std::string>(std::move(text))) { see(); }

  Words(const Words& other) : view_(other.view_) {
    if (!other.own_) return;
    own_ = std::make_unique<std::string>(other.view_);
    see();
  }
  Words& operator=(const Words& other) { return *this = Words(other); }
  Words(Words&&) noexcept = default;
  Words& operator=(Words&&) noexcept = default;
  ~Words() = default;

  [[nodiscard]] std::string_view view() const { return view_; }
  operator std::string_view() const { return view_; }
  [[nodiscard]] std::string text() const { return std::string(view_); }
  [[nodiscard]] bool is_literal() const { return !own_; }
  [[nodiscard]] bool empty() const { return view_.empty(); }
  [[nodiscard]] friend bool operator==(const Words& a, std::string_view b) { return a.view_ == b; }
  [[nodiscard]] friend std::string operator+(std::string a, const Words& b) { return std::move(a.append(b.view_)); }
  [[nodiscard]] friend std::string operator+(const Words& a, std::string_view b) { return a.text().append(b); }

 private:
  void see() {
    if (own_) view_ = *own_;
  }

  std::string_view view_;
  std::unique_ptr<std::string> own_;  ///< what `view_` sees, unless it is a literal
};

}  // namespace paramcount
