#include "name_targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  paramcount::fuzz_names_elsewhere({reinterpret_cast<const char*>(data), size});
  return 0;
}
