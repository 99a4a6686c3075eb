// Pages in Persian: nothing of the pages that are translated stays English, columns stay in line, and what reads from
// left to right is kept apart.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "catalog/language_file.hpp"
#include "catch.hpp"
#include "cli/command.hpp"
#include "cli/session.hpp"
#include "report/direction.hpp"
#include "report/keys.hpp"
#include "report/translation.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

const std::string kFiles = std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/golden/files/";

struct Said {
  int code{0};
  std::string out, err;
  std::set<std::string> untranslated;
};

Said said(const std::string& command, bool terminal = false) {
  std::vector<std::string> arguments;
  for (const auto word : split(command, ' ')) arguments.emplace_back(word);
  Environment environment;
  environment.surface.terminal = terminal;
  Session session;
  Said result;
  result.code = run(arguments, environment, session, result.out, result.err);
  result.untranslated = std::move(session.options.untranslated);
  return result;
}

/// Names that pages show as they are: of models and devices, with their ids.
std::vector<std::string> all_names() {
  std::vector<std::string> names{"files", "folder", "Tiny", "custom", "tiny-llama"};
  for (const char* what : {"models", "devices"}) {
    Session session;
    std::string out;
    std::string err;
    REQUIRE(run({"list", what, "--format", "json"}, Environment{}, session, out, err) == 0);
    for (const auto& row : session.report.models) {
      for (const auto& child : row.children) {
        if (child.key == "id" || child.key == "name") names.push_back(bare(child.value));
      }
    }
  }
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  return names;
}

/// Whether a text is only names and words that stay: "Llama 3.1 8B, q4_k_m" leaves nothing.
bool is_named(std::string text, const std::vector<std::string>& names) {
  for (const auto& name : names) replace_all(text, name, "");
  static const Language kPersian = *find_language("fa");
  Translation plain(kPersian, {});
  static_cast<void>(plain.of(text));
  return plain.untranslated().empty();
}

/// The first five words of English that stand in a row, but for those of commands; empty: there are none.
std::string english_of(const std::string& page) {
  for (const auto line : split(page, '\n')) {
    if (trim(line).starts_with("$ ")) continue;
    std::string words;
    int count = 0;
    for (const auto word : split(line, ' ')) {
      std::string_view bare_word = word;
      while (bare_word.ends_with(',')) bare_word.remove_suffix(1);
      const bool english = bare_word.size() > 1 && std::all_of(bare_word.begin(), bare_word.end(), [](char c) {
                             return (c >= 'a' && c <= 'z') || c == '\'';
                           });
      count = english ? count + 1 : 0;
      words = english ? words + " " + std::string(word) : "";
      if (count == 5) return words;
    }
  }
  return {};
}

void check_translated(const std::vector<std::string>& commands, const std::vector<std::string>& names) {
  std::set<std::string> missing;
  for (const auto& command : commands) {
    const Said page = said(command + " --lang fa --notes");
    INFO(command << ": " << page.err);
    CHECK(page.code != 1);
    CHECK(page.code != 2);
    if (command.find("--format") == std::string::npos) CHECK(english_of(page.out).empty());
    for (const auto& text : page.untranslated) {
      if (!is_named(text, names)) missing.insert(text + "   @ " + command);
    }
  }
  std::string all;
  for (const auto& text : missing) all += text + "\n";
  INFO(all);
  CHECK(missing.empty());
}

TEST_CASE("explain is in Persian for every model of the catalog") {
  std::vector<std::string> commands{"explain --article", "explain " + kFiles + "config.json",
                                    "explain " + kFiles + "tiny.gguf"};
  Catalog().each_model([&](const ModelListing& listing) {
    if (listing.total > 0) commands.push_back("explain " + std::string(listing.id));
  });
  check_translated(commands, all_names());
}

TEST_CASE("the main page is in Persian for every model of the catalog") {
  std::vector<std::string> commands;
  Catalog().each_model([&](const ModelListing& listing) {
    if (listing.total > 0) commands.push_back(std::string(listing.id) + " --format html");
  });
  check_translated(commands, all_names());
}

