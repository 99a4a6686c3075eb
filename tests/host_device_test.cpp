// `--device here`: programs of the machine asked for its devices. They are scripts of the test, so that none of this
// depends on the machine.
#include "catalog/host_device.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/subprocess.hpp"
#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "test_folder.hpp"

using namespace paramcount;

namespace {

/// Scripts in place of the programs, and a file in place of /proc/meminfo.
class Machine {
 public:
  std::string script(const std::string& name, const std::string& body) const {
    const std::string path = folder_ / name;
    std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }
  /// One that prints the text.
  std::string printer(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / (name + ".out"), std::ios::binary) << text;
    return script(name, "cat '" + (folder_ / (name + ".out")) + "'");
  }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  [[nodiscard]] std::string absent() const { return folder_ / "absent"; }

 private:
  TestFolder folder_;
};

HostPaths paths_of(const Machine& machine) { return {{machine.absent()}, {machine.absent()}, {}, machine.absent()}; }

std::string refused(const HostPaths& paths) {
  const Catalog catalog;
  try {
    return "found " + device_here(catalog, paths).device->id;
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::usage);
    return error.what();
  }
}

}  // namespace

TEST_CASE("nvidia-smi's cards are found in the catalog, with the memory it reports", "[device]") {
  const Machine machine;
  const Catalog catalog;
  HostPaths paths = paths_of(machine);
  // What the program is asked comes first, so that the arguments are checked too.
  paths.nvidia_smi = {
      machine.absent(),
      machine.script("nvidia-smi",
                     "test \"$1 $2\" = '--query-gpu=name,memory.total --format=csv,noheader,nounits' || exit 7\n"
                     "echo 'NVIDIA GeForce RTX 4090, 24560'\n"
                     "echo 'NVIDIA GeForce RTX 4090, 24560'")};
  const NamedDevice here = device_here(catalog, paths);
  CHECK(here.count == 2);
  CHECK(here.device->id == "rtx-4090");
  CHECK(here.device->memory.value == 24560ULL << 20U);
  CHECK(here.device->bandwidth == 1008e9);
  CHECK(here.device->consumer);
  CHECK_FALSE(here.device->written_out);

  // Grace Blackwell shares the host's memory and reports none of its own.
  paths.nvidia_smi = {machine.printer("gb10", "NVIDIA GB10, [N/A]\n")};
  paths.meminfo = machine.file("meminfo", "MemFree: 1 kB\nMemTotal:       125491220 kB\n");
  CHECK(device_here(catalog, paths).device->id == "dgx-spark");
  CHECK(device_here(catalog, paths).device->memory.value == 125491220ULL << 10U);
  paths.meminfo = "/proc/meminfo";
  if (std::filesystem::exists(paths.meminfo)) CHECK(device_here(catalog, paths).device->memory.value > 1U << 20U);
  paths.meminfo = machine.absent();
  CHECK(refused(paths) ==
        "--device here: nvidia-smi does not say how much memory NVIDIA GB10 has; give it, as in --device memory=24GiB");
}

TEST_CASE("a card that the catalog does not know has a name and memory", "[device]") {
  const Machine machine;
  const Catalog catalog;
  HostPaths paths = paths_of(machine);
  paths.nvidia_smi = {machine.printer("nvidia-smi", "\x1b[31mNVIDIA Secret\x07 9000\xff, 49152\n")};
  const SharedDevice device = device_here(catalog, paths).device;
  CHECK(device->name == "?[31mNVIDIA Secret? 9000?");
  CHECK(device->memory.value == 48ULL << 30U);
  CHECK(device->bandwidth == 0);
  CHECK(device->written_out);
}

