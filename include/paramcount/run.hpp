// The whole program as a function: main() is this call, and tests call it in process.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/estimate/answer.hpp"
#include "paramcount/report/render.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// What the program sees of the world besides its arguments.
struct Environment {
  Surface surface;                    ///< of standard output
  std::vector<std::string> catalogs;  ///< folders on top of the built-in catalog, the last one winning
  std::string config{};               ///< a file of defaults for options; empty: none
  std::vector<std::pair<std::string, std::string>> defaults{};  ///< options, without dashes, and their values
};

/// What was asked of the output beside its format.
struct Wishes {
  std::vector<std::string> get, asserts;
  std::string units;  ///< si or iec; empty: both
  bool explain = false;
  bool precise = false;
  bool ascii = false;
};

/// What a command leaves behind when it has answered. A process that is about to end need not take it apart.
struct Session {
  std::unique_ptr<Catalog> catalog;
  std::unique_ptr<Expander> expander;
  std::vector<Answer> answers;
  Report report;
  Wishes wishes;
  std::shared_ptr<void> workers;  ///< of a batch: what each learned of families
};

/// Runs one command. `arguments` leave out the program's name. Output is appended to `out` and `err`; nothing is
/// printed here. Returns the exit code of the process.
[[nodiscard]] int run(const std::vector<std::string>& arguments, const Environment& environment, Session& session,
                      std::string& out, std::string& err);

/// The environment of this process: terminal size, NO_COLOR, locale, $PARAMCOUNT_CATALOG, the XDG config folder.
[[nodiscard]] Environment process_environment();

}  // namespace paramcount
