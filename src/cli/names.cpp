#include "cli/names.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "cli/topics.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/report/render.hpp"
#include "report/catalog_lists.hpp"

namespace paramcount {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr std::array<Pair, 19> kOptions{{{"--to", "models"},
                                         {"--grid", "grids"},
                                         {"--law", "laws"},
                                         {"--optimizer", "optimizers"},
                                         {"--dtype", "dtypes"},
                                         {"--kv-dtype", "dtypes"},
                                         {"--device", "devices"},
                                         {"--fits", "devices"},
                                         {"--like", "families"},
                                         {"--runtime", "runtimes"},
                                         {"--family", "families"},
                                         {"--baseline", "models"},
                                         {"--format", "formats"},
                                         {"--color", "colors"},
                                         {"--units", "units"},
                                         {"--sort", "sorts"},
                                         {"--get", "keys"},
                                         {"--assert", "keys"},
                                         {"--catalog", "folders"}}};
constexpr std::array<Pair, 4> kArguments{
    {{"MODEL", "models"}, {"TOPIC", "topics"}, {"KIND", "kinds"}, {"TEXT", "tables"}}};

std::string_view second(std::span<const Pair> pairs, std::string_view first) {
  for (const auto& [name, kind] : pairs) {
    if (name == first) return kind;
  }
  return {};
}

std::vector<std::string> ids(const Catalog& catalog, std::string_view table) {
  std::vector<std::string> names;
  catalog.each_name(table, [&](std::string_view name, bool is_id) {
    if (is_id) names.emplace_back(name);
  });
  return names;
}

std::vector<std::string> words(std::initializer_list<std::string_view> list) { return {list.begin(), list.end()}; }

std::vector<std::string> unsorted_names(std::string_view kind, const Catalog& catalog) {
  if (kind == "models") return ids(catalog, Catalog::Kind::model);
  if (kind == "colors") return words({"auto", "always", "never"});
  if (kind == "units") return words({"si", "iec"});
  if (kind == "sorts") return words({"params", "active", "released", "context", "name"});
  if (kind == "kinds") return words({"man", "bash", "zsh", "fish", "names"});
  std::vector<std::string> names;
  if (kind == "dtypes") {
    names = ids(catalog, Dtype::kTable);
    std::erase_if(names, [](const std::string& id) { return id.find('{') != std::string::npos; });
    const auto types = ids(catalog, FileType::kTable);
    names.insert(names.end(), types.begin(), types.end());
  } else if (std::ranges::find(catalog_lists(), kind, &CatalogList::word) != catalog_lists().end()) {
    names = ids(catalog, kind);
  } else if (kind == "tables") {
    for (const auto& list : catalog_lists()) names.emplace_back(list.word);
  } else if (kind == "runtimes") {
    for (const auto& profile : runtime_profiles()) names.emplace_back(profile.name);
  } else if (kind == "formats") {
    for (const auto& format : formats()) names.emplace_back(format.name);
  } else if (kind == "commands") {
    for (const auto& command : commands()) names.emplace_back(command.name);
  } else if (kind == "topics") {
    for (const auto& topic : topics()) names.emplace_back(topic.name);
    for (const auto& command : commands()) names.emplace_back(command.name);
  } else if (kind == "keys") {
    for (const auto& command : commands()) {
      for (const auto& entry : keys_of_command(command)) {
        std::string name = entry.name;
        replace_all(name, ".N", ".0");
        names.push_back(std::move(name));
      }
    }
  }
  return names;
}

}  // namespace

const std::vector<std::string_view>& name_kinds() {
  static const std::vector<std::string_view> kinds = [] {
    std::vector<std::string_view> all{"models", "runtimes", "formats", "commands", "topics",
                                      "keys",   "colors",   "units",   "sorts"};
    for (const auto& list : catalog_lists()) all.push_back(list.word);
    return all;
  }();
  return kinds;
}

std::vector<std::string> names_of(std::string_view kind, const Catalog& catalog) {
  auto names = unsorted_names(kind, catalog);
  std::erase(names, "");
  if (names.empty()) {
    Suggestions suggestions(kind);
    for (const auto known : name_kinds()) suggestions.consider(known);
    throw usage_error("generate names " + printable(kind) + ": no such names." + suggestions.hint());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string_view kind_of_option(std::string_view option) { return second(kOptions, option); }
std::string_view kind_of_argument(std::string_view type) { return second(kArguments, type); }

std::vector<Entry> keys_of_command(const Command& command) {
  std::vector<Report> reports;
  for (const auto text : split(command.example, ';')) {
    if (trim(text).empty()) continue;
    std::vector<std::string> arguments;
    for (const auto word : split(trim(text), ' ')) arguments.emplace_back(word);
    arguments.insert(arguments.end(), {"--format", "json", "--no-config"});
    Session session;
    std::string out;
    std::string err;
    const Environment environment;
    static_cast<void>(command.run({arguments, environment, session, out, err}));
    reports.push_back(std::move(session.report));
  }
  return keys_of(reports);
}

}  // namespace paramcount
