// What ZeRO divides at each stage.
#include "catch.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/estimate/training_memory.hpp"

namespace paramcount {

TEST_CASE("each ZeRO stage leaves a device what the paper's first figure says") {
  // Rajbhandari et al. 2019, arXiv:1910.02054, figure 1: 7.5 B parameters, K = 12, 64 devices: 120, 31.4, 16.6 and
  // 1.9 GB. Mixed precision: 2 bytes of weights, 2 of gradients, K of master weights and states.
  const Optimizer adamw = Catalog().optimizer("adamw");
  const auto gigabytes = [&](std::uint64_t stage) {
    return static_cast<double>(training_memory({7'500'000'000}, adamw, stage, 64).total().value) / 1e9;
  };
  CHECK(gigabytes(0) == Approx(120).epsilon(1e-6));
  CHECK(gigabytes(1) == Approx(31.4).margin(0.05));
  CHECK(gigabytes(2) == Approx(16.6).margin(0.05));
  CHECK(gigabytes(3) == Approx(1.9).margin(0.05));
  const TrainingMemory second = training_memory({7'500'000'000}, adamw, 2, 64);
  CHECK(second.weights == Bytes{15'000'000'000});
  CHECK(second.gradients == Bytes{15'000'000'000 / 64});
}

TEST_CASE("beyond four devices they come in hosts of eight") {
  // 70 B parameters of 16 bytes are 14 devices of 80 GiB: two hosts.
  const Optimizer adamw = Catalog().optimizer("adamw");
  CHECK(fewest_devices({70'000'000'000}, adamw, {}, Bytes{80ULL << 30U}) == 16);
  CHECK(fewest_devices({10'000'000'000}, adamw, {}, Bytes{80ULL << 30U}) == 2);
}

}  // namespace paramcount
