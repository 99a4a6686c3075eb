#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/numbers.hpp"
#include "base/symbols.hpp"
#include "base/text.hpp"
#include "catch.hpp"
#include "cli/query.hpp"
#include "cli/session.hpp"
#include "process.hpp"
#include "report/keys.hpp"
#include "report/renderers.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

std::string without_grouping(std::string text) {
  for (const char* mark : {"\\,", ",", "&nbsp;"}) replace_all(text, mark, "");
  return text;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (const auto line : split(text, '\n')) lines.emplace_back(line);
  return lines;
}

/// Cells of a line without quotes.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  for (const auto cell : split(line, ',')) cells.emplace_back(cell);
  return cells;
}

Report report_of(Row model) {
  Report report;
  report.models.push_back(std::move(model));
  return report;
}

TEST_CASE("every format carries the same numbers") {
  for (const std::string model : {"llama-3.1-8b", "deepseek-v3", "gpt-oss-20b", "t5-small", "mamba-2.8b"}) {
    INFO(model);
    std::vector<std::string> numbers;
    Session session;
    std::string out;
    std::string err;
    REQUIRE(run({model, "--dtype", "bf16", "--format", "json"}, Environment{}, session, out, err) == 0);
    each_value(session.report.models.front(), [&](const std::string& key, const Row&, const Value& value) {
      if (key.starts_with("params.by_role.") || key == "params.total") numbers.push_back(bare(value));
    });
    REQUIRE(numbers.size() > 3);
    for (const auto& format : formats()) {
      // A picture, and what is of a fit alone.
      if (format.plots == Format::Plots::alone || format.name == "k8s") continue;
      INFO(format.name);
      const Finished ran = run_line(model + " --dtype bf16 --format " + std::string(format.name));
      CHECK(ran.code == 0);
      const std::string text = without_grouping(ran.out);
      const std::string exact = format.reads == Format::Reads::tree ? ran.out : text;
      for (const auto& number : numbers) {
        INFO(number);
        CHECK(has(exact, number));
      }
    }
  }
}

TEST_CASE("with --precise the bytes of a page are those of the tree") {
  const std::string bytes = run_line("llama-3.1-8b --dtype bf16 --get memory.weights.0.bytes").out;
  CHECK(bytes == "16060522496\n");
  for (const char* format : {"text", "markdown", "latex", "html"}) {
    INFO(format);
    const Finished ran = run_line(std::string("llama-3.1-8b --dtype bf16 --precise --format ") + format);
    CHECK(has(ran.out, "16.060522496"));
    CHECK(has(ran.out, "14.95752716064453125"));
  }
}

TEST_CASE("option --units leaves bytes in one unit") {
  const std::string si = run_line("llama-3.1-8b --dtype bf16 --units si").out;
  CHECK(has(si, "16.06"));
  CHECK_FALSE(has(si, "14.96"));
  CHECK_FALSE(has(si, "GiB"));
  const std::string iec = run_line("llama-3.1-8b --dtype bf16 --units iec").out;
  CHECK(has(iec, "14.96"));
  CHECK_FALSE(has(iec, "16.06"));
  CHECK(run_line("llama-3.1-8b --units imperial").code == 2);
}

TEST_CASE("settings of figures last for one call only") {
  const std::string before = run_line("llama-3.1-8b --dtype bf16").out;
  static_cast<void>(run_line("llama-3.1-8b --dtype bf16 --precise --units si"));
  CHECK(run_line("llama-3.1-8b --dtype bf16").out == before);
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

TEST_CASE("option --ascii leaves nothing beyond ASCII in a text, and spells every symbol") {
  for (const char* command :
       {"deepseek-v3", "gemma-3-27b --dtype q4_k_m --explain", "layers gemma-3-27b", "gpt-2 --set n_layers=6",
        "scale --compute 1e21 --explain", "help conventions", "list grids", "llama-3.1-8b gpt-2 --dtype bf16,int4"}) {
    INFO(command);
    const std::string text = run_line(std::string(command) + " --ascii").out;
    CHECK(is_ascii(text));
    CHECK_FALSE(has(text, "?"));
  }
}

TEST_CASE("a surface without UTF-8 gets ASCII: pages, help and errors") {
  Environment environment;
  environment.surface.utf8 = false;
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"gpt-2"},
                                             {"kv", "--help"},
                                             {"help", "kv"},
                                             {"llama-3.1-405b", "--decode", "--device", "a100", "--devices", "1"}}) {
    std::string out;
    std::string err;
    static_cast<void>(run(words, environment, out, err));
    INFO(words.front());
    CHECK_FALSE((out + err).empty());
    CHECK(is_ascii(out + err));
    CHECK_FALSE(has(out + err, "?"));
  }
}

