// paramcount explain MODEL: the learner's walk.
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/model_name.hpp"
#include "cli/options.hpp"
#include "paramcount/base/error.hpp"
#include "report/walk_report.hpp"

namespace paramcount {

int run_explain(const Invocation& invocation) {
  const WordsCommand command{"explain",
                             "Explain a model part by part: what each is for and how many numbers it has.",
                             "MODEL",
                             "a catalog name, a config.json, a folder with one, or - for standard input",
                             "Example:\n  paramcount explain gpt-2",
                             false,
                             true};
  OutputOptions options;
  std::vector<std::string> words;
  if (!parse_words(invocation, command, options, words)) return static_cast<int>(ExitCode::answered);
  check(options);
  if (words.empty()) throw usage_error("explain: which model? Name one, or give a config.json");
  const Catalog& catalog = open_catalog(options, invocation);
  const Model model = find_whole_model(words.front(), catalog);
  const std::string where = shown_name(model);
  try {
    const Inventory inventory = invocation.session.expander->expand(model);
    invocation.session.report = walk_report(model, inventory, parts(options, invocation));
  } catch (const Error& error) {
    throw located(where, error);
  }
  return print(invocation.session.report, options, invocation);
}

}  // namespace paramcount
