#include "name_targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  paramcount::fuzz_name({reinterpret_cast<const char*>(data), size});
  return 0;
}
