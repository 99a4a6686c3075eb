#include "foreign_targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  paramcount::fuzz_onnx({reinterpret_cast<const char*>(data), size});
  return 0;
}
