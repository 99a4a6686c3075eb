#include "cli/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <sstream>

#include "base/file.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "cli/defaults.hpp"
#include "cli/description.hpp"
#include "cli/query.hpp"
#include "paramcount/checkpoint.hpp"
#include "paramcount/error.hpp"
#include "paramcount/render.hpp"
#include "paramcount/stored_model.hpp"
#include "read/checkpoint_model.hpp"
#include "read/hf_config.hpp"
#include "report/explain.hpp"
#include "report/figures.hpp"

namespace paramcount {

Mentioned::Mentioned(const Invocation& invocation) {
  const auto& environment = invocation.environment;
  if (invocation.describe != nullptr || !environment.config.empty() || !environment.defaults.empty()) return;
  for (const auto& argument : invocation.arguments) {
    if (argument == "--help" || argument == "-h") return;
  }
  arguments_ = &invocation.arguments;
}

bool Mentioned::operator()(std::string_view option) const {
  if (arguments_ == nullptr) return true;
  return std::any_of(arguments_->begin(), arguments_->end(), [&](std::string_view argument) {
    return argument.starts_with(option) && (argument.size() == option.size() || argument[option.size()] == '=');
  });
}

void add_output_options(CLI::App& app, OutputOptions& options, const Mentioned& mentioned) {
  app.set_help_flag();
  if (mentioned("--format")) app.add_option("--format", options.format, "")->type_name("F")->group("Output");
  if (mentioned("--color")) {
    app.add_option("--color", options.color, "auto, always or never; auto honours NO_COLOR")
        ->type_name("WHEN")
        ->group("Output");
  }
  if (mentioned("--catalog")) add_catalog_option(app, options.catalogs);
}

void add_catalog_option(CLI::App& app, std::vector<std::string>& catalogs) {
  app.add_option("--catalog", catalogs, "a folder laid out like data/, on top of the built-in catalog")
      ->type_name("DIR")
      ->allow_extra_args(false)
      ->group("Output");
}

namespace {

constexpr std::array<std::string_view, 7> kSeldom{"--get",     "--assert", "--explain",  "--units",
                                                  "--precise", "--ascii",  "--no-config"};

/// The options of every command that few calls use. Each costs a few thousand instructions to declare, so that is done
/// only where one is given, or looked for.
void add_seldom_options(CLI::App& app, Wishes& wishes) {
  const auto many = [&](const char* name, std::vector<std::string>& values, const char* type, const char* text) {
    app.add_option(name, values, text)->type_name(type)->allow_extra_args(false)->group("Output");
  };
  many("--get", wishes.get, "KEY[,KEY]", "only these values, a line each: params.total (help keys lists them)");
  many("--assert", wishes.asserts, "EXPR", "exit 3 unless it holds: 'params.total <= 8e9'; several must all hold");
  app.add_flag("--explain", wishes.explain, "each number with its formula and source")->group("Output");
  app.add_option("--units", wishes.units, "bytes in one unit: si (GB) or iec (GiB); default both")
      ->type_name("U")
      ->group("Output");
  app.add_flag("--precise", wishes.precise, "all digits")->group("Output");
  app.add_flag("--ascii", wishes.ascii, "no character beyond ASCII in text")->group("Output");
  app.add_flag_function(
         "-h,--help", [](std::int64_t) {}, "this page")
      ->group("Output");
  app.add_flag_function(
         "--no-config", [](std::int64_t) {}, "no defaults from the config file or the environment")
      ->group("Output");
  std::string names;
  for (const auto& format : formats()) names += (names.empty() ? "" : ", ") + std::string(format.name);
  if (auto* format = app.get_option_no_throw("--format")) format->description(names);
}

bool is_seldom(std::string_view argument) {
  return argument.starts_with("--") &&
         std::find(kSeldom.begin(), kSeldom.end(), argument.substr(0, argument.find('='))) != kSeldom.end();
}

CommandText text_of(const CLI::App& app, std::string_view command) {
  CommandText text;
  text.name = command.empty() ? "paramcount" : "paramcount " + std::string(command);
  text.description = app.get_description();
  text.footer = app.get_footer();
  for (const auto* option : app.get_options()) {
    OptionText one;
    if (!option->get_lnames().empty()) one.name = "--" + option->get_lnames().front();
    if (!option->get_snames().empty()) one.short_name = "-" + option->get_snames().front();
    if (option->get_items_expected_max() > 0) one.type = option->get_type_name();
    one.text = option->get_description();
    one.group = option->get_group();
    one.many = option->get_positional() && option->get_items_expected_max() > 1;
    text.options.push_back(std::move(one));
  }
  return text;
}

/// The lines of a config file, as far as TOML and CLI11 agree.
std::vector<Setting> read_settings(const std::string& path) {
  constexpr std::size_t kMostBytes = 1U << 20U;
  std::istringstream text(read_file(path, kMostBytes));
  std::vector<Setting> settings;
  try {
    for (auto& item : CLI::ConfigTOML().from_config(text)) {
      const bool edge_of_section = item.name == "++" || item.name == "--";
      if (!edge_of_section) settings.push_back({std::move(item.parents), std::move(item.name), std::move(item.inputs)});
    }
  } catch (const CLI::Error& error) {
    throw usage_error(printable(path) + ": " + printable(error.what()));
  }
  return settings;
}

[[noreturn]] void not_expected(std::string_view command, const std::string& argument) {
  const std::string name = argument.substr(0, argument.find('='));
  if (!name.starts_with('-')) throw usage_error(printable(name) + ": one argument too many");
  Suggestions suggestions(name, 2);
  for (const auto& known : describe(command.empty() ? commands().front() : *find_command(command)).options) {
    if (!known.positional()) suggestions.consider(known.name);
  }
  throw usage_error(printable(name) + ": no such option." + suggestions.hint());
}

void check(const Wishes& wishes) {
  if (wishes.units.empty() || wishes.units == "si" || wishes.units == "iec") return;
  throw usage_error("--units " + printable(wishes.units) + ": expected si or iec");
}

}  // namespace

bool parse(CLI::App& app, const Invocation& invocation, std::string_view command) {
  auto& wishes = invocation.session.wishes;
  const auto& environment = invocation.environment;
  if (invocation.describe != nullptr) {
    add_seldom_options(app, wishes);
    *invocation.describe = text_of(app, command);
    return false;
  }
  // --help is looked for first: it wins over mistakes elsewhere on the line.
  bool seldom = false;
  for (const auto& argument : invocation.arguments) {
    if (argument == "--") break;
    if (argument == "--help" || argument == "-h") {
      add_seldom_options(app, wishes);
      invocation.out += help_text(text_of(app, command));
      return false;
    }
    seldom = seldom || is_seldom(argument);
  }
  std::vector<std::string> reversed;
  const bool defaults = !environment.config.empty() || !environment.defaults.empty();
  if (seldom || defaults) add_seldom_options(app, wishes);
  if (defaults) {
    const auto settings = environment.config.empty() ? std::vector<Setting>{} : read_settings(environment.config);
    const auto arguments = with_defaults(text_of(app, command), invocation, settings, command);
    reversed.assign(arguments.rbegin(), arguments.rend());
  } else {
    reversed.assign(invocation.arguments.rbegin(), invocation.arguments.rend());
  }
  app.allow_extras();
  // `--` has told commands from models already; CLI11 would hand it back as something it does not know.
  const auto separator = std::find(reversed.rbegin(), reversed.rend(), "--");
  if (separator != reversed.rend()) reversed.erase(std::next(separator).base());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    throw usage_error(printable(error.what()));
  }
  const auto left = app.remaining();
  if (!left.empty()) not_expected(command, left.front());
  check(wishes);
  if (wishes.precise || !wishes.units.empty()) set_figure_style({wishes.precise, wishes.units});
  return true;
}

