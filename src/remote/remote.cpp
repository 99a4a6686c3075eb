#include "remote/remote.hpp"

#include <algorithm>
#include <array>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "read/hub_cache.hpp"
#include "remote/curl.hpp"
#include "remote/places.hpp"
#include "remote/settings.hpp"
#include "remote/url.hpp"

namespace paramcount {
namespace {

/// What is kept of one place: of the Hub's files under its own name, whatever mirror brought them.
KeptAnswers kept_for(const RemoteName& name, const RemoteOptions& options) {
  if (!options.keep || name.kind == RemoteName::Kind::url) return {};
  return {parse_url(name.endpoint).place(), name.repo};
}

RemoteListing list(const RemoteName& name, const KeptAnswers& kept, const RemoteOptions& options) {
  switch (name.kind) {
    case RemoteName::Kind::hub:
      return list_hub(name, kept, options);
    case RemoteName::Kind::modelscope:
      return list_modelscope(name, kept, options);
    case RemoteName::Kind::ollama:
      return list_ollama(name, kept, options);
    case RemoteName::Kind::url:
      break;
  }
  return list_url(name, options);
}

/// Whether it holds more than GGUF files that are each a model.
bool is_model_folder(const RemoteListing& listing) {
  constexpr std::array<std::string_view, 5> kEndings{".safetensors", ".safetensors.index.json", "config.json",
                                                     "model_index.json", "modules.json"};
  return std::any_of(listing.files.begin(), listing.files.end(), [&](const auto& file) {
    return file.path.find('/') == std::string::npos &&
           std::any_of(kEndings.begin(), kEndings.end(), [&](auto ending) { return file.path.ends_with(ending); });
  });
}

/// What in the attached folder is meant. Throws Error "<name>: what".
std::string chosen_path(const RemoteName& name, const RemoteListing& listing, const std::string& shown) {
  const std::string& folder = listing.name;
  if (name.kind == RemoteName::Kind::url || name.kind == RemoteName::Kind::ollama) {
    const auto index = std::find_if(listing.files.begin(), listing.files.end(),
                                    [](const auto& file) { return file.path.ends_with(".index.json"); });
    return folder + "/" + (index != listing.files.end() ? *index : listing.files.front()).path;
  }
  if (!name.path.empty()) {
    std::string path = folder + "/" + name.path;
    if (!exists(path)) throw Error(shown + ": no file or folder " + printable(name.path) + " in it");
    return path;
  }
  if (name.tag.empty() && is_model_folder(listing)) return folder;
  std::string path = choose_gguf(folder, name.tag);
  if (path.empty() && !name.tag.empty()) {
    throw Error(shown + ": no GGUF in it. --dtype " + printable(name.tag) + " counts the model in that format");
  }
  return path.empty() ? folder : path;
}

/// "wget URL and then paramcount FILE"; of weights the header alone.
std::string by_hand(const std::string& url, const std::string& file) {
  const std::string address(printable(url.substr(0, url.find('?'))));
  if (!file.ends_with(".json"))
    return "wget --header Range:bytes=0-16777215 " + address + "; see 'paramcount help hub'";
  return "wget " + address + " and then paramcount " + std::string(printable(file.substr(file.rfind('/') + 1)));
}

std::string without_curl(const RemoteName& name) {
  if (name.kind != RemoteName::Kind::hub && name.url.empty()) {
    return "reading it over the network needs curl, which is not installed";
  }
  const std::string start = "reading it needs curl, which is not installed. By hand: ";
  if (name.kind != RemoteName::Kind::hub) return start + by_hand(name.url, parse_url(name.url).path);
  const std::string folder =
      name.endpoint + "/" + name.repo + "/resolve/" + (name.revision.empty() ? "main" : name.revision) + "/";
  if (!name.path.empty()) return start + by_hand(folder + name.path, name.path);
  return start + by_hand(folder + "config.json", "config.json") + "; for weights files see 'paramcount help hub'";
}

}  // namespace

bool is_commit(std::string_view revision) {
  return revision.size() == 40 && revision.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void check_files(std::vector<std::string>& files) {
  if (files.size() > kMostRemoteFiles) throw Error("it lists more than 100,000 files");
  for (const auto& file : files) {
    bool fits = file.size() < 1024 && is_printable(file);
    for (const auto piece : split(file, '/')) fits = fits && !piece.empty() && piece != "." && piece != "..";
    if (!fits) throw Error("it lists a file named " + printable(file.substr(0, 80)));
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
}

RemotePlace open_remote(const std::string& name, const RemoteOptions& asked) {
  RemoteOptions options = asked;
  options.offline = options.offline || offline_by_environment();
  const RemoteName parsed = parse_remote_name(name);
  const std::string shown = printable(name.substr(0, name.find('?')));
  if (!options.may_be_private && parsed.kind == RemoteName::Kind::url && is_private_host(parse_url(parsed.url).host)) {
    throw Error(shown + ": an address on this machine or a private network, which a line may not name");
  }
  const KeptAnswers kept = kept_for(parsed, options);
  RemoteListing listing;
  try {
    if (!options.offline && !has_curl()) throw Error(without_curl(parsed));
    listing = list(parsed, kept, options);
    if (listing.files.empty()) throw Error("no files in it");
  } catch (const Error& error) {
    throw located(shown, error);
  }
  const auto at = listing.name.rfind('@');
  std::string commit =
      parsed.kind == RemoteName::Kind::url || at == std::string::npos ? "" : listing.name.substr(at + 1);
  Attachment attachment(remote_folder(listing, kept, options));
  std::string path = chosen_path(parsed, listing, shown);
  // Nearly every folder of a model is read from these on.
  expect_files({path + "/config.json", path + "/model.safetensors.index.json"});
  return {std::move(attachment), std::move(path), std::move(commit)};
}

}  // namespace paramcount
