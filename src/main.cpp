#include <string>
#include <vector>

#include "base/output.hpp"
#include "paramcount/run.hpp"

int main(int argc, char** argv) {
  std::string out;
  std::string err;
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const int code = paramcount::run(arguments, paramcount::process_environment(), out, err);
  return paramcount::write_output(out, err, code);
}
