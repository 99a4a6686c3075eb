// A loopback server that answers as model hubs do, well and badly, and remembers what it was asked. Behaviour is chosen
// by the org of a repository, whose files are those of FOLDER/<name>:
//   ok        302 to another host name, ranges honoured       direct   no redirect
//   renamed   307 relative redirect to ok/<name>               norange  200 and the whole file, whatever the range
//   gated     401 GatedRepo without a token; 403 with hf_denied
//   private   401 without a code, without a token              limited  429 twice, Retry-After 0
//   broken    503                                              once     503 once
//   cut       Content-Length right, half the body              short    half of the range asked for, and says so
//   slow      a byte every 100 ms                              html     a page to sign in
//   loop      302 to itself                                    other    another range than was asked for
//   growing   another size each time                           liar     lists "../x"
//   anything else: no such repository
// Beside the Hub it speaks ModelScope's and Ollama's protocols: /api/v1/models/ORG/NAME, /v2/ORG/NAME.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace paramcount {

struct Asked {
  std::string path;  ///< with its query
  std::string range, authorization, host;
};

class HubServer {
 public:
  explicit HubServer(std::string folder);
  ~HubServer();
  HubServer(const HubServer&) = delete;
  HubServer& operator=(const HubServer&) = delete;

  [[nodiscard]] std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// What it was asked since the last call of this.
  [[nodiscard]] std::vector<Asked> asked();
  /// Bytes of bodies that it sent of files, since the last call of this.
  [[nodiscard]] std::uint64_t sent();

  static constexpr const char* kCommit = "0123456789abcdef0123456789abcdef01234567";

 private:
  struct Answer;
  void serve(int client);
  [[nodiscard]] Answer answer(const Asked& asked);
  [[nodiscard]] Answer list(const std::string& org, const std::string& name);
  [[nodiscard]] Answer modelscope(const std::string& path);
  [[nodiscard]] Answer ollama(const std::vector<std::string>& pieces, const Asked& asked);
  [[nodiscard]] Answer blob(const std::string& file, const std::string& org, const Asked& asked);

  std::string folder_;
  int listener_{-1};
  unsigned port_{0};
  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::vector<Asked> asked_;
  std::uint64_t sent_{0};
  std::vector<std::string> refused_;  ///< paths that were refused for the moment
  std::vector<std::thread> clients_;
  std::thread accepting_;
};

}  // namespace paramcount
