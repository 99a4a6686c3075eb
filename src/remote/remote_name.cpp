#include "remote/remote_name.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "base/process_variable.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "remote/url.hpp"

namespace paramcount {
namespace {

constexpr std::array<std::string_view, 6> kStarts{"hf:", "hf.co/", "huggingface.co/", "ms:", "ollama:", "modelscope:"};
/// Hosts that are the Hub's, whatever the endpoint.
constexpr std::array<std::string_view, 3> kHubHosts{"huggingface.co", "www.huggingface.co", "hf.co"};
constexpr std::array<std::string_view, 2> kModelScopeHosts{"modelscope.cn", "www.modelscope.cn"};

template <class List>
bool has(const List& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

bool takes(std::string_view& text, std::string_view start) {
  if (lower(text.substr(0, start.size())) != start) return false;
  text.remove_prefix(start.size());
  return true;
}

/// The endpoint that a variable names, or the usual one.
std::string endpoint_of(const char* variable, const char* usual) {
  const std::string value = process_variable(variable);
  std::string text(trim(value.empty() ? usual : value));
  while (text.ends_with('/')) text.pop_back();
  try {
    static_cast<void>(parse_url(text));
  } catch (const Error& error) {
    throw Error(std::string(variable) + ": " + error.what());
  }
  return text;
}

std::string hub_endpoint() { return endpoint_of("HF_ENDPOINT", "https://huggingface.co"); }
std::string modelscope_endpoint() { return endpoint_of("MS_ENDPOINT", "https://www.modelscope.cn"); }
std::string ollama_endpoint() { return endpoint_of("OLLAMA_REGISTRY", "https://registry.ollama.ai"); }

bool is_word(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && text.size() <= 255 && std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
  });
}

void check_path(std::string_view path) {
  for (const auto piece : split(path, '/')) {
    if (piece.empty() || piece == "." || piece == "..") throw Error("a path with an empty or dots-only component");
  }
  if (!is_printable(path)) throw Error("a path with invalid characters");
}

/// "org/name[@rev][/path][:TAG]", the revision also after '#'.
void parse_repo(std::string_view text, RemoteName& out) {
  if (const auto hash = text.find('#'); hash != std::string_view::npos) {
    out.revision = text.substr(hash + 1);
    text = text.substr(0, hash);
  }
  if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    out.tag = text.substr(colon + 1);
    if (!is_word(out.tag)) throw Error("after the colon goes a GGUF file type: Q4_K_M");
    text = text.substr(0, colon);
  }
  std::vector<std::string_view> pieces = split(text, '/');
  while (!pieces.empty() && pieces.back().empty()) pieces.pop_back();
  std::size_t used = 0;
  for (bool more = true; more && used < std::min<std::size_t>(pieces.size(), 2); ++used) {
    const auto at = pieces[used].find('@');
    const auto word = pieces[used].substr(0, at);
    if (!is_word(word)) throw Error("expected org/name, got " + printable(text));
    out.repo += (out.repo.empty() ? "" : "/") + std::string(word);
    if (at != std::string_view::npos) {
      out.revision = pieces[used].substr(at + 1);
      more = false;
    }
  }
  if (out.repo.empty()) throw Error("expected org/name");
  // Names of pull requests and of conversions have slashes.
  if (out.revision == "refs") {
    for (int i = 0; i < 2 && used < pieces.size(); ++i) out.revision += "/" + std::string(pieces[used++]);
  }
  for (; used < pieces.size(); ++used) out.path += (out.path.empty() ? "" : "/") + std::string(pieces[used]);
}

/// The address of a page of the Hub, from its path on.
void parse_hub_page(const Url& url, RemoteName& out) {
  std::vector<std::string_view> pieces = split(url.path, '/');
  std::erase_if(pieces, [](auto piece) { return piece.empty(); });
  if (!pieces.empty() &&
      (pieces[0] == "datasets" || pieces[0] == "spaces" || pieces[0] == "collections" || pieces[0] == "papers")) {
    throw Error("a page of " + printable(pieces[0]) + ", not of a model");
  }
  const auto words = [&](std::size_t from, std::size_t to) {
    std::string text;
    for (std::size_t i = from; i < std::min(to, pieces.size()); ++i)
      text += (text.empty() ? "" : "/") + percent_decoded(pieces[i]);
    return text;
  };
  const auto is_view = [&](std::size_t i) {
    return pieces.size() > i + 1 &&
           (pieces[i] == "tree" || pieces[i] == "blob" || pieces[i] == "resolve" || pieces[i] == "raw");
  };
  // A few old models have no org.
  const std::size_t at = is_view(1) ? 1 : 2;
  std::string repo = words(0, at);
  if (is_view(at)) {
    out.revision = percent_decoded(pieces[at + 1]);
    std::size_t next = at + 2;
    if (out.revision == "refs") {
      for (int i = 0; i < 2 && next < pieces.size(); ++i) out.revision += "/" + percent_decoded(pieces[next++]);
    }
    out.path = words(next, pieces.size());
  } else if (const auto colon = repo.find(':'); colon != std::string::npos) {
    out.tag = repo.substr(colon + 1);
    repo.resize(colon);
  }
  constexpr std::string_view kShown = "show_file_info=";
  if (const auto shown = url.query.find(kShown); shown != std::string::npos && out.path.empty()) {
    out.path =
        percent_decoded(url.query.substr(shown + kShown.size(), url.query.find('&', shown) - shown - kShown.size()));
  }
  for (const auto word : split(repo, '/')) {
    if (!is_word(word)) throw Error("expected org/name after the host");
  }
  out.repo = repo;
}

