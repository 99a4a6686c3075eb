#include "base/hash.hpp"

#include <random>

namespace paramcount {

std::uint64_t hash_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32U) ^ device();
}

}  // namespace paramcount
