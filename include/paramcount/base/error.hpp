// The one exception of the program. Thrown by readers, option checks and the engine; caught once, in run().
#pragma once

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

/// `what()` reads "where: what. Hint": one line, made for the user.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, ExitCode code = ExitCode::could_not)
      : std::runtime_error(message), code_(code) {}

  [[nodiscard]] ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

/// The same error with "where: " in front of its message.
[[nodiscard]] inline Error located(std::string_view where, const Error& error) {
  return Error(std::string(where) + ": " + error.what(), error.code());
}

/// An error of the command line (exit code 2).
[[nodiscard]] inline Error usage_error(const std::string& message) { return Error(message, ExitCode::usage); }

}  // namespace paramcount