bool parse_words(const Invocation& invocation, const WordsCommand& command, OutputOptions& options,
                 std::vector<std::string>& words) {
  CLI::App app(command.description);
  auto* option = app.add_option("words", words, command.text)->type_name(command.type);
  if (!command.many) option->expected(0, 1);
  add_output_options(app, options);
  app.footer(command.footer);
  return parse(app, invocation, command.name);
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
}

Parts parts(const OutputOptions& options, const Invocation& invocation) {
  const auto& wishes = invocation.session.wishes;
  const bool pages = find_format(options.format)->reads == Format::Reads::pages;
  const bool only_values = !wishes.get.empty() || wishes.explain;
  return {pages && !only_values, !pages || only_values || !wishes.asserts.empty()};
}

int print(Report& report, const OutputOptions& options, const Invocation& invocation) {
  const auto& wishes = invocation.session.wishes;
  const Format& format = *find_format(options.format);
  std::string failed;
  if (!wishes.asserts.empty()) failed = failed_assertions(report, wishes.asserts);
  if (!wishes.get.empty()) {
    invocation.out += get_values(report, wishes.get);
  } else {
    Surface surface = invocation.environment.surface;
    if (options.color != "auto") surface.color = options.color == "always";
    if (wishes.ascii) surface.utf8 = false;
    if (wishes.explain) format.reads == Format::Reads::pages ? explain_in_pages(report) : explain_in_tree(report);
    if (!wishes.units.empty()) keep_units(report, wishes.units);
    invocation.out += format.render(report, surface);
  }
  if (failed.empty()) return static_cast<int>(ExitCode::answered);
  failed.pop_back();
  for (const auto line : split(failed, '\n')) invocation.err += "paramcount: " + std::string(line) + "\n";
  return static_cast<int>(ExitCode::no);
}

