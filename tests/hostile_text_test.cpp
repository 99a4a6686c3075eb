// Texts of strangers in every format: nothing that drives a terminal, turns its writing or hides in it gets out, JSON
// gives the text back exactly, a spreadsheet runs nothing, and an error is one line that a person can read.
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/characters.hpp"
#include "base/text.hpp"
#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/report/render.hpp"
#include "process.hpp"
#include "report/renderers.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

using Json = nlohmann::json;

struct Hidden {
  const char* name;
  std::string text;
  bool utf8{true};
};

const std::vector<Hidden>& hidden() {
  static const std::vector<Hidden> all{
      {"NUL", std::string(1, '\0')},
      {"BEL", "\a"},
      {"ESC", "\x1B"},
      {"operating system command", "\x1B]0;title\a"},
      {"backspace", "\b"},
      {"vertical tab", "\v"},
      {"DEL", "\x7F"},
      {"C1 introducer", "\xC2\x9B"},
      {"next line", "\xC2\x85"},
      {"soft hyphen", "\xC2\xAD"},
      {"Arabic letter mark", "\xD8\x9C"},
      {"zero width space", "\xE2\x80\x8B"},
      {"right-to-left mark", "\xE2\x80\x8F"},
      {"line separator", "\xE2\x80\xA8"},
      {"paragraph separator", "\xE2\x80\xA9"},
      {"right-to-left override", "\xE2\x80\xAE"},
      {"word joiner", "\xE2\x81\xA0"},
      {"left-to-right isolate", "\xE2\x81\xA6"},
      {"byte order mark", "\xEF\xBB\xBF"},
      {"annotation", "\xEF\xBF\xB9"},
      {"tag", "\xF3\xA0\x81\xA1"},
      {"a byte that is no UTF-8", "\xFF", false},
      {"an overlong slash", "\xC0\xAF", false},
      {"half a surrogate pair", "\xED\xA0\x80", false},
      {"a character cut short", "\xE2\x80", false},
  };
  return all;
}

/// A report that has the text in every place a text can have.
Report report_with(const std::string& text) {
  Report report;
  Row model = Row::group("");
  model.add(Row::leaf("id", "id", text));
  model.add(Row::leaf(text, text, text, text, text));
  Row& group = model.add(Row::group("group", text));
  group.add(Row::leaf("object", "", Value(Value::Object{{text, Value::List{text, 1}}})));
  report.models.push_back(model);
  Row extra = Row::group(text);
  extra.add(Row::leaf("text", "", text));
  report.extras.push_back(extra);
  Page page;
  page.title = {text, Style::strong};
  page.aside = {text};
  page.summary = {{text}, {text}};
  PageTable table;
  table.head = {{text}, {{text}, {text}}};
  table.lines.push_back({{text, Style::good}, {{text, Style::dim}, {text}}, {text}, {text, text}, 0.5, 1});
  table.lines.push_back({{text}, {{text}}});
  page.tables = {table, table};
  page.tables.back().folds = true;
  page.tables.front().left = true;
  page.notes = {{text, text}, {"", text}};
  report.pages = {page, page};
  return report;
}

