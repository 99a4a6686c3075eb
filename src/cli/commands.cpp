#include <array>

#include "base/symbols.hpp"
#include "cli/command.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/version.hpp"
#include "report/figures.hpp"

namespace paramcount {
namespace {

constexpr std::array<Command, 15> kCommands{{
    {"", "count; side by side when several",
     "llama-3.1-8b --dtype q4_k_m --runtime llama.cpp; deepseek-v3 gpt-3-175b gpt-4 --sum", run_count},
    {"batch", "a model a line on standard input, an object a line on standard output", "", run_batch},
    {"diff", "two checkpoints against each other: shapes, number formats, vocabulary", "", run_diff},
    {"explain", "what each part of a model is for, and how many numbers it has", "gpt-2", run_explain},
    {"generate", "the manual page, and completions for bash, zsh and fish", "", run_generate},
    {"help", "a topic, such as keys or dtypes, or the options of a command", "", run_help},
    {"kv", "what is kept between tokens, by runtime and context", "gemma-3-27b", run_kv},
    {"layers", "a model's layers: kind, parameters, what each keeps between tokens", "gemma-3-27b", run_layers},
    {"list", "what the catalog holds: models, devices, dtypes, published runs ...",
     "llama; devices; dtypes; families; runs", run_list},
    {"metadata", "what a checkpoint says of itself, key by key", "", run_metadata},
    {"scale", "what a budget is best spent on, and where models stand, by scaling laws", "--params 7B; llama-3.1-8b",
     run_scale},
    {"scan", "every model below a folder: configs, safetensors, GGUF", "", run_scan},
    {"tensors", "a model's tensors: name, shape, role, copies, parameters", "gpt-2; gpt-2 --dtype awq", run_tensors},
    {"train", "what training costs: operations, time, money, energy, carbon, memory", "llama-3.1-8b", run_train},
    {"verify", "a checkpoint against its architecture, tensor by tensor", "", run_verify},
}};

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  for (const auto& command : kCommands) {
    if (!command.name.empty() && command.name == name) return &command;
  }
  return nullptr;
}

CommandText describe(const Command& command) {
  const Environment environment;
  Session session;
  std::string out;
  std::string err;
  CommandText text;
  static_cast<void>(command.run({{}, environment, session, out, err, &text}));
  return text;
}

int run(const std::vector<std::string>& arguments, const Environment& environment, Session& session, std::string& out,
        std::string& err) {
  const auto out_before = out.size();
  const auto say = [&](const std::string& text) {
    const bool ascii = !environment.surface.utf8 || session.options.ascii;
    err += "paramcount: " + (ascii ? in_ascii(text) : text) + "\n";
  };
  set_figure_style({});
  try {
    if (arguments.size() == 1 && (arguments[0] == "--version" || arguments[0] == "-V")) {
      out += "paramcount " + std::string(kVersion) + "\n";
      return static_cast<int>(ExitCode::answered);
    }
    if (const Command* command = arguments.empty() ? nullptr : find_command(arguments[0])) {
      const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
      return command->run({rest, environment, session, out, err});
    }
    return kCommands[0].run({arguments, environment, session, out, err});
  } catch (const Error& error) {
    // An error never prints half an answer.
    out.resize(out_before);
    say(error.what());
    return static_cast<int>(error.code());
  } catch (const std::bad_alloc&) {
    out.resize(out_before);
    say("out of memory");
    return static_cast<int>(ExitCode::could_not);
  }
}

int run(const std::vector<std::string>& arguments, const Environment& environment, std::string& out, std::string& err) {
  Session session;
  return run(arguments, environment, session, out, err);
}

}  // namespace paramcount
