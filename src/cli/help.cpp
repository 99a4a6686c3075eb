// paramcount help [TOPIC]: what the program knows about itself.
#include <algorithm>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/topics.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

std::string topic_lines() {
  std::string text = "Topics (paramcount help TOPIC):\n";
  for (const auto& topic : topics()) {
    text +=
        "  " + std::string(topic.name) + std::string(13 - topic.name.size(), ' ') + std::string(topic.summary) + "\n";
  }
  return text;
}

}  // namespace

int run_help(const Invocation& invocation) {
  const WordsCommand command{"help", "Explain a topic, or the options of a command.", "TOPIC",
                             "one of the topics below, or a command",
                             topic_lines() + "Examples:\n  paramcount help keys\n  paramcount help kv"};
  OutputOptions options;
  std::vector<std::string> words;
  if (!parse_words(invocation, command, options, words)) return static_cast<int>(ExitCode::answered);
  check(options);
  if (words.empty()) {
    print_help(help_text(describe(commands().front())) + "\n" + topic_lines(), invocation);
    return static_cast<int>(ExitCode::answered);
  }
  const auto& word = words.front();
  const auto topic = std::find_if(topics().begin(), topics().end(), [&](const auto& t) { return t.name == word; });
  if (topic == topics().end()) {
    if (const auto* known = find_command(word)) {
      print_help(help_text(describe(*known)), invocation);
      return static_cast<int>(ExitCode::answered);
    }
    Suggestions suggestions(word);
    for (const auto& known : topics()) suggestions.consider(known.name);
    for (const auto& known : commands()) suggestions.consider(known.name);
    throw usage_error("help " + printable(word) + ": no such topic." +
                      suggestions.hint(" 'paramcount help' lists them."));
  }
  // Tables of the catalog have a command of their own, which reads the same words.
  if (topic->make == nullptr) return run_list(invocation);
  const Catalog& catalog = open_catalog(options, invocation);
  invocation.session.report = topic_report(topic->make(catalog), parts(options, invocation));
  return print(invocation.session.report, options, invocation);
}

}  // namespace paramcount
