// The program's only exception type. Thrown by readers, option checks and the engine; caught once, in run().
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace paramcount {

/// The exit code of the process.
enum class ExitCode : int {
  answered = 0,
  could_not = 1,  ///< unknown model, bad file, a config that is not understood
  usage = 2,      ///< a wrong command line
  no = 3,         ///< answered, and the answer is no
};

/// Limit of a message in bytes, so that a line on standard error, with "paramcount: ", has at most 300.
inline constexpr std::size_t kLongestError = 288;

/// The message as printed: on one line, printable, and within that limit. Long words (names, paths, pointers) are
/// shortened in the middle first, so that both place and problem stay readable.
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

/// What `work` returns; an error that it throws gets "where: " in front.
template <class Work>
decltype(auto) locating(std::string_view where, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    throw located(where, error);
  }
}

/// The same error for a value at a JSON pointer: "/config" and "/heads: ..." make "/config/heads: ...".
[[nodiscard]] Error within(std::string_view pointer, const Error& error);

/// An error of the command line (exit code 2).
[[nodiscard]] inline Error usage_error(std::string_view message) { return Error(message, ExitCode::usage); }

}  // namespace paramcount
