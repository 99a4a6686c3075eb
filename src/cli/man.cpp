#include "base/symbols.hpp"
#include "base/text.hpp"
#include "cli/generate.hpp"
#include "cli/topics.hpp"
#include "paramcount/version.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kDate = "2026-11-25";  ///< of the text here

/// Text that roff takes literally: no escapes, no hyphenation of options, no requests at the beginning of a line.
std::string roff(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else if (c == '\n') {
      result += '\n';
    } else {
      if ((c == '.' || c == '\'') && (result.empty() || result.back() == '\n')) result += "\\&";
      result += c;
    }
  }
  return respelled(std::move(result), &Symbol::roff);
}

void entry(std::string& out, const std::string& head, const std::string& text) {
  out += ".TP\n.B " + roff(head) + "\n" + roff(text) + "\n";
}

/// The footer as its author set it.
void literal(std::string& out, const std::string& text) {
  if (text.empty()) return;
  out += ".PP\n.nf\n";
  for (const auto line : split(text, '\n')) out += roff(line) + "\n";
  out += ".fi\n";
}

bool common(const OptionText& option, const std::vector<DescribedCommand>& commands) {
  for (const auto& command : commands) {
    if (command.text.find(option.name) == nullptr) return false;
  }
  return true;
}

}  // namespace

std::string man_page(const std::vector<DescribedCommand>& commands) {
  const auto& main = commands.front().text;
  std::string out = ".TH PARAMCOUNT 1 \"" + std::string(kDate) + "\" \"paramcount " + std::string(kVersion) +
                    "\" \"User Commands\"\n";
  out += ".SH NAME\nparamcount \\- count a language model's parameters, memory and training cost\n";
  out += ".SH SYNOPSIS\n";
  for (const auto& command : commands) {
    std::string line;
    for (const auto& option : command.text.options) {
      if (option.positional()) line += " " + option.spelling();
    }
    out += (out.ends_with("SYNOPSIS\n") ? "" : ".br\n") + std::string(".B ") + roff(command.text.name) + "\n";
    out += roff(line.empty() ? "" : line.substr(1) + " ") + "[options]\n";
  }
  out += ".SH DESCRIPTION\n" + roff(main.description) +
         "\nEvery number is a sum over the model's tensors, as a config.json or the built\\-in catalog defines them.\n";
  out += ".SH OPTIONS OF EVERY COMMAND\n";
  for (const auto& option : main.options) {
    if (!option.positional() && common(option, commands)) entry(out, option.spelling(), option.text.text());
  }
  out += ".SH COMMANDS\n";
  for (const auto& command : commands) {
    out += ".SS " + roff(command.text.name) + "\n" + roff(command.text.description) + "\n";
    for (const auto& option : command.text.options) {
      if (option.positional() || !common(option, commands)) entry(out, option.spelling(), option.text.text());
    }
    literal(out, command.text.footer);
  }
  out += ".SH TOPICS\nTopics of\n.BR \"paramcount help\" :\n";
  for (const auto& topic : topics()) entry(out, std::string(topic.name), std::string(topic.summary));
  out += ".SH FILES\n";
  entry(out, "$XDG_CONFIG_HOME/paramcount/config.toml", "defaults for options");
  entry(out, "$XDG_CONFIG_HOME/paramcount/models, families, devices.json ...", "additions to the catalog");
  entry(out, "$XDG_CACHE_HOME/paramcount/remote", "cache of what was read over the network");
  out += ".SH ENVIRONMENT\n";
  entry(out, "PARAMCOUNT_CATALOG", "a folder of additions to the catalog");
  entry(out, "PARAMCOUNT_FORMAT, PARAMCOUNT_DEVICE ...", "defaults for the options of those names");
  entry(out, "HF_TOKEN, HF_TOKEN_PATH, HF_HOME",
        "the Hub's access token, or the path of its file; see 'paramcount help hub'");
  entry(out, "HF_ENDPOINT, MS_ENDPOINT, OLLAMA_REGISTRY", "servers that hf:, ms: and ollama: names refer to");
  entry(out, "HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE", "same as --offline when set to 1");
  entry(out, "NO_COLOR", "no colour if set");
  return out;
}

}  // namespace paramcount