/// Characters beyond ASCII of a source file, comments left out.
std::set<std::string> characters_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::set<std::string> found;
  for (std::string line; std::getline(in, line);) {
    const bool code = path.extension() != ".json";
    const std::string text = code ? line.substr(0, line.find("//")) : line;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (static_cast<unsigned char>(text[i]) < 0xC0) continue;
      std::size_t end = i + 1;
      while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
      found.insert(text.substr(i, end - i));
    }
  }
  return found;
}

TEST_CASE("every character beyond ASCII that the program or its data hold has a spelling in each format") {
  std::size_t files = 0;
  for (const char* folder : {"src", "include", "data"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::string(PARAMCOUNT_SOURCE_DIR) + "/" + folder)) {
      const auto kind = entry.path().extension();
      if (kind != ".cpp" && kind != ".hpp" && kind != ".json") continue;
      if (entry.path().parent_path().filename() == "lang") continue;  // pages of other languages are in UTF-8 only
      ++files;
      for (const auto& character : characters_of(entry.path())) {
        INFO(entry.path() << ": " << character);
        CHECK(std::any_of(symbols().begin(), symbols().end(), [&](const Symbol& s) { return s.utf8 == character; }));
      }
    }
  }
  CHECK(files > 400);
  for (const auto& symbol : symbols()) {
    INFO(symbol.utf8);
    CHECK(is_ascii(symbol.ascii));
    CHECK(is_ascii(symbol.latex));
    CHECK(is_ascii(symbol.roff));
  }
}

TEST_CASE("YAML has the tree in blocks, texts quoted and numbers as numbers to every reader") {
  Row row = Row::group("");
  row.add(Row::leaf("yes", "", "no"));
  row.add(Row::leaf("count", "", 12));
  row.add(Row::leaf("flops", "", 1e24));
  row.add(Row::leaf("none", "", Value{}));
  row.add(Row::leaf("shape", "", Value(Value::List{1, Value::List{2, 3}})));
  row.add(Row::list("empty"));
  Row& list = row.add(Row::list("list"));
  Row& member = list.add(Row::group(""));
  member.add(Row::leaf("a", "", "x: \"y\""));
  member.add(Row::leaf("b", "", true));
  list.add(Row::leaf("", "", "bare"));
  CHECK(render_yaml(report_of(row), {}) ==
        "schema: \"paramcount/1\"\nmodels:\n  - \"yes\": \"no\"\n    count: 12\n    flops: 1.0e+24\n    none: null\n"
        "    shape:\n      - 1\n      - - 2\n        - 3\n    empty: []\n    list:\n      - a: \"x: \\\"y\\\"\"\n      "
        "  b: true\n"
        "      - \"bare\"\n");
}

TEST_CASE("OpenMetrics has a gauge for each number, its samples together, what tells them apart as labels") {
  Row row = Row::group("");
  row.add(Row::leaf("id", "", "a \"b\""));
  row.add(Row::leaf("ok", "fits", true));
  row.add(Row::leaf("none", "", Value{}));
  Row& list = row.add(Row::list("weights"));
  for (const char* dtype : {"bf16", "q8_0"}) {
    Row& member = list.add(Row::group(""));
    member.add(Row::leaf("dtype", "", dtype));
    member.add(Row::leaf("bits-each", "bits", 4.5));
    member.add(Row::leaf("bytes", "bytes", 7));
  }
  CHECK(render_openmetrics(report_of(row), {}) ==
        "# TYPE paramcount_ok gauge\n# HELP paramcount_ok fits\nparamcount_ok{id=\"a \\\"b\\\"\"} 1\n"
        "# TYPE paramcount_weights_bits_each gauge\n# HELP paramcount_weights_bits_each bits\n"
        "paramcount_weights_bits_each{dtype=\"bf16\",id=\"a \\\"b\\\"\",weights=\"0\"} 4.5\n"
        "paramcount_weights_bits_each{dtype=\"q8_0\",id=\"a \\\"b\\\"\",weights=\"1\"} 4.5\n"
        "# TYPE paramcount_weights_bytes gauge\n# HELP paramcount_weights_bytes bytes\n"
        "paramcount_weights_bytes{dtype=\"bf16\",id=\"a \\\"b\\\"\",weights=\"0\"} 7\n"
        "paramcount_weights_bytes{dtype=\"q8_0\",id=\"a \\\"b\\\"\",weights=\"1\"} 7\n# EOF\n");
  CHECK(render_openmetrics({}, {}) == "# EOF\n");
}

