// Writes finished output, whatever happens to the pipe.
#pragma once

#include <sys/types.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace paramcount {

/// Writes `out` to standard output and `err` to standard error and returns the process's exit code: `code`, or 1 when
/// standard output could not take everything. A reader that closed the pipe early is not a failure.
[[nodiscard]] int write_output(std::string_view out, std::string_view err, int code);

/// Writes whole lines to standard output at once, for commands that answer as they go. An Interruption ends the process
/// between two of them, also while the reader is slow. False when the reader closed the pipe. Throws Error "standard
/// output: ...".
[[nodiscard]] bool write_lines(std::string_view lines);

/// Puts a file with these texts, one after the other, in the place of whatever is there, or leaves that: it is written
/// beside it first. `mode` as chmod takes it. Returns 0, or what errno says of why not.
[[nodiscard]] int replace_file(const std::string& place, std::initializer_list<std::string_view> texts, mode_t mode);

/// A file with this text, completely or not at all: written to a temporary file next to it, then renamed. What is no
/// regular file, such as /dev/null, is written to as it is. Throws Error "<path>: ...".
void write_file(const std::string& path, std::string_view text);

}  // namespace paramcount
