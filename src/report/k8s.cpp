// The Kubernetes resource requests of a container that serves a model: a `resources` block per model of `fit`. Sources:
// kubernetes.io/docs "Schedule GPUs" (names of resources; devices are in the limits), "Resource units" (Mi);
// docs.vllm.ai "Using Kubernetes" (6 GB for the process, 2 GiB of /dev/shm).
#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "report/keys.hpp"
#include "report/renderers.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kProcessBytes = 6'000'000'000;
constexpr std::uint64_t kUsualMachine = 8;  ///< devices

struct Resource {
  std::string_view maker, name;
};

constexpr std::array<Resource, 2> kResources{{{"NVIDIA", "nvidia.com/gpu"}, {"AMD", "amd.com/gpu"}}};

std::uint64_t number(const Row& fit, std::string_view key) {
  const Found found = find_value(fit, key);
  const auto* value = found.value != nullptr ? found.value->as<std::int64_t>() : nullptr;
  return value != nullptr && *value > 0 ? static_cast<std::uint64_t>(*value) : 0;
}

std::string text(const Row& row, std::string_view key) {
  const Found found = find_value(row, key);
  const auto* value = found.value != nullptr ? found.value->as<std::string>() : nullptr;
  return value != nullptr ? printable(*value) : std::string();
}

/// Whole mebibytes, none too few.
std::string mebibytes(std::uint64_t bytes) {
  return std::to_string((bytes >> 20U) + (bytes % (std::uint64_t{1} << 20U) > 0 ? 1 : 0)) + "Mi";
}

std::string_view resource_of(const std::string& maker) {
  const auto* const at =
      std::find_if(kResources.begin(), kResources.end(), [&](const Resource& one) { return one.maker == maker; });
  return at != kResources.end() ? at->name : std::string_view();
}

std::string block(const Row& model, const Row& fit) {
  const std::uint64_t devices = number(fit, "devices");
  std::string out = "# " + text(model, "name") + ", " + text(fit, "dtype") + ", on " + std::to_string(devices) + " x " +
                    text(fit, "device_name") + ", " + text(fit, "runtime");
  const Found ok = find_value(fit, "ok");
  const auto* fits = ok.value != nullptr ? ok.value->as<bool>() : nullptr;
  if (fits == nullptr || !*fits) return out + ": does not fit; nothing to request\n";
  const std::string maker = text(fit, "device_maker");
  const auto resource = resource_of(maker);
  if (resource.empty()) {
    throw Error("--format k8s: no resource of Kubernetes is known for " +
                (maker.empty() ? std::string("a device without a maker") : "devices of " + maker) +
                "; those of NVIDIA and AMD are");
  }
  // The parts of tensor and pipeline parallelism are one copy of the weights; replicas share the files.
  const std::uint64_t files = number(fit, "weights_bytes") * number(fit, "tp") * number(fit, "pp") *
                                  (number(fit, "ep") > 1 ? std::max<std::uint64_t>(1, number(fit, "dp")) : 1) +
                              number(fit, "host_bytes");
  out += "\n# memory: 6 GB for the process, as in vLLM's example";
  if (number(fit, "host_bytes") > 0) out += ", and what stays in host memory";
  out += ". ephemeral-storage: the weights,\n#   where the container downloads them; leave it out with a volume.\n";
  if (devices > 1)
    out += "# Mount a /dev/shm of 2Gi (emptyDir, medium: Memory): processes on several devices need it.\n";
  if (devices > kUsualMachine) out += "# A pod runs on one machine: divide this where yours holds fewer devices.\n";
  const std::string gpu = "    " + std::string(resource) + ": " + std::to_string(devices) + "\n";
  return out + "resources:\n  requests:\n    memory: " + mebibytes(kProcessBytes + number(fit, "host_bytes")) +
         "\n    ephemeral-storage: " + mebibytes(files) + "\n" + gpu + "  limits:\n" + gpu;
}

}  // namespace

std::string render_k8s(const Report& report, const Surface&) {
  std::string out;
  for (const auto& model : report.models) {
    const auto fit = std::find_if(model.children.begin(), model.children.end(),
                                  [](const Row& row) { return row.key.text() == "fit"; });
    if (fit == model.children.end() || find_value(*fit, "devices").value == nullptr) continue;
    out += (out.empty() ? "" : "---\n") + block(model, *fit);
  }
  return out;
}

}  // namespace paramcount
