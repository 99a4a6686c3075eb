#include "remote/url.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

bool is_alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// Without quotes, backslashes, spaces and anything that is not ASCII.
bool is_plain_url(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7F && std::string_view("\"\\<>^`{}|").find(c) == std::string_view::npos;
  });
}

std::optional<std::uint32_t> ipv4(std::string_view host) {
  // As resolvers read them: with fewer than four numbers, octal, hexadecimal.
  in_addr address{};
  if (::inet_aton(std::string(host).c_str(), &address) == 0) return std::nullopt;
  return ntohl(address.s_addr);
}

struct Range {
  std::uint32_t base;
  unsigned bits;
};

/// Sources: the IANA registry of special-purpose IPv4 addresses (RFC 6890).
constexpr std::array<Range, 9> kPrivate{{{0x00000000, 8},
                                         {0x0A000000, 8},
                                         {0x64400000, 10},
                                         {0x7F000000, 8},
                                         {0xA9FE0000, 16},
                                         {0xAC100000, 12},
                                         {0xC0A80000, 16},
                                         {0xC6120000, 15},
                                         {0xE0000000, 3}}};

bool in(std::uint32_t address, const Range& range) { return (address ^ range.base) >> (32U - range.bits) == 0; }

bool is_private(std::uint32_t address) {
  return std::any_of(kPrivate.begin(), kPrivate.end(), [&](const Range& range) { return in(address, range); });
}

std::string_view without_end_dot(std::string_view host) {
  while (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

}  // namespace

std::string Url::text() const { return scheme + "://" + place() + path + query; }

std::string Url::place() const { return host + (port == (scheme == "https" ? "443" : "80") ? "" : ":" + port); }

Url parse_url(std::string_view text) {
  if (text.size() > kLongestUrl) throw Error("an address of more than 8,192 bytes");
  if (!is_plain_url(text)) throw Error("an address with invalid characters");
  Url url;
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) throw Error("not a web address: it has no ://");
  url.scheme = lower(text.substr(0, scheme_end));
  if (url.scheme != "https" && url.scheme != "http") throw Error(printable(url.scheme) + ": only https is supported");
  text.remove_prefix(scheme_end + 3);
  text = text.substr(0, text.find('#'));
  const auto authority_end = std::min(text.find_first_of("/?"), text.size());
  std::string_view authority = text.substr(0, authority_end);
  text.remove_prefix(authority_end);
  if (authority.find('@') != std::string_view::npos) throw Error("an address with a user name in it");
  const auto colon =
      authority.find(':', authority.starts_with('[') ? std::min(authority.find(']'), authority.size()) : 0);
  url.port = url.scheme == "https" ? "443" : "80";
  if (colon != std::string_view::npos) {
    const auto port = authority.substr(colon + 1);
    if (port.size() > 5 || !std::all_of(port.begin(), port.end(), is_digit))
      throw Error("an address with an invalid port");
    if (!port.empty()) url.port = port;
    authority = authority.substr(0, colon);
  }
  url.host = lower(authority);
  const bool six = url.host.starts_with('[') && url.host.ends_with(']');
  const auto fits = [&](char c) {
    return is_alnum(c) || c == '.' || c == '-' || c == '_' ||
           (six && std::string_view("[]:").find(c) != std::string_view::npos);
  };
  if (url.host.empty() || !std::all_of(url.host.begin(), url.host.end(), fits))
    throw Error("an address with an invalid host");
  const auto question = text.find('?');
  url.path = text.substr(0, question);
  if (question != std::string_view::npos) url.query = text.substr(question);
  if (url.path.empty()) url.path = "/";
  return url;
}

Url resolve(const Url& base, std::string_view location) {
  if (location.starts_with("//")) return parse_url(joined({base.scheme, ":", location}));
  const auto colon = location.find(':');
  if (colon != std::string_view::npos && colon < location.find_first_of("/?")) return parse_url(location);
  const std::string start = base.scheme + "://" + base.place();
  if (location.starts_with('/')) return parse_url(start + std::string(location));
  if (location.starts_with('?')) return parse_url(start + base.path + std::string(location));
  return parse_url(start + base.path.substr(0, base.path.rfind('/') + 1) + std::string(location));
}

bool is_loopback_host(std::string_view host) {
  host = without_end_dot(host);
  if (host == "localhost" || host.ends_with(".localhost") || host == "[::1]") return true;
  const auto four = ipv4(host);
  return four && in(*four, {0x7F000000, 8});
}

bool is_private_host(std::string_view host) {
  host = without_end_dot(host);
  if (host == "localhost" || host.ends_with(".localhost") || host.ends_with(".local") || host.ends_with(".internal"))
    return true;
  if (const auto four = ipv4(host)) return is_private(*four);
  if (!host.starts_with('[')) return false;
  in6_addr six{};
  if (::inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &six) != 1) return true;
  std::array<unsigned char, 16> bytes;
  std::memcpy(bytes.data(), six.s6_addr, bytes.size());
  const bool zeros = std::all_of(bytes.begin(), bytes.begin() + 10, [](unsigned char byte) { return byte == 0; });
  const bool mapped = zeros && ((bytes[10] == 0xFF && bytes[11] == 0xFF) || (bytes[10] == 0 && bytes[11] == 0));
  const bool translated = bytes[0] == 0 && bytes[1] == 0x64 && bytes[2] == 0xFF && bytes[3] == 0x9B;
  if (mapped || translated) {
    return is_private(std::uint32_t{bytes[12]} << 24U | std::uint32_t{bytes[13]} << 16U |
                      std::uint32_t{bytes[14]} << 8U | bytes[15]);
  }
  return (bytes[0] & 0xFEU) == 0xFC || bytes[0] == 0xFF || (bytes[0] == 0xFE && bytes[1] >= 0x80);
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_alnum(c) || std::string_view("-._~/+,=@:!$&'()*").find(c) != std::string_view::npos) {
      out += c;
    } else {
      constexpr std::string_view kDigits = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    }
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned byte = 0;
    for (std::size_t k = 1; k <= 2; ++k) {
      const char c = i + k < text.size() ? text[i + k] : ' ';
      if (std::isxdigit(static_cast<unsigned char>(c)) == 0) throw Error("a % without two digits after it");
      byte = byte * 16 + static_cast<unsigned>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

}  // namespace paramcount
