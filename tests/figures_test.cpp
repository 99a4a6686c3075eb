// Figures of pages: each has a key in the same report, and is written by one rule.
#include <algorithm>
#include <map>
#include <regex>

#include "base/text.hpp"
#include "catch.hpp"
#include "cli/command.hpp"
#include "cli/names.hpp"
#include "cli/session.hpp"
#include "process.hpp"
#include "report/figures.hpp"
#include "report/keys.hpp"
#include "report/tree.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

const std::string kFiles = std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/golden/files";

bool has_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A value, or the list or group of those that a cell or a column shows.
bool stands_in(const Report& report, std::string_view key) {
  const auto in = [&](const Row& object) { return find_value(object, key).row != nullptr; };
  if (std::any_of(report.models.begin(), report.models.end(), in)) return true;
  return std::any_of(report.extras.begin(), report.extras.end(), [&](const Row& extra) {
    const std::string prefix = extra.key.text() + ".";
    if (extra.kind == Row::Kind::list) return std::any_of(extra.children.begin(), extra.children.end(), in);
    return key.starts_with(prefix) && find_value(extra, key.substr(prefix.size())).row != nullptr;
  });
}

/// Names of things and words, not figures, though they have digits.
const std::regex kNames(
    ".* → .*|one cell = one .*|… .* more; --all shows them|[0-9]+ × .*|2:4 sparse|bf16|fp8-block128|on H800");

void check_cell(const Report& report, const Cell& cell) {
  if (cell.key.empty()) {
    if (has_digit(cell.text) && !std::regex_match(cell.text, kNames)) FAIL_CHECK("\"" << cell.text << "\" has no key");
    return;
  }
  for (const auto word : split(cell.key, ' ')) {
    std::string key(word);
    replace_all(key, ".N.", ".0.");
    if (!stands_in(report, key)) FAIL_CHECK("\"" << cell.text << "\": no value " << key);
  }
}

/// Every figure of the pages of that command line.
void check_figures(const std::string& line) {
  INFO("paramcount " << line);
  std::vector<std::string> arguments;
  for (const auto word : split(line, ' ')) {
    arguments.push_back(std::string(word));
    replace_all(arguments.back(), "FILES", kFiles);
  }
  Session session;
  std::string out;
  std::string err;
  const int code = run(arguments, Environment{}, session, out, err);
  CHECK(err.empty());
  if (session.report.models.empty()) {  // none is needed for a page
    arguments.insert(arguments.end(), {"--format", "json"});
    Session other;
    static_cast<void>(run(arguments, Environment{}, other, out, err));
    session.report.models = std::move(other.report.models);
  }
  CHECK((code == 0 || code == 1 || code == 3));
  const Report& report = session.report;
  REQUIRE(!report.pages.empty());
  for (const auto& page : report.pages) {
    for (const auto& fact : page.summary) check_cell(report, fact);
    for (const auto& table : page.tables) {
      for (const auto& cell : table.head.cells) {
        if (!cell.key.empty() || is_digit(cell.text.empty() ? ' ' : cell.text[0])) check_cell(report, cell);
      }
      for (const auto& one : table.lines) {
        for (std::size_t i = 0; i < one.cells.size(); ++i) {
          const bool headed = i < table.head.cells.size() && !table.head.cells[i].key.empty();
          if (!headed || !one.cells[i].key.empty()) check_cell(report, one.cells[i]);
        }
        check_cell(report, one.remark);
      }
    }
  }
}

using Lines = std::vector<std::string>;