TEST_CASE("rocm-smi and a Mac's sysctl are understood", "[device]") {
  const Machine machine;
  const Catalog catalog;
  HostPaths paths = paths_of(machine);
  paths.rocm_smi = {machine.printer(
      "rocm-smi",
      "WARNING: AMD GPU device(s) is/are in a low-power state\n"
      R"json({"card0": {"Card Series": "AMD Instinct MI300X", "VRAM Total Memory (B)": "206141652992"},)json"
      R"json( "card1": {"Card series": "AMD Instinct MI300X", "VRAM Total Memory (B)": "206141652992"},)json"
      R"json( "system": {"Driver version": "6.10.5"}})json")};
  const NamedDevice here = device_here(catalog, paths);
  CHECK(here.device->id == "mi300x");
  CHECK(here.count == 2);
  CHECK(here.device->memory.value == 206141652992);

  paths.sysctl = {machine.printer("sysctl", "Apple M4 Max\n38654705664\n")};
  const SharedDevice mac = device_here(catalog, paths).device;
  CHECK(mac->id == "apple-m4-max");
  CHECK(mac->memory.value == 36ULL << 30U);
  CHECK(mac->bandwidth == 410e9);
  CHECK(mac->gpu_share == 0.75);
  // No M4 Max has 24 GiB: that of 36 and its bandwidth are not meant.
  paths.sysctl = {machine.printer("small-mac", "Apple M4 Max\n25769803776\n")};
  CHECK(device_here(catalog, paths).device->memory.value == 24ULL << 30U);
  CHECK(device_here(catalog, paths).device->bandwidth == 546e9);
  // With 64 GiB it is the one of 546 GB/s (Apple: M4 Max with a 40-core GPU), not a smaller one's.
  paths.sysctl = {machine.printer("large-mac", "Apple M4 Max\n68719476736\n")};
  CHECK(device_here(catalog, paths).device->bandwidth == 546e9);
  paths.sysctl = {machine.printer("intel-mac", "Intel(R) Core(TM) i9\n38654705664\n")};
  CHECK(device_here(catalog, paths).device->id == "mi300x");
}

TEST_CASE("a machine without devices, or with several kinds, says so", "[device]") {
  const Machine machine;
  HostPaths paths = paths_of(machine);
  const std::string hint = "). Name one, such as --device rtx-4090, or give its memory: --device memory=24GiB";
  CHECK(refused(paths) == "--device here: no device found (nvidia-smi: not found, rocm-smi: not found" + hint);
  paths.nvidia_smi = {machine.script("broken", "echo no driver; exit 9")};
  paths.rocm_smi = {machine.printer("garbage", "{\"card0\": [")};
  CHECK(refused(paths) ==
        "--device here: no device found (nvidia-smi: exit code 9, rocm-smi: output that is not JSON" + hint);
  paths.nvidia_smi = {machine.printer("empty", "")};
  paths.rocm_smi = {machine.printer("no-cards", "{\"system\": {}}")};
  CHECK(refused(paths) == "--device here: no device found (nvidia-smi: none listed, rocm-smi: none listed" + hint);
  paths.nvidia_smi = {machine.printer("mixed", "NVIDIA GeForce RTX 4090, 24564\nTesla P40, 24576\n")};
  CHECK(refused(paths) ==
        "--device here: there are NVIDIA GeForce RTX 4090 and Tesla P40; name one kind, such as --device 2xrtx-4090");
  paths.nvidia_smi = {machine.printer("huge", "X, 99999999999999999999\n")};
  CHECK(refused(paths).starts_with("--device here: nvidia-smi does not say how much memory X has"));
}

TEST_CASE("a program asked may neither hang nor flood", "[device]") {
  const Machine machine;
  const auto begun = std::chrono::steady_clock::now();
  const auto late = ask_program(machine.script("late", "sleep 60 & wait"), {});
  CHECK(late.ended == ProgramAnswer::Ended::late);
  CHECK(failure_of(late) == "no answer within 3 seconds");
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(20));
  const auto flood = ask_program(machine.script("flood", "while :; do echo flood; done"), {});
  CHECK(flood.ended == ProgramAnswer::Ended::too_long);
  CHECK(flood.out.empty());
  CHECK(failure_of(flood) == "more than 64 KiB of output");
  CHECK(ask_program(machine.script("killed", "kill -9 $$"), {}).code == 128 + 9);
  CHECK(ask_program(machine.absent(), {}).ended == ProgramAnswer::Ended::absent);
  CHECK(ask_program(machine.file("no-program", "x"), {}).ended == ProgramAnswer::Ended::absent);
  CHECK(ask_program("sh", {"-c", "echo"}).ended == ProgramAnswer::Ended::absent);  // no path
  // No shell: an argument stays one.
  CHECK(ask_program("/bin/echo", {"$(id); a  b"}).out == "$(id); a  b\n");
  // Its own PATH, not the user's.
  CHECK(ask_program(machine.script("path", "echo $PATH"), {}).out == "/usr/bin:/bin:/usr/sbin:/sbin\n");
}