/// The output without the renderer's own: colours of the text format, line ends, tabs between values.
std::string foreign(std::string text, std::string_view format) {
  for (const char* own : {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m"}) {
    if (format == "text") replace_all(text, own, "");
  }
  if (format == "csv") replace_all(text, "\r\n", "\n");
  if (format == "tsv") replace_all(text, "\t", " ");
  replace_all(text, "\n", " ");
  return text;
}

TEST_CASE("no format lets a hidden character through, wherever it is") {
  for (const auto& [name, text, utf8] : hidden()) {
    INFO(name);
    CHECK_FALSE(is_printable(text));
    const Report report = report_with("a" + text + "b");
    for (const auto& format : formats()) {
      INFO(format.name);
      for (const Surface& surface : {Surface{}, Surface{80, true, true, true}, Surface{40, true, false, false}}) {
        const std::string out = format.render(report, surface);
        CHECK(is_printable(foreign(out, format.name)));
        CHECK(out.find("a" + text + "b") == std::string::npos);
      }
    }
    const Json json = Json::parse(render_json(report, {}));
    const std::string said = json["models"][0]["id"];
    if (utf8) {
      CHECK(said == "a" + text + "b");
    } else {
      CHECK(said.starts_with("a\xEF\xBF\xBD"));
    }
    CHECK(Json::parse(render_jsonl(report, {}).substr(0, render_jsonl(report, {}).find('\n')))["id"] == said);
  }
}

TEST_CASE("plain text is printable ASCII at every position") {
  for (int byte = 0; byte < 256; ++byte) {
    for (const std::size_t at : {0, 1, 15, 16, 17, 39}) {
      std::string text(40, '~');
      text[at] = static_cast<char>(byte);
      CHECK(is_plain(text) == (byte >= ' ' && byte <= '~'));
    }
  }
  CHECK(is_plain(""));
}

TEST_CASE("what people write is shown as it is") {
  for (const std::string text :
       {"plain", "naïve – “quoted” · 2 × 3", "日本語モデル", "модель", "❤️ model", "عربي", "한국어"}) {
    CHECK(is_printable(text));
    CHECK(printable(text) == text);
    for (const auto& format : formats()) {
      INFO(format.name);
      // A picture shows a plot's texts alone: tests/plot_test.cpp; k8s is of fits.
      if (format.name != "latex" && format.name != "svg" && format.name != "k8s")
        CHECK(format.render(report_with(text), {}).find(text) != std::string::npos);
    }
  }
}

TEST_CASE("the table of hidden characters is in order, and holds what Unicode says controls or shows nothing") {
  std::vector<std::uint32_t> starts;
  bool before = false;
  for (std::uint32_t code = 0; code <= 0x10FFFF; ++code) {
    const bool now = is_hidden(code);
    if (now && !before) starts.push_back(code);
    before = now;
  }
  CHECK(starts == std::vector<std::uint32_t>{0, 0x7F, 0xAD, 0x34F, 0x61C, 0x115F, 0x17B4, 0x180B, 0x200B, 0x2028,
                                             0x2060, 0x3164, 0xFEFF, 0xFFA0, 0xFFF0, 0x1BCA0, 0x1D173, 0xE0000});
  CHECK_FALSE(is_hidden(' '));
  CHECK_FALSE(is_hidden('~'));
  CHECK_FALSE(is_hidden(0xA0));
  CHECK_FALSE(is_hidden(0xFE0F));
  CHECK_FALSE(is_hidden(0xFFFC));
}

TEST_CASE("untrusted names, metadata and configs are harmless in every format of every command") {
  for (const auto& [name, text, utf8] : hidden()) {
    // A header is JSON: its texts are UTF-8, or nothing is read.
    if (!utf8) continue;
    INFO(name);
    const TestFolder folder;
    const std::string tensor = Json("w" + text + "x").dump(-1, ' ', true);
    write_bytes(folder / "one.safetensors", file_of("{\"__metadata__\": {" + tensor + ": " + tensor + "}, " + tensor +
                                                        R"(: {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})",
                                                    8));
    std::ofstream(folder / "config.json")
        << Json({{"model_type", "gpt2"}, {"torch_dtype", text}, {"k" + text, text}, {"_name_or_path", text}})
               .dump(-1, ' ', true);
    for (const auto& format : formats()) {
      INFO(format.name);
      for (const std::string command : {"tensors", "metadata", "layers", "count", "scan", "explain", "kv"}) {
        INFO(command);
        std::vector<std::string> words{folder / (command == "layers" ? "config.json" : "one.safetensors"), "--format",
                                       std::string(format.name)};
        if (command == "scan") words.front() = folder.path();
        if (command != "count") words.insert(words.begin(), command);
        const Finished finished = run_words(words);
        CHECK(is_printable(foreign(finished.out, format.name)));
        CHECK(is_printable(finished.err.substr(0, std::max<std::size_t>(finished.err.size(), 1) - 1)));
      }
    }
  }
}

TEST_CASE("a spreadsheet runs no untrusted formulas, and numbers stay numbers") {
  for (const std::string text :
       {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠SUM(A1)"}) {
    INFO(text);
    Report report;
    Row& row = report.models.emplace_back(Row::group(""));
    row.add(Row::leaf(text, "", text));
    row.add(Row::leaf("whole", "", Value(std::int64_t{-5})));
    row.add(Row::leaf("fraction", "", -0.25));
    const auto harmless = [](const std::string& cell) { return cell.starts_with("'") || cell.starts_with("\"'"); };
    const std::string csv = render_csv(report, {});
    CHECK(harmless(csv));
    CHECK(harmless(csv.substr(csv.find("fraction\r\n") + 10)));
    CHECK(csv.ends_with(",-5,-0.25\r\n"));
    const std::string tsv = render_tsv(report, {});
    CHECK(harmless(tsv));
    CHECK(harmless(tsv.substr(tsv.find("fraction\n") + 9)));
    CHECK(tsv.ends_with("\t-5\t-0.25\n"));
  }
}

TEST_CASE("an error is one line of at most 300 bytes that says where and what") {
  const std::string longest(1'000'000, 'x');
  for (const auto& [name, text, utf8] : hidden()) {
    INFO(name);
    const Finished finished = run_words({"no-such-" + text + "\n-model"});
    CHECK(finished.code == 1);
    CHECK(finished.err.size() <= 300);
    CHECK(finished.err.ends_with("\n"));
    CHECK(is_printable(finished.err.substr(0, finished.err.size() - 1)));
  }
  const Error pointer("/" + longest + "/deep/" + longest + ": expected a number, got a text");
  CHECK(std::string_view(pointer.what()).size() <= kLongestError);
  CHECK(std::string_view(pointer.what()).starts_with("/xxx"));
  CHECK(std::string_view(pointer.what()).ends_with("expected a number, got a text"));
  const std::string path = "/tmp/" + std::string(200, 'p');
  const Error file = located(path, Error("no config.json next to it. Name the model: paramcount verify MODEL " + path));
  CHECK(std::string_view(file.what()).size() <= kLongestError);
  CHECK(std::string_view(file.what()).find("no config.json next to it. Name the model: paramcount verify MODEL") !=
        std::string_view::npos);
  // Words without end, and no character cut.
  std::string words;
  for (int i = 0; i < 1000; ++i) words += "größer ";
  CHECK(std::string_view(Error(words).what()).size() <= kLongestError);
  CHECK(is_printable(Error(words).what()));
  CHECK(is_printable(Error(std::string(1001, '\xC3')).what()));
  std::string wide;
  for (int i = 0; i < 1000; ++i) wide += "日";
  CHECK(is_printable(Error("a" + wide).what()));
  CHECK(std::string(Error("short").what()) == "short");
}

TEST_CASE("a pointer and a message are joined with a colon, and a pointer with a pointer by nothing") {
  CHECK(std::string(within("/config", Error("expected an object")).what()) == "/config: expected an object");
  CHECK(std::string(within("/config", Error("/heads: 0")).what()) == "/config/heads: 0");
  CHECK(within("/config", usage_error("x")).code() == ExitCode::usage);
}

TEST_CASE("errors that echo what was typed are short, whatever was typed") {
  const std::string longest(100'000, 'y');
  const std::vector<std::vector<std::string>> lines{{longest},
                                                    {"help", longest},
                                                    {"generate", longest},
                                                    {"generate", "names", longest},
                                                    {"gpt-2", "--" + longest},
                                                    {"gpt-2", "--format", longest},
                                                    {"gpt-2", "--get", longest},
                                                    {"gpt-2", "--assert", longest},
                                                    {"gpt-2", "--assert", longest + "==1"},
                                                    {"gpt-2", "--dtype", longest},
                                                    {"gpt-2", "--runtime", longest},
                                                    {"gpt-2", "--set", longest},
                                                    {"gpt-2", "--set", longest + "=1"},
                                                    {"gpt-2", "--context", longest},
                                                    {"gpt-2", "--device", longest},
                                                    {"gpt-2", "--catalog", longest},
                                                    {"train", "gpt-2", "--optimizer", longest},
                                                    {"train", "gpt-2", "--device", longest + "=" + longest},
                                                    {"scan", longest},
                                                    {"diff", longest, longest},
                                                    {"list", longest, longest},
                                                    {"list", "--sort", longest},
                                                    {"scale", longest},
                                                    {"gpt-2", longest},
                                                    {"gpt-2", "--assert", "id==" + longest}};
  for (const auto& line : lines) {
    INFO(line.front().substr(0, 20) << " " << (line.size() > 1 ? line[1].substr(0, 20) : ""));
    const Finished finished = run_words(line);
    CHECK(finished.code > 0);
    CHECK(finished.code <= 3);
    CHECK(finished.out.size() < 3000);
    for (const auto said : split(finished.err, '\n')) CHECK(said.size() < 300);
    CHECK_FALSE(finished.err.empty());
  }
}

}  // namespace
}  // namespace paramcount
