#include "base/subprocess.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

#include "base/budgets.hpp"

namespace paramcount {
namespace {

using Clock = std::chrono::steady_clock;

/// Both ends of a pipe, neither inherited by programs unless asked.
class Pipe {
 public:
  Pipe() {
    if (::pipe(ends_.data()) != 0) ends_ = {-1, -1};
    for (const int end : ends_) {
      if (end >= 0) ::fcntl(end, F_SETFD, FD_CLOEXEC);
    }
  }
  ~Pipe() {
    close(0);
    close(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] bool open() const { return ends_[0] >= 0; }
  [[nodiscard]] int end(std::size_t which) const { return ends_[which]; }
  void close(std::size_t which) {
    if (ends_[which] >= 0) ::close(ends_[which]);
    ends_[which] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

/// The process, a group of its own; 0 when it could not be started.
pid_t start(const std::string& path, const std::vector<std::string>& arguments, const Pipe& output) {
  std::vector<std::string> words{path};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::string search = "PATH=/usr/bin:/bin:/usr/sbin:/sbin";
  std::string language = "LC_ALL=C";
  std::array<char*, 3> environment{search.data(), language.data(), nullptr};

  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output.end(1), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  pid_t process = 0;
  const int failed = ::posix_spawn(&process, path.c_str(), &files, &attributes, argv.data(), environment.data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return failed == 0 ? process : 0;
}

/// What the program writes until it ends its output, the deadline or the limit; how far it came.
ProgramAnswer::Ended read_output(int file, Clock::time_point deadline, std::string& out) {
  std::array<char, 4096> piece{};
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return ProgramAnswer::Ended::late;
    pollfd waiting{file, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return ProgramAnswer::Ended::late;
    const auto got = ::read(file, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return ProgramAnswer::Ended::well;
    out.append(piece.data(), static_cast<std::size_t>(got));
    if (out.size() > kMostProgramBytes) return ProgramAnswer::Ended::too_long;
  }
}

/// Waits for its end until the deadline; false if it is still running.
bool wait_for(pid_t process, Clock::time_point deadline, int& status) {
  while (true) {
    const pid_t ended = ::waitpid(process, &status, WNOHANG);
    if (ended == process) return true;
    if (ended < 0 && errno != EINTR) return true;
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace

ProgramAnswer ask_program(const std::string& path, const std::vector<std::string>& arguments) {
  ProgramAnswer answer;
  if (!path.starts_with('/') || ::access(path.c_str(), X_OK) != 0) return answer;
  Pipe output;
  if (!output.open()) return answer;
  const auto deadline = Clock::now() + std::chrono::seconds(kMostProgramSeconds);
  const pid_t process = start(path, arguments, output);
  if (process == 0) return answer;
  output.close(1);
  answer.ended = read_output(output.end(0), deadline, answer.out);
  output.close(0);
  int status = 0;
  if (answer.ended != ProgramAnswer::Ended::well || !wait_for(process, deadline, status)) {
    if (answer.ended == ProgramAnswer::Ended::well) answer.ended = ProgramAnswer::Ended::late;
    ::kill(-process, SIGKILL);
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    answer.out.clear();
    return answer;
  }
  answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : WIFSIGNALED(status) ? 128 + WTERMSIG(status) : 0;
  if (answer.code != 0) answer.ended = ProgramAnswer::Ended::with_error;
  return answer;
}

std::string failure_of(const ProgramAnswer& answer) {
  switch (answer.ended) {
    case ProgramAnswer::Ended::well:
      return "";
    case ProgramAnswer::Ended::absent:
      return "not found";
    case ProgramAnswer::Ended::with_error:
      return "exit code " + std::to_string(answer.code);
    case ProgramAnswer::Ended::late:
      return "no answer within " + std::to_string(kMostProgramSeconds) + " seconds";
    case ProgramAnswer::Ended::too_long:
      return "more than " + std::to_string(kMostProgramBytes >> 10U) + " KiB of output";
  }
  return "";
}

}  // namespace paramcount