std::vector<std::string> catalog_folders(const std::vector<std::string>& catalogs, const Invocation& invocation) {
  std::vector<std::string> folders = invocation.environment.catalogs;
  folders.insert(folders.end(), catalogs.begin(), catalogs.end());
  return folders;
}

const Catalog& open_catalog(const OutputOptions& options, const Invocation& invocation) {
  auto& session = invocation.session;
  session.catalog = std::make_unique<Catalog>(catalog_folders(options.catalogs, invocation));
  session.expander = std::make_unique<Expander>(session.catalog->families(), session.catalog->gguf_families(),
                                                session.catalog->names(), session.catalog->inventories());
  return *session.catalog;
}

std::string shown_name(const Model& model) {
  return printable(model.origin == "catalog" || model.origin == "config" ? model.id : model.origin);
}

Model find_model(const std::string& name, const Catalog& catalog) {
  if (name.empty()) throw Error("an empty name: no such model");
  const bool has_slash = name.find('/') != std::string::npos;
  if (name == "-") return read_hf_config(name, catalog);
  // On disk, a path with a slash is what the user means; a bare name is the catalog's first.
  const bool on_disk = exists(name);
  if (!on_disk || !has_slash) {
    if (auto model = catalog.find_model(name)) return std::move(*model);
  }
  if (on_disk && !is_folder(name) && (name.ends_with(".gguf") || begins_with(name, "GGUF"))) {
    return model_of_gguf(read_gguf(name), catalog);
  }
  if (on_disk) {
    if (!is_checkpoint(name)) return read_hf_config(name, catalog);
    Model model = read_checkpoint_model(name, catalog);
    if (model.checkpoint->format == CheckpointFormat::gguf) return model_of_gguf(*model.checkpoint, catalog);
    return model;
  }
  if (name.ends_with(".json") || name.ends_with(".safetensors") || name.ends_with(".gguf") || name.starts_with('.') ||
      name.starts_with('/')) {
    throw Error(printable(name) + ": no such file");
  }
  try {
    return catalog.model(name);
  } catch (const Error& error) {
    for (const auto& command : commands()) {
      if (!command.name.empty() && edit_distance(name, command.name, 1) <= 1) {
        throw Error(std::string(error.what()) + " There is also the command " + std::string(command.name) + ".");
      }
    }
    throw;
  }
}

Model find_disclosed_model(const std::string& name, const Catalog& catalog) {
  Model model = find_model(name, catalog);
  if (!model.disclosed) throw Error(shown_name(model) + ": not disclosed. " + printable(model.statement));
  return model;
}

}  // namespace paramcount
