#include "remote/curl.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <semaphore>
#include <string_view>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// Transfers that one process makes one after the other, over one connection where it can.
constexpr std::size_t kMostOfOne = 16;
/// What curl says of a transfer after its body: never more.
constexpr std::size_t kMostTail = 4096;

/// The variables that curl may see: what it needs to find certificates and proxies. No token is among them.
constexpr std::array<std::string_view, 13> kVariables{
    "http_proxy", "https_proxy",   "HTTPS_PROXY",  "all_proxy",      "ALL_PROXY",        "no_proxy",       "NO_PROXY",
    "HOME",       "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "CURL_SSL_BACKEND", "LD_LIBRARY_PATH"};

std::string find_curl() {
  const char* const path = std::getenv("PATH");
  for (const auto folder : split(path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin", ':')) {
    if (!folder.starts_with('/')) continue;
    std::string program = std::string(folder) + "/curl";
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  return {};
}

std::string random_marker() {
  std::random_device source;
  std::string marker;
  for (int i = 0; i < 32; ++i) marker += "0123456789abcdef"[source() % 16];
  return marker;
}

/// As curl's config files quote a text.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

void close_end(int& end) {
  if (end >= 0) ::close(end);
  end = -1;
}

std::counting_semaphore<kMostCurls>& slots() {
  static std::counting_semaphore<kMostCurls> all(kMostCurls);
  return all;
}

/// One curl and the transfers it makes. Whoever makes one has taken a slot for it.
class Process {
 public:
  Process(const std::string& program, const std::string& marker, int timeout,
          const std::vector<CurlTransfer>& transfers, std::vector<std::size_t> places, std::vector<CurlAnswer>& answers)
      : marker_(marker), transfers_(transfers), places_(std::move(places)), answers_(answers) {
    for (const auto place : places_) config_ += config_of(transfers[place], timeout);
    try {
      start(program);
    } catch (const Error&) {
      slots().release();
      throw;
    }
  }
  ~Process() {
    end();
    slots().release();
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] bool running() const { return output_ >= 0; }
  [[nodiscard]] pollfd output() const { return {output_, POLLIN, 0}; }
  [[nodiscard]] pollfd input() const { return {input_, POLLOUT, 0}; }

  /// Hands over as much of the config as is taken.
  void write() {
    while (written_ < config_.size()) {
#ifdef MSG_NOSIGNAL
      constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
#else
      constexpr int kFlags = MSG_DONTWAIT;
#endif
      const auto sent = ::send(input_, config_.data() + written_, config_.size() - written_, kFlags);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      if (sent <= 0) break;
      written_ += static_cast<std::size_t>(sent);
    }
    close_end(input_);
  }

  /// Takes what came; returns how many bytes.
  std::size_t read() {
    constexpr std::size_t kPiece = std::size_t{1} << 16U;
    const auto before = buffer_.size();
    buffer_.resize(before + kPiece);
    const auto got = ::read(output_, buffer_.data() + before, kPiece);
    buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR) return 0;
    if (got > 0) take();
    if (got <= 0) end();
    return static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  }

  /// Transfers that were not made when it ended.
  [[nodiscard]] std::vector<std::size_t> left() const {
    return {places_.begin() + static_cast<std::ptrdiff_t>(done_), places_.end()};
  }
  [[nodiscard]] std::size_t done() const { return done_; }

 private:
  [[nodiscard]] std::string config_of(const CurlTransfer& transfer, int timeout) const {
    const bool secure = transfer.url.starts_with("https:");
    std::string text = config_.empty() ? "" : "next\n";
    text += "url = " + quoted(transfer.url) + "\n";
    for (const auto& header : transfer.headers) text += "header = " + quoted(header) + "\n";
    text += "header = \"Accept-Encoding: identity\"\n";
    if (!transfer.range.empty()) text += "range = " + quoted(transfer.range) + "\n";
    text += std::string("proto = ") + (secure ? "\"=https\"" : "\"=http\"") + "\n";
    text += "user-agent = \"paramcount\"\nsilent\ninclude\ngloboff\npath-as-is\nsuppress-connect-headers\n";
    text += "connect-timeout = " + std::to_string(timeout) + "\nspeed-time = " + std::to_string(timeout) +
            "\nspeed-limit = 1000\nmax-time = " + std::to_string(kMostTransferSeconds) + "\n";
    return text + "write-out = \"\\n" + marker_ + " %{exitcode} %{http_code} %{errormsg}\\n" + marker_ + "\\n\"\n";
  }

  void start(const std::string& program) {
    std::array<int, 2> in{-1, -1};
    std::array<int, 2> out{-1, -1};
    // One at a time, so that no other curl holds the ends of this one open.
    static std::mutex starting;
    const std::lock_guard lock(starting);
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, in.data()) != 0 || ::pipe(out.data()) != 0) {
      close_end(in[0]);
      close_end(in[1]);
      throw Error("curl: could not create a pipe to it");
    }
    for (const int one : {in[0], in[1], out[0], out[1]}) ::fcntl(one, F_SETFD, FD_CLOEXEC);
#ifdef SO_NOSIGPIPE
    const int yes = 1;
    ::setsockopt(in[0], SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
#endif
    std::vector<std::string> variables{"PATH=/usr/bin:/bin", "LC_ALL=C"};
    for (const auto name : kVariables) {
      if (const char* value = std::getenv(std::string(name).c_str())) variables.push_back(joined({name, "=", value}));
    }
    std::vector<char*> environment;
    for (auto& variable : variables) environment.push_back(variable.data());
    environment.push_back(nullptr);
    std::array<std::string, 4> words{program, "-q", "--config", "-"};
    std::array<char*, 5> argv{words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in[1], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const int failed = ::posix_spawn(&process_, program.c_str(), &files, nullptr, argv.data(), environment.data());
    posix_spawn_file_actions_destroy(&files);
    close_end(in[1]);
    close_end(out[1]);
    input_ = in[0];
    output_ = out[0];
    if (failed != 0) {
      process_ = 0;
      end();
      throw Error(printable(program) + ": could not be started");
    }
  }

  /// Answers that are whole, and one that has more than was wanted.
  void take() {
    while (done_ < places_.size()) {
      const auto& transfer = transfers_[places_[done_]];
      const std::string start = "\n" + marker_ + " ";
      const auto at = buffer_.find(start, searched_);
      const auto tail_end = at == std::string::npos ? at : buffer_.find("\n" + marker_ + "\n", at + start.size());
      if (tail_end != std::string::npos) {
        CurlAnswer& answer = finish(buffer_.substr(0, at));
        const std::string tail = buffer_.substr(at + start.size(), tail_end - at - start.size());
        const auto words = split(tail, ' ');
        answer.exit = std::atoi(std::string(words.front()).c_str());
        const auto second = tail.find(' ', tail.find(' ') + 1);
        if (second != std::string::npos) answer.error_text = printable(tail.substr(second + 1));
        if (answer.body.size() > transfer.most) {
          answer.body.resize(transfer.most);
          answer.stopped = true;
        }
        buffer_.erase(0, tail_end + marker_.size() + 2);
        searched_ = 0;
        continue;
      }
      if (at == std::string::npos) searched_ = buffer_.size() - std::min(buffer_.size(), start.size());
      const auto head = head_length(buffer_);
      if (head == 0 ? buffer_.size() > kMostHttpHead : buffer_.size() - head > transfer.most + kMostTail) {
        CurlAnswer& answer = finish(buffer_);
        answer.stopped = true;
        if (head == 0) answer.status = 0;
        answer.body.resize(std::min(answer.body.size(), transfer.most));
        end();
      }
      return;
    }
    end();
  }

  /// Where the body begins, after interim answers; 0: not there yet.
  static std::size_t head_length(std::string_view text) {
    std::size_t start = 0;
    for (;;) {
      const auto end = text.find("\r\n\r\n", start);
      if (end == std::string_view::npos) return 0;
      const auto space = text.find(' ', start);
      const bool interim = space != std::string_view::npos && space < end && text.substr(space + 1).starts_with('1');
      start = end + 4;
      if (!interim) return start;
    }
  }

  CurlAnswer& finish(std::string text) {
    CurlAnswer& answer = answers_[places_[done_++]];
    const auto head = head_length(text);
    if (head == 0) return answer;
    const auto last = text.rfind("\r\n\r\n", head - 5);
    answer.head = text.substr(last == std::string::npos ? 0 : last + 4, head);
    answer.head.resize(std::min(answer.head.size(), head - (last == std::string::npos ? 0 : last + 4)));
    const auto space = answer.head.find(' ');
    if (space != std::string::npos) answer.status = std::atoi(answer.head.c_str() + space + 1);
    answer.body = text.substr(head);
    return answer;
  }

  void end() {
    close_end(input_);
    close_end(output_);
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      int status = 0;
      while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
      }
    }
    process_ = 0;
  }

  const std::string& marker_;
  const std::vector<CurlTransfer>& transfers_;
  std::vector<std::size_t> places_;
  std::vector<CurlAnswer>& answers_;
  std::size_t done_{0};
  std::string config_;
  std::size_t written_{0};
  std::string buffer_;
  std::size_t searched_{0};
  pid_t process_{0};
  int input_{-1};
  int output_{-1};
};

