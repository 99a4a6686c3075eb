#include <array>

#include "report/renderers.hpp"

namespace paramcount {
namespace {

using Reads = Format::Reads;

constexpr std::array<Format, 8> kFormats{{
    {"text", "a page for people", Reads::pages, render_text},
    {"json", "one JSON object for all models", Reads::tree, render_json},
    {"jsonl", "one JSON object a line for each model", Reads::tree, render_jsonl},
    {"csv", "a line for each model, a column for each key", Reads::tree, render_csv},
    {"tsv", "the same between tabs", Reads::tree, render_tsv},
    {"markdown", "the page as Markdown tables", Reads::pages, render_markdown},
    {"latex", "the page as LaTeX tables, no package needed", Reads::pages, render_latex},
    {"html", "the page as a file of its own, light and dark", Reads::pages, render_html},
}};

}  // namespace

std::span<const Format> formats() { return kFormats; }

const Format* find_format(std::string_view name) {
  for (const auto& format : kFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

}  // namespace paramcount
