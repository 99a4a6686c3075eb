// The cache of headers read over the network, in $XDG_CACHE_HOME/paramcount/remote, keyed by what cannot change: a
// repository's commit, a blob's digest. Cached files are readable only by the user and contain no token; a damaged one
// counts as absent, and the folder can be deleted at any time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

struct KeptFile {
  struct Window {
    std::uint64_t offset{0};
    std::string bytes;
  };
  std::uint64_t size{0};        ///< of the whole file
  std::vector<Window> windows;  ///< what is known of it; the first begins where the file does
};

class KeptAnswers {
 public:
  KeptAnswers() = default;  ///< keeps nothing
  /// Of one repository: "huggingface.co", "org/name".
  KeptAnswers(std::string_view place, std::string_view repo);

  /// The commit that a branch or tag had when it was last asked for; empty: not known.
  [[nodiscard]] std::string commit_of(std::string_view revision) const;
  void keep_commit(std::string_view revision, const std::string& commit) const;

  /// The files of a commit.
  [[nodiscard]] std::optional<std::vector<std::string>> files(const std::string& commit) const;
  void keep_files(const std::string& commit, const std::vector<std::string>& files) const;

  [[nodiscard]] std::optional<KeptFile> file(const std::string& commit, const std::string& path) const;
  void keep_file(const std::string& commit, const std::string& path, const KeptFile& file) const;

 private:
  [[nodiscard]] std::optional<std::string> read(const std::string& file) const;
  /// Completely or not at all: written to a temporary file and renamed. What cannot be written is not kept.
  void write(const std::string& file, std::string_view head, std::string_view text) const;

  std::string folder_;
};

}  // namespace paramcount
