#include "cli/options.hpp"

#include <algorithm>
#include <memory>

#include "base/numbers.hpp"
#include "base/output.hpp"
#include "base/spelling.hpp"
#include "base/symbols.hpp"
#include "base/text.hpp"
#include "catalog/language_file.hpp"
#include "cli/defaults.hpp"
#include "cli/description.hpp"
#include "cli/option_hints.hpp"
#include "cli/query.hpp"
#include "cli/remote_model.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/report/render.hpp"
#include "report/explain.hpp"
#include "report/figures.hpp"
#include "report/plots.hpp"
#include "report/short_notes.hpp"
#include "report/translation.hpp"

namespace paramcount {
namespace {

constexpr const char* kOutputGroup = "Output";
constexpr const char* kConfigGroup = "Reading a config";
constexpr const char* kNetworkGroup = "Over the network";

Label format_names() {
  std::string names;
  for (const auto& format : formats()) names += (names.empty() ? "" : ", ") + std::string(format.name);
  return names;
}

/// The options of every command.
void add_common_options(OptionSet& set, CommonOptions& common) {
  set.option("--get", common.get, "KEY[,KEY]",
             "print only these values, one per line: params.total (help keys lists them)", kOutputGroup);
  set.option("--assert", common.asserts, "EXPR",
             "exit with 3 unless this holds: 'params.total <= 8e9', fit.ok; may be repeated", kOutputGroup);
  set.flag("--explain", common.explain, "show each number's formula and source", kOutputGroup);
  set.flag("--notes", common.notes, "show all notes in full, and the tables that the page leaves out", kOutputGroup);
  set.option("--units", common.units, "U", "show bytes in one unit: si (GB) or iec (GiB); default both", kOutputGroup);
  set.flag("--precise", common.precise, "print all digits", kOutputGroup);
  set.option("--lang", common.lang, "L", "language of pages: en or fa (Persian); default en", kOutputGroup);
  set.option("--digits", common.digits, "D", "digits of Persian pages: latin or fa; default latin", kOutputGroup);
  set.flag("--ascii", common.ascii, "print only ASCII characters", kOutputGroup);
  set.known("--help", "-h", "show this help", kOutputGroup);
  set.known("--no-config", "", "ignore defaults from the config file and the environment", kOutputGroup);
}

[[noreturn]] void not_expected(std::string_view command, const std::string& argument) {
  const std::string name = argument.substr(0, argument.find('='));
  if (!name.starts_with('-')) throw usage_error(printable(name) + ": one argument too many");
  const CommandText text = describe(command.empty() ? commands().front() : *find_command(command));
  if (const auto hint = foreign_option_hint(name, text); !hint.empty()) {
    throw usage_error(printable(name) + ": no such option." + hint);
  }
  Suggestions suggestions(name, 2);
  for (const auto& known : text.options) {
    if (!known.positional()) suggestions.consider(known.name);
  }
  throw usage_error(printable(name) + ": no such option." + suggestions.hint());
}

/// Whether the option is on the command line itself: only then is it an error where it does not apply.
bool is_given(std::string_view option, const Invocation& invocation) {
  return std::any_of(invocation.arguments.begin(), invocation.arguments.end(), [&](const std::string& argument) {
    return argument == option || (argument.starts_with(option) && argument[option.size()] == '=');
  });
}

/// Throws usage Error for a language there is none of; says so where the command has none but English.
void check_language(CommonOptions& common, const Invocation& invocation, std::string_view command) {
  // As locales say it too: fa_IR.UTF-8.
  const std::string asked = common.lang;
  common.lang = lower(std::string_view(asked).substr(0, asked.find_first_of("_-.")));
  if (!asked.empty() && common.lang != "en" && !find_language(common.lang)) {
    throw usage_error("--lang " + printable(asked) + ": expected one of " + language_ids());
  }
  if (common.lang == "en") common.lang.clear();
  if (!common.digits.empty() && common.digits != "latin" && common.digits != "fa") {
    throw usage_error("--digits " + printable(common.digits) + ": expected latin or fa");
  }
  if (common.lang.empty()) {
    if (is_given("--digits", invocation) && common.digits == "fa") throw usage_error("--digits fa: needs --lang fa");
    return;
  }
  common.translated = command.empty() || find_command(command)->translated;
  if (!common.translated && is_given("--lang", invocation)) {
    say("--lang " + common.lang + ": " + std::string(command) +
            " is available in English only; model counts, explain and fit are translated",
        invocation);
  }
}

void check(const CommonOptions& common) {
  if (common.units.empty() || common.units == "si" || common.units == "iec") return;
  throw usage_error("--units " + printable(common.units) + ": expected si or iec");
}

std::size_t read_width(const std::string& text) {
  constexpr std::uint64_t kLeast = 40;
  constexpr std::uint64_t kMost = 1000;
  const std::uint64_t width = parse_count(text, "--width", false, kMost);
  if (width < kLeast) throw usage_error("--width " + printable(text) + ": at least " + std::to_string(kLeast));
  return width;
}

FigureStyle style_of(const CommonOptions& common) {
  using Units = FigureStyle::Units;
  return {common.precise, common.units == "si" ? Units::si : common.units == "iec" ? Units::iec : Units::both};
}

}  // namespace

void add_output_options(OptionSet& set, OutputOptions& options) {
  set.option("--format", options.format, "F", format_names(), kOutputGroup);
  set.option("--output", options.file, "FILE", "write to FILE instead of standard output", kOutputGroup);
  set.flag("--plot", options.plot, "draw the answer's plots below it", kOutputGroup);
  set.option("--width", options.width, "N", "width of pages and plots in columns; default the terminal's, else 80",
             kOutputGroup);
  set.option("--color", options.color, "WHEN", "auto, always or never; auto honours NO_COLOR", kOutputGroup);
  add_catalog_option(set, options.catalogs);
}

void add_catalog_option(OptionSet& set, std::vector<std::string>& catalogs) {
  set.option("--catalog", catalogs, "DIR", "a folder laid out like data/ that adds to the built-in catalog",
             kOutputGroup);
}

void add_config_options(OptionSet& set, CommonOptions& common) {
  set.option("--as", common.as_class, "CLASS",
             "count a config as this model class, whichever one it names: LlamaForCausalLM", kConfigGroup);
  set.flag("--strict", common.strict,
           "exit with 1 if a config has unread keys or lacks a dimension, or if its family is unverified",
           kConfigGroup);
  add_network_options(set, common);
}

void add_network_options(OptionSet& set, CommonOptions& common) {
  set.flag("--offline", common.offline, "do not use the network, only what earlier runs cached", kNetworkGroup);
  set.flag("--no-cache", common.no_cache, "neither read nor write the cache on disk", kNetworkGroup);
}

namespace {

/// Lines that are longer go on below their second column, or two further in.
std::string folded_help(const std::string& text, std::size_t width) {
  std::string out;
  for (const auto line : split(text, '\n')) {
    const auto begin = std::min(line.find_first_not_of(' '), line.size());
    auto column = line.find("  ", begin);
    column = column == std::string_view::npos ? column : line.find_first_not_of(' ', column);
    const std::size_t indent = column < width / 2 ? column : begin + 2;
    std::string_view rest = line;
    std::string start;
    while (columns(start) + columns(rest) > width) {
      const std::size_t room = width - start.size();
      const auto at = rest.rfind(' ', std::min(rest.size() - 1, room));
      if (at == std::string_view::npos || at <= (start.empty() ? indent : 0)) break;
      out += start + std::string(rest.substr(0, at)) + "\n";
      rest = rest.substr(at + 1);
      start.assign(indent, ' ');
    }
    out += start + std::string(rest) + "\n";
  }
  out.pop_back();
  return out;
}

}  // namespace

std::size_t help_columns(const Invocation& invocation) {
  const Surface& surface = invocation.environment.surface;
  return surface.terminal ? std::min(surface.width, kHelpColumns) : kHelpColumns;
}

void print_help(std::string text, const Invocation& invocation) {
  const Surface& surface = invocation.environment.surface;
  if (surface.terminal) text = folded_help(text, surface.width);
  invocation.out += surface.utf8 ? std::move(text) : in_ascii(std::move(text));
}

bool parse(OptionSet& set, const Invocation& invocation, std::string_view command) {
  auto& common = invocation.session.options;
  const auto& environment = invocation.environment;
  add_common_options(set, common);
  if (invocation.describe != nullptr) {
    *invocation.describe = set.text(command);
    return false;
  }
  // --help is looked for first: it wins over mistakes elsewhere on the line.
  for (const auto& argument : invocation.arguments) {
    if (argument == "--") break;
    if (argument == "--help" || argument == "-h") {
      print_help(help_text(set.text(command), help_columns(invocation)), invocation);
      return false;
    }
  }
  std::vector<std::string> arguments = invocation.arguments;
  if (!environment.config.empty() || !environment.defaults.empty()) {
    const auto settings = environment.config.empty() ? std::vector<Setting>{} : read_settings(environment.config);
    arguments = with_defaults(set.text(command), invocation, settings, command);
  }
  // `--` has already separated commands from models; the parser would report it as unknown.
  const auto separator = std::find(arguments.begin(), arguments.end(), "--");
  if (separator != arguments.end()) arguments.erase(separator);
  const auto left = set.parse(std::move(arguments));
  if (!left.empty()) not_expected(command, left.front());
  check(common);
  check_language(common, invocation, command);
  set_network_options(common);
  return true;
}

bool parse_words(const Invocation& invocation, const WordsCommand& command, OutputOptions& options,
                 std::vector<std::string>& words) {
  OptionSet set(command.description);
  std::string one;
  if (command.many) {
    set.words(words, command.type, command.text);
  } else {
    set.word(one, command.type, command.text);
  }
  if (command.configs) add_config_options(set, invocation.session.options);
  add_output_options(set, options);
  set.footer(command.footer);
  if (!parse(set, invocation, command.name)) return false;
  if (!one.empty()) words = {one};
  return true;
}

void check(const OutputOptions& options) {
  if (find_format(options.format) == nullptr) {
    Suggestions suggestions(options.format);
    for (const auto& format : formats()) suggestions.consider(format.name);
    throw usage_error("--format " + printable(options.format) + ": no such format." +
                      suggestions.hint(" 'paramcount help formats' lists them."));
  }
  if (options.color != "auto" && options.color != "always" && options.color != "never") {
    throw usage_error("--color " + printable(options.color) + ": expected auto, always or never");
  }
  if (!options.width.empty()) static_cast<void>(read_width(options.width));
  const Format& format = *find_format(options.format);
  if (options.plot && format.plots == Format::Plots::none) {
    throw usage_error("--plot: no plots in " + options.format + "; text, html and svg have them");
  }
}

ReportOptions parts(const OutputOptions& options, const Invocation& invocation) {
  const auto& common = invocation.session.options;
  const Format& format = *find_format(options.format);
  const bool only_values = !common.get.empty() || common.explain;
  ReportOptions wanted;
  wanted.pages = format.reads == Format::Reads::pages && !only_values;
  wanted.plots = wanted.pages && (format.plots >= Format::Plots::always || options.plot);
  wanted.tree = !wanted.pages || wanted.plots || !common.asserts.empty();
  wanted.style = style_of(common);
  wanted.all = common.notes;
  return wanted;
}

namespace {

/// Throws usage Error where plots were asked for and there are none.
void draw_plots(Report& report, const OutputOptions& options, const Invocation& invocation) {
  const ReportOptions wanted = parts(options, invocation);
  const Format& format = *find_format(options.format);
  if (wanted.plots) add_plots(report, wanted.style);
  const bool drawn =
      std::any_of(report.pages.begin(), report.pages.end(), [](const Page& p) { return !p.plots.empty(); });
  if (drawn || (!options.plot && format.plots != Format::Plots::alone)) return;
  throw usage_error(
      (options.plot ? "--plot" : "--format " + options.format) +
      std::string(": nothing in this answer can be plotted; models, layers, kv, fit, train, scale, scan and "
                  "verify have plots"));
}

}  // namespace

namespace {

/// Of the pages that the options ask for; nullptr: they are in English. Where --lang asks for what there is none of,
/// that is said.
std::unique_ptr<Translation> translation_of(const OutputOptions& options, const Surface& surface,
                                            const Invocation& invocation) {
  const auto& common = invocation.session.options;
  if (common.lang.empty() || !common.translated) return nullptr;
  const Format& format = *find_format(options.format);
  std::string english;  // what is in English
  if (!common.get.empty()) {
    english = "--get is";
  } else if (common.explain) {
    english = "--explain is";
  } else if (format.reads == Format::Reads::tree || format.name == "latex") {
    english = "--format " + std::string(format.name) + " is";
  } else if (format.name == "text" && !surface.utf8) {
    english = "in ASCII pages are";
  }
  if (!english.empty()) {
    if (is_given("--lang", invocation)) say("--lang " + common.lang + ": " + english + " in English", invocation);
    return nullptr;
  }
  const bool grouped = format.name != "text" || surface.terminal;
  return std::make_unique<Translation>(*find_language(common.lang),
                                       Translation::Digits{common.digits == "fa", grouped});
}

}  // namespace

int print(Report& report, const OutputOptions& options, const Invocation& invocation) {
  auto& common = invocation.session.options;
  const Format& format = *find_format(options.format);
  std::string failed;
  if (!common.asserts.empty()) failed = failed_assertions(report, common.asserts);
  std::string out;
  if (!common.get.empty()) {
    static_cast<void>(translation_of(options, invocation.environment.surface, invocation));
    out = get_values(report, common.get);
  } else {
    Surface surface = invocation.environment.surface;
    if (options.color != "auto") surface.color = options.color == "always";
    if (!options.file.empty()) surface.terminal = false;
    if (!options.file.empty() && options.color != "always") surface.color = false;
    if (!options.width.empty()) surface.width = read_width(options.width);
    if (common.ascii) surface.utf8 = false;
    const auto translation = translation_of(options, surface, invocation);
    surface.translation = translation.get();
    if (translation) translation->translate(report);
    if (format.name == formats().front().name && !common.notes) {
      shorten_notes(report, std::min(surface.width, kWidestText) - 2);
    }
    if (common.explain) format.reads == Format::Reads::pages ? explain_in_pages(report) : explain_in_tree(report);
    draw_plots(report, options, invocation);
    // Once more, for what has been added; texts that are translated stay.
    if (translation) translation->translate(report);
    out = format.render(report, surface);
    if (translation) common.untranslated = translation->untranslated();
    if (out.empty() && format.reads == Format::Reads::tree) {
      throw usage_error("--format " + options.format + ": " + std::string(format.description) + ", which this is not");
    }
  }
  if (options.file.empty()) {
    invocation.out += out;
  } else {
    write_file(options.file, out);
  }
  if (failed.empty()) return static_cast<int>(ExitCode::answered);
  failed.pop_back();
  for (const auto line : split(failed, '\n')) say(line, invocation);
  return static_cast<int>(ExitCode::no);
}

int print_verdict(Report& report, const OutputOptions& options, const Invocation& invocation,
                  const std::string& impossible, bool on_page) {
  if (impossible.empty()) return print(report, options, invocation);
  const bool pages = find_format(options.format)->reads == Format::Reads::pages;
  const bool page = pages && invocation.session.options.get.empty();
  if (page && !on_page) throw Error(impossible, ExitCode::no);
  static_cast<void>(print(report, options, invocation));
  if (!page) say(impossible, invocation);
  return static_cast<int>(ExitCode::no);
}

std::vector<std::string> catalog_folders(const std::vector<std::string>& catalogs, const Invocation& invocation) {
  std::vector<std::string> folders = invocation.environment.catalogs;
  folders.insert(folders.end(), catalogs.begin(), catalogs.end());
  return folders;
}

const Catalog& open_catalog(const OutputOptions& options, const Invocation& invocation) {
  auto& session = invocation.session;
  session.catalog = std::make_unique<Catalog>(catalog_folders(options.catalogs, invocation), session.options.as_class);
  session.expander = std::make_unique<Expander>(session.catalog->families(), session.catalog->gguf_families(),
                                                session.catalog->names(), session.catalog->inventories());
  session.expander->refuse_guesses(session.options.strict);
  return *session.catalog;
}

}  // namespace paramcount
