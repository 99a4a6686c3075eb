// A command, and the table of all commands. Each is in its own file, src/cli/<name>.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/description.hpp"
#include "cli/session.hpp"

namespace paramcount {

/// One call of a command: what it was given and where its output goes.
struct Invocation {
  const std::vector<std::string>& arguments;  ///< after the command's name
  const Environment& environment;
  Session& session;
  std::string& out;
  std::string& err;
  /// When set, the command only says here what it takes: nothing runs.
  CommandText* describe = nullptr;
};

/// Appends a line to an invocation's `err`: "paramcount: message", as error_text() formats it.
void say(std::string_view message, const Environment& environment, const Session& session, std::string& err);
inline void say(std::string_view message, const Invocation& invocation) {
  say(message, invocation.environment, invocation.session, invocation.err);
}

/// What people come with; help lists commands by it.
enum class Question : std::uint8_t { size, fit, train, files, learn, scripts };

struct Command {
  std::string_view name;  ///< empty: the main command, `paramcount MODEL...`
  std::string_view summary;
  std::string_view example;  ///< arguments that answer without any file, several at semicolons: what `help keys` runs
  /// Throws Error; returns an exit code.
  int (*run)(const Invocation& invocation);
  Question question;
  bool translated{false};  ///< its pages are to be had in the languages of data/lang
};

/// What the program says when it is called without any argument: what it is for, by example.
int run_welcome(const Invocation& invocation);

int run_batch(const Invocation& invocation);
int run_count(const Invocation& invocation);
int run_design(const Invocation& invocation);
int run_diff(const Invocation& invocation);
int run_explain(const Invocation& invocation);
int run_fit(const Invocation& invocation);
int run_generate(const Invocation& invocation);
int run_help(const Invocation& invocation);
int run_kv(const Invocation& invocation);
int run_layers(const Invocation& invocation);
int run_list(const Invocation& invocation);
int run_metadata(const Invocation& invocation);
int run_scale(const Invocation& invocation);
int run_scan(const Invocation& invocation);
int run_tensors(const Invocation& invocation);
int run_train(const Invocation& invocation);
int run_verify(const Invocation& invocation);

/// The main command first.
inline constexpr auto kCommands = std::to_array<Command>({
    {"", "count models; several are compared side by side",
     "llama-3.1-8b --dtype q4_k_m --runtime llama.cpp; deepseek-v3 gpt-3-175b gpt-4 --sum; "
     "llama-3.2-11b-vision --images 2 --image-size 560x560; whisper-large-v3 --audio 30s",
     run_count, Question::size, true},
    {"batch", "count many models: one per line in, one JSON object per line out", "", run_batch, Question::scripts},
    {"design", "design an architecture for a budget, guided by published models",
     "--params 7B; --params 30B --active 3B; --fits rtx-4090", run_design, Question::train},
    {"diff", "compare two checkpoints: shapes, number formats, vocabulary", "", run_diff, Question::files},
    {"explain", "explain a model part by part; --article: check an article's claims", "gpt-2; --article", run_explain,
     Question::learn, true},
    {"fit", "does it fit, in which format, on how many devices, how fast",
     "qwen3-32b --device rtx-4090; llama-3.1-8b --device h100-sxm --dtype fp8", run_fit, Question::fit, true},
    {"generate", "print the manual page, or completions for a shell", "", run_generate, Question::scripts},
    {"help", "explain a topic, or show a command's options", "", run_help, Question::learn},
    {"kv", "KV cache and recurrent state, by runtime and context length", "gemma-3-27b; gemma-3-4b --images 2", run_kv,
     Question::fit},
    {"layers", "list a model's layers: kind, parameters, KV cache", "gemma-3-27b", run_layers, Question::size},
    {"list", "list the catalog: models, devices, number formats, published runs",
     "llama; devices; dtypes; families; runs", run_list, Question::learn},
    {"metadata", "show the metadata of a checkpoint", "", run_metadata, Question::files},
    {"scale", "find the best size and tokens for a budget, by scaling laws", "--params 7B; llama-3.1-8b", run_scale,
     Question::train},
    {"scan", "count every model below a folder: configs and checkpoints of every format", "", run_scan,
     Question::files},
    {"tensors", "list a model's tensors: name, shape, role, copies, parameters", "gpt-2; gpt-2 --dtype awq",
     run_tensors, Question::size},
    {"train", "cost of training: FLOPs, time, money, energy, carbon, memory", "llama-3.1-8b", run_train,
     Question::train},
    {"verify", "check a checkpoint against its architecture, tensor by tensor", "", run_verify, Question::files},
});

[[nodiscard]] inline std::span<const Command> commands() { return kCommands; }
[[nodiscard]] const Command* find_command(std::string_view name);

/// All commands with their summaries, below the questions they answer.
[[nodiscard]] std::string commands_by_question();

/// What a command takes, by its own declarations.
[[nodiscard]] CommandText describe(const Command& command);

}  // namespace paramcount
