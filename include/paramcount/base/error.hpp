// The one exception of the program. Thrown by readers, option checks and the engine; caught once, in run().
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace paramcount {

/// What a process returns.
enum class ExitCode : int {
  answered = 0,
  could_not = 1,  ///< unknown model, bad file, a config that is not understood
  usage = 2,      ///< the command line is wrong
  no = 3,         ///< answered, and the answer is no
};

/// Bytes of a message, so that a line on standard error, "paramcount: " before it, has at most 300.
inline constexpr std::size_t kLongestError = 288;

/// The message as it is told: on one line, printable, and no longer than that. Long words (names, paths, pointers) are
/// cut in their middle first, so that both where and what stay readable.
[[nodiscard]] std::string error_text(std::string_view message);

/// `what()` reads "where: what. Hint": made for the user, by error_text().
class Error : public std::runtime_error {
 public:
  explicit Error(std::string_view message, ExitCode code = ExitCode::could_not);

  [[nodiscard]] ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

/// The same error with "where: " in front of its message.
[[nodiscard]] Error located(std::string_view where, const Error& error);

/// The same error of a value that lies at a JSON pointer: "/config" and "/heads: ..." make "/config/heads: ...".
[[nodiscard]] Error within(std::string_view pointer, const Error& error);

/// An error of the command line (exit code 2).
[[nodiscard]] inline Error usage_error(std::string_view message) { return Error(message, ExitCode::usage); }

}  // namespace paramcount