/// Commands that show the pages of a command, besides its examples in commands().
Lines lines_of(std::string_view command) {
  static const std::map<std::string_view, Lines> kLines{
      {"",
       {"deepseek-v3", "llama-3.1-405b --dtype fp16 --decode", "gemma-3-27b --dtype q4_k_m --runtime llama.cpp",
        "flan-t5-xxl --units iec", "falcon-h1-0.5b --dtype bf16,awq --precise", "bloom-176b --dtype bf16",
        "gpt-2-xl gpt-3-175b gpt-4 phi-3-mini*8 --sum", "gpt-2-xl deepseek-v3 --rows --sum", "gpt-2 --to gpt-2-xl",
        "gpt-2 --set n_layers=6", "llama-3.1-8b --sparsity 2:4", "llama-3.1-8b --diff --dtype fp16,int8",
        "gpt-2 --explain", "llama-3.1-8b --tp 2 --dtype bf16", "FILES/tiny.gguf", "FILES/differs.gguf --units iec",
        "FILES/checkpoints/tiny-llama", "FILES/checkpoints/tiny-changed.safetensors"}},
      {"design",
       {"--params 30B --active 3B --precise", "--fits rtx-4090 --dtype q4_k_m --like qwen3", "--params 7B --explain"}},
      {"diff",
       {"FILES/checkpoints/tiny-llama FILES/checkpoints/tiny-changed.safetensors",
        "FILES/checkpoints/tiny-llama FILES/checkpoints/tiny-llama"}},
      {"explain", {"deepseek-v3", "whisper-large-v3"}},
      {"fit",
       {"qwen3-32b --device rtx-4090", "qwen3.5-27b deepseek-v3 --device h200 --devices 8 --dtype fp8",
        "gpt-oss-120b --device rtx-4090 --ram 64GiB --dtype q4_k_m --units si", "qwen3-235b-a22b --dtype fp8-block128",
        "--device rtx-4090 --max 3B"}},
      {"kv", {"falcon-h1-0.5b --units si"}},
      {"layers", {"deepseek-v3", "flan-t5-small", "falcon-h1-0.5b"}},
      {"list", {"gpt --by lab", "--max 100M --precise"}},
      {"metadata", {"FILES/tiny.gguf", "FILES/checkpoints/tiny-llama"}},
      {"scale", {"--budget $1M", "--params 7B --precise", "gpt-2-xl gpt-3-175b"}},
      {"scan", {"FILES", "FILES/checkpoints --units iec"}},
      {"tensors", {"deepseek-v3", "gpt-2 --all", "gpt-2 --dtype q4_k_m --all", "FILES/tiny.gguf"}},
      {"train",
       {"llama-3.1-405b", "palm-540b --recompute full", "llama-3.1-70b --plan --device h100 --devices 64",
        "llama-3.1-70b --tp 8 --pp 4 --units si", "llama-3.1-8b --tokens 100M --lora 16:q,v --dtype nf4 --units iec"}},
      {"verify",
       {"FILES/tiny.gguf", "FILES/checkpoints/tiny-llama",
        "FILES/checkpoints/tiny-llama/config.json FILES/checkpoints/tiny-changed.safetensors"}},
  };
  const auto found = kLines.find(command);
  Lines lines = found != kLines.end() ? found->second : Lines{};
  if (command == "list") {
    for (const auto& table : names_of("tables", Catalog())) lines.push_back(table);
    lines.push_back("devices --units iec --precise");
  }
  return lines;
}

TEST_CASE("every figure on a page has a key in the report") {
  for (const auto& command : commands()) {
    // Their pages, if any, are of words.
    if (command.name == "batch" || command.name == "generate" || command.name == "help") continue;
    Lines lines = lines_of(command.name);
    for (const auto example : split(command.example, ';')) {
      if (!trim(example).empty()) lines.emplace_back(trim(example));
    }
    INFO(command.name << ": which command line shows its pages?");
    CHECK(!lines.empty());
    for (const auto& line : lines) check_figures(command.name.empty() ? line : std::string(command.name) + " " + line);
  }
}

