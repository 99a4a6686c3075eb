#include "paramcount/base/error.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "paramcount/base/checked.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kEllipsis = "…";

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// A text of at most `most` bytes, cut in its middle at the edges of characters.
std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::size_t head = (most - kEllipsis.size()) / 2;
  std::size_t tail = text.size() - head;
  while (head > 0 && is_continuation(text[head])) --head;
  while (tail < text.size() && is_continuation(text[tail])) ++tail;
  return joined({text.substr(0, head), kEllipsis, text.substr(tail)});
}

}  // namespace

std::string error_text(std::string_view message) {
  std::string text = printable(message);
  // Names, paths and pointers are words without a space, and what is long; what is said of them stays whole.
  constexpr std::array<std::size_t, 4> kLongestWord{120, 80, 50, 30};
  for (const std::size_t longest : kLongestWord) {
    if (text.size() <= kLongestError) return text;
    std::string shorter;
    for (const auto word : split(text, ' ')) {
      if (!shorter.empty()) shorter += ' ';
      shorter += shortened(word, longest);
    }
    text = std::move(shorter);
  }
  return shortened(text, kLongestError);
}

Error::Error(std::string_view message, ExitCode code) : std::runtime_error(error_text(message)), code_(code) {}

Error located(std::string_view where, const Error& error) {
  return Error(joined({where, ": ", error.what()}), error.code());
}

Error within(std::string_view pointer, const Error& error) {
  const std::string_view what = error.what();
  return Error(joined({pointer, what.starts_with('/') ? "" : ": ", what}), error.code());
}

void throw_overflow() { throw Error("a number exceeds 64 bits"); }

}  // namespace paramcount