TEST_CASE("CSV quotes commas, quotes and line breaks and ends lines with CR LF") {
  Row row = Row::group("");
  row.add(Row::leaf("plain", "", "a b"));
  row.add(Row::leaf("comma", "", "a, b"));
  row.add(Row::leaf("quote", "", "say \"so\""));
  row.add(Row::leaf("lines", "", "one\ntwo"));
  row.add(Row::leaf("none", "", Value{}));
  CHECK(render_csv(report_of(row), {}) ==
        "plain,comma,quote,lines,none\r\na b,\"a, b\",\"say \"\"so\"\"\",\"one\ntwo\",\r\n");
  CHECK(render_tsv(report_of(row), {}) == "plain\tcomma\tquote\tlines\tnone\na b\ta, b\tsay \"so\"\tone two\t\n");
}

TEST_CASE("tables have the union of the models' keys, each line as many cells as the header") {
  const auto lines = lines_of(run_line("llama-3.1-8b gpt-4 deepseek-v3 --dtype bf16 --format tsv").out);
  REQUIRE(lines.size() == 5);
  const auto tabs = std::count(lines[0].begin(), lines[0].end(), '\t');
  CHECK(tabs > 30);
  for (std::size_t i = 1; i < 4; ++i) CHECK(std::count(lines[i].begin(), lines[i].end(), '\t') == tabs);
}

TEST_CASE("a sum comes last in a table, under its own name, without formulas") {
  const auto lines = lines_of(run_line("gpt-2 gpt-2-xl --sum --dtype bf16 --format csv").out);
  REQUIRE(lines.size() == 5);
  const auto head = cells_of(lines[0]);
  const auto at = std::find(head.begin(), head.end(), "params.total") - head.begin();
  CHECK(cells_of(lines[3])[0] == "sum");
  CHECK(cells_of(lines[1]).at(static_cast<std::size_t>(at)) == "124439808");
  CHECK(cells_of(lines[3]).at(static_cast<std::size_t>(at)) == "1682051008");
  const std::string explained = run_line("gpt-2 gpt-2-xl --sum --explain").out;
  CHECK(has(explained, "GPT-2 XL  gpt2\n"));
  CHECK_FALSE(has(explained, "1682051008"));
}

TEST_CASE("a page says what is not known, not in a total, or only with something more") {
  const std::vector<std::pair<std::string, std::string>> pages{
      {"gpt-2 --device name=x,memory=8GiB,fp16=1TFLOP/s",
       "  cost: no dated quote for x is known; --price changes it.\n"},
      {"train gpt-2 --device name=x,memory=8GiB,fp16=1TFLOP/s",
       "  energy: no rated power is known for x; --watts sets it.\n"},
      {"gpt-2 --dtype iq1_s",
       "  imatrix: llama-quantize makes iq1_s only with an importance matrix; --imatrix assumes one.\n"},
      {"layers deepseek-v3", "  In brackets: multi-token prediction, not in the total.\n"},
      {"list gpt-4", "  gpt-4                  not disclosed "},
      {"gpt-2 gpt-2-xl --sum --dtype bf16", "  exactly                124439808  1557611200  1682051008\n"},
      {"kv gemma-3-27b --context 8k --runtime llama.cpp:ubatch=256,no-flash,ideal",
       "  llama.cpp:ubatch=256,no-flash  1.133           80.0\n  ideal                          1.031           "
       "80.0\n"},
  };
  for (const auto& [line, part] : pages) {
    INFO(line);
    const Finished ran = run_line(line + " --notes");
    CHECK(ran.code == 0);
    CHECK(has(ran.out, part));
  }
}

TEST_CASE("a list is in the order asked for") {
  for (const std::string key : {"active", "context", "params"}) {
    INFO(key);
    const auto lines = lines_of(run_line("list --sort " + key + " --format csv").out);
    REQUIRE(lines.size() > 100);
    const auto head = cells_of(lines[0].substr(0, lines[0].size() - 1));
    const auto at = std::find_if(head.begin(), head.end(), [&](const auto& name) { return has(name, key); });
    REQUIRE(at != head.end());
    std::vector<std::uint64_t> values;
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
      const std::string cell = cells_of(lines[i]).at(static_cast<std::size_t>(at - head.begin()));
      values.push_back(cell.empty() || cell == "\r" ? 0 : std::stoull(cell));
    }
    CHECK(std::is_sorted(values.rbegin(), values.rend()));
  }
}