TEST_CASE("one rule writes a figure: unit, certainty, --units and --precise") {
  const FigureStyle both{};
  const FigureStyle iec{false, FigureStyle::Units::iec};
  const FigureStyle precise{true, FigureStyle::Units::both};
  // 811,706,777,600 = 405,853,388,800 × 2; / 2^30 = 755.96...
  const Measure bytes = Bytes{811'706'777'600};
  CHECK(figure_text(bytes, both) == "811.71 GB");
  CHECK(figure_text(bytes, iec) == "755.96 GiB");
  CHECK(figure_text(bytes, precise) == "811.7067776 GB");
  CHECK(figure_text(Flops{3.8e25}, both) == "3.80e25");
  CHECK(figure_text(Value(3.8e25), Unit::flops, Said::published, both) == "3.8e25");
  CHECK(figure_text(Value(15.6e12), Unit::tokens, Said::published, both) == "15.6 T");
  CHECK(figure_text(Value(31.152e9), Unit::tokens, Said::assumed, both) == "~31.2 B");
  CHECK(figure_text(Value(0.41), Unit::share, Said::given, both) == "41 %");
  CHECK(figure_text(Value(2250e12), Unit::flops_per_s, Said::counted, both) == "2,250");
  CHECK(figure_text(Value(1671.5e12), Unit::flops_per_s, Said::counted, precise) == "1,671.5");
  CHECK(figure_text(Value(3352.5e9), Unit::bytes_per_s, Said::counted, precise) == "3,352.5");
  CHECK(figure_text(Value(433196.0), Unit::kwh, Said::published, both) == "433.196 MWh");
  CHECK(figure_text(Value(1.2871e6), Unit::kwh, Said::estimated, both) == "~1.29 GWh");
  CHECK(figure_text(Value(24.69), Unit::tonnes, Said::published, both) == "24.69 t");
  CHECK(figure_text(Value(0.0123), Unit::tonnes, Said::estimated, both) == "~12.3 kg");
  CHECK(figure_text(Value(0.5), Unit::tonnes, Said::estimated, both) == "~0.500 t");
  CHECK(figure_text(Value(312e12), Unit::flops_per_s, Said::counted, both) == "312");
  CHECK(in_byte_unit(0x1p30, 1, both) == "1.0");  // under the heading GiB
  CHECK(figure_text(Value(1.0), Unit::factor, Said::counted, both) == "1 ×");
  CHECK(figure_text(Value(), Unit::bytes, Said::counted, both) == kNone);
}

TEST_CASE("with --precise no figure is rounded, whatever has room for it") {
  const FigureStyle precise{true, FigureStyle::Units::both};
  const FigureStyle si{true, FigureStyle::Units::si};
  CHECK(figure_text(Value(1.9325), Unit::loss, Said::counted, precise) == "1.9325");
  CHECK(figure_text(Value(3.745), Unit::usd_per_hour, Said::counted, precise) == "$3.745/h");
  CHECK(in_byte_unit(0x1.8p30, 1, precise) == "1.5");
  CHECK(in_byte_unit(-1234567890, 1, si) == "-1.23456789");
  Row object = Row::group("");
  RowTree tree(object);
  tree.leaf("count", "count", Measure(std::uint64_t{405'853'388'800}, Unit::params));
  tree.leaf("ratio", "ratio", Measure(1234.56789, Unit::none));
  tree.leaf("bytes", "bytes", Bytes{3ULL << 29U});
  const Figures exact(object, precise);
  CHECK(exact.billions("count").text == "405.8533888");
  CHECK(exact.count("count").text == "405,853,388,800");
  CHECK(exact.rounded("ratio", "1,235").text == "1,234.56789");
  CHECK(exact.gibibytes("bytes", 0).text == "1.5");
  const Figures short_ones(object, FigureStyle{});
  CHECK(short_ones.count("count").text == "405.85 B");
  CHECK(short_ones.rounded("ratio", "1,235").text == "1,235");
}

TEST_CASE("with --precise the figures of tables have the digits of their keys") {
  const auto shows = [](const std::string& line, const std::string& keys) {
    INFO(line);
    const std::string page = run_line(line + " --precise --width 300").out;
    const std::string values = run_line(line + " --get " + keys).out;
    for (const auto value : split(trim(values), '\n')) {
      INFO(value);
      CHECK(page.find(" ~" + std::string(value)) != std::string::npos);
    }
  };
  shows("train gpt-3-175b --picture", "comparables.4.ratio,comparables.5.ratio,comparables.6.ratio");
  shows("train llama-3.1-8b --devices 64 --plan --context 4096",
        "layouts.0.seconds_per_step,layouts.1.seconds_per_step,layouts.4.seconds_per_step");
  shows("scale gpt-2", "scaling.besiroglu.loss");
}

std::string shown(double value, Unit unit, Said said = Said::counted) {
  return figure_text(Value(value), unit, said, {});
}

TEST_CASE("dollars have cents below a hundred, then three significant digits and a scale") {
  CHECK(shown(0.0512, Unit::usd) == "$0.051");
  CHECK(shown(2.994, Unit::usd) == "$2.99");
  CHECK(shown(99.94, Unit::usd) == "$99.94");
  CHECK(shown(99.96, Unit::usd) == "$100");
  CHECK(shown(123.4, Unit::usd) == "$123");
  CHECK(shown(999.4, Unit::usd) == "$999");
  CHECK(shown(999.6, Unit::usd) == "$1.00 K");
  CHECK(shown(77'770'000, Unit::usd) == "$77.8 M");
  CHECK(shown(2.5e9, Unit::usd) == "$2.50 B");
}

TEST_CASE("amounts are whole below ten thousand, then three significant digits and a scale") {
  CHECK(shown(112, Unit::hours) == "112");
  CHECK(shown(3'500, Unit::hours) == "3,500");
  CHECK(shown(9'990, Unit::hours) == "9,990");
  CHECK(shown(12'345, Unit::hours) == "12.3 K");
  CHECK(shown(26'010'000, Unit::hours) == "26.0 M");
  CHECK(shown(999'900'000, Unit::hours) == "1.00 B");
  CHECK(shown(3.5e12, Unit::tokens, Said::assumed) == "~3.50 T");
}

TEST_CASE(
    "a share below a twentieth of a percent is told as less than a tenth, billions below a tenth in four decimals") {
  Row object = Row::group("");
  RowTree tree(object);
  tree.leaf("part", "part", Measure(std::uint64_t{7}, Unit::count));
  tree.leaf("crumb", "crumb", Measure(std::uint64_t{4}, Unit::count));
  tree.leaf("whole", "whole", Measure(std::uint64_t{10'000}, Unit::count));
  tree.leaf("half", "half", Measure(std::uint64_t{500'000'000}, Unit::count));
  tree.leaf("few", "few", Measure(std::uint64_t{67'000'000}, Unit::count));
  const Figures figures(object, FigureStyle{});
  CHECK(figures.share("part", "whole").text == "0.1 %");
  CHECK(figures.share("crumb", "whole").text == "< 0.1 %");
  CHECK(figures.billions("half").text == "0.50");
  CHECK(figures.billions("few").text == "0.0670");
}

}  // namespace
}  // namespace paramcount
