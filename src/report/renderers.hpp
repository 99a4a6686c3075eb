// The renderers, a file each, and the table of output formats.
#pragma once

#include <array>
#include <string>

#include "paramcount/report/render.hpp"

namespace paramcount {

[[nodiscard]] std::string render_text(const Report& report, const Surface& surface);
[[nodiscard]] std::string render_json(const Report& report, const Surface& surface);
[[nodiscard]] std::string render_jsonl(const Report& report, const Surface& surface);
[[nodiscard]] std::string render_yaml(const Report& report, const Surface& surface);
[[nodiscard]] std::string render_csv(const Report& report, const Surface& surface);
[[nodiscard]] std::string render_tsv(const Report& report, const Surface& surface);
[[nodiscard]] std::string render_openmetrics(const Report& report, const Surface& surface);
/// Empty if the report has no fit.
[[nodiscard]] std::string render_k8s(const Report& report, const Surface& surface);
[[nodiscard]] std::string render_markdown(const Report& report, const Surface& surface);
[[nodiscard]] std::string render_latex(const Report& report, const Surface& surface);
[[nodiscard]] std::string render_html(const Report& report, const Surface& surface);
[[nodiscard]] std::string render_svg(const Report& report, const Surface& surface);

inline constexpr auto kFormats = std::to_array<Format>({
    {"text", "a page for people", Format::Reads::pages, Format::Plots::if_asked, render_text},
    {"json", "one JSON object for all models", Format::Reads::tree, Format::Plots::none, render_json},
    {"jsonl", "one JSON object a line for each model", Format::Reads::tree, Format::Plots::none, render_jsonl},
    {"yaml", "the same as json, in blocks without braces", Format::Reads::tree, Format::Plots::none, render_yaml},
    {"csv", "a line for each model, a column for each key", Format::Reads::tree, Format::Plots::none, render_csv},
    {"tsv", "the same between tabs", Format::Reads::tree, Format::Plots::none, render_tsv},
    {"openmetrics", "a gauge for each number, for Prometheus", Format::Reads::tree, Format::Plots::none,
     render_openmetrics},
    {"k8s", "of fit MODEL --device D: what a container requests of Kubernetes", Format::Reads::tree,
     Format::Plots::none, render_k8s},
    {"markdown", "the page as Markdown tables", Format::Reads::pages, Format::Plots::none, render_markdown},
    {"latex", "the page as LaTeX tables, no package needed", Format::Reads::pages, Format::Plots::none, render_latex},
    {"html", "a report with plots as one file: light, dark, on paper, on a phone", Format::Reads::pages,
     Format::Plots::always, render_html},
    {"svg", "the first plot of the report as a picture", Format::Reads::pages, Format::Plots::alone, render_svg},
});

}  // namespace paramcount
