// HTTP requests: redirects are followed one at a time under our own rules, with retries when a server says "later".
// .github/SECURITY.md, "Over the network", states the guarantees about secrets and places.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

struct HttpRequest {
  std::string url;
  std::optional<std::uint64_t> offset;  ///< of a range; none: the whole
  std::size_t most{0};                  ///< bytes that are wanted, of the range or of the whole
  std::string accept;                   ///< media type; may be empty
  std::string token;                    ///< sent to the origin of `url` only; may be empty
};

struct HttpAnswer {
  int status{0};
  std::string head;   ///< of the last hop
  std::string first;  ///< the header of the first hop: a Hub's own, which names the commit
  std::string body;
  std::string url;      ///< where it came from in the end
  std::string problem;  ///< "timed out": why there is no answer; empty: there is one
  std::string cut;      ///< why the body ends too early; empty: it does not, as far as is known
  bool slow{false};     ///< of one that is cut: it hardly moved
  bool stopped{false};  ///< there was more than was wanted

  /// A header field of the last hop, in any spelling of its name; empty: none.
  [[nodiscard]] std::string field(std::string_view name) const;
  /// The same of the first hop.
  [[nodiscard]] std::string first_field(std::string_view name) const;
};

struct HttpOptions {
  int timeout{0};  ///< seconds
  std::function<void(std::uint64_t bytes)> received;
};

/// All of them, several at a time, in their order. Throws Error only where curl cannot be started.
[[nodiscard]] std::vector<HttpAnswer> get(const std::vector<HttpRequest>& requests, const HttpOptions& options);

}  // namespace paramcount
