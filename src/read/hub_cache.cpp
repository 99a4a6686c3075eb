#include "read/hub_cache.hpp"

#include <algorithm>
#include <array>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "read/shards.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kPrefix = "models--";
/// GGUF files of a repository that are not models on their own (llama.cpp, common/download.cpp).
constexpr std::array<std::string_view, 6> kBeside{"mmproj", "imatrix", "mtp-", "eagle3-", "dflash-", "dspark-"};
/// The quants preferred if none is named.
constexpr std::array<std::string_view, 2> kUsualQuants{"q4_k_m", "q8_0"};

bool is_commit(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Whether the name of a file says the quant: "q4_k_m" in "model-q4_k_m.gguf", not "q4_k" in it.
bool says(std::string_view lower_name, std::string_view quant) {
  for (auto at = lower_name.find(quant); at != std::string_view::npos; at = lower_name.find(quant, at + 1)) {
    const auto end = at + quant.size();
    const bool starts = at == 0 || lower_name[at - 1] == '-' || lower_name[at - 1] == '.' ||
                        lower_name[at - 1] == '_' || lower_name[at - 1] == '/';
    if (starts && end < lower_name.size() && (lower_name[end] == '.' || lower_name[end] == '-')) return true;
    if (starts && end < lower_name.size() && lower_name[end] == '/') return true;
  }
  return false;
}

}  // namespace

std::string hub_folder(std::string_view repository) {
  std::string folder = joined({kPrefix, repository});
  replace_all(folder, "/", "--");
  return folder;
}

std::string repository_of(std::string_view folder) {
  if (!folder.starts_with(kPrefix)) return {};
  std::string repository(folder.substr(kPrefix.size()));
  replace_all(repository, "--", "/");
  return is_repository(repository) ? repository : std::string();
}

bool is_repository(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || text.size() > 256) return false;
  const auto is_name = [](std::string_view part) {
    if (part.empty() || part.find("..") != std::string_view::npos || part.front() == '.' || part.front() == '-') {
      return false;
    }
    return std::all_of(part.begin(), part.end(), [](char c) {
      return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
    });
  };
  return is_name(text.substr(0, slash)) && is_name(text.substr(slash + 1));
}

bool is_hub_folder(const std::string& folder) {
  return is_folder(folder + "/snapshots") && (is_folder(folder + "/refs") || is_folder(folder + "/blobs"));
}

HubSnapshot hub_snapshot(const std::string& folder) {
  const std::string ref = folder + "/refs/main";
  std::string commit;
  if (is_file(ref)) {
    commit = trim(read_file(ref, kMostRefBytes));
    if (!is_commit(commit)) throw Error(printable(ref) + ": not a commit: expected 40 or 64 hexadecimal digits");
  } else {
    std::vector<std::string> commits;
    for (auto& name : folders_in(folder + "/snapshots")) {
      if (is_commit(name)) commits.push_back(std::move(name));
    }
    if (commits.empty()) throw Error(printable(folder) + ": no snapshot: it was not downloaded");
    if (commits.size() > 1) {
      throw Error(printable(folder) + ": several snapshots and no refs/main. Name one: " + printable(folder) +
                  "/snapshots/" + commits.front());
    }
    commit = commits.front();
  }
  const std::string snapshot = folder + "/snapshots/" + commit;
  if (!is_folder(snapshot)) throw Error(printable(folder) + ": no snapshot of " + commit + ", which refs/main names");
  return {snapshot, commit};
}

std::vector<std::string> gguf_models(const std::string& folder) {
  const std::string base = with_slash(folder);
  std::vector<std::string> found;
  const auto add = [&](const std::string& inner) {
    for (const auto& name : files_in(base + inner, ".gguf")) {
      const std::string plain = lower(name);
      const auto shard = shard_of(name);
      const bool beside =
          std::any_of(kBeside.begin(), kBeside.end(), [&](auto word) { return plain.find(word) != std::string::npos; });
      if (!beside && (!shard || shard->number == 1)) found.push_back(inner + name);
    }
  };
  add("");
  for (const auto& inner : folders_in(folder)) add(inner + "/");
  std::sort(found.begin(), found.end());
  return found;
}

std::string quant_of(std::string_view file) {
  const auto shard = shard_of(file);
  std::string stem = shard ? shard->stem : std::string(file);
  if (stem.ends_with(".gguf")) stem.resize(stem.size() - 5);
  const auto at = stem.find_last_of("-./");
  std::string tail = at == std::string::npos ? std::string() : stem.substr(at + 1);
  return tail.find_first_of("0123456789") == std::string::npos ? std::string() : tail;
}

std::string choose_gguf(const std::string& folder, std::string_view quant) {
  const std::string base = with_slash(folder);
  const auto files = gguf_models(folder);
  if (files.empty()) return {};
  const auto that_says = [&](std::string_view wanted) {
    return std::find_if(files.begin(), files.end(), [&](const std::string& name) { return says(lower(name), wanted); });
  };
  if (!quant.empty()) {
    const auto found = that_says(lower(quant));
    if (found != files.end()) return base + *found;
    throw Error(printable(folder) + ": no GGUF file of " + printable(quant) +
                " here. Available: " + printable(files.front()) +
                (files.size() > 1 ? " and " + std::to_string(files.size() - 1) + " more" : ""));
  }
  for (const auto usual : kUsualQuants) {
    if (const auto found = that_says(usual); found != files.end()) return base + *found;
  }
  return base + files.front();
}

}  // namespace paramcount
