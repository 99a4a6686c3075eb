#include "base/symbols.hpp"

#include <algorithm>
#include <array>

namespace paramcount {
namespace {

/// A dot between spaces separates facts; any other one multiplies.
constexpr std::array kSymbols{
    Symbol{" · ", " | ", " $\\cdot$ ", " \\(pc "},
    Symbol{"·", "*", "$\\cdot$", "\\(pc"},
    Symbol{"×", "x", "$\\times$", "\\(mu"},
    Symbol{"−", "-", "$-$", "\\(mi"},
    Symbol{"√", "sqrt", "$\\surd$", "\\(sr"},
    Symbol{"²", "^2", "$^2$", "\\(S2"},
    Symbol{"Σ", "sum of", "$\\Sigma$", "\\(*S"},
    Symbol{"≤", "<=", "$\\le$", "\\(<="},
    Symbol{"≥", ">=", "$\\ge$", "\\(>="},
    Symbol{"→", "->", "$\\rightarrow$", "\\(->"},
    Symbol{"–", "-", "--", "\\(en"},
    Symbol{"…", "...", "\\dots{}", "..."},
    Symbol{"é", "e", "\\'e", "\\('e"},
    Symbol{"─", "-", "--", "-"},
    Symbol{"┬", "+", "+", "+"},
    Symbol{"└", "+", "+", "+"},
    Symbol{"┘", "+", "+", "+"},
    Symbol{"▶", ">", "$\\triangleright$", ">"},
    Symbol{"█", "#", "\\rule{1ex}{1ex}", "#"},
    Symbol{"▉", "#", "\\rule{1ex}{1ex}", "#"},
    Symbol{"▊", "#", "\\rule{1ex}{1ex}", "#"},
    Symbol{"▋", "#", "\\rule{1ex}{1ex}", "#"},
    Symbol{"▌", "#", "\\rule{1ex}{1ex}", "#"},
    Symbol{"▍", "", "", ""},
    Symbol{"▎", "", "", ""},
    Symbol{"▏", "", "", ""},
    Symbol{"▓", "=", "\\rule{1ex}{1ex}", "="},
    Symbol{"▒", "+", "\\rule{1ex}{1ex}", "+"},
    Symbol{"░", "-", "\\rule{1ex}{1ex}", "-"},
    Symbol{"│", "|", "\\textbar{}", "|"},
    Symbol{"●", "o", "$\\bullet$", "o"},
};

}  // namespace

std::span<const Symbol> symbols() { return kSymbols; }

std::string respelled(std::string text, std::string_view Symbol::*spelling) {
  // Nearly all text has none: each begins with a byte beyond ASCII, after a space at most.
  const auto beyond = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  const auto first = std::find_if(text.begin(), text.end(), beyond);
  if (first == text.end()) return text;
  std::string_view rest = text;
  std::string result;
  result.reserve(text.size());
  while (!rest.empty()) {
    const bool may_begin = beyond(rest[0]) || (rest[0] == ' ' && rest.size() > 1 && beyond(rest[1]));
    const auto* symbol = may_begin ? std::find_if(kSymbols.begin(), kSymbols.end(),
                                                  [&](const Symbol& one) { return rest.starts_with(one.utf8); })
                                   : kSymbols.end();
    if (symbol == kSymbols.end()) {
      result += rest[0];
      rest.remove_prefix(1);
    } else {
      result += (*symbol).*spelling;
      rest.remove_prefix(symbol->utf8.size());
    }
  }
  return result;
}

std::string in_ascii(std::string text) {
  std::string plain;
  for (const char c : respelled(std::move(text), &Symbol::ascii)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      plain += c;
    } else if ((byte & 0xC0U) != 0x80U) {
      plain += '?';
    }
  }
  return plain;
}

}  // namespace paramcount
