// Figures of pages: each stands under a key of the same report, and is written by one rule.
#include <algorithm>
#include <cctype>
#include <regex>

#include "catch.hpp"
#include "process.hpp"
#include "report/figures.hpp"
#include "report/keys.hpp"

namespace paramcount {
namespace {

const std::string kFiles = std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/golden/files/";

bool has_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool stands_in(const Report& report, std::string_view key) {
  const auto in = [&](const Row& object) { return find_value(object, key).value != nullptr; };
  if (std::any_of(report.models.begin(), report.models.end(), in)) return true;
  return std::any_of(report.extras.begin(), report.extras.end(), [&](const Row& extra) {
    const std::string prefix = extra.key.text() + ".";
    return key.starts_with(prefix) && find_value(extra, key.substr(prefix.size())).value != nullptr;
  });
}

/// Names of things and words, not figures, though they have digits.
const std::regex kNames(".* → .*|one cell = one .*|GPT-2|fp16|q[0-9]_[0-9k]");

/// Every figure of the pages of that command line.
void check_figures(const std::vector<std::string>& arguments) {
  const Report report = report_of(arguments);
  REQUIRE(!report.pages.empty());
  const auto check = [&](const Cell& cell) {
    if (cell.key.empty()) {
      if (has_digit(cell.text) && !std::regex_match(cell.text, kNames)) {
        FAIL_CHECK("\"" << cell.text << "\" has no key");
      }
      return;
    }
    for (std::size_t at = 0; at <= cell.key.size();) {
      const auto end = std::min(cell.key.find(' ', at), cell.key.size());
      const std::string key = cell.key.substr(at, end - at);
      if (!stands_in(report, key)) FAIL_CHECK("\"" << cell.text << "\": no value " << key);
      at = end + 1;
    }
  };
  for (const auto& page : report.pages) {
    for (const auto& fact : page.summary) check(fact);
    for (const auto& table : page.tables) {
      for (const auto& line : table.lines) {
        for (const auto& cell : line.cells) check(cell);
        check(line.remark);
      }
    }
  }
}

TEST_CASE("every figure of a page stands under a key of the report") {
  const std::vector<std::vector<std::string>> commands{
      {"deepseek-v3"},
      {"llama-3.1-405b", "--dtype", "fp16", "--decode"},
      {"gemma-3-27b", "--dtype", "q4_k_m", "--runtime", "llama.cpp"},
      {"flan-t5-xxl", "--units", "iec"},
      {"falcon-h1-0.5b", "--dtype", "bf16,awq", "--precise"},
      {"gpt-2-xl", "gpt-3-175b", "gpt-4", "phi-3-mini*8", "--sum"},
      {"gpt-2-xl", "deepseek-v3", "--rows", "--sum"},
      {"gpt-2", "--to", "gpt-2-xl"},
      {"bloom-176b", "--dtype", "bf16"},
      {"train", "llama-3.1-405b"},
      {"train", "palm-540b", "--recompute", "full"},
      {"train", "llama-3.1-8b", "--tokens", "100M", "--lora", "16:q,v", "--dtype", "nf4", "--units", "iec"},
      {"scale", "--budget", "$1M"},
      {"scale", "--params", "7B", "--precise"},
      {"scale", "gpt-2-xl", "gpt-3-175b"},
      {"design", "--params", "7B"},
      {"design", "--params", "30B", "--active", "3B", "--precise"},
      {"design", "--fits", "rtx-4090", "--dtype", "q4_k_m", "--like", "qwen3"},
      {"list", "runs"},
      {"kv", "gemma-3-27b"},
      {"fit", "qwen3-32b", "--device", "rtx-4090"},
      {"fit", "gpt-oss-120b", "--device", "rtx-4090", "--ram", "64GiB", "--dtype", "q4_k_m", "--units", "si"},
      {"fit", "qwen3.5-27b", "deepseek-v3", "--device", "h200", "--devices", "8", "--dtype", "fp8"},
      {"fit", "qwen3-235b-a22b", "--dtype", "fp8-block128"},
      {"fit", "--device", "rtx-4090", "--max", "3B"},
      {"kv", "falcon-h1-0.5b", "--units", "si"},
      {kFiles + "tiny.gguf"},
      {kFiles + "differs.gguf", "--units", "iec"},
      {kFiles + "checkpoints/tiny-llama"},
      {kFiles + "checkpoints/tiny-changed.safetensors"},
  };
  for (const auto& arguments : commands) {
    std::string line;
    for (const auto& argument : arguments) line += " " + argument;
    INFO("paramcount" << line);
    check_figures(arguments);
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
  CHECK(figure_text(Value(433196.0), Unit::kwh, Said::published, both) == "433.196 MWh");
  CHECK(figure_text(Value(1.2871e6), Unit::kwh, Said::estimated, both) == "~1.29 GWh");
  CHECK(figure_text(Value(24.69), Unit::tonnes, Said::published, both) == "24.69 t");
  CHECK(figure_text(Value(0.0123), Unit::tonnes, Said::estimated, both) == "~12.3 kg");
  CHECK(figure_text(Value(1.0), Unit::factor, Said::counted, both) == "1 ×");
  CHECK(figure_text(Value(), Unit::bytes, Said::counted, both) == kNone);
}

std::string shown(double value, Unit unit, Said said = Said::counted) {
  return figure_text(Value(value), unit, said, {});
}

TEST_CASE("dollars have cents below a hundred, then three significant digits and a scale") {
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

}  // namespace
}  // namespace paramcount