TEST_CASE("the main page is in Persian with its options") {
  check_translated({"llama-3.1-405b --dtype fp16 --plot",
                    "llama-3.1-8b --dtype q4_k_m --runtime llama.cpp --plot",
                    "llama-3.3-70b --dtype q8_0,q6_k,q5_k_m,q4_k_m,iq3_m,q2_k --plot",
                    "llama-3.3-70b --dtype int4,fp8,nf4",
                    "qwen3-32b --dtype q4_k_m --imatrix --plot",
                    "deepseek-v3 gpt-3-175b gpt-4 --sum --plot",
                    "gpt-2-xl gpt-3-175b llama-3.1-405b deepseek-v3 gpt-4 --plot",
                    "gpt-2-xl gpt-3-175b --rows",
                    "phi-3-mini*8 --sum",
                    "llama-3.1-8b llama-3.1-70b --baseline llama-3.1-70b",
                    "llama-3.1-8b --decode --plot",
                    "llama-3.1-8b --decode --dtype q4_k_m,fp8 --device rtx-4090",
                    "deepseek-v3 --decode --device h200 --devices 8 --batch 32 --plot",
                    "llama-3.1-8b --sparsity 0.5",
                    "llama-3.1-8b --sparsity 2:4 --dtype bf16",
                    "llama-3.1-8b --diff --dtype fp16,int8",
                    "llama-3.1-8b --set n_layers=16",
                    "llama-3.1-8b --to qwen3-8b",
                    "llama-3.1-70b --tp 8 --dtype bf16",
                    "llama-3.1-70b --tp 4 --pp 2 --dtype fp8 --device h100",
                    "deepseek-v3 --ep 8 --tp 8 --dtype fp8",
                    "gemma-3-27b --context 128k --kv-dtype q8_0 --runtime llama.cpp --plot",
                    "gemma-3-27b --context 128k --runtime vllm",
                    "gemma-3-27b --context 128k --runtime sglang",
                    "gemma-3-27b --context 128k --runtime tensorrt-llm",
                    "gemma-3-27b --context 128k --runtime transformers",
                    "llama-3.1-8b --context 256k",
                    "llama-3.1-8b --tokens 15T --device h100 --devices 1024 --mfu 0.4 --price 2",
                    "gpt-oss-120b --dtype experts=mxfp4,default=bf16",
                    "chatgpt claude gemini",
                    "mamba-2.8b --decode",
                    "zamba2-7b --runtime vllm",
                    "t5-11b --plot",
                    "kimi-k2 --dtype fp8 --runtime vllm",
                    "llama-3.1-8b --units iec --precise",
                    "llama-3.1-8b llama-3.1-70b --dtype q4_k_m --runtime llama.cpp --device rtx-4090 --decode --plot",
                    "mixtral-8x7b qwen3-235b-a22b --dtype fp8 --context 32k --plot",
                    kFiles + "config.json --dtype bf16 --context 4k --batch 2",
                    kFiles + "tiny.gguf --dtype q4_0 --runtime llama.cpp",
                    kFiles + "nobody.gguf",
                    kFiles + "differs.gguf",
                    kFiles + "checkpoints/tiny-llama",
                    kFiles + "checkpoints/other-config"},
                   all_names());
}

