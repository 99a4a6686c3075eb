#include "catalog/host_device.hpp"

#include <algorithm>
#include <charconv>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/subprocess.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"

namespace paramcount {
namespace {

/// As a program reports it: a stranger's text.
struct Reported {
  std::string name;
  Bytes memory;
};

/// What one program said, and why nothing when it said nothing.
struct Said {
  std::string program;
  std::vector<Reported> devices;
  std::string failure;
};

/// A whole number of units of at most a pebibyte; 0 when it is none.
Bytes bytes_of(std::string_view digits, std::uint64_t unit) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 50U;
  std::uint64_t count = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (result.ec != std::errc{} || result.ptr == digits.data() || count > kMost / unit) return {};
  return {count * unit};
}

/// MemTotal of /proc/meminfo; 0 when it cannot be read.
Bytes host_memory(const std::string& path) {
  constexpr std::string_view kTotal = "MemTotal:";
  try {
    const std::string text = read_file(path, kMostProgramBytes);
    for (const auto line : split(text, '\n')) {
      if (line.starts_with(kTotal)) return bytes_of(trim(line.substr(kTotal.size())), 1024);
    }
  } catch (const Error&) {  // such a system has none
  }
  return {};
}

ProgramAnswer ask_first(const std::vector<std::string>& paths, const std::vector<std::string>& arguments) {
  for (const auto& path : paths) {
    auto answer = ask_program(path, arguments);
    if (answer.ended != ProgramAnswer::Ended::absent) return answer;
  }
  return {};
}

Said ask_nvidia(const HostPaths& paths) {
  const auto answer = ask_first(paths.nvidia_smi, {"--query-gpu=name,memory.total", "--format=csv,noheader,nounits"});
  Said said{"nvidia-smi", {}, failure_of(answer)};
  for (const auto line : split(answer.out, '\n')) {
    const auto comma = line.rfind(',');
    if (comma == std::string_view::npos) continue;
    Reported device{printable(trim(line.substr(0, comma))), bytes_of(trim(line.substr(comma + 1)), 1U << 20U)};
    // "[N/A]": a chip that shares the host's memory.
    if (device.memory.value == 0) device.memory = host_memory(paths.meminfo);
    said.devices.push_back(std::move(device));
  }
  return said;
}

/// {"card0": {"Card Series": "...", "VRAM Total Memory (B)": "..."}, ...}; the case of "Series" varies.
Said ask_rocm(const HostPaths& paths) {
  const auto answer = ask_first(paths.rocm_smi, {"--showproductname", "--showmeminfo", "vram", "--json"});
  Said said{"rocm-smi", {}, failure_of(answer)};
  // Warnings may stand before it.
  const auto start = answer.out.find('{');
  if (start == std::string::npos) return said;
  try {
    const Value content = parse_json(std::string_view(answer.out).substr(start));
    const auto* cards = content.as<Value::Object>();
    if (cards == nullptr) return said;
    for (const auto& [card, fields] : *cards) {
      if (!card.starts_with("card") || fields.as<Value::Object>() == nullptr) continue;
      Reported device;
      for (const auto& [key, value] : *fields.as<Value::Object>()) {
        const auto* text = value.as<std::string>();
        if (text == nullptr) continue;
        if (lower(key) == "card series") device.name = printable(*text);
        if (lower(key) == "vram total memory (b)") device.memory = bytes_of(*text, 1);
      }
      if (device.memory.value > 0) said.devices.push_back(std::move(device));
    }
  } catch (const Error&) {
    said.failure = "output that is not JSON";
  }
  return said;
}

Said ask_mac(const HostPaths& paths) {
  const auto answer = ask_first(paths.sysctl, {"-n", "machdep.cpu.brand_string", "hw.memsize"});
  Said said{"sysctl", {}, failure_of(answer)};
  const auto lines = split(answer.out, '\n');
  if (lines.size() < 2 || !lines[0].starts_with("Apple ")) return said;
  said.devices.push_back({printable(trim(lines[0])), bytes_of(trim(lines[1]), 1)});
  return said;
}

/// The reported memory on what the catalog knows of the name.
SharedDevice described(const Reported& reported, const std::string& program, const Catalog& catalog) {
  Device device;
  if (const auto known = match_device(reported.name, catalog)) {
    device = *known;
    // The size that the driver reports less than a tenth of away.
    for (const auto& size : known->sizes) {
      if (reported.memory <= size.memory && reported.memory.value >= size.memory.value - size.memory.value / 10) {
        device = of_size(*known, size);
        break;
      }
    }
    device.source += "; memory as " + program + " reports it";
  } else {
    device.id = "here";
    device.name = reported.name.empty() ? "unnamed device" : reported.name;
    device.source = program;
    device.written_out = true;
  }
  device.memory = reported.memory;
  return std::make_shared<const Device>(std::move(device));
}

[[noreturn]] void refuse_none(const std::vector<Said>& asked) {
  std::string why;
  for (const auto& said : asked) {
    why += (why.empty() ? "" : ", ") + said.program + ": " + (said.failure.empty() ? "none listed" : said.failure);
  }
  throw usage_error("--device here: no device found (" + why +
                    "). Name one, such as --device rtx-4090, or give its memory: --device memory=24GiB");
}

}  // namespace

NamedDevice device_here(const Catalog& catalog, const HostPaths& paths) {
  std::vector<Said> asked;
  for (const auto& ask : {ask_mac, ask_nvidia, ask_rocm}) {
    if (ask == ask_mac && paths.sysctl.empty()) continue;
    Said said = ask(paths);
    if (said.devices.size() > kMostHostDevices) {
      said.devices.clear();
      said.failure = "more than " + std::to_string(kMostHostDevices) + " devices";
    }
    if (said.devices.empty()) {
      asked.push_back(std::move(said));
      continue;
    }
    const auto& first = said.devices.front();
    for (const auto& other : said.devices) {
      if (other.name != first.name) {
        throw usage_error("--device here: there are " + first.name + " and " + other.name +
                          "; name one kind, such as --device 2xrtx-4090");
      }
      if (other.memory.value == 0) {
        throw usage_error("--device here: " + said.program + " does not say how much memory " + other.name +
                          " has; give it, as in --device memory=24GiB");
      }
    }
    return {described(first, said.program, catalog), said.devices.size()};
  }
  refuse_none(asked);
}

}  // namespace paramcount