/// Waits until one of them has something to give or to take, or a moment is over.
std::uint64_t serve(const std::vector<std::unique_ptr<Process>>& processes) {
  std::vector<pollfd> ends;
  for (const auto& process : processes) {
    ends.push_back(process->output());
    ends.push_back(process->input());
  }
  if (::poll(ends.data(), static_cast<nfds_t>(ends.size()), 100) <= 0) return 0;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < processes.size(); ++i) {
    if (ends[2 * i + 1].fd >= 0 && ends[2 * i + 1].revents != 0) processes[i]->write();
    if (ends[2 * i].revents != 0) bytes += processes[i]->read();
  }
  return bytes;
}

}  // namespace

bool has_curl() { return !find_curl().empty(); }

std::vector<CurlAnswer> run_curl(const std::vector<CurlTransfer>& transfers, int timeout,
                                 const std::function<void(std::uint64_t bytes)>& received) {
  const std::string program = find_curl();
  if (program.empty()) throw Error("curl: not found");
  std::vector<CurlAnswer> answers(transfers.size());
  const std::string marker = random_marker();
  const auto of_one = std::clamp<std::size_t>((transfers.size() + kMostTransfers - 1) / kMostTransfers, 1, kMostOfOne);
  std::deque<std::vector<std::size_t>> waiting;
  for (std::size_t i = 0; i < transfers.size(); ++i) {
    if (i % of_one == 0) waiting.emplace_back();
    waiting.back().push_back(i);
  }
  std::vector<std::unique_ptr<Process>> processes;
  while (!waiting.empty() || !processes.empty()) {
    while (!waiting.empty() && processes.size() < kMostTransfers) {
      if (processes.empty()) {
        slots().acquire();
      } else if (!slots().try_acquire()) {
        break;
      }
      processes.push_back(
          std::make_unique<Process>(program, marker, timeout, transfers, std::move(waiting.front()), answers));
      waiting.pop_front();
    }
    received(serve(processes));
    for (const auto& process : processes) {
      if (process->running()) continue;
      // One that ended early: what it did not get to is another's, what it stood at has no answer.
      auto left = process->left();
      if (process->done() == 0 && !left.empty()) {
        answers[left.front()].exit = -1;
        left.erase(left.begin());
      }
      if (!left.empty()) waiting.push_back(std::move(left));
    }
    std::erase_if(processes, [](const auto& process) { return !process->running(); });
  }
  return answers;
}

}  // namespace paramcount
