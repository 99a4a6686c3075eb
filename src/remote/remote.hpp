// Models that are elsewhere: on Hugging Face's Hub, ModelScope, Ollama's registry, at an address. Only the beginnings
// of their files are brought, and the readers of read/ read them as they read files of the disk. Nothing here is
// reached but by a name that says so (remote/remote_name.hpp).
#pragma once

#include <string>
#include <string_view>

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