TEST_CASE("fit is in Persian with its options") {
  check_translated({"fit qwen3-32b --device rtx-4090 --plot",
                    "fit qwen3-32b --device rtx-4090 --context 16k",
                    "fit qwen3-32b --device 2xrtx-4090 --plot",
                    "fit llama-3.3-70b --device h100 --devices 4 --dtype fp8 --context 32k --batch 20 --plot",
                    "fit llama-3.3-70b --device 4xh100 --dtype fp8 --prompt 1k --generate 256 --batch max --plot",
                    "fit gpt-oss-120b --device rtx-4090 --ram 64GiB --dtype q4_k_m --plot",
                    "fit qwen3-235b-a22b --dtype fp8 --context 32k --batch 20 --plot",
                    "fit --device rtx-4090 --context 16k --plot",
                    "fit --device m4-max:64GB",
                    "fit llama-3.1-405b --device h100-sxm --plot",
                    "fit llama-3.1-8b --device h100-sxm --dtype fp8,bf16 --plot",
                    "fit deepseek-v3 --device h200 --devices 16 --pp 2 --tp 8 --dtype fp8",
                    "fit deepseek-v3 --device h200 --devices 8 --ep 8 --dtype fp8",
                    "fit llama-3.1-8b --device a6000 --runtime transformers",
                    "fit llama-3.1-8b --device a6000 --runtime ideal",
                    "fit llama-3.1-8b --device a6000 --runtime tensorrt-llm",
                    "fit llama-3.1-8b --device a6000 --runtime sglang",
                    "fit llama-3.1-8b --device rtx-3060 --dtype q4_k_m --ngl 20 --ram 32GiB",
                    "fit mixtral-8x7b --device rtx-4090 --dtype q4_k_m --n-cpu-moe 10 --ram 64GiB",
                    "fit mamba-2.8b --device rtx-4090",
                    "fit gemma-3-27b --device rtx-4090 --context 128k --kv-dtype q8_0 --plot",
                    "fit llama-3.1-8b qwen3-8b --device rtx-4090 --plot",
                    "fit llama-3.1-8b --device h100 --dtype bf16 --buy --years 2",
                    "fit llama-3.1-8b --device h100 --dtype bf16 --min-tokens-per-second 30 --batch max",
                    "fit llama-3.1-8b --device h100 --dtype bf16 --kv-cache-memory 10GiB",
                    "fit llama-3.1-70b --device h100 --devices 3 --dtype bf16",
                    "fit --device rtx-4090 --min 7B --max 20B --sort released",
                    "fit llama-3.1-8b --device memory=48GiB",
                    "fit llama-3.1-8b --device memory=48GiB,bandwidth=864GB/s --dtype q8_0 --plot",
                    "fit kimi-k2 --device h100 --devices 16",
                    "fit qwen3-30b-a3b --device m4-max:64GB --dtype q8_0 --prompt 4k --plot",
                    "fit llama-3.3-70b --device 8xh100 --dtype bf16 --dp 2 --tp 4",
                    "fit llama-3.3-70b --device h100 --dtype awq --price 2",
                    "fit " + kFiles + "tiny.gguf --device rtx-4090"},
                   all_names());
}

TEST_CASE("English pages do not mention other languages") {
  const std::string page = said("llama-3.1-8b --notes").out;
  CHECK(said("llama-3.1-8b --notes --lang en").out == page);
  const std::string html = said("explain gpt-2 --format html").out;
  CHECK(html.find("<html lang=\"en\">") != std::string::npos);
  CHECK(html.find("rtl") == std::string::npos);
  CHECK(html.find("bdi") == std::string::npos);
}

TEST_CASE("untranslated pages are reported in one line, not dropped") {
  const Said list = said("list gpt-2 --lang fa");
  CHECK(list.code == 0);
  CHECK(list.out == said("list gpt-2").out);
  CHECK(list.err.find("--lang fa: list is available in English only") != std::string::npos);
  const Said json = said("gpt-2 --lang fa --format json");
  CHECK(json.out == said("gpt-2 --format json").out);
  CHECK(json.err == "paramcount: --lang fa: --format json is in English\n");
  CHECK(said("gpt-2 --lang fa --get params.total").err == "paramcount: --lang fa: --get is in English\n");
  CHECK(said("gpt-2 --lang fa --ascii").err == "paramcount: --lang fa: in ASCII pages are in English\n");
  CHECK(said("gpt-2 --lang de").code == 2);
  CHECK(said("gpt-2 --lang _").code == 2);
  CHECK(said("gpt-2 --lang en_US").code == 0);
  CHECK(said("gpt-2 --digits fa").code == 2);
}

TEST_CASE("a preference for Persian holds where there is Persian") {
  Environment environment;
  environment.defaults = {{"lang", "fa"}};
  const auto said_by = [&](const std::vector<std::string>& arguments) {
    Session session;
    std::string out;
    std::string err;
    CHECK(run(arguments, environment, session, out, err) == 0);
    CHECK(err.empty());
    return out;
  };
  CHECK(said_by({"gpt-2"}) == said("gpt-2 --lang fa").out);
  CHECK(said_by({"list", "gpt-2"}) == said("list gpt-2").out);
  CHECK(said_by({"gpt-2", "--format", "json"}) == said("gpt-2 --format json").out);
  CHECK(said_by({"gpt-2", "--lang", "en"}) == said("gpt-2").out);
  environment.defaults = {{"lang", "fa_IR.UTF-8"}};
  CHECK(said_by({"gpt-2"}) == said("gpt-2 --lang fa").out);
}

