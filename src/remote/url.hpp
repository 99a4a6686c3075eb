// Parses URLs, and refuses some of them.
#pragma once

#include <string>
#include <string_view>

namespace paramcount {

struct Url {
  std::string scheme;  ///< "https" or "http"
  std::string host;    ///< in small letters; of IPv6 with its brackets
  std::string port;    ///< "443" where none is written
  std::string path;    ///< from its slash on; "/" where there is none
  std::string query;   ///< from its question mark on: often a signature, never shown

  /// Two URLs of one origin may receive the same secrets.
  [[nodiscard]] std::string origin() const { return scheme + "://" + host + ":" + port; }
  /// The whole of it, as it is asked for.
  [[nodiscard]] std::string text() const;
  /// "huggingface.co", with a port that is not the usual one: as errors name it.
  [[nodiscard]] std::string place() const;
};

/// Throws Error "<why>" for anything but http and https, for a user or a password in it, and for characters that no
/// address has.
[[nodiscard]] Url parse_url(std::string_view text);

/// What a redirect means where it was given. Throws as parse_url.
[[nodiscard]] Url resolve(const Url& base, std::string_view location);

/// Whether the host spells an address of this machine or of a private network, in any of the ways that resolvers
/// understand: "127.1", "0x7f000001", "[::1]", "localhost". Names are not looked up.
[[nodiscard]] bool is_private_host(std::string_view host);
[[nodiscard]] bool is_loopback_host(std::string_view host);

/// Characters that need no escape in a path; everything else becomes %XX. Slashes stay.
[[nodiscard]] std::string percent_encoded(std::string_view text);
/// Each %XX becomes its byte; throws Error if the result is not text.
[[nodiscard]] std::string percent_decoded(std::string_view text);

}  // namespace paramcount
