#include "hub_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"

namespace paramcount {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_below(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), folder).string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string listed(const std::vector<std::string>& files, const std::string& start, const std::string& end) {
  std::string text;
  for (const auto& file : files) text += (text.empty() ? "" : ",") + start + file + end;
  return "[" + text + "]";
}

std::string field(const std::string& request, const std::string& name) {
  for (const auto line : split(request, '\n')) {
    if (lower(line.substr(0, name.size() + 1)) == name + ":") return std::string(trim(line.substr(name.size() + 1)));
  }
  return {};
}

/// As the manifests of tests name a file: its place among the files of the model, as a digest.
std::string digest(std::size_t number) { return "sha256:" + std::string(63, 'a') + std::to_string(number); }

}  // namespace

struct HubServer::Answer {
  int status{200};
  std::string fields;
  std::string body;
  std::size_t send{std::string::npos};  ///< bytes of the body, after which the connection is closed
  bool slow{false};
  bool file{false};
};

HubServer::HubServer(std::string folder) : folder_(std::move(folder)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("no loopback server");
  }
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] {
    while (!ending_) {
      pollfd waiting{listener_, POLLIN, 0};
      if (::poll(&waiting, 1, 50) <= 0) continue;
      const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client >= 0) clients_.emplace_back([this, client] { serve(client); });
    }
  });
}

HubServer::~HubServer() {
  ending_ = true;
  accepting_.join();
  for (auto& client : clients_) client.join();
  ::close(listener_);
}

std::vector<Asked> HubServer::asked() {
  const std::lock_guard lock(mutex_);
  return std::exchange(asked_, {});
}

std::uint64_t HubServer::sent() {
  const std::lock_guard lock(mutex_);
  return std::exchange(sent_, 0);
}

void HubServer::serve(int client) {
  std::string text;
  bool open = true;
  while (open && !ending_) {
    const auto end = text.find("\r\n\r\n");
    if (end == std::string::npos) {
      pollfd waiting{client, POLLIN, 0};
      if (::poll(&waiting, 1, 50) <= 0) continue;
      std::array<char, 4096> piece;
      const auto got = ::recv(client, piece.data(), piece.size(), 0);
      if (got <= 0) break;
      text.append(piece.data(), static_cast<std::size_t>(got));
      continue;
    }
    const std::string request = text.substr(0, end + 2);
    text.erase(0, end + 4);
    const auto words = split(std::string_view(request).substr(0, request.find('\r')), ' ');
    const Asked asked{std::string(words.at(1)), field(request, "range"), field(request, "authorization"),
                      field(request, "host")};
    Answer made;
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(asked);
      made = answer(asked);
    }
    std::string out = "HTTP/1.1 " + std::to_string(made.status) + " X\r\n" + made.fields +
                      "Content-Length: " + std::to_string(made.body.size()) + "\r\n\r\n";
    const auto head = out.size();
    out += made.body.substr(0, made.send);
    open = made.send == std::string::npos;
    for (std::size_t at = 0; at < out.size() && !ending_;) {
      const std::size_t some = at < head ? head - at : made.slow ? 1 : std::min<std::size_t>(out.size() - at, 65536);
      const auto went = ::send(client, out.data() + at, some, MSG_NOSIGNAL);
      if (went <= 0) {
        open = false;
        break;
      }
      at += static_cast<std::size_t>(went);
      if (made.file && at > head) {
        const std::lock_guard lock(mutex_);
        sent_ += static_cast<std::uint64_t>(went);
      }
      if (made.slow && at > head) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  ::close(client);
}

HubServer::Answer HubServer::list(const std::string& org, const std::string& name) {
  auto files = files_below(folder_ + "/" + name);
  if (org == "liar") files.emplace_back("../x");
  return {200, "Content-Type: application/json\r\n",
          R"({"id":")" + org + "/" + name + R"(","sha":")" + kCommit + R"(","siblings":)" +
              listed(files, R"({"rfilename":")", "\"}") + "}"};
}

HubServer::Answer HubServer::modelscope(const std::string& path) {
  const auto pieces = split(std::string_view(path).substr(0, path.find('?')), '/');
  const std::string folder = folder_ + "/" + std::string(pieces.at(5));
  if (pieces.at(4) != "ok" || !fs::is_directory(folder)) return {404, "", R"({"Code":10010205001})"};
  if (pieces.size() == 8) {
    return {200, "Content-Type: application/json\r\n",
            R"({"Code":200,"Data":{"Files":)" + listed(files_below(folder), R"({"Type":"blob","Path":")", "\"}") +
                R"(,"LatestCommitter":{"Revision":")" + kCommit + "\"}}}"};
  }
  return blob(folder + "/" + path.substr(path.find("FilePath=") + 9), "ok", asked_.back());
}

