// What several commands share: options of output and catalog, parsing with errors of our own, finding models.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"
#include "paramcount/catalog.hpp"
#include "paramcount/model.hpp"
#include "paramcount/report.hpp"

namespace CLI {
class App;
}

namespace paramcount {

struct OutputOptions {
  std::string format = "text";
  std::string color = "auto";
  std::vector<std::string> catalogs;
};

/// Adds --format, --color, --catalog and --help.
void add_output_options(CLI::App& app, OutputOptions& options);

/// Adds --catalog and --help.
void add_catalog_option(CLI::App& app, std::vector<std::string>& catalogs);

/// Parses; throws usage Error with a suggestion for an unknown option. Returns false when --help was asked for, and
/// then the help is in `out`.
[[nodiscard]] bool parse(CLI::App& app, const Invocation& invocation, std::string_view command);

/// The report in the format asked for, appended to the invocation's output.
void print(const Report& report, const OutputOptions& options, const Invocation& invocation);

/// The folders on top of the built-in catalog: the environment's, then those of --catalog.
[[nodiscard]] std::vector<std::string> catalog_folders(const std::vector<std::string>& catalogs,
                                                       const Invocation& invocation);

/// The built-in catalog with the folders of the environment and of --catalog on top, and an expander over it; both
/// are the session's.
const Catalog& open_catalog(const OutputOptions& options, const Invocation& invocation);

/// A catalog name, a checkpoint, a config.json, a folder with one of these, or "-" for standard input.
[[nodiscard]] Model find_model(const std::string& name, const Catalog& catalog);

/// What errors call the model: its id, or the path it was read from.
[[nodiscard]] std::string shown_name(const Model& model);

/// Throws usage Error when the format or the colour mode does not exist. Called before anything is read.
void check(const OutputOptions& options);

}  // namespace paramcount
