// The devices of this machine (`--device here`), from nvidia-smi, rocm-smi, or sysctl on a Mac.
#pragma once

#include <string>
#include <vector>

#include "paramcount/catalog/device_name.hpp"

namespace paramcount {

/// Where the programs are looked for, first to last, and the file that gives the host's memory.
struct HostPaths {
  std::vector<std::string> nvidia_smi{"/usr/bin/nvidia-smi", "/usr/local/bin/nvidia-smi"};
  std::vector<std::string> rocm_smi{"/usr/bin/rocm-smi", "/usr/local/bin/rocm-smi", "/opt/rocm/bin/rocm-smi"};
#ifdef __APPLE__
  std::vector<std::string> sysctl{"/usr/sbin/sysctl"};
#else
  std::vector<std::string> sysctl{};
#endif
  std::string meminfo{"/proc/meminfo"};
};

/// All devices of the machine, which must be of one kind: memory as reported, the rest of the catalog's device of that
/// name if there is one. Throws usage Error when there are none or several kinds.
[[nodiscard]] NamedDevice device_here(const Catalog& catalog, const HostPaths& paths = HostPaths{});

}  // namespace paramcount
