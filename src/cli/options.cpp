#include "cli/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/file.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "paramcount/error.hpp"
#include "paramcount/render.hpp"
#include "read/checkpoint_model.hpp"
#include "read/hf_config.hpp"

namespace paramcount {

void add_output_options(CLI::App& app, OutputOptions& options) {
  app.set_help_flag();
  std::string names;
  for (const auto& format : formats()) names += (names.empty() ? "" : ", ") + std::string(format.name);
  app.add_option("--format", options.format, names)->type_name("F")->group("Output");
  app.add_option("--color", options.color, "auto, always or never; auto honours NO_COLOR")
      ->type_name("WHEN")
      ->group("Output");
  add_catalog_option(app, options.catalogs);
}

void add_catalog_option(CLI::App& app, std::vector<std::string>& catalogs) {
  app.add_option("--catalog", catalogs, "a folder laid out like data/, on top of the built-in catalog")
      ->type_name("DIR")
      ->allow_extra_args(false)
      ->group("Output");
  app.add_flag_function(
         "-h,--help", [](std::int64_t) {}, "this page")
      ->group("Output");
}

bool parse(CLI::App& app, const Invocation& invocation, std::string_view command) {
  // --help is looked for first: it wins over mistakes elsewhere on the line.
  for (const auto& argument : invocation.arguments) {
    if (argument == "--") break;
    if (argument == "--help" || argument == "-h") {
      app.name(command.empty() ? "paramcount" : "paramcount " + std::string(command));
      invocation.out += app.help();
      return false;
    }
  }
  app.allow_extras();
  std::vector<std::string> reversed(invocation.arguments.rbegin(), invocation.arguments.rend());
  // `--` has told commands from models already; CLI11 would hand it back as something it does not know.
  const auto separator = std::find(reversed.rbegin(), reversed.rend(), "--");
  if (separator != reversed.rend()) reversed.erase(std::next(separator).base());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    throw usage_error(printable(error.what()));
  }
  const auto left = app.remaining();
  if (left.empty()) return true;
  const std::string name = left.front().substr(0, left.front().find('='));
  Suggestions suggestions(name, 2);
  if (name.starts_with('-')) {
    for (const auto* option : app.get_options()) {
      for (const auto& known : option->get_lnames()) suggestions.consider("--" + known);
    }
    throw usage_error(printable(name) + ": no such option." + suggestions.hint());
  }
  throw usage_error(printable(name) + ": one argument too many");
}

void check(const OutputOptions& options) {
  if (find_format(options.format) == nullptr) {
    Suggestions suggestions(options.format);
    for (const auto& format : formats()) suggestions.consider(format.name);
    throw usage_error("--format " + printable(options.format) + ": no such format." + suggestions.hint());
  }
  if (options.color != "auto" && options.color != "always" && options.color != "never") {
    throw usage_error("--color " + printable(options.color) + ": expected auto, always or never");
  }
}

void print(const Report& report, const OutputOptions& options, const Invocation& invocation) {
  Surface surface = invocation.environment.surface;
  if (options.color != "auto") surface.color = options.color == "always";
  invocation.out += find_format(options.format)->render(report, surface);
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
                                                session.catalog->names());
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
  if (on_disk) {
    return is_checkpoint(name) ? read_checkpoint_model(name, catalog) : read_hf_config(name, catalog);
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

}  // namespace paramcount
