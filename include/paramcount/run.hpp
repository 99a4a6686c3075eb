// The whole program as a function: main() calls it, and tests call it in process.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "paramcount/report/render.hpp"

namespace paramcount {

/// The program's environment besides its arguments.
struct Environment {
  Surface surface;                    ///< of standard output
  std::vector<std::string> catalogs;  ///< folders on top of the built-in catalog, the last one winning
  std::string config{};               ///< a file of defaults for options; empty: none
  std::vector<std::pair<std::string, std::string>> defaults{};  ///< options, without dashes, and their values
};

/// Runs one command. `arguments` exclude the program's name. Output is appended to `out` and `err`; nothing is printed
/// here. Returns the exit code of the process.
[[nodiscard]] int run(const std::vector<std::string>& arguments, const Environment& environment, std::string& out,
                      std::string& err);

/// The environment of this process: terminal size, NO_COLOR, locale, $PARAMCOUNT_CATALOG, the XDG config folder.
[[nodiscard]] Environment process_environment();

}  // namespace paramcount