TEST_CASE("a sum has the number formats that every model has, each the sum of that format") {
  // gpt-oss is published in a format of its own, after or before models that are not.
  for (const auto& models : {std::vector<std::string>{"gpt-oss-20b", "gpt-2"},
                             {"gpt-2", "gpt-oss-20b", "gpt-4"},
                             {"deepseek-v3", "gpt-oss-20b", "gpt-2*3"}}) {
    std::vector<std::string> words = models;
    words.emplace_back("--sum");
    const Report report = paramcount::report_of(words);
    std::vector<std::map<std::string, std::uint64_t>> bytes;
    const auto add = [&](const Row& object) {
      auto& formats = bytes.emplace_back();
      const Row* const list = find_value(object, "memory.weights").row;
      if (list == nullptr) return;
      for (const auto& weight : list->children) {
        const auto* count = find_value(weight, "bytes").value->as<std::int64_t>();
        formats[bare(*find_value(weight, "dtype").value)] = static_cast<std::uint64_t>(*count);
      }
    };
    for (const auto& model : report.models) add(model);
    add(report.extras.front());
    const auto sum = bytes.back();
    bytes.pop_back();
    if (models.back() == "gpt-4") bytes.pop_back();
    CHECK(sum.size() == 6);
    for (const auto& [dtype, total] : sum) {
      INFO(dtype);
      std::uint64_t expected = 0;
      for (std::size_t i = 0; i < bytes.size(); ++i) expected += (models[i] == "gpt-2*3" ? 3 : 1) * bytes[i].at(dtype);
      CHECK(total == expected);
    }
  }
}

TEST_CASE("lists of records have a line for each record") {
  const auto lines = lines_of(run_line("tensors gpt-2 --format csv").out);
  CHECK(lines[0] == "id,family,name,shape.0,shape.1,role,copies,elements,params\r");
  CHECK(lines[1] == "gpt-2,gpt2,transformer.wte.weight,50257,768,embedding,1,38597376,38597376\r");
  std::uint64_t total = 0;
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) total += std::stoull(cells_of(lines[i]).back());
  CHECK(total == 124439808);
}

TEST_CASE("texts of a file cannot leave their cell") {
  Page page;
  page.title = {"<b>&\"x\" | $_{y}"};
  PageTable table;
  table.head = {{"a|b"}, {{"<i>"}}};
  table.lines.push_back({{"50 % & more_"}, {{"1"}}});
  table.lines.push_back({{"C:\\x~^#"}, {{"2"}}});
  page.tables.push_back(table);
  Report report;
  report.pages.push_back(page);
  const std::string html = render_html(report, {});
  CHECK_FALSE(has(html, "<b>"));
  CHECK_FALSE(has(html, "<i>"));
  CHECK(has(render_markdown(report, {}), "| a\\|b | \\<i\\> |"));
  CHECK(has(render_latex(report, {}), "50 \\% \\& more\\_ & 1 \\\\"));
  CHECK(has(render_latex(report, {}), "C:\\textbackslash{}x$\\sim$\\textasciicircum{}\\# & 2 \\\\"));
}

TEST_CASE("the text next to a page's title keeps its colour in HTML, and is dim without one") {
  Report report;
  for (const Style style : {Style::plain, Style::good, Style::bad}) {
    Page& page = report.pages.emplace_back();
    page.title = {"title"};
    page.aside = {"aside <x>", style};
  }
  const std::string html = render_html(report, {});
  for (const char* style : {"dim", "good", "bad"}) {
    const std::string h = style == std::string("dim") ? "h1" : "h2";
    CHECK(has(html, "<header><" + h + ">title</" + h + "><p class=\"" + std::string(style) +
                        "\">aside &lt;x&gt;</p></header>\n"));
  }
}

TEST_CASE("output is the same from run to run in every format") {
  for (const auto& format : formats()) {
    const std::string command = "llama-3.1-8b gpt-4 deepseek-v3 --format " + std::string(format.name);
    CHECK(run_line(command).out == run_line(command).out);
  }
}

}  // namespace
}  // namespace paramcount
