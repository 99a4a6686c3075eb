// The user's token of the Hub: $HF_TOKEN, then the file that `hf auth login` writes.
#pragma once

#include <string>

namespace paramcount {

/// Empty: there is none, or $HF_HUB_DISABLE_IMPLICIT_TOKEN is set. Throws Error, which does not quote it, when it has
/// characters that no token has.
[[nodiscard]] std::string hub_token();

}  // namespace paramcount
