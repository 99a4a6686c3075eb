// Plots: every figure in a picture is a figure of the answer, every width is kept, no text leaves its place.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "base/text.hpp"
#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "process.hpp"
#include "report/keys.hpp"
#include "report/plot_axis.hpp"
#include "report/plot_marks.hpp"
#include "report/plot_svg.hpp"
#include "report/plot_text.hpp"
#include "report/renderers.hpp"
#include "test_folder.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

struct DrawnMark {
  std::string key, value;
};

std::vector<DrawnMark> marks_of(const std::string& svg) {
  std::vector<DrawnMark> marks;
  const std::regex mark("data-key=\"([^\"]*)\" data-value=\"([^\"]*)\"");
  for (std::sregex_iterator at(svg.begin(), svg.end(), mark), end; at != end; ++at) {
    marks.push_back({(*at)[1], (*at)[2]});
  }
  return marks;
}

const std::vector<std::string>& plotted() {
  static const std::vector<std::string> commands{
      "deepseek-v3",
      "gpt-2 llama-3.1-8b gemma-3-27b",
      "layers gemma-3-27b",
      "layers jamba-v0.1",
      "layers t5-small",
      "kv gemma-3-27b",
      "kv llama-3.1-8b --context 8k",
      "fit qwen3-32b --device rtx-4090",
      "fit llama-3.1-70b --device h100 --devices 4 --dtype fp8",
      "fit qwen3-32b gemma-3-27b --device h100",
      "fit --device rtx-4090 --min 7B --max 8B",
      "fit qwen3-235b-a22b --dtype fp8 --context 32k",
      "train llama-3.1-8b --device h100 --devices 8",
      "train llama-3.1-70b --device h100 --devices 64 --tp 4 --pp 4 --recompute full",
      "verify " PARAMCOUNT_SOURCE_DIR "/tests/golden/files/checkpoints/tiny-llama",
      "scale --budget 1M",
      "scale gpt-2-xl gpt-3-175b llama-3.1-405b"};
  return commands;
}

/// The figures of a command by key; of several models all with that key.
std::map<std::string, std::vector<double>> figures_of(const std::string& command) {
  std::vector<std::string> words;
  for (const auto word : split(command, ' ')) words.emplace_back(word);
  const Report report = report_of(words);
  std::map<std::string, std::vector<double>> figures;
  const auto take = [&](const std::string& prefix, const Row& object) {
    each_value(object, [&](const std::string& key, const Row&, const Value& value) {
      if (value.is_number()) figures[prefix + key].push_back(std::stod(bare(value)));
    });
  };
  for (const auto& model : report.models) take("", model);
  for (const auto& extra : report.extras) take(extra.key.text() + ".", extra);
  return figures;
}

bool among(const std::vector<double>& values, double value) {
  return std::any_of(values.begin(), values.end(),
                     [&](double one) { return std::abs(one - value) <= std::abs(value) * 1e-12; });
}

TEST_CASE("every mark of a plot is a figure of the answer, or what some of its figures leave of another") {
  for (const auto& command : plotted()) {
    INFO(command);
    auto figures = figures_of(command + " --format json");
    if (command == "deepseek-v3") {
      figures.merge(figures_of("layers deepseek-v3 --format json"));
      figures.merge(figures_of("kv deepseek-v3 --format json"));
    }
    const std::string html = run_line(command + " --format html").out;
    const auto marks = marks_of(html);
    CHECK_FALSE(marks.empty());
    CHECK(marks_of(run_line(command + " --format svg").out).size() > 0);
    for (const auto& mark : marks) {
      INFO(mark.key << " = " << mark.value);
      const auto keys = split(mark.key, ' ');
      const auto& whole = figures[std::string(keys.front())];
      REQUIRE_FALSE(whole.empty());
      if (keys.size() == 1) {
        CHECK(among(whole, std::stod(mark.value)));
        continue;
      }
      // Members of one model have the same position in their lists.
      std::vector<double> rests = whole;
      for (std::size_t i = 1; i < keys.size(); ++i) {
        const auto& part = figures[std::string(keys[i])];
        for (std::size_t m = 0; m < std::min(rests.size(), part.size()); ++m) rests[m] -= part[m];
      }
      CHECK(among(rests, std::stod(mark.value)));
    }
  }
}

TEST_CASE("a folder's models are plotted by their parameters") {
  const TestFolder folder;
  for (const char* name : {"one", "<b>two"}) {
    std::filesystem::create_directory(folder / name);
    std::filesystem::copy_file(std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/golden/files/config.json",
                               (folder / name) + "/config.json");
  }
  const std::string html = run_words({"scan", folder.path(), "--format", "html"}).out;
  const auto figures = figures_of("scan " + folder.path() + " --format json");
  const auto marks = marks_of(html);
  CHECK(marks.size() == 2);
  CHECK(html.find("<b>") == std::string::npos);
  for (const auto& mark : marks) CHECK(among(figures.at(mark.key), std::stod(mark.value)));
}

