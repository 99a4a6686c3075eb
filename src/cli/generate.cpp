// paramcount generate man|bash|zsh|fish|names: files for other programs.
#include "cli/generate.hpp"

#include <array>
#include <utility>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "cli/names.hpp"
#include "cli/options.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

using Generator = std::string (*)(const std::vector<DescribedCommand>&);
constexpr std::array<std::pair<std::string_view, Generator>, 4> kGenerators{
    {{"man", man_page}, {"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}}};

}  // namespace

std::vector<DescribedCommand> described_commands() {
  std::vector<DescribedCommand> all;
  for (const auto& command : commands()) all.push_back({&command, describe(command)});
  return all;
}

int run_generate(const Invocation& invocation) {
  std::string kinds;
  for (const auto kind : name_kinds()) kinds += (kinds.empty() ? "" : ", ") + std::string(kind);
  const WordsCommand command{"generate",
                             "Write the manual page, or completions for a shell.",
                             "KIND",
                             "man, bash, zsh or fish; or names and their kind: " + kinds,
                             [] {
                               return std::string(
                                   "Examples:\n"
                                   "  paramcount generate man | man -l -\n"
                                   "  source <(paramcount generate bash)\n"
                                   "  paramcount generate fish > ~/.config/fish/completions/paramcount.fish\n"
                                   "  paramcount generate names devices");
                             },
                             true};
  OutputOptions options;
  std::vector<std::string> words;
  if (!parse_words(invocation, command, options, words)) return static_cast<int>(ExitCode::answered);
  check(options);
  const std::string kind = words.empty() ? "" : words.front();
  if (kind == "names" && words.size() == 2) {
    for (const auto& name : names_of(words.back(), open_catalog(options, invocation)))
      invocation.out += printable(name) + "\n";
    return static_cast<int>(ExitCode::answered);
  }
  if (words.size() != 1 || kind == "names")
    throw usage_error("generate: man, bash, zsh or fish, or names and their kind?");
  Suggestions suggestions(kind);
  for (const auto& [name, make] : kGenerators) {
    suggestions.consider(name);
    if (name != kind) continue;
    invocation.out += make(described_commands());
    return static_cast<int>(ExitCode::answered);
  }
  throw usage_error("generate " + printable(kind) + ": expected man, bash, zsh, fish or names." + suggestions.hint());
}

}  // namespace paramcount
