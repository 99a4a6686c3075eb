// `paramcount list dtypes`: number formats, and llama.cpp's file types.
#include <array>
#include <cmath>

#include "base/numbers.hpp"
#include "report/list_report.hpp"
#include "report/list_rows.hpp"

namespace paramcount {
namespace {

/// "fp32 for 64", or what all scales together say.
std::string scales_text(const Dtype& dtype) {
  std::string text;
  for (const auto& scale : dtype.scales) {
    const std::string extent = scale.rows == 0      ? (scale.columns == 0 ? "tensor" : "column")
                               : scale.columns == 0 ? "row"
                               : scale.rows > 1     ? grouped(scale.rows) + " × " + grouped(scale.columns)
                                                    : grouped(scale.columns);
    text += (text.empty() ? "" : ", ") + std::to_string(scale.bits) + " per " + extent;
  }
  return text.empty() ? kNone : text;
}

Cell five_digits(const Figures& dtype, std::string_view key) {
  return dtype.rounded(key, significant(dtype.number(key), 5));
}

Cell added(const Figures& type, std::string_view key) {
  const double more = type.number(key);
  return type.dressed(key, (more < 0 ? "-" : "+") + fixed(std::fabs(more), 4));
}

}  // namespace

Report list_dtypes_report(const std::vector<Dtype>& dtypes, const std::vector<FileType>& file_types,
                          const ReportOptions& wanted) {
  Report report;
  report.collection = "dtypes";
  report.models = told(dtypes, [](Row& row, const Dtype& dtype) {
    tell_names(row, dtype);
    row.add(
        Row::leaf("bits", "bits of an element", static_cast<double>(dtype.bits) / static_cast<double>(dtype.elements)));
    row.add(Row::leaf("scales", "bits of scales", scales_text(dtype)));
    row.add(Row::leaf("bits_per_weight", "bits per weight", dtype.bits_per_weight()));
    Value::List leaves;
    for (const auto kind : dtype.leaves) leaves.emplace_back(name_of(kind));
    row.add(Row::leaf("leaves", "leaves alone", std::move(leaves)));
    if (!dtype.rest.empty()) row.add(Row::leaf("rest", "what is left alone is in", dtype.rest));
    if (dtype.ggml_block > 0) row.add(Row::leaf("gguf_block", "block in GGUF files", count_value(dtype.ggml_block)));
    row.add(Row::leaf("gguf_only", "a block type of GGUF files", dtype.gguf_only));
  });
  Row& types = report.extras.emplace_back(Row::list("file_types", "llama.cpp file types"));
  types.children = told(file_types, [](Row& row, const FileType& type) {
    tell_texts(row, "aliases", "aliases", type.aliases);
    row.add(Row::leaf("number", "general.file_type", count_value(type.number)));
    row.add(Row::leaf("type", "of most tensors", type.type));
    if (!type.perplexity) return;
    row.add(Row::leaf("perplexity_more", "perplexity added", type.perplexity->more));
    row.add(Row::leaf("perplexity_model", "to that of", type.perplexity->model));
    row.add(Row::leaf("perplexity_source", "source", type.perplexity->source));
  });
  if (!wanted.pages) return report;
  std::array<std::vector<Row>, 2> rows;  // those of whole models, and block types of GGUF files
  for (std::size_t i = 0; i < dtypes.size(); ++i) rows[dtypes[i].gguf_only ? 1 : 0].push_back(report.models[i]);
  Page& page = report.pages.emplace_back();
  page.heading = "Number formats";
  const std::vector<Column> columns{{"bits per weight", "bits_per_weight", five_digits}, {"scales, bits", "scales"}};
  page.tables.push_back(record_table("Number formats", columns, rows[0], wanted.style, "name"));
  page.tables.push_back(record_table("llama.cpp file types",
                                     {{"most tensors", "type"}, {"perplexity", "perplexity_more", added}},
                                     types.children, wanted.style, "perplexity_model"));
  page.tables.push_back(record_table("GGUF block types", columns, rows[1], wanted.style));
  std::erase_if(page.tables, [](const PageTable& table) { return table.lines.empty(); });
  for (auto& table : page.tables) table.own_grid = true;
  page.notes.push_back({"leaves alone",
                        "nf4 and bnb-int8 keep embedding, norms and head in 16 bits; gptq, awq, hqq, fp8-block128 and "
                        "fp8-tensor the router and the towers too; mlx norms and towers only; every vector stays. "
                        "The rest takes all.",
                        Note::Weight::basis});
  page.notes.push_back({"braces", "stand for numbers: mlx-{bits}bit-g{group} is mlx-4bit-g64, mlx-8bit-g32 and others.",
                        Note::Weight::basis});
  page.notes.push_back({"file types",
                        "mix block types by rules of llama.cpp's own: paramcount tensors MODEL --dtype q4_k_m shows "
                        "them. Where a number format has the name, gguf:NAME is the file type.",
                        Note::Weight::basis});
  page.notes.push_back({"perplexity",
                        "more than unquantised, as llama.cpp publishes it; – where it publishes none. Sources: "
                        "--format json.",
                        Note::Weight::basis});
  return report;
}

}  // namespace paramcount
