#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "cli/command.hpp"
#include "cli/generate.hpp"
#include "cli/names.hpp"
#include "cli/topics.hpp"
#include "paramcount/render.hpp"

namespace paramcount {
namespace {

struct Ran {
  std::string out, err;
  int code{};
};

Ran run_words(const std::vector<std::string>& arguments) {
  Ran ran;
  Session session;
  ran.code = run(arguments, Environment{}, session, ran.out, ran.err);
  return ran;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("every command describes itself, with the options all of them have") {
  std::set<std::string> seen;
  for (const auto& command : commands()) {
    INFO(command.name);
    const CommandText text = describe(command);
    CHECK_FALSE(text.description.empty());
    for (const char* option : {"--format", "--get", "--assert", "--explain", "--units", "--precise", "--help"}) {
      // JSON lines are all that batch prints.
      const bool only_lines = command.name == "batch" && std::string_view(option) == "--format";
      CHECK((text.find(option) != nullptr) != only_lines);
    }
    for (const auto& option : text.options) {
      CHECK_FALSE(option.text.empty());
      CHECK((option.positional() || !option.group.empty()));
    }
    CHECK(seen.insert(std::string(command.name)).second);
    const Ran help = run_words({std::string(command.name.empty() ? "--help" : command.name), "--help"});
    CHECK(help.code == 0);
    CHECK(has(help.out, "--assert EXPR"));
  }
}

TEST_CASE("the examples of commands yield their keys") {
  for (const auto& command : commands()) {
    for (const auto& entry : keys_of_command(command)) CHECK_FALSE(entry.name.empty());
  }
  CHECK(keys_of_command(commands().front()).size() > 60);
}

TEST_CASE("every topic has a page in every format") {
  for (const auto& topic : topics()) {
    for (const auto& format : formats()) {
      INFO(topic.name << " " << format.name);
      const Ran ran = run_words({"help", std::string(topic.name), "--format", std::string(format.name)});
      CHECK(ran.code == 0);
      CHECK(ran.out.size() > 60);
    }
  }
}

TEST_CASE("the list of keys names what --get finds") {
  for (const char* key : {"params.total", "memory.weights.N.bytes", "training.cost_usd", "sum.params.total",
                          "kv.N.bytes", "layers.N.params", "tensors.N.shape.N", "steps.N.params"}) {
    INFO(key);
    CHECK(has(run_words({"help", "keys", "--format", "tsv"}).out, std::string(key) + "\t"));
  }
}

TEST_CASE("manual and completions name every option of every command") {
  const auto all = described_commands();
  const std::vector<std::string> texts{man_page(all), bash_completion(all), zsh_completion(all), fish_completion(all)};
  for (const auto& command : all) {
    for (const auto& option : command.text.options) {
      if (option.positional()) continue;
      INFO(option.name);
      std::string in_roff;
      for (const char c : option.name) in_roff += c == '-' ? "\\-" : std::string(1, c);
      CHECK(has(texts[0], in_roff));
      CHECK(has(texts[1], option.name));
      CHECK(has(texts[2], option.name));
      CHECK(has(texts[3], "-l " + option.name.substr(2)));
    }
  }
}

TEST_CASE("each kind of names has some, and none that a shell would split") {
  const Catalog catalog;
  for (const auto kind : name_kinds()) {
    INFO(kind);
    const auto names = names_of(kind, catalog);
    CHECK(names.size() > 1);
    for (const auto& name : names) CHECK(name.find_first_of(" '\"$`\\") == std::string::npos);
  }
}

TEST_CASE("mistyped words are told what was meant") {
  const std::vector<std::pair<std::vector<std::string>, std::string>> mistakes{
      {{"lama-3.1-405b"}, "llama-3.1-405b"},
      {{"layer"}, "command layers"},
      {{"gpt-2", "--fromat", "json"}, "--format"},
      {{"gpt-2", "--format", "jsn"}, "json"},
      {{"gpt-2", "--device", "h100-smx"}, "h100-sxm"},
      {{"gpt-2", "--dtype", "q4km"}, "q4_k_m"},
      {{"gpt-2", "--get", "params.totals"}, "params.total"},
      {{"help", "convention"}, "conventions"},
      {{"generate", "fsh"}, "fish"},
      {{"gpt-2", "--asert", "x"}, "--assert"},
  };
  for (const auto& [arguments, meant] : mistakes) {
    const Ran ran = run_words(arguments);
    INFO(ran.err);
    CHECK(ran.code != 0);
    CHECK(ran.out.empty());
    CHECK(has(ran.err, meant));
  }
}

}  // namespace
}  // namespace paramcount
