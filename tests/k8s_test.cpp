// What a container requests of Kubernetes: --format k8s of `fit`.
#include <regex>
#include <string>

#include "base/text.hpp"
#include "catch.hpp"
#include "process.hpp"

namespace paramcount {
namespace {

/// The number before Mi, in bytes.
double requested(const std::string& yaml, const std::string& key) {
  std::smatch found;
  REQUIRE(std::regex_search(yaml, found, std::regex("\n    " + key + ": ([0-9]+)Mi\n")));
  return std::stod(found[1]) * 1024 * 1024;
}

TEST_CASE("k8s requests hold the weights, the process and the devices", "[k8s]") {
  const auto run = run_line("fit llama-3.3-70b --device h100-sxm --devices 4 --dtype fp8 --format k8s");
  CHECK(run.code == 0);
  // Every line is a comment or a mapping of two blanks' depth, as any reader of YAML takes it.
  const std::regex shape(
      "(#.*|resources:|  (requests|limits):|    (memory|ephemeral-storage): [0-9]+Mi|"
      "    [a-z.]+/gpu: [0-9]+)");
  for (const auto line : split(trim(run.out), '\n')) {
    INFO(line);
    CHECK(std::regex_match(std::string(line), shape));
  }
  CHECK(run.out.find("\n    nvidia.com/gpu: 4\n  limits:\n    nvidia.com/gpu: 4\n") != std::string::npos);
  // 70.55 B parameters in fp8; what tp repeats on each device is below two thousandths.
  CHECK(requested(run.out, "ephemeral-storage") >= 70.55e9);
  CHECK(requested(run.out, "ephemeral-storage") < 73e9);
  CHECK(requested(run.out, "memory") >= 6e9);
  CHECK(run.out.find("/dev/shm") != std::string::npos);

  // Experts are divided over all groups: each group of a pair has half of DeepSeek-V3's 671 B parameters in fp8.
  const auto experts = run_line("fit deepseek-v3 --dtype fp8 --device h200 --tp 8 --dp 2 --ep 16 --format k8s");
  CHECK(requested(experts.out, "ephemeral-storage") >= 671e9);

  const auto amd = run_line("fit llama-3.1-8b qwen3-8b --device mi300x --format k8s");
  CHECK(amd.out.find("    amd.com/gpu: 1\n") != std::string::npos);
  CHECK(amd.out.find("\n---\n# Qwen3 8B") != std::string::npos);
}

TEST_CASE("k8s requests host memory for layers that stay there", "[k8s]") {
  const std::string fit = "fit gpt-oss-120b --device rtx-4090 --ram 64GiB --dtype q4_k_m";
  const auto host = run_line(fit + " --get fit.host_bytes");
  REQUIRE(host.code == 0);
  CHECK(requested(run_line(fit + " --format k8s").out, "memory") >= std::stod(host.out) + 6e9);
}

TEST_CASE("k8s says no where there is nothing to request", "[k8s]") {
  const auto large = run_line("fit deepseek-v3 --device h100-sxm --format k8s");
  CHECK(large.code == 3);
  CHECK(large.out.find("does not fit; nothing to request") != std::string::npos);
  CHECK(large.out.find("resources") == std::string::npos);
  const auto apple = run_line("fit llama-3.1-8b --device m4-max --format k8s");
  CHECK(apple.code == 1);
  CHECK(apple.err.find("no resource of Kubernetes is known for devices of Apple") != std::string::npos);
  for (const char* line : {"llama-3.1-8b --format k8s", "fit llama-3.1-8b --format k8s", "kv gpt-2 --format k8s",
                           "fit --device h100 --max 1B --format k8s"}) {
    INFO(line);
    const auto run = run_line(line);
    CHECK(run.code == 2);
    CHECK(run.out.empty());
    CHECK(run.err.find("--format k8s: of fit MODEL --device D") != std::string::npos);
  }
}

}  // namespace
}  // namespace paramcount
