// Whole commands on what strangers write: a file or folder of each kind, a catalog, a command line with a config.toml
// and an environment. Any bytes must end as a user may expect it: judge() says how. The unit tests replay kept inputs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

/// What a run is held against.
struct Judged {
  std::vector<std::string> arguments;
  std::string_view format;  ///< empty: whatever the arguments say
  int code{};
  std::string out, err;
};
/// Aborts, saying what is wrong and with what, when a run
/// - returned another code than 0 to 3, or failed without a word,
/// - said more than lines of at most 300 bytes, "paramcount: " before each,
/// - printed characters that no output may carry,
/// - printed JSON that is none, or parts that do not add up to their total.
void judge(const Judged& run);

/// Three bytes choose the kind of file, the command and how it prints; then the files, kPart between them.
void fuzz_command(std::string_view bytes);

/// Two bytes choose the catalog's file and the command; then that file and a config, kPart between them.
void fuzz_catalog(std::string_view bytes);

/// The arguments, a line each, then config.toml, then the environment's settings, NAME=VALUE a line; kPart between
/// them.
void fuzz_options(std::string_view bytes);

/// Stands between the parts of an input.
inline constexpr std::string_view kPart = "\n%%\n";

}  // namespace paramcount
