#include <algorithm>

#include "base/text.hpp"
#include "cli/generate.hpp"
#include "cli/names.hpp"

namespace paramcount {
namespace {

std::string command_names(const std::vector<DescribedCommand>& commands) {
  std::string names;
  for (const auto& command : commands) {
    if (!command.command->name.empty()) names += (names.empty() ? "" : " ") + std::string(command.command->name);
  }
  return names;
}

std::string option_names(const CommandText& text) {
  std::string names;
  for (const auto& option : text.options) {
    if (option.positional()) continue;
    if (!option.short_name.empty()) names += (names.empty() ? "" : " ") + option.short_name;
    names += (names.empty() ? "" : " ") + option.name;
  }
  return names;
}

/// The pattern of a case: options of all commands that take values of a kind, or any value.
std::string options_of_kind(const std::vector<DescribedCommand>& commands, std::string_view kind) {
  std::string pattern;
  std::vector<std::string> seen;
  for (const auto& command : commands) {
    for (const auto& option : command.text.options) {
      if (option.positional() || option.flag() || kind_of_option(option.name) != kind) continue;
      if (std::find(seen.begin(), seen.end(), option.name) != seen.end()) continue;
      seen.push_back(option.name.text());
      pattern += (pattern.empty() ? "" : "|") + option.name;
    }
  }
  return pattern;
}

std::vector<std::string_view> kinds_in_use() {
  auto kinds = name_kinds();
  std::erase(kinds, "commands");
  std::erase(kinds, "topics");
  return kinds;
}

/// Of a shell's case over the option before the cursor: its value is completed, folders by `folders`.
std::string option_cases(const std::vector<DescribedCommand>& commands, std::string_view folders) {
  std::string out;
  const auto add = [&](const std::string& options, std::string_view action) {
    if (!options.empty()) out += joined({"    ", options, ") ", action, "return ;;\n"});
  };
  for (const auto kind : kinds_in_use()) {
    add(options_of_kind(commands, kind), joined({"_paramcount_names ", kind, "; "}));
  }
  add("--catalog", joined({folders, "; "}));
  add(options_of_kind(commands, ""), "");
  return out;
}

std::string_view positional_kind(const CommandText& text) {
  for (const auto& option : text.options) {
    if (option.positional()) return kind_of_argument(option.type);
  }
  return {};
}

/// Names that are few and fixed; all else the program is asked for.
std::string positional_words(std::string_view kind) {
  if (kind != "kinds" && kind != "tables") return {};
  std::string words;
  for (const auto& word : names_of(kind, Catalog())) words += (words.empty() ? "" : " ") + word;
  return words;
}

/// The words of a command's argument, or their kind.
std::string positional_choices(const CommandText& text) {
  const auto kind = positional_kind(text);
  const std::string words = positional_words(kind);
  return words.empty() ? std::string(kind) : words;
}

/// A text between single quotes of a shell.
std::string quoted(std::string text) {
  replace_all(text, "'", "'\\''");
  return "'" + text + "'";
}

}  // namespace

std::string bash_completion(const std::vector<DescribedCommand>& commands) {
  std::string out =
      "# Completions of paramcount for bash, made by `paramcount generate bash`.\n"
      "_paramcount_names() {\n"
      "  # Lists at commas: what stands before the last one is kept.\n"
      "  local before=\n"
      "  [[ $cur == *,* ]] && before=${cur%,*},\n"
      "  COMPREPLY=($(compgen -P \"$before\" -W \"$(\"$program\" generate names \"$1\" 2>/dev/null)\" -- "
      "\"${cur##*,}\"))\n"
      "}\n"
      "_paramcount() {\n"
      "  local program=$1 cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= options= "
      "kind=models\n"
      "  if [[ $cur == = ]]; then cur=; elif [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
      "  case \"${COMP_WORDS[1]}\" in\n";
  std::string all = command_names(commands);
  std::string pattern = all;
  replace_all(pattern, " ", "|");
  out += "    " + pattern + ") ((COMP_CWORD > 1)) && command=${COMP_WORDS[1]} ;;\n  esac\n  case \"$previous\" in\n";
  out += option_cases(commands, "COMPREPLY=($(compgen -d -- \"$cur\"))");
  out += "  esac\n  case \"$command\" in\n";
  for (const auto& command : commands) {
    out += "    " + quoted(std::string(command.command->name)) + ") options=" + quoted(option_names(command.text)) +
           " kind=" + quoted(positional_choices(command.text)) + " ;;\n";
  }
  out +=
      "  esac\n"
      "  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"$options\" -- \"$cur\")); return; fi\n"
      "  case \"$kind\" in\n"
      "    models)\n"
      "      _paramcount_names models\n"
      "      COMPREPLY+=($(compgen -f -- \"$cur\"))\n"
      "      ;;\n"
      "    topics) _paramcount_names topics ;;\n"
      "    *) COMPREPLY=($(compgen -W \"$kind\" -- \"$cur\")) ;;\n"
      "  esac\n"
      "  if ((COMP_CWORD == 1)); then COMPREPLY+=($(compgen -W '" +
      all +
      "' -- \"$cur\")); fi\n"
      "}\n"
      "complete -F _paramcount paramcount\n";
  return out;
}

std::string zsh_completion(const std::vector<DescribedCommand>& commands) {
  const auto described = [](const std::string& name, std::string text) {
    replace_all(text, ":", "\\:");
    return quoted(name + ":" + text);
  };
  std::string out =
      "#compdef paramcount\n"
      "# Completions of paramcount for zsh, made by `paramcount generate zsh`.\n"
      "_paramcount_names() {\n"
      "  local -a names\n"
      "  names=(${(f)\"$(${words[1]} generate names $1 2>/dev/null)\"})\n"
      "  # Lists at commas: what stands before the last one is kept.\n"
      "  compset -P '*,'\n"
      "  compadd -- $names\n"
      "}\n"
      "_paramcount() {\n"
      "  local command= kind=models previous=${words[CURRENT - 1]}\n"
      "  local -a options commands\n"
      "  commands=(\n";
  for (const auto& command : commands) {
    if (!command.command->name.empty())
      out += "    " + described(std::string(command.command->name), std::string(command.command->summary)) + "\n";
  }
  out +=
      "  )\n  if ((CURRENT > 2)) && (($commands[(I)${words[2]}:*])); then command=${words[2]}; fi\n"
      "  case $previous in\n";
  out += option_cases(commands, "_files -/");
  out += "  esac\n  case $command in\n";
  for (const auto& command : commands) {
    out += "    " + quoted(std::string(command.command->name)) +
           ")\n      kind=" + quoted(positional_choices(command.text)) + "\n      options=(\n";
    for (const auto& option : command.text.options) {
      if (!option.positional()) out += "        " + described(option.name.text(), option.text.text()) + "\n";
    }
    out += "      ) ;;\n";
  }
  out +=
      "  esac\n"
      "  if [[ $PREFIX == -* ]]; then _describe option options; return; fi\n"
      "  ((CURRENT == 2)) && _describe command commands\n"
      "  case $kind in\n"
      "    models) _paramcount_names models; _files ;;\n"
      "    topics) _paramcount_names topics ;;\n"
      "    *) compadd -- ${=kind} ;;\n"
      "  esac\n"
      "}\n"
      "if [[ $funcstack[1] == _paramcount ]]; then _paramcount \"$@\"; else compdef _paramcount paramcount; fi\n";
  return out;
}

std::string fish_completion(const std::vector<DescribedCommand>& commands) {
  const std::string all = command_names(commands);
  std::string out = "# Completions of paramcount for fish, made by `paramcount generate fish`.\n";
  const std::string none = "not __fish_seen_subcommand_from " + all;
  for (const auto& command : commands) {
    if (command.command->name.empty()) continue;
    out += "complete -c paramcount -f -n " + quoted("__fish_is_first_token") + " -a " +
           quoted(std::string(command.command->name)) + " -d " + quoted(std::string(command.command->summary)) + "\n";
  }
  for (const auto& command : commands) {
    const std::string when =
        command.command->name.empty() ? none : "__fish_seen_subcommand_from " + std::string(command.command->name);
    for (const auto& option : command.text.options) {
      std::string line = "complete -c paramcount -n " + quoted(when);
      const auto ask = [](std::string_view kind) {
        return " -a " + quoted("(paramcount generate names " + std::string(kind) + " 2>/dev/null)");
      };
      if (option.positional()) {
        const auto kind = kind_of_argument(option.type);
        const auto words = positional_words(kind);
        if (kind != "models") line += " -f";
        line += words.empty() ? ask(kind) : " -a " + quoted(words);
        if (!kind.empty()) out += line + "\n";
        continue;
      }
      if (!option.short_name.empty()) line += " -s " + option.short_name.text().substr(1);
      line += " -l " + option.name.text().substr(2);
      const auto kind = kind_of_option(option.name);
      if (kind == "folders") {
        line += " -r -a " + quoted("(__fish_complete_directories)");
      } else if (!option.flag()) {
        line += kind.empty() ? " -x" : " -x" + ask(kind);
      }
      out += line + " -d " + quoted(option.text.text()) + "\n";
    }
  }
  return out;
}

}  // namespace paramcount
