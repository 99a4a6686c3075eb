#include "remote/kept_answers.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/output.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "remote/settings.hpp"
#include "remote/url.hpp"

namespace paramcount {
namespace {

/// Then the size of the whole file and a line's end; then of each window its offset and length, a line's end and it.
constexpr std::string_view kKept = "paramcount 1 ";

/// The number that ends at that character, which is taken with it.
bool take_number(std::string_view& text, char end, std::uint64_t& number) {
  const auto at = text.find(end);
  const auto read = at == std::string_view::npos ? std::nullopt : whole_number(text.substr(0, at));
  if (!read) return false;
  number = *read;
  text.remove_prefix(at + 1);
  return true;
}

/// As one piece of a path.
std::string piece(std::string_view text) {
  std::string out = percent_encoded(text);
  replace_all(out, "/", "%2F");
  replace_all(out, ":", "%3A");
  return out;
}

bool make_folders(const std::string& path) {
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    if (::mkdir(path.substr(0, at).c_str(), 0700) != 0 && errno != EEXIST) return false;
  }
  return true;
}

}  // namespace

KeptAnswers::KeptAnswers(std::string_view place, std::string_view repo) {
  const std::string home = cache_home();
  if (!home.empty()) folder_ = home + "/paramcount/remote/" + piece(place) + "/" + piece(repo) + "/";
}

std::optional<std::string> KeptAnswers::read(const std::string& file) const {
  if (folder_.empty() || !is_file(folder_ + file)) return std::nullopt;
  try {
    return read_file(folder_ + file, kMostGgufHeaderBytes + kMostHeaderBytes);
  } catch (const Error&) {
    return std::nullopt;
  }
}

void KeptAnswers::write(const std::string& file, std::string_view head, std::string_view text) const {
  if (folder_.empty() || !make_folders(folder_ + file)) return;
  // Where it cannot be kept, it is asked for again.
  static_cast<void>(replace_file(folder_ + file, {head, text}, 0600));
}

std::string KeptAnswers::commit_of(std::string_view revision) const {
  return std::string(trim(read("refs/" + piece(revision)).value_or("")));
}

void KeptAnswers::keep_commit(std::string_view revision, const std::string& commit) const {
  if (commit_of(revision) != commit) write("refs/" + piece(revision), commit, "\n");
}

std::optional<std::vector<std::string>> KeptAnswers::files(const std::string& commit) const {
  const auto text = read(piece(commit) + "/files");
  if (!text || !text->ends_with("\n")) return std::nullopt;
  std::vector<std::string> files;
  for (const auto line : split(*text, '\n')) {
    if (!line.empty()) files.emplace_back(line);
  }
  if (!std::is_sorted(files.begin(), files.end())) return std::nullopt;
  return files;
}

void KeptAnswers::keep_files(const std::string& commit, const std::vector<std::string>& files) const {
  std::string text;
  for (const auto& file : files) text += file + "\n";
  write(piece(commit) + "/files", text, files.empty() ? "\n" : "");
}

std::optional<KeptFile> KeptAnswers::file(const std::string& commit, const std::string& path) const {
  const auto text = read(piece(commit) + "/headers/" + piece(path));
  if (!text || !text->starts_with(kKept)) return std::nullopt;
  std::string_view left = std::string_view(*text).substr(kKept.size());
  KeptFile kept;
  if (!take_number(left, '\n', kept.size)) return std::nullopt;
  while (!left.empty()) {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    if (!take_number(left, ' ', offset) || !take_number(left, '\n', length) || length > left.size())
      return std::nullopt;
    if (offset > kept.size || length > kept.size - offset) return std::nullopt;
    kept.windows.push_back({offset, std::string(left.substr(0, length))});
    left.remove_prefix(length);
  }
  if (kept.windows.empty() || kept.windows.front().offset != 0) return std::nullopt;
  return kept;
}

void KeptAnswers::keep_file(const std::string& commit, const std::string& path, const KeptFile& file) const {
  std::string text;
  for (const auto& window : file.windows) {
    text += std::to_string(window.offset) + " " + std::to_string(window.bytes.size()) + "\n" + window.bytes;
  }
  write(piece(commit) + "/headers/" + piece(path), joined({kKept, std::to_string(file.size), "\n"}), text);
}

}  // namespace paramcount
