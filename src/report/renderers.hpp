// The renderers, a file each; src/report/formats.cpp lists them.
#pragma once

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
/// Empty where the report tells of no fit.
[[nodiscard]] std::string render_k8s(const Report& report, const Surface& surface);
[[nodiscard]] std::string render_markdown(const Report& report, const Surface& surface);
[[nodiscard]] std::string render_latex(const Report& report, const Surface& surface);
[[nodiscard]] std::string render_html(const Report& report, const Surface& surface);
[[nodiscard]] std::string render_svg(const Report& report, const Surface& surface);

}  // namespace paramcount
