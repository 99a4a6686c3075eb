#include "remote/http.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "remote/curl.hpp"
#include "remote/url.hpp"

namespace paramcount {
namespace {

constexpr std::array<int, 6> kLater{408, 429, 500, 502, 503, 504};

std::string field_of(std::string_view head, std::string_view name) {
  for (std::string_view line : split(head, '\n')) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || lower(line.substr(0, colon)) != name) continue;
    return std::string(trim(line.substr(colon + 1)));
  }
  return {};
}

/// A request under way.
struct Pending {
  std::size_t place;
  Url url;
  std::string origin;  ///< of the request itself
  bool at_home;        ///< still its own origin: only there the token is sent
  bool may_be_private;
  int redirects{0};
  int tries{0};
};

CurlTransfer transfer_of(const HttpRequest& request, const Pending& pending) {
  CurlTransfer transfer;
  transfer.url = pending.url.text();
  transfer.most = request.most;
  if (!request.accept.empty()) transfer.headers.push_back("Accept: " + request.accept);
  if (pending.at_home && !request.token.empty()) transfer.headers.push_back("Authorization: Bearer " + request.token);
  if (request.offset) {
    transfer.range = std::to_string(*request.offset) + "-" + std::to_string(*request.offset + request.most - 1);
  }
  return transfer;
}

/// Where a redirect leads. Throws Error "<why not>".
Url next_of(const Pending& pending, const HttpAnswer& answer) {
  if (pending.redirects == kMostRedirects) throw Error("more than 5 redirects");
  const std::string location = answer.field("location");
  if (location.empty()) throw Error("a redirect without a target");
  Url url;
  try {
    url = resolve(pending.url, location);
  } catch (const Error& error) {
    throw Error(std::string("a redirect is refused: ") + error.what());
  }
  if (pending.url.scheme == "https" && url.scheme != "https") throw Error("a redirect from https to http is refused");
  if (!pending.may_be_private && is_private_host(url.host)) {
    throw Error("a redirect to " + printable(url.host) +
                ", an address on this machine or a private network, is refused");
  }
  return url;
}

/// What curl's exit codes mean: curl(1), EXIT CODES.
std::string problem_of(const CurlAnswer& answer, int timeout) {
  if (answer.stopped) return "a response with unterminated headers";
  switch (answer.exit) {
    case 5:
      return "the proxy's host was not found";
    case 6:
      return "no such host, or no network";
    case 7:
      return "could not connect";
    case 28:
      return "no answer within " + std::to_string(timeout) + " seconds, or almost none ($HF_HUB_DOWNLOAD_TIMEOUT)";
    case 35:
    case 51:
    case 58:
    case 60:
    case 77:
      return "its certificate was not accepted, or TLS failed: " + answer.error_text;
    case 52:
      return "empty response";
    case 18:
      return "truncated response";
    case -1:
      return "curl stopped early";
    default:
      return answer.error_text.empty() ? "curl error " + std::to_string(answer.exit) : answer.error_text;
  }
}

bool may_pass(int exit) { return exit == 7 || exit == 18 || exit == 52 || exit == 55 || exit == 56 || exit == 92; }

/// Seconds to wait, as the server asks: Retry-After, and the RateLimit field of draft-ietf-httpapi-ratelimit-headers.
double asked_pause(const HttpAnswer& answer) {
  double seconds = 0;
  const auto whole = [&](std::string_view text) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    const std::string digits(text.begin(), end);
    if (!digits.empty() && digits.size() < 9) seconds = std::max(seconds, std::stod(digits));
  };
  whole(answer.field("retry-after"));
  const std::string limit = answer.field("ratelimit");
  const auto at = limit.find(";t=");
  if (limit.find(";r=0") != std::string::npos && at != std::string::npos) whole(std::string_view(limit).substr(at + 3));
  return seconds;
}

}  // namespace

std::string HttpAnswer::field(std::string_view name) const { return field_of(head, name); }
std::string HttpAnswer::first_field(std::string_view name) const { return field_of(first, name); }

std::vector<HttpAnswer> get(const std::vector<HttpRequest>& requests, const HttpOptions& options) {
  std::vector<HttpAnswer> answers(requests.size());
  std::vector<Pending> waiting;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    try {
      const Url url = parse_url(requests[i].url);
      waiting.push_back({i, url, url.origin(), true, is_private_host(url.host)});
    } catch (const Error& error) {
      answers[i].problem = error.what();
    }
  }
  while (!waiting.empty()) {
    std::vector<CurlTransfer> transfers;
    for (const auto& pending : waiting) transfers.push_back(transfer_of(requests[pending.place], pending));
    const auto curl = run_curl(transfers, options.timeout, options.received);
    std::vector<Pending> again;
    double pause = 0;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      Pending pending = waiting[i];
      HttpAnswer& answer = answers[pending.place];
      answer.status = curl[i].status;
      answer.head = curl[i].head;
      answer.body = curl[i].body;
      answer.stopped = curl[i].stopped;
      answer.url = pending.url.text();
      if (pending.redirects == 0) answer.first = answer.head;
      answer.problem = answer.status == 0 ? pending.url.place() + ": " + problem_of(curl[i], options.timeout) : "";
      const bool ends_early = answer.status != 0 && curl[i].exit != 0 && !answer.stopped;
      answer.cut = ends_early ? pending.url.place() + ": " + problem_of(curl[i], options.timeout) : "";
      answer.slow = ends_early && curl[i].exit == 28;
      const bool later = std::find(kLater.begin(), kLater.end(), answer.status) != kLater.end();
      if (later || (answer.status == 0 && may_pass(curl[i].exit))) {
        const double asked = asked_pause(answer);
        if (++pending.tries == kMostTries || asked > kMostPause) continue;
        pause = std::max({pause, asked, later && asked > 0 ? 0 : 0.5 * pending.tries});
        again.push_back(std::move(pending));
      } else if (answer.status >= 300 && answer.status < 400 && answer.status != 304) {
        try {
          pending.url = next_of(pending, answer);
          pending.at_home = pending.at_home && pending.url.origin() == pending.origin;
          ++pending.redirects;
          again.push_back(std::move(pending));
        } catch (const Error& error) {
          answer.problem = pending.url.place() + ": " + error.what();
        }
      }
    }
    if (pause > 0) std::this_thread::sleep_for(std::chrono::duration<double>(pause));
    waiting = std::move(again);
  }
  return answers;
}

}  // namespace paramcount
