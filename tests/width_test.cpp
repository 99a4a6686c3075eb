// Pages on terminals of 60, 80 and 120 columns: nothing leaves the page, and nothing loses its meaning.
#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "catch.hpp"
#include "paramcount/report/render.hpp"
#include "process.hpp"
#include "report/text_grid.hpp"

namespace paramcount {
namespace {

TEST_CASE("no page is wider than its terminal") {
  const std::string files = "cd tests/golden/files/checkpoints && ";
  for (const std::string& command :
       {std::string("paramcount llama-3.1-405b --dtype fp16"),
        std::string("paramcount deepseek-v3"),
        std::string("paramcount llama-3.1-8b qwen3-8b deepseek-v3 gpt-4"),
        std::string("paramcount mixtral-8x7b --set n_experts=4"),
        std::string("paramcount kv gemma-3-27b"),
        std::string("paramcount fit qwen3-32b --device rtx-4090"),
        std::string("paramcount fit llama-3.1-8b"),
        std::string("paramcount fit --device rtx-4090 --max 3B"),
        std::string("paramcount fit llama-3.3-70b --device h100-sxm --devices 4 --dtype fp8"),
        std::string("paramcount train llama-2-7b --device h100 --devices 256"),
        std::string("paramcount train llama-3.1-70b --devices 64 --plan"),
        std::string("paramcount train llama-3.3-70b --lora 16 --dtype nf4 --device a6000 --devices 2"),
        std::string("paramcount scale --budget '$1M'"),
        std::string("paramcount scale gpt-2-xl gpt-3-175b"),
        files + "paramcount verify tiny-llama/config.json tiny-changed.safetensors",
        std::string("paramcount kv llama-3.1-70b --tp 8"),
        std::string("paramcount layers gemma-3-27b"),
        std::string("paramcount tensors gpt-oss-20b"),
        std::string("paramcount scan tests/golden/files"),
        std::string("paramcount list gpt"),
        std::string("paramcount list devices"),
        std::string("paramcount list runs"),
        std::string("paramcount list optimizers"),
        std::string("paramcount list equivalents"),
        std::string("paramcount explain"),
        std::string("paramcount help"),
        std::string("paramcount help fit"),
        std::string("paramcount metadata tests/golden/files/tiny.gguf"),
        std::string("paramcount fit --device rtx-4090"),
        std::string("paramcount tensors deepseek-v3"),
        std::string("paramcount explain --article")}) {
    for (const std::size_t width : {60U, 80U, 120U}) {
      Finished page = run_on_terminal(command, width);
      // On a slow machine progress is shown, on a line that is erased.
      replace_all(page.out, "\r\x1b[K", "\n");
      for (const auto line : split(page.out, '\n')) {
        // A word that is wider than the page cannot be folded.
        const auto word = trim(line);
        if (word.find(' ') == std::string_view::npos) continue;
        INFO(command << " at " << width << ": " << line);
        CHECK(columns(line) <= width);
      }
    }
  }
}

PageTable wide_table() {
  PageTable table;
  table.own_grid = true;
  table.head = {{"Parts"}, {{"first"}, {""}, {"second"}, {""}}};
  table.lines.push_back({{"one"}, {{"1,000,000,000"}, {"10.0 %"}, {"2,000,000,000"}, {"20.0 %"}}, {"remark"}});
  return table;
}

std::string at(std::size_t width, const PageTable& table) {
  Report report;
  report.pages.emplace_back().tables.push_back(table);
  Surface surface;
  surface.width = width;
  surface.terminal = true;
  return find_format("text")->render(report, surface);
}

TEST_CASE("columns that do not fit go on below, with their headings, and a share stays with its figure") {
  CHECK(at(40, wide_table()) ==
        "Parts          first\n"
        "  one  1,000,000,000  10.0 %\n"
        "\n"
        "Parts         second\n"
        "  one  2,000,000,000  20.0 %   remark\n");
}

TEST_CASE("a long label gets a line of its own where its columns need the room") {
  PageTable table;
  table.own_grid = true;
  table.head = {{"Tensors"}, {{"shape"}, {"parameters"}}};
  table.lines.push_back({{"a.name.that.is.long.enough"}, {{"4096 × 4096"}, {"16,777,216"}}});
  table.lines.push_back({{"norm"}, {{"4096"}, {"4,096"}}});
  CHECK(at(44, table) ==
        "Tensors                    shape  parameters\n"
        "  a.name.that.is.long.enough\n"
        "                     4096 × 4096  16,777,216\n"
        "  norm                      4096       4,096\n");
}

TEST_CASE("a table too wide by a column that repeats the others leaves it out") {
  PageTable table;
  table.own_grid = true;
  table.head = {{"Tensors"}, {{"shape"}, {"role"}, {"parameters"}}};
  table.lines.push_back({{"a.name.of.22.characters"}, {{"4096 × 4096"}, {"attention", Style::dim}, {"16,777,216"}}});
  CHECK(at(61, table) ==
        "Tensors                          shape       role  parameters\n"
        "  a.name.of.22.characters  4096 × 4096  attention  16,777,216\n");
  CHECK(at(60, table) ==
        "Tensors                          shape  parameters\n"
        "  a.name.of.22.characters  4096 × 4096  16,777,216\n");
}

TEST_CASE("no column goes on below alone") {
  PageTable table;
  table.own_grid = true;
  table.head = {{"Of"}, {{"one"}, {"two"}, {"three"}}};
  table.lines.push_back({{"what it is"}, {{"1,000"}, {"2,000"}, {"3,000"}}});
  CHECK(at(30, table) ==
        "Of              one\n"
        "  what it is  1,000\n"
        "\n"
        "Of              two  three\n"
        "  what it is  2,000  3,000\n");
}

TEST_CASE("notes are as wide as the terminal, and no wider than one reads") {
  Report report;
  report.pages.emplace_back().notes.push_back({"", std::string(40, 'a') + " " + std::string(40, 'b') + " c"});
  Surface surface;
  surface.terminal = true;
  const auto lines = [&](std::size_t width) {
    surface.width = width;
    const std::string text = find_format("text")->render(report, surface);
    return std::count(text.begin(), text.end(), '\n');
  };
  CHECK(lines(60) == 3);  // and a blank one before
  CHECK(lines(100) == 2);
}

TEST_CASE("a figure that rests on an assumption is yellow everywhere") {
  Report report;
  auto& page = report.pages.emplace_back();
  page.title = {"A model", Style::strong};
  page.aside = {"fits, ~2 GiB to spare", Style::good};
  PageTable table;
  table.lines.push_back({{"hours"}, {{"~2.34 M"}}, {"ours at ~40 % MFU", Style::dim}});
  page.tables.push_back(table);
  Surface surface;
  surface.terminal = true;
  surface.color = true;
  const std::string text = find_format("text")->render(report, surface);
  CHECK_THAT(text, ContainsSubstring("\x1b[33m~2.34 M\x1b[0m"));
  CHECK_THAT(text, ContainsSubstring("\x1b[33m~40\x1b[0m"));
  CHECK_THAT(text, ContainsSubstring("\x1b[33m~\x1b[0m\x1b[32m2 GiB to spare\x1b[0m"));
}

}  // namespace
}  // namespace paramcount