TEST_CASE("Persian digits are those of figures, not of names") {
  const std::string page = said("fit llama-3.1-8b --device rtx-4090 --lang fa --digits fa").out;
  CHECK(page.find("Llama 3.1 8B روی یک RTX 4090") != std::string::npos);
  CHECK(page.find("q4_k_m ") != std::string::npos);
  const std::string counts = said("gpt-2 --lang fa --digits fa --format markdown").out;
  CHECK(counts.find("۱۲۴٬۴۳۹٬۸۰۸") != std::string::npos);
  CHECK(said("gpt-2 --lang fa --digits fa").out.find("۱۲۴۴۳۹۸۰۸") != std::string::npos);
}

TEST_CASE("the joiners of Persian words are shown and take no column") {
  CHECK(printable("می‌شود") == "می‌شود");
  CHECK(columns("می‌شود") == 5);
  // Elsewhere they hide something.
  CHECK(printable("a\u200Cb") == "a???b");
  CHECK(printable("می\u200C") == "می???");
  CHECK(printable("می\u202Eشود") == "می???شود");
}

/// Texts of an HTML page between its tags.
std::vector<std::string> texts_of(const std::string& html) {
  std::vector<std::string> texts;
  std::size_t at = html.find("<main>");
  while (at < html.size()) {
    const auto end = html.find('>', at);
    if (end == std::string::npos) break;
    at = html.find('<', end);
    if (at == std::string::npos) break;
    if (at > end + 1) texts.push_back(html.substr(end + 1, at - end - 1));
  }
  return texts;
}

TEST_CASE("an HTML page in Persian goes from right to left and keeps numbers and names apart") {
  for (const std::string command : {"llama-3.1-405b", "explain gpt-2", "fit qwen3-32b --device rtx-4090"}) {
    const std::string html = said(command + " --lang fa --format html").out;
    INFO(command);
    CHECK(html.find("<html lang=\"fa\" dir=\"rtl\">") != std::string::npos);
    CHECK(html.find("<bdi dir=\"ltr\">") != std::string::npos);
    CHECK(html.find("\"><bdi dir=\"ltr\">") != std::string::npos);
    // Every tag that opens closes, and drawings hold none of these.
    std::size_t open = 0;
    std::size_t close = 0;
    for (auto at = html.find("<bdi"); at != std::string::npos; at = html.find("<bdi", at + 1)) ++open;
    for (auto at = html.find("</bdi>"); at != std::string::npos; at = html.find("</bdi>", at + 1)) ++close;
    CHECK(open == close);
    for (auto at = html.find("<text"); at != std::string::npos; at = html.find("<text", at + 1)) {
      CHECK(html.substr(at, html.find("</text>", at) - at).find("<bdi") == std::string::npos);
    }
    for (const auto& text : texts_of(html)) CHECK(text.find("???") == std::string::npos);
  }
}

TEST_CASE("lines from right to left put what is Latin between marks") {
  CHECK(turned_lines("وزن‌ها، bf16, fp16  811.71\n", false) ==
        "\u200Fوزن‌ها، \u200Ebf16, fp16\u200E\u200F  811.71\n");
  CHECK(turned_lines("یک RTX 4090، llama.cpp\n", false) ==
        "\u200Fیک \u200ERTX 4090\u200E\u200F، \u200Ellama.cpp\u200E\n");
  CHECK(turned_lines("از 41 % آن.\n", false) == "\u200Fاز \u200E41 %\u200E آن.\n");
  CHECK(turned_lines("8,192 توکن × 1\n", true) == "\x1b[2 k\u200F8,192 توکن × 1\n\x1b[0 k");
  CHECK(said("gpt-2 --lang fa").out.find("\u200F") == std::string::npos);
  CHECK(said("gpt-2 --lang fa", true).out.find("\u200F") != std::string::npos);
}

TEST_CASE("a phrase of a language says each of its placeholders once") {
  const auto file = [](const std::string& english, const std::string& translation) {
    return Value(Value::Object{{"language", "xx"},
                               {"name", "X"},
                               {"digits", "0123456789"},
                               {"comma", ","},
                               {"point", "."},
                               {"phrases", Value::Object{{english, translation}}}});
  };
  CHECK_NOTHROW(read_language(file("{#} of {}", "{2} {1}")));
  CHECK_THROWS(read_language(file("{#} of {}", "{1}")));
  CHECK_THROWS(read_language(file("{#} of {}", "{1} {2} {3}")));
  CHECK_THROWS(read_language(file("of", "")));
}

}  // namespace
}  // namespace paramcount
