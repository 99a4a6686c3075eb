// The places that hold models: what each is asked for the list of a model's files, and what its refusals mean.
#pragma once

#include "remote/kept_answers.hpp"
#include "remote/remote_folder.hpp"
#include "remote/remote_name.hpp"

namespace paramcount {

/// One request, or none where the commit is named and its files are kept. Throws Error "<why not>".
[[nodiscard]] RemoteListing list_hub(const RemoteName& name, const KeptAnswers& kept, const RemoteOptions& options);
[[nodiscard]] RemoteListing list_modelscope(const RemoteName& name, const KeptAnswers& kept,
                                            const RemoteOptions& options);
[[nodiscard]] RemoteListing list_ollama(const RemoteName& name, const KeptAnswers& kept, const RemoteOptions& options);
/// A part of a split GGUF stands for all of them. An index is asked for the files that it names, and a config.json
/// beside it; else nothing is.
[[nodiscard]] RemoteListing list_url(const RemoteName& name, const RemoteOptions& options);

}  // namespace paramcount
