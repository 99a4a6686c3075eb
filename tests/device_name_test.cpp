// Devices as people say them on the command line.
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/device_name.hpp"
#include "process.hpp"

using namespace paramcount;

namespace {

std::string refused(const std::string& text) {
  const Catalog catalog;
  try {
    return "found " + find_device(text, catalog).device->id;
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::usage);
    return error.what();
  }
}

}  // namespace

TEST_CASE("a device is found by what people and drivers call it", "[device]") {
  const Catalog catalog;
  // Those with capitals are from public benchmark rows and from nvidia-smi and rocm-smi.
  const std::vector<std::pair<const char*, const char*>> names{
      {"RTX 4090", "rtx-4090"},
      {"rtx4090", "rtx-4090"},
      {"4090", "rtx-4090"},
      {" NVIDIA GeForce RTX 4090 ", "rtx-4090"},
      {"NVIDIA GeForce RTX 4090 Laptop GPU", "rtx-4090-laptop"},
      {"RTX 4070 Ti Super", "rtx-4070-ti-super"},
      {"7900xtx", "rx-7900-xtx"},
      {"Radeon RX 7900 XTX", "rx-7900-xtx"},
      {"RX 9070 XT", "rx-9070-xt"},
      {"Radeon AI Pro R9700", "r9700"},
      {"Radeon Pro W7700", "w7700"},
      {"Radeon 8060S Graphics", "strix-halo"},
      {"Ryzen AI Max+ 395", "strix-halo"},
      {"strix halo", "strix-halo"},
      {"Intel Arc B580", "arc-b580"},
      {"M1 Max", "apple-m1-max"},
      {"m4max", "apple-m4-max"},
      {"Apple M4 Max", "apple-m4-max"},
      {"GB10", "dgx-spark"},
      {"H100", "h100-sxm"},
      {"H100 80GB", "h100-sxm"},
      {"NVIDIA H100 80GB HBM3", "h100-sxm"},
      {"h100 94 GB", "h100-nvl"},
      {"NVIDIA H200-SXM-141GB", "h200"},
      {"NVIDIA H200-NVL-141GB", "h200-nvl"},
      {"NVIDIA B200-SXM-180GB", "b200"},
      {"NVIDIA B300 SXM6 AC", "b300"},
      {"NVIDIA GB200", "gb200"},
      {"a100-40gb", "a100-40gb-sxm"},
      {"NVIDIA A100-SXM4-80GB", "a100-80gb-sxm"},
      {"NVIDIA A100 80GB PCIe", "a100-80gb-pcie"},
      {"Tesla V100-PCIE-16GB", "v100-pcie-16gb"},
      {"Tesla T4", "t4"},
      {"AMD Instinct MI300X 192GB HBM3", "mi300x"},
      {"AMD Instinct MI355X 288GB HBM3e", "mi355x"},
      {"NVIDIA RTX PRO 6000 Blackwell Server Edition", "rtx-pro-6000"},
      {"NVIDIA RTX 6000 Ada Generation", "rtx-6000-ada"},
      {"TPU v5e", "tpu-v5e"},
  };
  for (const auto& [text, id] : names) {
    INFO(text);
    const NamedDevice named = find_device(text, catalog);
    CHECK(named.device->id == id);
    CHECK_FALSE(named.count.has_value());
  }
  catalog.each_name(Device::kTable, [&](std::string_view name, bool) {
    INFO(name);
    CHECK(find_device(name, catalog).device->id == catalog.find_device(name)->id);
  });
}

TEST_CASE("a device may be counted", "[device]") {
  const Catalog catalog;
  for (const char* text : {"2x4090", "2 x RTX 4090", "2×rtx-4090", "2*4090", "2 RTX 4090", "RTX 4090 x2", "2X4090"}) {
    INFO(text);
    const NamedDevice named = find_device(text, catalog);
    CHECK(named.device->id == "rtx-4090");
    CHECK(named.count == 2);
  }
  CHECK(find_device("8xMI300X", catalog).count == 8);
  CHECK(find_device("2x m4-max:64GB", catalog).device->memory.value == 64ULL << 30U);
  CHECK(refused("0x4090") == "--device 0x4090: expected 1 to 1,000,000,000 of them");
  CHECK(refused("99999999999999999999x4090") ==
        "--device 99999999999999999999x4090: expected 1 to 1,000,000,000 of them");
  CHECK(refused("2xmi300") == "--device 2xmi300: no such device. Did you mean mi300a or mi300x?");
  CHECK(run_line("gpt-2 --decode --device 2x4090 --get decode.devices").out == "2\n");
  CHECK(run_line("gpt-2 --decode --device 2x4090 --devices 2 --get decode.devices").out == "2\n");
  const Finished differs = run_line("gpt-2 --decode --device 2x4090 --devices 3");
  CHECK(differs.code == 2);
  CHECK(differs.err == "paramcount: --device 2x4090: that is 2, and --devices says 3\n");
  CHECK(run_line("scale --compute 1e21 --device 2xh100").err == "paramcount: --device 2xh100: name one device here\n");
}

