// The only access to the network: the system's curl, started without a shell and configured on its standard input, so
// that no URL or token is on a command line. TLS, certificates and proxies are up to curl and the environment. One
// transfer is one request: redirects and retries are in remote/http.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace paramcount {

struct CurlTransfer {
  std::string url;                   ///< checked: see remote/url.hpp
  std::vector<std::string> headers;  ///< "Name: value", without control characters
  std::string range;                 ///< "0-65535"; empty: the whole
  std::size_t most{0};               ///< bytes of the body that are wanted; the transfer is stopped beyond them
};

struct CurlAnswer {
  int status{0};           ///< of HTTP; 0: none came
  std::string head;        ///< the lines of the answer's header
  std::string body;        ///< at most `most` bytes
  bool stopped{false};     ///< there was more than `most`
  int exit{0};             ///< curl's code for this transfer: 0, or what went wrong
  std::string error_text;  ///< curl's words for it; of a stranger
};

/// Whether a program `curl` is in an absolute folder of PATH.
[[nodiscard]] bool has_curl();

/// All of them, kMostTransfers at a time; the answers in their order. `received` is called with the bytes that came,
/// ten times a second. `timeout`: seconds that a transfer may do next to nothing. Throws Error when curl cannot be
/// started.
[[nodiscard]] std::vector<CurlAnswer> run_curl(const std::vector<CurlTransfer>& transfers, int timeout,
                                               const std::function<void(std::uint64_t bytes)>& received);

}  // namespace paramcount
