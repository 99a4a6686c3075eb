// Shared by commands: output and catalog options, parsing with our own errors, opening the catalog.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"
#include "cli/option_set.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

struct OutputOptions {
  std::string format = "text";
  std::string color = "auto";
  std::string file;   ///< what goes there instead of standard output; empty: standard output
  std::string width;  ///< columns; empty: the terminal's
  bool plot = false;
  std::vector<std::string> catalogs;
};

/// Adds --format, --output, --plot, --width, --color and --catalog.
void add_output_options(OptionSet& set, OutputOptions& options);

/// Adds --catalog alone.
void add_catalog_option(OptionSet& set, std::vector<std::string>& catalogs);

/// Adds --offline and --no-cache.
void add_network_options(OptionSet& set, CommonOptions& common);

/// Adds --as and --strict, how configs of models are read, and the options of the network.
void add_config_options(OptionSet& set, CommonOptions& common);

/// Columns that a line of help takes at most on this terminal.
[[nodiscard]] std::size_t help_columns(const Invocation& invocation);
/// Appends a help text to the output, folded where the terminal is narrower, in ASCII where the surface shows nothing
/// else.
void print_help(std::string text, const Invocation& invocation);

/// Parses; throws usage Error with a suggestion for an unknown option. Adds the options that every command takes
/// (session.options), and the defaults of the config file and the environment. Returns false when there is
/// nothing to run: --help was asked for, and is in `out`, or the options were only to be shown.
[[nodiscard]] bool parse(OptionSet& set, const Invocation& invocation, std::string_view command);

/// What a report must have to be printed as asked. Called after check().
[[nodiscard]] ReportOptions parts(const OutputOptions& options, const Invocation& invocation);

/// A command that takes words and the options every command has.
struct WordsCommand {
  std::string_view name;
  std::string description;
  std::string type;  ///< what a word is called: MODEL, TOPIC
  std::string text;  ///< what a word says
  std::function<std::string()> footer;
  bool many{false};     ///< more than one word
  bool configs{false};  ///< it reads configs of models
};

/// As parse(), for such a command.
[[nodiscard]] bool parse_words(const Invocation& invocation, const WordsCommand& command, OutputOptions& options,
                               std::vector<std::string>& words);

/// The report in the format asked for, or the values that --get names, appended to the invocation's output or written
/// to the file of --output. Returns the exit code: answered, or no when an --assert is false.
[[nodiscard]] int print(Report& report, const OutputOptions& options, const Invocation& invocation);

/// The same of an answer that is "no" unless `impossible` is empty: the reason goes to stderr, the exit code is no, and
/// only formats for programs, --get and --assert print the report; pages too if they show it (`on_page`), and then
/// stderr does not.
[[nodiscard]] int print_verdict(Report& report, const OutputOptions& options, const Invocation& invocation,
                                const std::string& impossible, bool on_page = false);

/// The folders on top of the built-in catalog: the environment's, then those of --catalog.
[[nodiscard]] std::vector<std::string> catalog_folders(const std::vector<std::string>& catalogs,
                                                       const Invocation& invocation);

/// The built-in catalog with the folders of the environment and of --catalog on top, and an expander over it; both
/// are the session's.
const Catalog& open_catalog(const OutputOptions& options, const Invocation& invocation);

/// Throws usage Error when the format or the colour mode does not exist, or an option of output does not go with the
/// format. Called before anything is read.
void check(const OutputOptions& options);

}  // namespace paramcount
