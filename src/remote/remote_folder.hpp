// A remote host's files as a folder: ranges are fetched as they are read, several files at a time if the reader
// announces what comes next, and no more than it reads.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/attached_folder.hpp"
#include "remote/http.hpp"
#include "remote/kept_answers.hpp"

namespace paramcount {

struct RemoteFile {
  std::string path;
  std::string url;
};

struct RemoteListing {
  std::string name;               ///< "hf:org/name@commit": how paths in it begin
  std::string commit;             ///< or digest: what its files are kept by; empty: they may change, and are not kept
  std::vector<RemoteFile> files;  ///< sorted by path
  std::string token;
  /// Why an answer that is none came, in words for the user.
  std::function<std::string(const HttpAnswer& answer)> explain;
};

struct RemoteOptions {
  bool offline = false;        ///< what is not kept is an error
  bool keep = true;            ///< read and write kept answers
  bool may_be_private = true;  ///< an address may be of this machine or of a private network
  std::function<void(const std::string& text)> progress;
};

/// The folder, to be attached. What was read is kept when the last that holds it is gone.
[[nodiscard]] std::shared_ptr<const AttachedFolder> remote_folder(RemoteListing listing, KeptAnswers kept,
                                                                  const RemoteOptions& options);

/// One request of its own, of a listing or a manifest: its body. Throws Error "<why not>". `first`, where it is wanted,
/// gets the whole answer.
[[nodiscard]] HttpAnswer ask(const HttpRequest& request, const RemoteOptions& options);

/// "answers 503": what is left to say of an answer that is none.
[[nodiscard]] std::string unusual_answer(const HttpAnswer& answer);

}  // namespace paramcount
