#include <array>

#include "report/renderers.hpp"

namespace paramcount {
namespace {

using Reads = Format::Reads;
using Plots = Format::Plots;

constexpr std::array<Format, 12> kFormats{{
    {"text", "a page for people", Reads::pages, Plots::if_asked, render_text},
    {"json", "one JSON object for all models", Reads::tree, Plots::none, render_json},
    {"jsonl", "one JSON object a line for each model", Reads::tree, Plots::none, render_jsonl},
    {"yaml", "the same as json, in blocks without braces", Reads::tree, Plots::none, render_yaml},
    {"csv", "a line for each model, a column for each key", Reads::tree, Plots::none, render_csv},
    {"tsv", "the same between tabs", Reads::tree, Plots::none, render_tsv},
    {"openmetrics", "a gauge for each number, for Prometheus", Reads::tree, Plots::none, render_openmetrics},
    {"k8s", "of fit MODEL --device D: what a container requests of Kubernetes", Reads::tree, Plots::none, render_k8s},
    {"markdown", "the page as Markdown tables", Reads::pages, Plots::none, render_markdown},
    {"latex", "the page as LaTeX tables, no package needed", Reads::pages, Plots::none, render_latex},
    {"html", "a report with plots as one file: light, dark, on paper, on a phone", Reads::pages, Plots::always,
     render_html},
    {"svg", "the first plot of the report as a picture", Reads::pages, Plots::alone, render_svg},
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