HubServer::Answer HubServer::ollama(const std::vector<std::string>& pieces, const Asked& asked) {
  const std::string folder = folder_ + "/" + pieces.at(3);
  if (!fs::is_directory(folder)) return {404, "", R"({"errors":[{"code":"MANIFEST_UNKNOWN"}]})"};
  const auto files = files_below(folder);
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (pieces.at(4) == "manifests" && files[i] == pieces.at(5) + ".gguf") {
      return {200, "Content-Type: application/vnd.docker.distribution.manifest.v2+json\r\n",
              R"({"schemaVersion":2,"layers":[{"mediaType":"application/vnd.ollama.image.license","digest":")" +
                  digest(9) + R"("},{"mediaType":"application/vnd.ollama.image.model","digest":")" + digest(i) +
                  "\"}]}"};
    }
    if (pieces.at(4) == "blobs" && pieces.at(5) == digest(i)) return blob(folder + "/" + files[i], "ok", asked);
  }
  return {404, "", "{}"};
}

HubServer::Answer HubServer::answer(const Asked& asked) {
  const std::string path = asked.path.substr(0, asked.path.find('?'));
  std::vector<std::string> pieces;
  for (const auto piece : split(path, '/')) pieces.emplace_back(piece);
  if (path.starts_with("/cdn/")) return blob(folder_ + path.substr(path.find('/', 5)), pieces.at(2), asked);
  if (path.starts_with("/plain/")) return blob(folder_ + path.substr(6), "ok", asked);
  if (path.starts_with("/api/v1/models/")) return modelscope(asked.path);
  if (path.starts_with("/v2/")) return ollama(pieces, asked);
  const bool api = path.starts_with("/api/models/");
  const std::string org = pieces.at(api ? 3 : 1);
  const std::string name = pieces.at(api ? 4 : 2);
  const auto coded = [](int status, const std::string& code) {
    return Answer{status, "X-Error-Code: " + code + "\r\nX-Error-Message: refused\r\n", R"({"error":"refused"})"};
  };
  if (org == "renamed") {
    std::string place = path;
    return {307, "Location: " + place.replace(place.find("renamed"), 7, "ok") + "\r\n", ""};
  }
  if (org == "loop") return {302, "Location: " + path + "\r\n", ""};
  if (org == "html") return {200, "Content-Type: text/html\r\n", "<html>sign in</html>"};
  if (org == "broken") return {503, "", "down"};
  if (org == "limited" || org == "once") {
    refused_.push_back(path);
    if (std::count(refused_.begin(), refused_.end(), path) <= (org == "once" ? 1 : 2)) {
      return {org == "once" ? 503 : 429, "Retry-After: 0\r\n", "later"};
    }
  }
  const bool token = !asked.authorization.empty();
  if (org == "gated" && !token) return coded(401, "GatedRepo");
  if (org == "gated" && asked.authorization.find("denied") != std::string::npos) return coded(403, "GatedRepo");
  const std::string folder = folder_ + "/" + name;
  constexpr std::array kOrgs{"ok",  "direct", "norange", "gated", "private", "limited", "once",
                             "cut", "short",  "slow",    "other", "growing", "liar"};
  const bool known = std::find(kOrgs.begin(), kOrgs.end(), org) != kOrgs.end() && fs::is_directory(folder);
  if (!known || (org == "private" && !token)) {
    return token ? coded(404, "RepoNotFound") : Answer{401, "", R"({"error":"Invalid username or password."})"};
  }
  if (api) {
    const std::string revision = pieces.size() > 6 ? pieces[6] : "main";
    if (revision != "main" && revision != kCommit && revision != "refs%2Fpr%2F1") return coded(404, "RevisionNotFound");
    return list(org, name);
  }
  if (pieces.size() < 6 || pieces[3] != "resolve" || pieces[4] != kCommit) return coded(404, "RevisionNotFound");
  const std::string file = path.substr(path.find(pieces[4]) + pieces[4].size());
  if (!fs::is_regular_file(folder + file)) return coded(404, "EntryNotFound");
  if (org == "direct") return blob(folder + file, org, asked);
  return {302,
          "Location: http://localhost:" + std::to_string(port_) + "/cdn/" + org + "/" + name + file +
              "?sig=x\r\nX-Repo-Commit: " + kCommit + "\r\n",
          ""};
}

HubServer::Answer HubServer::blob(const std::string& file, const std::string& org, const Asked& asked) {
  if (!fs::is_regular_file(file)) return {404, "", ""};
  const std::size_t size = fs::file_size(file) + (org == "growing" ? asked_.size() : 0);
  std::size_t first = 0;
  std::size_t last = size - 1;
  const bool ranged = asked.range.starts_with("bytes=") && org != "norange";
  if (ranged) {
    first = std::stoull(asked.range.substr(6));
    last = std::min<std::size_t>(last, std::stoull(asked.range.substr(asked.range.find('-') + 1)));
    if (first >= size) return {416, "Content-Range: bytes */" + std::to_string(size) + "\r\n", ""};
  }
  if (org == "short") last = first + (last - first) / 2;
  Answer out{ranged ? 206 : 200, "", std::string(last - first + 1, '\0')};
  std::ifstream in(file, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(first));
  in.read(out.body.data(), static_cast<std::streamsize>(out.body.size()));
  if (org == "other") ++first;
  if (ranged) {
    out.fields = "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
                 std::to_string(size) + "\r\n";
  }
  if (org == "cut") out.send = out.body.size() / 2;
  out.slow = org == "slow";
  out.file = true;
  return out;
}

}  // namespace paramcount