/// "[host/][namespace/]name[:tag]"
void parse_ollama(std::string_view text, RemoteName& out) {
  out.kind = RemoteName::Kind::ollama;
  out.revision = "latest";
  const auto slash = text.rfind('/');
  if (const auto colon = text.rfind(':');
      colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    out.revision = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  std::vector<std::string_view> pieces = split(text, '/');
  if (pieces.size() == 3) {
    out.endpoint = "https://" + std::string(pieces[0]);
    static_cast<void>(parse_url(out.endpoint));
    pieces.erase(pieces.begin());
  } else {
    out.endpoint = ollama_endpoint();
  }
  if (pieces.size() == 1) pieces.insert(pieces.begin(), "library");
  if (pieces.size() != 2 || !is_word(pieces[0]) || !is_word(pieces[1]) || !is_word(out.revision)) {
    throw Error("expected ollama:name:tag, optionally with a namespace and a slash before the name");
  }
  out.repo = joined({pieces[0], "/", pieces[1]});
}

RemoteName parse_web_address(std::string_view text) {
  RemoteName out;
  const Url url = parse_url(text);
  const std::string hub = hub_endpoint();
  const std::string modelscope = modelscope_endpoint();
  if (has(kHubHosts, url.host) || url.origin() == parse_url(hub).origin()) {
    out.endpoint = hub;
    parse_hub_page(url, out);
    return out;
  }
  if (has(kModelScopeHosts, url.host) || url.origin() == parse_url(modelscope).origin()) {
    out.kind = RemoteName::Kind::modelscope;
    out.endpoint = modelscope;
    Url page = url;
    if (page.path.starts_with("/models/")) page.path.erase(0, 7);
    parse_hub_page(page, out);
    return out;
  }
  if (url.host == "ollama.com" || url.host == "www.ollama.com") {
    std::string_view path = std::string_view(url.path).substr(1);
    takes(path, "library/");
    parse_ollama(path, out);
    return out;
  }
  if (url.scheme != "https" && !is_loopback_host(url.host)) throw Error("http is not supported; use https");
  const std::string path = percent_decoded(url.path);
  if (!path.ends_with(".gguf") && !path.ends_with(".safetensors") && !path.ends_with(".json")) {
    throw Error("an address must point to a .gguf, a .safetensors or a config.json; a model on the Hub is hf:org/name");
  }
  out.kind = RemoteName::Kind::url;
  out.url = url.text();
  return out;
}

RemoteName parse(std::string_view text) {
  RemoteName out;
  if (takes(text, "hf://") || takes(text, "hf:") || takes(text, "hf.co/") || takes(text, "huggingface.co/")) {
    out.endpoint = hub_endpoint();
    if (text.starts_with("datasets/") || text.starts_with("spaces/")) throw Error("not a model");
    parse_repo(text, out);
  } else if (takes(text, "ms://") || takes(text, "ms:") || takes(text, "modelscope:")) {
    out.kind = RemoteName::Kind::modelscope;
    out.endpoint = modelscope_endpoint();
    parse_repo(text, out);
  } else if (takes(text, "ollama://") || takes(text, "ollama:")) {
    parse_ollama(text, out);
  } else {
    if (lower(text).starts_with("file:")) throw Error("give the path of the file itself");
    out = parse_web_address(text);
  }
  if (!out.path.empty()) check_path(out.path);
  if (!is_plain(out.revision) || out.revision.find("..") != std::string::npos ||
      out.revision.find(' ') != std::string::npos || out.revision.size() > 255) {
    throw Error("a revision with invalid characters");
  }
  return out;
}

}  // namespace

bool is_remote(std::string_view name) {
  if (name.find_first_of(":/") == std::string_view::npos) return false;
  const std::string text = lower(name.substr(0, 24));
  if (std::ranges::any_of(kStarts, [&](auto start) { return text.starts_with(start); })) return true;
  const auto scheme = text.find("://");
  return scheme != std::string::npos && scheme > 0 &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(scheme),
                     [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '-'; });
}

RemoteName parse_remote_name(std::string_view name) {
  // What follows a question mark may be a secret.
  return locating(name.substr(0, name.find('?')), [&] { return parse(name); });
}

}  // namespace paramcount
