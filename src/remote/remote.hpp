// Remote models: on the Hugging Face Hub, on ModelScope, in Ollama's registry, or at a URL. Only the beginnings of
// their files are fetched, and the readers of read/ read them like local files. Only names that say so are remote
// (remote/remote_name.hpp).
#pragma once

#include <string>

#include "base/attached_folder.hpp"
#include "remote/remote_folder.hpp"
#include "remote/remote_name.hpp"

namespace paramcount {

/// Readable while it lives.
class RemotePlace {
 public:
  RemotePlace(Attachment attachment, std::string path, std::string commit)
      : path_(std::move(path)), commit_(std::move(commit)), attachment_(std::move(attachment)) {}

  /// What every reader of files takes: "hf:org/name@commit", or a file or folder in it.
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Or the digest, or the branch where no commit is known; empty of an address.
  [[nodiscard]] const std::string& commit() const { return commit_; }

 private:
  std::string path_;
  std::string commit_;
  Attachment attachment_;
};

/// Asks for the list of files. Throws Error "<name>: what" when there is no such model or no network, and without curl.
[[nodiscard]] RemotePlace open_remote(const std::string& name, const RemoteOptions& options);

}  // namespace paramcount
