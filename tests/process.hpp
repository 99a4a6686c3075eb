// Running the built program as a user does: through a shell, into pipes or on a terminal of a given width.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/report/report.hpp"

namespace paramcount {

struct Finished {
  std::string out;
  std::string err;  ///< empty on a terminal, where both are one stream
  int code{};
};

/// `sh -c command` with the program first in PATH, in the source folder, without the user's settings.
[[nodiscard]] Finished run_shell(const std::string& command);

/// The same on a terminal without colour; the streams are one.
[[nodiscard]] Finished run_on_terminal(const std::string& command, std::size_t columns);

/// The same arguments inside the test, without a process.
[[nodiscard]] Finished run_words(const std::vector<std::string>& arguments);

/// A figure of the report that those arguments make; the test fails where they end otherwise than answered.
[[nodiscard]] double figure_of(std::vector<std::string> arguments, const std::string& key);

/// The same of one line, split at spaces.
[[nodiscard]] Finished run_line(std::string_view line);

/// What that line prints; the test fails where it ends otherwise than answered.
[[nodiscard]] std::string output_of(std::string_view line);

/// The report that those arguments make, before any format; throws when they end otherwise than answered.
[[nodiscard]] Report report_of(const std::vector<std::string>& arguments);

/// What limits the memory of the command after it, in KiB of addresses. AddressSanitizer takes terabytes of those, so
/// it needs to run without a limit.
[[nodiscard]] std::string within_kib(std::size_t kib);
/// The size of the program itself, which counts too.
[[nodiscard]] std::size_t program_kib();

/// When the environment says UPDATE=1, expectations are rewritten instead of checked.
[[nodiscard]] bool updating();

}  // namespace paramcount
