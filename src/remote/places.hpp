// The services that host models: how to list a model's files, and what their refusals mean.
#pragma once

#include "remote/kept_answers.hpp"
#include "remote/remote_folder.hpp"
#include "remote/remote_name.hpp"

namespace paramcount {

inline constexpr std::string_view kOfflineAndNotKept{
    "not requested over the network (--offline or HF_HUB_OFFLINE), and not cached by an earlier run"};

/// Whether a revision is a commit of git, which cannot change.
[[nodiscard]] bool is_commit(std::string_view revision);
/// Sorts a place's list of files; throws Error where it is too long or a name in it leads elsewhere.
void check_files(std::vector<std::string>& files);

/// One request, or none where the commit is named and its files are kept. Throws Error "<why not>".
[[nodiscard]] RemoteListing list_hub(const RemoteName& name, const KeptAnswers& kept, const RemoteOptions& options);
[[nodiscard]] RemoteListing list_modelscope(const RemoteName& name, const KeptAnswers& kept,
                                            const RemoteOptions& options);
[[nodiscard]] RemoteListing list_ollama(const RemoteName& name, const KeptAnswers& kept, const RemoteOptions& options);
/// A part of a split GGUF is taken for all of them. An index is asked for the files that it names, and a config.json
/// beside it; else nothing is.
[[nodiscard]] RemoteListing list_url(const RemoteName& name, const RemoteOptions& options);

}  // namespace paramcount
