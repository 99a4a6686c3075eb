// Devices of the catalog: what is read of devices.json, and what other people's logs say of the same cards.
#include <cmath>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/device_name.hpp"
#include "test_folder.hpp"

using namespace paramcount;

namespace {

/// What reading a catalog with that one device says; "" when it is read.
std::string said(const std::string& fields) {
  const TestFolder folder;
  std::ofstream(folder / "devices.json") << R"({"devices": [{"id": "d", "name": "D", "source": "s")" + fields + "}]}";
  const Catalog catalog({folder.path()});
  try {
    static_cast<void>(catalog.find_device("d"));
  } catch (const Error& error) {
    const std::string what = error.what();
    return what.substr(what.rfind("devices/0") + 11);
  }
  return "";
}

}  // namespace

TEST_CASE("memory is what nvidia-smi, rocm-smi and CUDA report", "[device]") {
  // "Memory-Usage" of public nvidia-smi logs in MiB.
  const std::vector<std::pair<const char*, std::uint64_t>> mib{
      {"p100-sxm2", 16280},   {"v100-16gb", 16160},   {"a100-80gb-sxm", 81920}, {"h100-sxm", 81559},
      {"h800-sxm", 81559},    {"h20", 97871},         {"h200", 143771},         {"b200", 183359},
      {"b300", 275040},       {"gb200", 189471},      {"gb300", 284208},        {"l20", 46068},
      {"a30", 24576},         {"rtx-3060", 12288},    {"rtx-3090-ti", 24564},   {"rtx-4060", 8188},
      {"rtx-4060-ti", 16380}, {"rtx-4070", 12282},    {"rtx-4080", 16376},      {"rtx-4090", 24564},
      {"rtx-5060", 8151},     {"rtx-5060-ti", 16311}, {"rtx-5070", 12227},      {"rtx-5080", 16303},
      {"rtx-5090", 32607},    {"rtx-a4000", 16376},   {"rtx-4000-ada", 20475},  {"rtx-5000-ada", 32760},
      {"dgx-spark", 124610}};
  const Catalog catalog;
  for (const auto& [name, memory] : mib) {
    INFO(name);
    CHECK(catalog.device(name)->memory.value == memory << 20U);
  }
  CHECK(catalog.device("mi300x")->memory.value == 206'141'652'992);
  CHECK(catalog.device("rx-7900-xtx")->memory.value == 25'753'026'560);
}

TEST_CASE("a Mac's GPU may use what Metal recommends", "[device]") {
  // recommendedMaxWorkingSetSize of public llama.cpp logs, in bytes/1e6.
  const Catalog catalog;
  const auto& sizes = catalog.device("m4-max")->sizes;
  REQUIRE(sizes.size() == 4);
  Device mac = *catalog.device("m4-max");
  const auto usable = [&](const MemorySize& size) {
    mac.memory = size.memory;
    mac.gpu_share = size.gpu_share;
    return static_cast<double>(mac.gpu_memory().value) / 1e6;
  };
  CHECK(std::abs(usable(sizes[0]) - 28991.03) < 0.01);
  CHECK(std::abs(usable(sizes[3]) - 103079.22) < 0.01);
  CHECK(std::abs(usable(catalog.device("m1-max")->sizes[0]) - 22906.50) < 0.02);
  CHECK(sizes[0].bandwidth == 410e9);
  CHECK(sizes[3].bandwidth == 546e9);
  CHECK(catalog.device("m3-max")->sizes[0].bandwidth == 300e9);
  CHECK(catalog.device("h100-sxm")->gpu_memory() == catalog.device("h100-sxm")->memory);
}

TEST_CASE("links are counted in each direction, and devices are for racks unless said otherwise", "[device]") {
  const Catalog catalog;
  CHECK(catalog.device("h100-sxm")->link == "NVLink 4");
  CHECK(catalog.device("h100-sxm")->link_gb_s == 450);
  CHECK(catalog.device("h100-sxm")->node == 8);
  CHECK_FALSE(catalog.device("h100-sxm")->consumer);
  CHECK(catalog.device("rtx-4090")->link == "PCIe 4.0 x16");
  CHECK(catalog.device("rtx-4090")->consumer);
  CHECK(catalog.device("gb200")->node == 72);
  // Seven links of 128 GB/s, 64 in each direction.
  CHECK(catalog.device("mi300x")->link_gb_s == 7 * 64);
  CHECK(catalog.device("mi325x")->link_gb_s == 7 * 64);
  CHECK(catalog.device("dgx-spark")->unified);
  catalog.each_name(Device::kTable, [&](std::string_view name, bool is_id) {
    if (!is_id) return;
    const SharedDevice device = catalog.device(name);
    INFO(name);
    CHECK(device->memory.value > 0);
    CHECK(device->bandwidth > 0);
    CHECK((device->link_gb_s == 0 || !device->link.empty()));
    // The device's own memory is one of its sizes.
    bool among = device->sizes.empty();
    for (const auto& size : device->sizes) among = among || size.memory == device->memory;
    CHECK(among);
  });
}

TEST_CASE("speeds and power of the devices people ask for are those that others list", "[device]") {
  // llmbook.apartsin.com, appendix G.1 (rounded), for the first six; winston-zhang-orz/gpu-specs, specs.md, and
  // citsjtu2020/LLM-Prof, hardware_spec.md: GB/s, TFLOP/s without sparsity, W; 0 where they list none.
  struct Listed {
    const char* name;
    double bandwidth, fp16, eight, watts;
  };
  const Catalog catalog;
  for (const auto& listed :
       {Listed{"a100-80gb-sxm", 2039, 312, 624, 400}, Listed{"h100-sxm", 3350, 990, 1979, 700},
        Listed{"h200", 4800, 990, 1979, 700}, Listed{"b200", 8000, 2250, 4500, 1000},
        Listed{"mi300x", 5300, 1307, 2615, 750}, Listed{"l40s", 864, 362, 733, 350},
        Listed{"a100-40gb-sxm", 0, 312, 624, 0}, Listed{"l4", 0, 121, 242, 0}, Listed{"t4", 0, 65, 130, 0},
        Listed{"v100-16gb", 0, 125, 0, 0}, Listed{"v100-pcie", 0, 112, 0, 0}, Listed{"v100s", 0, 130, 0, 0},
        Listed{"a10", 600, 125, 250, 0}, Listed{"l20", 864, 119.5, 239, 0}, Listed{"h20", 4022, 148, 296, 0}}) {
    INFO(listed.name);
    const SharedDevice device = catalog.device(listed.name);
    if (listed.bandwidth > 0) CHECK(device->bandwidth / 1e9 == Approx(listed.bandwidth).epsilon(0.01));
    CHECK(device->peak_for("fp16")->value / 1e12 == Approx(listed.fp16).epsilon(0.01));
    if (listed.eight > 0) CHECK(device->peak_for("int8")->value / 1e12 == Approx(listed.eight).epsilon(0.01));
    if (listed.watts > 0) CHECK(device->power.value == listed.watts);
  }
}

TEST_CASE("bandwidths are decimal in every unit", "[device]") {
  CHECK(parse_device("memory=80GiB,bandwidth=3.35TB/s").bandwidth == 3.35e12);
  CHECK(parse_device("memory=80GiB,bandwidth=3350GB/s").bandwidth == 3.35e12);
}

TEST_CASE("a device's fields are checked", "[device]") {
  CHECK(said("").empty());
  CHECK(said(R"(, "link_gb_s": 5)") == "/link: missing: the link whose speed link_gb_s is");
  CHECK(said(R"(, "link": "x")") == "/link_source: missing");
  CHECK(said(R"(, "link": "x", "link_source": "s", "link_gb_s": -1)") == "/link_gb_s: expected a number above 0");
  CHECK(said(R"(, "node": 0)") == "/node: expected at least 1");
  CHECK(said(R"(, "gpu_share": 1.5)") == "/gpu_share: expected a fraction of the memory, at most 1");
  CHECK(said(R"(, "gpu_share": 0.5)") == "/gpu_share_source: missing");
  CHECK(said(R"(, "sizes": [])") == "/sizes: expected at least one");
  CHECK(said(R"(, "sizes": [{}])") == "/sizes/0/memory_bytes: expected the size in bytes");
  CHECK(said(R"(, "sizes": [{"memory_bytes": 2}, {"memory_bytes": 1}])") ==
        "/sizes/1/memory_bytes: expected sizes in ascending order");
  CHECK_FALSE(said(R"(, "consumer": "yes")").empty());
  CHECK_FALSE(said(R"(, "prices": 3)").empty());
  CHECK(said(R"(, "prices": true)") == "/prices: expected a list of quotes");
}

TEST_CASE("a generation is known by its formats and its day, and a slower chip of a name has no peak of its own",
          "[device]") {
  const Catalog catalog;
  // Volta came on 2017-06-21 (V100), Pascal on 2016-04-05 (P100); neither multiplies in bf16.
  CHECK(catalog.device("v100-pcie")->speed_class() == "nvidia-turing");
  CHECK(catalog.device("p100")->speed_class() == "nvidia-pascal");
  Device chip = *catalog.device("h100-sxm");
  CHECK(of_size(chip, {chip.memory, chip.bandwidth, 1}).peak.size() == chip.peak.size());
  CHECK(of_size(chip, {chip.memory, chip.bandwidth / 2, 1}).peak.empty());
  CHECK_THROWS_AS(find_device("m4-max:100GB", catalog), Error);
}
