// Runs another program by absolute path, without a shell, with a timeout of seconds and at most kilobytes of output
// (base/budgets.hpp). Used only for `--device here`.
#pragma once

#include <string>
#include <vector>

namespace paramcount {

struct ProgramAnswer {
  enum class Ended {
    well,        ///< exit code 0
    absent,      ///< no such program, or none that may be run
    with_error,  ///< another exit code, or a signal
    late,        ///< killed after kMostProgramSeconds
    too_long,    ///< killed after kMostProgramBytes
  };
  Ended ended{Ended::absent};
  std::string out;  ///< its standard output: a stranger's bytes
  int code{0};      ///< of with_error: the exit code, or 128 and the signal
};

/// Runs it with no input, its errors unread and a PATH of system folders; whatever it started is killed with it when it
/// takes too long.
[[nodiscard]] ProgramAnswer ask_program(const std::string& path, const std::vector<std::string>& arguments);

/// "did not answer within 3 seconds"; "" of one that ended well.
[[nodiscard]] std::string failure_of(const ProgramAnswer& answer);

}  // namespace paramcount