TEST_CASE("a chip is taken in one of its memory sizes", "[device]") {
  const Catalog catalog;
  for (const char* text : {"m4-max:64GB", "M4 Max 64 GB", "m4-max:64", "apple-m4-max-64gb", "m4max:64GiB"}) {
    INFO(text);
    const SharedDevice device = find_device(text, catalog).device;
    CHECK(device->memory.value == 64ULL << 30U);
    CHECK(device->bandwidth == 546e9);
    CHECK(device->gpu_share == 0.75);
    CHECK(device->name == "Apple M4 Max, 64 GB");
    CHECK(device->peak_for("fp32").has_value());
  }
  const SharedDevice small = find_device("m4-max:36GB", catalog).device;
  CHECK(small->bandwidth == 410e9);
  CHECK_FALSE(small->peak_for("fp32").has_value());  // its GPU has fewer cores
  CHECK(find_device("m4-max", catalog).device->memory.value == 128ULL << 30U);
  CHECK(refused("m4-max:63GB") ==
        "--device m4-max:63GB: Apple M4 Max is not sold with 63 GB, but with 36, 48, 64 or 128 GB");
  CHECK(refused("rtx-4090:48GB") == "--device rtx-4090:48GB: RTX 4090 is not sold with 48 GB, but with 24 GB");
}

TEST_CASE("a name of several devices, or none, is refused with the nearest ones", "[device]") {
  CHECK(refused("mi300") == "--device mi300: no such device. Did you mean mi300a or mi300x?");
  CHECK(refused("RTX 50").starts_with("--device RTX 50: no such device. Did you mean rtx-5000-ada, rtx-5060"));
  CHECK(refused("h100-smx").find("Did you mean h100-sxm") != std::string::npos);
  CHECK(refused("H100 40GB") == "--device H100 40GB: H100 SXM is not sold with 40 GB, but with 80 GB");
  CHECK(refused("") == "--device : no such device. 'paramcount list devices' shows them.");
  CHECK(refused("\x1b[2J\xff") == "--device ?[2J?: no such device. 'paramcount list devices' shows them.");
  CHECK(refused(std::string(100'000, 'x')).ends_with("'paramcount list devices' shows them."));
}

TEST_CASE("a device written out needs only what the question uses", "[device]") {
  CHECK(run_line("gpt-2 --decode --device memory=48GiB,bandwidth=864GB/s --get decode.devices").out == "1\n");
  CHECK(run_line("gpt-2 --decode --device bandwidth=864GB/s --devices 2 --get decode.devices").out == "2\n");
  CHECK(run_line("gpt-2 llama-3.1-8b --decode --device memory=48GiB,bandwidth=864GB/s").code == 0);
  CHECK(run_line("gpt-2 --decode --device rx-7600").code == 0);  // no peak of it is published
  const auto asks = [](const std::string& line) {
    const Finished finished = run_line(line);
    CHECK(finished.code == 2);
    CHECK(finished.out.empty());
    return finished.err.substr(finished.err.find("--device: "));
  };
  CHECK(asks("gpt-2 --decode --device memory=48GiB") ==
        "--device: no memory bandwidth of custom is given; add it, such as bandwidth=864GB/s\n");
  CHECK(asks("gpt-2 --decode --device bandwidth=864GB/s") ==
        "--device: no memory of custom is given; add it, such as memory=48GiB, or --devices\n");
  CHECK(asks("train gpt-2 --device memory=48GiB,bandwidth=864GB/s") ==
        "--device: no peak speed of custom is given; add one, such as fp16=181TFLOP/s\n");
  CHECK(asks("gpt-2 --decode --tokens 1B --device memory=48GiB,bandwidth=864GB/s") ==
        "--device: no peak speed of custom is given; add one, such as fp16=181TFLOP/s\n");
}
