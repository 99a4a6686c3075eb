#include "paramcount/checkpoint.hpp"

namespace paramcount {

Checkpoint read_checkpoint(const std::string& path) { return read_gguf(path); }

}  // namespace paramcount
