// paramcount help [TOPIC], and the page shown without arguments.
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
  std::string text = "Topics (paramcount help TOPIC)\n";
  for (const auto& topic : topics()) {
    text +=
        "  " + std::string(topic.name) + std::string(13 - topic.name.size(), ' ') + std::string(topic.summary) + "\n";
  }
  return text;
}

/// The entries of the glossary that a word names, with "-" for spaces too: "kv-cache"; or a section that has it in its
/// title: "memory". No sections: there are none.
Topic glossary_of(const std::string& word, const Catalog& catalog) {
  const auto plain = [](std::string_view text) {
    std::string name = lower(text);
    replace_all(name, "-", " ");
    return name;
  };
  Topic topic = find_topic("glossary")->make(catalog);
  for (auto& section : topic.sections) {
    const auto words = split(section.title, ' ');
    if (std::any_of(words.begin(), words.end(), [&](auto one) { return plain(one) == plain(word); })) continue;
    std::erase_if(section.entries, [&](const Entry& entry) {
      const auto names = split(entry.name, ',');
      return std::none_of(names.begin(), names.end(), [&](auto name) { return plain(trim(name)) == plain(word); });
    });
  }
  std::erase_if(topic.sections, [](const auto& section) { return section.entries.empty(); });
  return topic;
}

}  // namespace

int run_welcome(const Invocation& invocation) {
  print_help(
      "How big a language model is, and what it takes to train and run it.\n\n"
      "  paramcount llama-3.1-8b                       how many parameters, and where\n"
      "  paramcount fit qwen3-32b --device rtx-4090    does it fit, and how fast is it\n"
      "  paramcount train llama-3.1-70b --devices 512  what does training take\n"
      "  paramcount verify DIR                         is a checkpoint what it claims to be\n"
      "  paramcount explain                            what a parameter is\n\n"
      "A model is a name (paramcount list), a config.json, a checkpoint, a folder,\n"
      "or - for standard input. paramcount help lists all commands.\n",
      invocation);
  return static_cast<int>(ExitCode::answered);
}

int run_help(const Invocation& invocation) {
  const WordsCommand command{"help", "Explain a topic, or show a command's options.", "TOPIC",
                             "one of the topics below, a command, or a term of the glossary",
                             [] { return topic_lines() + "Examples:\n  paramcount help keys\n  paramcount help kv"; }};
  OutputOptions options;
  std::vector<std::string> words;
  if (!parse_words(invocation, command, options, words)) return static_cast<int>(ExitCode::answered);
  check(options);
  if (words.empty()) {
    print_help("Usage: paramcount MODEL... [OPTIONS]\n       paramcount COMMAND ...\n\n" + commands_by_question() +
                   "\n" + topic_lines() +
                   "\nparamcount COMMAND --help: its options. paramcount --help: those of MODEL...\n",
               invocation);
    return static_cast<int>(ExitCode::answered);
  }
  const auto& word = words.front();
  const auto topic = find_topic(word);
  if (!topic) {
    if (const auto* known = find_command(word)) {
      print_help(help_text(describe(*known), help_columns(invocation)), invocation);
      return static_cast<int>(ExitCode::answered);
    }
    const Catalog& catalog = open_catalog(options, invocation);
    if (const Topic found = glossary_of(word, catalog); !found.sections.empty()) {
      invocation.session.report = topic_report(found, parts(options, invocation));
      return print(invocation.session.report, options, invocation);
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
