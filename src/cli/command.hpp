// A command of the program and the table of all of them. Each lives in a file of its own, src/cli/<name>.cpp.
#pragma once

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

/// Appends a line to an invocation's `err`: "paramcount: message", as error_text() tells it.
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
[[nodiscard]] std::span<const Command> commands();
[[nodiscard]] const Command* find_command(std::string_view name);

/// All commands with their summaries, below the questions they answer.
[[nodiscard]] std::string commands_by_question();

/// What a command takes, by its own declarations.
[[nodiscard]] CommandText describe(const Command& command);

}  // namespace paramcount
