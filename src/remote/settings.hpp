// Environment variables for network access.
#pragma once

#include <string>

namespace paramcount {

/// As huggingface_hub reads its switches: 1, on, yes, true.
[[nodiscard]] bool is_set(const char* name);
/// $XDG_CACHE_HOME, else ~/.cache; empty without a home.
[[nodiscard]] std::string cache_home();
/// $HF_HUB_OFFLINE or $TRANSFORMERS_OFFLINE.
[[nodiscard]] bool offline_by_environment();
/// Seconds, of $HF_HUB_DOWNLOAD_TIMEOUT where that is a number from 1 to 3600.
[[nodiscard]] int remote_timeout();

/// The user's token of the Hub: $HF_TOKEN, then the file that `hf auth login` writes. Empty: there is none, or
/// $HF_HUB_DISABLE_IMPLICIT_TOKEN is set. Throws Error, which does not quote it, when it has characters that no token
/// has.
[[nodiscard]] std::string hub_token();

}  // namespace paramcount
