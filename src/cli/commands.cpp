#include <array>

#include "cli/command.hpp"
#include "paramcount/error.hpp"
#include "paramcount/version.hpp"

namespace paramcount {
namespace {

constexpr std::array<Command, 9> kCommands{{
    {"", "count; side by side when several", run_count},
    {"batch", "a model a line on standard input, an object a line on standard output", run_batch},
    {"kv", "what is kept between tokens, by runtime and context", run_kv},
    {"layers", "a model's layers: kind, parameters, what each keeps between tokens", run_layers},
    {"list", "what the catalog holds: models, devices, dtypes, families", run_list},
    {"scale", "what a budget is best spent on, and where models stand, by scaling laws", run_scale},
    {"tensors", "a model's tensors: name, shape, role, copies, parameters", run_tensors},
    {"train", "what training costs: operations, time, money, energy, carbon, memory", run_train},
    {"verify", "a checkpoint against its architecture, tensor by tensor", run_verify},
}};

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  for (const auto& command : kCommands) {
    if (!command.name.empty() && command.name == name) return &command;
  }
  return nullptr;
}

int run(const std::vector<std::string>& arguments, const Environment& environment, Session& session, std::string& out,
        std::string& err) {
  const auto out_before = out.size();
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
    err += "paramcount: " + std::string(error.what()) + "\n";
    return static_cast<int>(error.code());
  } catch (const std::bad_alloc&) {
    out.resize(out_before);
    err += "paramcount: out of memory\n";
    return static_cast<int>(ExitCode::could_not);
  }
}

}  // namespace paramcount
