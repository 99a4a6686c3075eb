// The places that hold models: what each is asked for the list of a model's files, and what its refusals mean.
#pragma once

#include <string>
#include <vector>

#include "remote/kept_answers.hpp"
#include "remote/remote_folder.hpp"
#include "remote/remote_name.hpp"

namespace paramcount {

/// One request, or none where the commit is named and its files are kept. Throws Error "<why not>".
[[nodiscard]] RemoteListing list_hub(const RemoteName& name, const KeptAnswers& kept, const RemoteOptions& options);
[[nodiscard]] RemoteListing list_modelscope(const RemoteName& name, const KeptAnswers& kept,
                                            const RemoteOptions& options);
[[nodiscard]] RemoteListing list_ollama(const RemoteName& name, const KeptAnswers& kept, const RemoteOptions& options);
/// Asks nothing. A part of a split GGUF stands for all of them.
[[nodiscard]] RemoteListing list_url(const RemoteName& name);

/// Which GGUF file of a repository is meant: the one of that tag ("Q4_K_M"), without a tag what llama.cpp takes. Empty:
/// none of that tag; the first of split ones.
[[nodiscard]] std::string gguf_of_tag(const std::vector<RemoteFile>& files, const std::string& tag);

}  // namespace paramcount
