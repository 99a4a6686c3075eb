#include "process.hpp"

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <poll.h>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <vector>

#include "base/text.hpp"
#include "catch.hpp"
#include "cli/session.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

[[noreturn]] void become(const std::string& command) {
  const std::string program = PARAMCOUNT_PROGRAM;
  const char* path = std::getenv("PATH");
  ::setenv("PATH", (program.substr(0, program.rfind('/')) + ":" + (path != nullptr ? path : "/usr/bin:/bin")).c_str(),
           1);
  ::setenv("NO_COLOR", "1", 1);
  ::unsetenv("COLUMNS");
  ::setenv("LC_ALL", "C.UTF-8", 1);
  ::setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
  std::vector<std::string> ours;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (text.starts_with("PARAMCOUNT_")) ours.push_back(text.substr(0, text.find('=')));
  }
  for (const auto& name : ours) ::unsetenv(name.c_str());
  if (::chdir(PARAMCOUNT_SOURCE_DIR) != 0) ::_exit(126);
  ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
  ::_exit(127);
}

int exit_code(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// False at the end of the stream.
bool take(int descriptor, std::string& text) {
  std::array<char, 4096> buffer;
  const auto got = ::read(descriptor, buffer.data(), buffer.size());
  if (got < 0 && errno == EINTR) return true;
  if (got <= 0) return false;
  text.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

}  // namespace

Finished run_shell(const std::string& command) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (::pipe(out.data()) != 0 || ::pipe(err.data()) != 0) throw std::runtime_error("pipe");
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    for (const int end : {out[0], out[1], err[0], err[1]}) ::close(end);
    become(command);
  }
  ::close(out[1]);
  ::close(err[1]);
  Finished finished;
  std::array<pollfd, 2> ends{{{out[0], POLLIN, 0}, {err[0], POLLIN, 0}}};
  for (int open = 2; open > 0;) {
    ::poll(ends.data(), ends.size(), -1);
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].fd < 0 || (ends[i].revents & (POLLIN | POLLHUP)) == 0) continue;
      if (!take(ends[i].fd, i == 0 ? finished.out : finished.err)) {
        ::close(ends[i].fd);
        ends[i].fd = -1;
        --open;
      }
    }
  }
  finished.code = exit_code(child);
  return finished;
}

Finished run_on_terminal(const std::string& command, std::size_t columns) {
  winsize size{};
  size.ws_row = 50;
  size.ws_col = static_cast<unsigned short>(columns);
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (child < 0) throw std::runtime_error("forkpty");
  if (child == 0) {
    ::setenv("TERM", "xterm", 1);
    become(command);
  }
  Finished finished;
  while (take(terminal, finished.out)) continue;
  ::close(terminal);
  finished.code = exit_code(child);
  std::erase(finished.out, '\r');
  return finished;
}

Finished run_words(const std::vector<std::string>& arguments) {
  Finished finished;
  finished.code = run(arguments, Environment{}, finished.out, finished.err);
  return finished;
}

double figure_of(std::vector<std::string> arguments, const std::string& key) {
  arguments.insert(arguments.end(), {"--get", key});
  const Finished ran = run_words(arguments);
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  return std::stod(ran.out);
}

Finished run_line(std::string_view line) {
  std::vector<std::string> words;
  for (const auto word : split(line, ' ')) words.emplace_back(word);
  return run_words(words);
}

std::string output_of(std::string_view line) {
  const Finished ran = run_line(line);
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  return ran.out;
}

Report report_of(const std::vector<std::string>& arguments) {
  Finished finished;
  Session session;
  finished.code = run(arguments, Environment{}, session, finished.out, finished.err);
  if (finished.code != 0) throw std::runtime_error(finished.err);
  return std::move(session.report);
}

std::size_t program_kib() { return static_cast<std::size_t>(std::filesystem::file_size(PARAMCOUNT_PROGRAM)) / 1024; }

std::string within_kib(std::size_t kib) {
#ifdef __SANITIZE_ADDRESS__
  static_cast<void>(kib);
  return {};
#else
  return "ulimit -v " + std::to_string(kib) + "; ";
#endif
}

bool updating() {
  const char* value = std::getenv("UPDATE");
  return value != nullptr && std::string(value) == "1";
}

}  // namespace paramcount
