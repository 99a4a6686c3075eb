#include <array>
#include <exception>
#include <new>
#include <utility>

#include "base/symbols.hpp"
#include "cli/command.hpp"
#include "cli/defaults.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/version.hpp"
#include "report/figures.hpp"

namespace paramcount {

std::string commands_by_question() {
  static constexpr std::array<std::pair<Question, std::string_view>, 6> kQuestions{
      {{Question::size, "How big is it?"},
       {Question::fit, "Does it fit, and how fast is it?"},
       {Question::train, "What does training take?"},
       {Question::files, "Is this file what it claims to be?"},
       {Question::learn, "What does it mean, and what is in the catalog?"},
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
  const auto fail = [&](const std::string& what, ExitCode code) {
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
    const std::string what = error.what();
    if (error.code() != ExitCode::usage) return fail(what, error.code());
    return fail(what + default_at_fault(what, arguments, environment), error.code());
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
