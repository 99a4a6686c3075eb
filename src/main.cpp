#include <new>
#include <string>
#include <vector>

#include "base/output.hpp"
#include "cli/session.hpp"

int main(int argc, char** argv) try {
  // Never freed: the process ends with the answer, and its memory goes back in one piece.
  auto& session = *new paramcount::Session;
  std::string out;
  std::string err;
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const int code = paramcount::run(arguments, paramcount::process_environment(), session, out, err);
  std::_Exit(paramcount::write_output(out, err, code));
} catch (const std::bad_alloc&) {
  // Nothing but memory can be missing outside of run().
  std::_Exit(paramcount::write_output({}, "paramcount: out of memory\n", 1));
}