TEST_CASE("plots keep any width, in UTF-8 and in ASCII, and never lose a figure") {
  for (const auto& command : plotted()) {
    for (const std::size_t width : {40, 60, 80, 120, 200}) {
      for (const char* ascii : {"", " --ascii"}) {
        INFO(command << ascii << " at " << width);
        const std::string plain = run_line(command + ascii).out;
        const Finished ran = run_line(command + ascii + " --plot --width " + std::to_string(width));
        CHECK(ran.code == 0);
        // The page is as in a pipe; what is beyond it are the plots.
        std::size_t lines = 0;
        for (const auto line : split(ran.out, '\n')) {
          if (plain.find(line) != std::string::npos) continue;
          ++lines;
          INFO(line);
          CHECK(columns(line) <= width);
        }
        CHECK(lines > 2);
      }
    }
  }
}

TEST_CASE("a plot in ASCII has bars of '#', and a pipe gets no colour") {
  const std::string ascii = run_line("layers llama-3.1-8b --plot --ascii").out;
  CHECK(ascii.find("#") != std::string::npos);
  CHECK(std::all_of(ascii.begin(), ascii.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  CHECK(run_line("layers llama-3.1-8b --plot").out.find('\x1b') == std::string::npos);
  CHECK(run_line("layers llama-3.1-8b --plot --color always").out.find("\x1b[36m") != std::string::npos);
}

Plot hostile_plot(const std::string& text) {
  Plot plot;
  plot.title = text;
  plot.note = text;
  plot.limit = text;
  plot.series = {{text, {}}, {text, {}}};
  const PlotMark mark{text, 2, text, text};
  plot.bars.push_back({text, {{0, mark}, {1, mark}}, text, mark, text, {{0, 1}}});
  plot.x = places_axis(text, 2);
  plot.y = axis_to(text, 4, Unit::bytes, {});
  return plot;
}

TEST_CASE("untrusted texts cannot leave their place in a plot, nor control a terminal") {
  for (const std::string text : {"</title><script>alert(1)</script>", "\" onload=\"x", "]]>", "\x1b[31m", "a\nb",
                                 "\xE2\x80\xAEgnp", "\xFF", "<!--", "&amp;"}) {
    INFO(text);
    for (const auto kind : {Plot::Kind::bars, Plot::Kind::columns, Plot::Kind::curves}) {
      Plot plot = hostile_plot("x" + text + "y");
      plot.kind = kind;
      if (kind == Plot::Kind::curves) {
        plot.series[0].points = {{plot.bars[0].parts[0].mark, plot.bars[0].parts[0].mark, true}};
        plot.bars.clear();
      }
      for (const std::string& svg :
           {inline_svg(plot, "id"), standalone_svg(plot, plot.title), standalone_svg(plot, "")}) {
        CHECK(svg.find("<script") == std::string::npos);
        CHECK(svg.find("<!--") == std::string::npos);
        CHECK(svg.find("\" onload") == std::string::npos);
        std::string lines = svg;
        replace_all(lines, "\n", " ");
        CHECK(is_printable(lines));
      }
      for (const Surface& surface : {Surface{}, Surface{40, true, false, false}, Surface{60, true, true, true}}) {
        std::string drawn = plot_text(plot, surface);
        for (const char* own : {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[36m"}) replace_all(drawn, own, "");
        replace_all(drawn, "\n", " ");
        CHECK(is_printable(drawn));
      }
    }
  }
}

TEST_CASE("long names give way, figures do not") {
  Plot plot = hostile_plot(std::string(300, 'n'));
  plot.bars[0].text = "12.34 GiB";
  plot.bars[0].verdict = "fits";
  plot.note = "note";
  for (const std::size_t width : {40, 60, 80}) {
    const std::string text = plot_text(plot, Surface{width, true, false, true});
    for (const auto line : split(text, '\n')) CHECK(columns(line) <= width);
    CHECK(text.find("12.34 GiB") != std::string::npos);
  }
}

TEST_CASE("a text is cut in its middle, at whole characters and columns") {
  CHECK(elided("short", 9) == "short");
  CHECK(elided("abcdefghij", 7) == "abcd…ij");
  CHECK(elided("モデルモデルモデル", 7) == "モデ…ル");
  CHECK(elided("abc", 1) == "…");
  CHECK(elided("abc", 0).empty());
}

TEST_CASE("axes end at round numbers and hold their values") {
  for (const double most : {1e-3, 0.7, 1.0, 3.0, 9.99, 10.0, 123.0, 4.2e9, 6.7e11, 1.6e12}) {
    INFO(most);
    const PlotAxis axis = axis_to("x", most, Unit::params, {});
    CHECK(axis.to >= most * (1 - 1e-9));
    CHECK(axis.to <= most * 2);
    CHECK(axis.ticks.size() >= 3);
    CHECK(axis.ticks.size() <= 7);
    CHECK(place_on(axis, 0) == 0);
    CHECK(place_on(axis, axis.to) == 1);
    CHECK(place_on(axis, axis.to * 5) == 1);
  }
  const PlotAxis bytes = axis_to("memory", 24.0 * 0x1p30, Unit::bytes, {});
  CHECK(bytes.label == "memory, GiB");
  CHECK(bytes.ticks.back().text == "30");
  const PlotAxis loss = axis_between("loss", 1.867, 2.072);
  CHECK(loss.from <= 1.867);
  CHECK(loss.to >= 2.072);
  const PlotAxis context = log_axis("context", 2048, 131072, {{2048, "2,048"}, {131072, "131,072"}});
  CHECK(std::abs(place_on(context, 16384) - 0.5) < 1e-9);
}

double luminance(const std::string& colour) {
  double sum = 0;
  for (const auto& [at, weight] : {std::pair{1, 0.2126}, {3, 0.7152}, {5, 0.0722}}) {
    const double part = std::stoi(colour.substr(static_cast<std::size_t>(at), 2), nullptr, 16) / 255.0;
    sum += weight * (part <= 0.03928 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4));
  }
  return sum;
}

double contrast(const std::string& a, const std::string& b) {
  const auto [least, most] = std::minmax(luminance(a), luminance(b));
  return (most + 0.05) / (least + 0.05);
}

TEST_CASE("letters have a contrast of 4.5 on every colour, in light and in dark") {
  const std::string style = plot_style();
  const auto dark = style.find("@media");
  for (const std::string& part : {style.substr(0, dark), style.substr(dark)}) {
    const auto colour = [&](const std::string& rule) {
      const auto at = part.find(rule);
      REQUIRE(at != std::string::npos);
      return part.substr(part.find('#', at), 7);
    };
    const std::string paper = colour(".plot .paper{fill:");
    CHECK(contrast(colour(".plot text{fill:"), paper) >= 4.5);
    CHECK(contrast(colour(".plot .dim{fill:"), paper) >= 4.5);
    for (int i = 0; i < 8; ++i) CHECK(contrast(colour(".plot .f" + std::to_string(i) + "{fill:"), paper) >= 4.5);
  }
}

TEST_CASE("what has no plot says so, and other formats have none") {
  CHECK(run_line("tensors gpt-2 --plot").code == 2);
  CHECK(run_line("help keys --format svg").code == 2);
  CHECK(run_line("kv gpt-2 --plot --format json").code == 2);
  CHECK(run_line("kv gpt-2 --width 5").code == 2);
  CHECK(run_line("kv gpt-2 --width wide").code == 2);
  CHECK(run_line("kv gpt-2 --format json").out == run_line("kv gpt-2 --format json --width 60").out);
}

TEST_CASE("option --output writes a file whole, keeps its mode and follows links, and says why it cannot") {
  const TestFolder folder;
  const std::string path = folder.path() + "/report.html";
  const Finished ran = run_words({"gpt-2", "--format", "html", "--output", path});
  CHECK(ran.code == 0);
  CHECK(ran.out.empty());
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  CHECK(text.str() == run_line("gpt-2 --format html").out);
  const Finished failed = run_words({"gpt-2", "--output", folder.path() + "/none/report"});
  CHECK(failed.code == 1);
  CHECK(failed.out.empty());
  CHECK(run_words({"gpt-2", "--output", "/dev/null"}).code == 0);
  CHECK(run_words({"no-such-model", "--output", path}).code == 1);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) files += entry.exists() ? 1 : 0;
  CHECK(files == 1);
}

TEST_CASE("an HTML report has one first heading, headings in order, captions, and no script") {
  for (const auto& command : plotted()) {
    INFO(command);
    const std::string html = run_line(command + " --format html").out;
    const auto count = [&](const std::string& what) {
      std::size_t found = 0;
      for (auto at = html.find(what); at != std::string::npos; at = html.find(what, at + 1)) ++found;
      return found;
    };
    CHECK(count("<h1>") == 1);
    CHECK(count("<table") == count("<caption"));
    CHECK(count("role=\"img\"") == count("<figure>"));
    CHECK(count("<figure>") >= 1);
    CHECK(count("<script") + count("http-equiv") + count("<link") + count("url(") == 0);
    CHECK(html.find("<h1>") < html.find("<h2>"));
  }
}

}  // namespace
}  // namespace paramcount
