// Owns everything one run of the program allocates. run() of paramcount/run.hpp makes and frees a session; main() uses
// it directly so that it can exit without running destructors, and tests use it to look at a report.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/estimate/answer.hpp"
#include "paramcount/report/report.hpp"
#include "paramcount/run.hpp"

namespace paramcount {

/// Output options common to all commands.
struct CommonOptions {
  std::vector<std::string> get, asserts;
  std::string units;  ///< si or iec; empty: both
  bool explain = false;
  bool notes = false;  ///< all notes, and what pages leave out
  bool precise = false;
  bool ascii = false;
  std::string lang;                    ///< of pages: a language of data/lang; empty or en: English
  std::string digits;                  ///< fa: Persian ones on Persian pages; empty or latin: 123
  bool translated = false;             ///< the command has pages in other languages
  std::set<std::string> untranslated;  ///< what a page in another language had to say in English
  std::string as_class;                ///< the model class that configs are counted as; empty: the one they name
  bool strict = false;                 ///< refuse what rests on a guess
  bool offline = false;                ///< nothing is asked over the network, whatever a name says
  bool no_cache = false;               ///< what comes over the network is neither looked for nor kept on disk
};

struct Session {
  std::unique_ptr<Catalog> catalog;
  std::unique_ptr<Expander> expander;
  std::vector<Answer> answers;
  Report report;
  CommonOptions options;
  std::shared_ptr<void> workers;  ///< of a batch: what each thread learned of families
};

/// As run(); all that the run allocates and that outlives its commands is the session's.
[[nodiscard]] int run(const std::vector<std::string>& arguments, const Environment& environment, Session& session,
                      std::string& out, std::string& err);

}  // namespace paramcount
