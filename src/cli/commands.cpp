#include <array>
#include <exception>
#include <new>
#include <utility>

#include "base/symbols.hpp"
#include "cli/command.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/version.hpp"
#include "report/figures.hpp"

namespace paramcount {
namespace {

constexpr std::array<Command, 17> kCommands{{
    {"", "count models; several are compared side by side",
     "llama-3.1-8b --dtype q4_k_m --runtime llama.cpp; deepseek-v3 gpt-3-175b gpt-4 --sum; "
     "llama-3.2-11b-vision --images 2 --image-size 560x560; whisper-large-v3 --audio 30s",
     run_count, Question::size, true},
    {"batch", "count many: one model a line in, one JSON object a line out", "", run_batch, Question::scripts},
    {"design", "an architecture from a budget, by the shapes of published models",
     "--params 7B; --params 30B --active 3B; --fits rtx-4090", run_design, Question::train},
    {"diff", "compare two checkpoints: shapes, number formats, vocabulary", "", run_diff, Question::files},
    {"explain", "a model part by part; --article: an article's claims", "gpt-2; --article", run_explain,
     Question::learn, true},
    {"fit", "does it fit, in which format, on how many devices, how fast",
     "qwen3-32b --device rtx-4090; llama-3.1-8b --device h100-sxm --dtype fp8", run_fit, Question::fit, true},
    {"generate", "print the manual page, or completions for a shell", "", run_generate, Question::scripts},
    {"help", "a topic, or the options of a command", "", run_help, Question::learn},
    {"kv", "KV cache and recurrent state, by runtime and context length", "gemma-3-27b; gemma-3-4b --images 2", run_kv,
     Question::fit},
    {"layers", "a model's layers: kind, parameters, KV cache", "gemma-3-27b", run_layers, Question::size},
    {"list", "the catalog: models, devices, number formats, published runs", "llama; devices; dtypes; families; runs",
     run_list, Question::learn},
    {"metadata", "show the metadata of a checkpoint", "", run_metadata, Question::files},
    {"scale", "the best size and tokens for a budget, by scaling laws", "--params 7B; llama-3.1-8b", run_scale,
     Question::train},
    {"scan", "count every model below a folder: configs and checkpoints of every format", "", run_scan, Question::files},
    {"tensors", "a model's tensors: name, shape, role, copies, parameters", "gpt-2; gpt-2 --dtype awq", run_tensors,
     Question::size},
    {"train", "training: FLOPs, time, money, energy, carbon, memory", "llama-3.1-8b", run_train, Question::train},
    {"verify", "check a checkpoint against its architecture, tensor by tensor", "", run_verify, Question::files},
}};

}  // namespace

std::span<const Command> commands() { return kCommands; }

std::string commands_by_question() {
  static constexpr std::array<std::pair<Question, std::string_view>, 6> kQuestions{
      {{Question::size, "How big is it?"},
       {Question::fit, "Does it fit, and how fast is it?"},
       {Question::train, "What does training take?"},
       {Question::files, "Is this file what it says?"},
       {Question::learn, "What does it mean, and what is there?"},
       {Question::scripts, "For scripts"}}};
  std::string text;
  for (const auto& [question, title] : kQuestions) {
    text += (text.empty() ? "" : "\n") + std::string(title) + "\n";
    for (const auto& command : kCommands) {
      if (command.question != question) continue;
      const std::string_view name = command.name.empty() ? "MODEL..." : command.name;
      text += "  " + std::string(name) + std::string(11 - name.size(), ' ') + std::string(command.summary) + "\n";
    }
  }
  return text;
}

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

void say(std::string_view message, const Environment& environment, const Session& session, std::string& err) {
  const bool ascii = !environment.surface.utf8 || session.options.ascii;
  std::string text = error_text(message);
  err += "paramcount: " + (ascii ? in_ascii(std::move(text)) : text) + "\n";
}

int run(const std::vector<std::string>& arguments, const Environment& environment, Session& session, std::string& out,
        std::string& err) {
  const auto out_before = out.size();
  // An error never prints half an answer.
  const auto fail = [&](const char* what, ExitCode code) {
    out.resize(out_before);
    say(what, environment, session, err);
    return static_cast<int>(code);
  };
  try {
    if (arguments.size() == 1 && (arguments[0] == "--version" || arguments[0] == "-V")) {
      out += "paramcount " + std::string(kVersion) + "\n";
      return static_cast<int>(ExitCode::answered);
    }
    if (arguments.empty()) return run_welcome({arguments, environment, session, out, err});
    if (const Command* command = find_command(arguments[0])) {
      const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
      return command->run({rest, environment, session, out, err});
    }
    return kCommands[0].run({arguments, environment, session, out, err});
  } catch (const Error& error) {
    return fail(error.what(), error.code());
  } catch (const std::bad_alloc&) {
    return fail("out of memory", ExitCode::could_not);
  } catch (const std::exception& error) {
    return fail(error.what(), ExitCode::could_not);
  }
}

int run(const std::vector<std::string>& arguments, const Environment& environment, std::string& out, std::string& err) {
  Session session;
  return run(arguments, environment, session, out, err);
}

}  // namespace paramcount
