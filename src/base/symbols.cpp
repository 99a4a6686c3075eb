#include "base/symbols.hpp"

#include <array>

#include "base/text.hpp"

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
    Symbol{"█", "#", "\\rule{1ex}{1ex}", "#"},
    Symbol{"▉", "#", "\\rule{1ex}{1ex}", "#"},
    Symbol{"▊", "#", "\\rule{1ex}{1ex}", "#"},
    Symbol{"▋", "#", "\\rule{1ex}{1ex}", "#"},
    Symbol{"▌", "#", "\\rule{1ex}{1ex}", "#"},
    Symbol{"▍", "", "", ""},
    Symbol{"▎", "", "", ""},
    Symbol{"▏", "", "", ""},
};

}  // namespace

std::span<const Symbol> symbols() { return kSymbols; }

std::string respelled(std::string text, std::string_view Symbol::*spelling) {
  for (const auto& symbol : kSymbols) replace_all(text, symbol.utf8, symbol.*spelling);
  return text;
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
