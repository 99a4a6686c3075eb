// What commands about training share: reading amounts from the command line.
#pragma once

#include <cstdint>
#include <string>

namespace paramcount {

/// "15T". Throws Error "--tokens ...".
[[nodiscard]] double read_tokens(const std::string& text);
/// "16384". Throws Error "--devices ...".
[[nodiscard]] double read_devices(const std::string& text);
/// A share: 0.41, or 41%. Throws Error naming the option.
[[nodiscard]] double read_share(const std::string& text, const std::string& option);
/// "$1M", "250k". Throws Error naming the option.
[[nodiscard]] double read_dollars(const std::string& text, const std::string& option);

}  // namespace paramcount
