// Speeds of `fit`: bounds, order and cost, over devices, formats and batches of the catalog.
#include "paramcount/estimate/speed.hpp"

#include "catch.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/estimate/fit.hpp"
#include "paramcount/estimate/price.hpp"

namespace paramcount {
namespace {

struct World {
  Catalog catalog;
  Expander expander{catalog.families(), catalog.gguf_families(), catalog.names(), catalog.inventories()};

  Fit fit(const std::string& model, const FitRequest& request) {
    return paramcount::fit(catalog.model(model), request, catalog, expander).fits.front();
  }
  FitRequest request(const SharedDevice& device, const std::string& dtype, std::uint64_t batch) const {
    FitRequest request;
    request.device = device;
    request.formats = {weight_format(dtype, true, catalog)};
    request.batch = batch;
    request.speed.prompt = 512;
    request.speed.generate = 128;
    return request;
  }
  std::vector<SharedDevice> devices() const {
    std::vector<SharedDevice> all;
    catalog.each_name(Device::kTable, [&](std::string_view id, bool is_id) {
      if (is_id && catalog.device(id)->bandwidth > 0 && catalog.device(id)->memory.value > 0) {
        all.push_back(catalog.device(id));
      }
    });
    return all;
  }
};

/// What a step reads at least: the weights of one token, which any format has at least a bit each of.
double least_seconds(const Inventory& inventory, const WeightFormat& format, const Device& device,
                     std::uint64_t devices, std::uint64_t sequences) {
  const Bytes read = step_weights(inventory, format).of_step(sequences);
  return static_cast<double>(read.value) / (device.bandwidth * static_cast<double>(devices));
}

}  // namespace

TEST_CASE("no speed exceeds a device's bandwidth and peak", "[speed]") {
  World world;
  std::size_t told = 0;
  for (const std::string model : {"llama-3.1-8b", "qwen3.5-35b-a3b"}) {
    const Inventory inventory = world.expander.expand(world.catalog.model(model));
    for (const auto& device : world.devices()) {
      for (const std::string dtype : {"bf16", "fp8", "nvfp4", "q4_k_m"}) {
        for (const std::uint64_t batch : {1, 64}) {
          CAPTURE(model, device->id, dtype, batch);
          Fit fit;
          try {
            fit = world.fit(model, world.request(device, dtype, batch));
          } catch (const Error&) {
            continue;  // such a format is not the runtime's
          }
          if (!fit.speed) continue;
          const auto& speed = *fit.speed;
          ++told;
          CHECK(speed.tokens_per_second->low <= speed.tokens_per_second->likely);
          CHECK(speed.tokens_per_second->likely <= speed.tokens_per_second->high);
          if (dtype == "bf16") {
            const double most =
                1 / least_seconds(inventory, world.request(device, dtype, batch).formats.front(), *device, 1, batch);
            CHECK(speed.tokens_per_second->high <= most * 1.001);
          }
          if (!speed.total) continue;
          // Of all together no more than each has while it generates.
          CHECK(speed.total->likely <= speed.tokens_per_second->likely * static_cast<double>(batch) * 1.000001);
          // Two FLOPs for each weight that a token is multiplied with.
          double peak = 0;
          for (const auto& [format, value] : device->peak) peak = std::max(peak, value.value);
          const double flops = 2 * static_cast<double>(count_params(inventory).active_matmul.value);
          CHECK(speed.tokens_per_second->high * static_cast<double>(batch) * flops <= peak * 1.001);
        }
      }
    }
  }
  CHECK(told > 500);
}

TEST_CASE("within a class more bandwidth and fewer bits are never slower", "[speed]") {
  World world;
  std::map<std::string, std::vector<SharedDevice>> classes;
  for (const auto& device : world.devices()) {
    if (!device->peak.empty()) classes[std::string(device->speed_class())].push_back(device);
  }
  for (auto& [name, devices] : classes) {
    // Peaks set alike, so that bandwidth is all that differs.
    std::vector<Device> alike;
    for (const auto& device : devices) {
      alike.push_back(*device);
      alike.back().memory = {std::uint64_t{512} << 30U};
      alike.back().gpu_share = 1;
    }
    std::sort(alike.begin(), alike.end(), [](const Device& a, const Device& b) { return a.bandwidth < b.bandwidth; });
    double last = 0;
    for (auto& device : alike) {
      device.peak = alike.front().peak;
      CAPTURE(name, device.id);
      auto request = world.request(std::make_shared<const Device>(device), "q4_k_m", 1);
      const Fit fit = world.fit("llama-3.1-8b", request);
      REQUIRE(fit.speed);
      CHECK(fit.speed->tokens_per_second->likely >= last);
      last = fit.speed->tokens_per_second->likely;
      double fewer = 0;
      for (const std::string dtype : {"bf16", "q8_0", "q6_k", "q5_k_m", "q4_k_m", "q3_k_m", "q2_k"}) {
        request.formats = {weight_format(dtype, true, world.catalog)};
        request.runtime = parse_runtime("llama.cpp");
        const double now = world.fit("llama-3.1-8b", request).speed->tokens_per_second->likely;
        CHECK(now >= fewer);
        fewer = now;
      }
    }
  }
}

TEST_CASE("more sequences never serve less in all until memory ends", "[speed]") {
  World world;
  struct Kind {
    std::string device, dtype, model;
    std::uint64_t devices;
  };
  for (const auto& [name, dtype, model, devices] :
       {Kind{"h100-sxm", "fp8", "llama-3.1-70b", 4}, Kind{"b200", "nvfp4", "qwen3-235b-a22b", 2},
        Kind{"rtx-4090", "q4_k_m", "qwen3-8b", 1}, Kind{"mi300x", "bf16", "deepseek-v2-lite", 1}}) {
    double last = 0;
    for (std::uint64_t batch = 1; batch <= 2048; batch = batch < 4 ? batch + 1 : batch * 3 / 2) {
      auto request = world.request(world.catalog.device(name), dtype, batch);
      request.devices = devices;
      const Fit fit = world.fit(model, request);
      if (!fit.ok) break;
      CAPTURE(name, model, batch);
      REQUIRE(fit.speed);
      CHECK(fit.speed->total->likely >= last);
      last = fit.speed->total->likely;
    }
    CHECK(last > 0);
  }
}

// MLPerf Inference 5.1, closed division, offline, eight devices each, tokens per second of all: the results stand in
// tests/truth/speed.jsonl. Devices of 10 % or less between them are not compared.
TEST_CASE("devices keep the order in which MLPerf measured them", "[speed]") {
  World world;
  const auto all = [&](const std::string& device, const std::string& dtype, const std::string& model,
                       std::uint64_t prompt, std::uint64_t generate) {
    double best = 0;
    for (const std::uint64_t tp : {1, 2, 4, 8}) {
      FitRequest request;
      request.device = world.catalog.device(device);
      request.formats = {weight_format(dtype, false, world.catalog)};
      request.runtime = parse_runtime("tensorrt-llm");
      request.layout.tensor = tp;
      request.speed.prompt = prompt;
      request.speed.generate = generate;
      request.speed.most_sequences = true;
      const Fit fit = world.fit(model, request);
      if (fit.speed) best = std::max(best, fit.speed->total->likely * 8 / static_cast<double>(tp));
    }
    return best;
  };
  const auto llama2 = [&](const char* device, const char* dtype) {
    return all(device, dtype, "llama-2-70b", 294, 294);
  };
  CHECK(llama2("b200", "nvfp4") > llama2("h200", "fp8"));        // 101,253 and 35,317
  CHECK(llama2("h200", "fp8") > llama2("rtx-pro-6000", "fp8"));  // 35,317 and 26,205 (in fp4)
  CHECK(llama2("mi325x", "fp8") > llama2("mi300x", "fp8"));      // 34,555 and 27,804
  const auto llama405 = [&](const char* device, const char* dtype) {
    return all(device, dtype, "llama-3.1-405b", 9428, 684);
  };
  CHECK(llama405("b200", "nvfp4") > llama405("h200", "fp8"));  // 1,650 and 547
  const auto llama8 = [&](const char* device, const char* dtype) {
    return all(device, dtype, "llama-3.1-8b", 778, 73);
  };
  CHECK(llama8("b200", "nvfp4") > llama8("h200", "fp8"));          // 143,904 and 66,037
  CHECK(llama8("h200", "fp8") > llama8("rtx-pro-6000", "nvfp4"));  // 66,037 and 46,842
  CHECK(llama8("rtx-pro-6000", "nvfp4") > llama8("l40s", "fp8"));
}

TEST_CASE("a wanted speed of each finds the most sequences that keep it", "[speed]") {
  World world;
  auto request = world.request(world.catalog.device("h100-sxm"), "fp8", 1);
  request.speed.least = 40;
  const Fit found = world.fit("llama-3.1-8b", request);
  REQUIRE(found.speed);
  CHECK(found.speed->enough);
  CHECK(found.speed->tokens_per_second->likely >= 40);
  auto one_more = world.request(world.catalog.device("h100-sxm"), "fp8", found.speed->batch + 1);
  const Fit more = world.fit("llama-3.1-8b", one_more);
  CHECK((!more.ok || more.speed->tokens_per_second->likely < 40));
  request.speed.least = 1e6;
  const Fit none = world.fit("llama-3.1-8b", request);
  CHECK_FALSE(none.speed->enough);
  CHECK(none.speed->batch == 1);
}

TEST_CASE("the price of a million tokens is that of the hours they take", "[speed]") {
  World world;
  auto request = world.request(world.catalog.device("h100-sxm"), "fp8", 32);
  request.price = DollarsPerHour{3.6};
  const Fit fit = world.fit("llama-3.1-8b", request);
  const auto& speed = *fit.speed;
  // A request's tokens in and out together cost what the device costs while it is served.
  const double requests_per_second = speed.total->likely / 128;
  const double request_cost = speed.usd_input->likely * 512 / 1e6 + speed.usd_output->likely * 128 / 1e6;
  CHECK(std::abs(request_cost * requests_per_second * 3600 / 3.6 - 1) < 1e-9);
  CHECK(std::abs(speed.watt_hours->likely / (speed.joules->likely / 3.6) - 1) < 1e-9);
  // Another kind of quote is never used instead.
  request.price = std::nullopt;
  request.speed.pricing = "spot";
  CHECK_FALSE(world.fit("llama-3.1-8b", request).speed->price);
  request.speed.pricing.clear();
  request.speed.buy = true;
  CHECK_FALSE(world.fit("llama-3.1-8b", request).speed->price);  // no list price of an H100 is published
  auto card = world.request(world.catalog.device("rtx-4090"), "q4_k_m", 1);
  card.speed.buy = true;
  card.speed.years = 2;
  card.speed.usd_per_kwh = 0.2;
  const auto bought = *world.fit("llama-3.1-8b", card).speed;
  CHECK(std::abs(bought.price->value - (1599 / (2 * 8766.0) + 0.45 * 0.2)) < 1e-9);
}

TEST_CASE("what is in host memory is slower, and more so with a slower one", "[speed]") {
  World world;
  auto request = world.request(world.catalog.device("rtx-4090"), "q4_k_m", 1);
  const double whole = world.fit("qwen3-30b-a3b", request).speed->tokens_per_second->likely;
  request.ram = Bytes{std::uint64_t{64} << 30U};
  request.cpu_experts = 24;
  const Fit half = world.fit("qwen3-30b-a3b", request);
  REQUIRE(half.speed);
  CHECK(half.speed->tokens_per_second->likely < whole);
  CHECK(half.speed->limit == SpeedLimit::host);
  request.speed.host_bandwidth = 40e9;
  CHECK(world.fit("qwen3-30b-a3b", request).speed->tokens_per_second->likely < half.speed->tokens_per_second->likely);
}

TEST_CASE("no speed is shown where nothing was measured", "[speed]") {
  World world;
  auto request = world.request(world.catalog.device("h100-sxm"), "bf16", 1);
  request.runtime = parse_runtime("transformers");
  const Fit fit = world.fit("llama-3.1-8b", request);
  CHECK_FALSE(fit.speed);
  CHECK(fit.speed_unknown == "no speeds of transformers have been measured");
  request.runtime.reset();
  request.speed = {};
  CHECK_FALSE(world.fit("flan-t5-large", request).speed);
  request.device = std::make_shared<const Device>(parse_device("memory=80GiB"));
  CHECK(world.fit("llama-3.1-8b", request).speed_unknown.find("bandwidth=") != std::string::npos);
}

TEST_CASE("a request's speed is that in the middle of its answer, its first token comes after the prompt", "[speed]") {
  World world;
  auto request = world.request(world.catalog.device("rtx-4090"), "q4_k_m", 1);
  const auto told = [&](std::uint64_t prompt, std::uint64_t generate, std::uint64_t batch) {
    request.speed.prompt = prompt;
    request.speed.generate = generate;
    request.batch = batch;
    return *world.fit("llama-3.1-8b", request).speed;
  };
  // 512 read and 512 of 1,024 written are as many as 1,023 read and one of two written.
  CHECK(told(512, 1024, 1).tokens_per_second->likely == told(1023, 2, 1).tokens_per_second->likely);
  const auto one = told(512, 128, 1);
  CHECK(one.first_token->likely == Approx(512 / one.prefill->likely + 1 / one.tokens_per_second->likely));
  // Grams for a watt-hour are kilograms for a kilowatt-hour: 369.473 g/kWh in the United States.
  CHECK(one.co2e_grams->likely == Approx(one.watt_hours->likely * 0.369473));
  // Speed and power are each between bounds, not both at once.
  const double watts = 450 * one.constants.power;
  CHECK(one.joules->high == Approx(watts * std::max(one.constants.watts.high / one.total->likely, 1 / one.total->low)));
  // 64 prompts of 8 tokens are one pass of llama.cpp's 512: the weights are read once for all of them.
  request.price = DollarsPerHour{1};
  CHECK(told(8, 64, 64).usd_input->likely < 0.5 * told(8, 64, 1).usd_input->likely);
}

TEST_CASE("a group waits for its collectives in each layer, and a cache in the host's memory is not the card's",
          "[speed]") {
  World world;
  const Inventory inventory = world.expander.expand(world.catalog.model("llama-3.1-8b"));
  const WeightFormat bf16 = weight_format("bf16", false, world.catalog);
  CacheRequest format;
  format.keys = format.values = world.catalog.dtype("fp16");
  const ServingWork work(inventory, inventory.state, step_weights(inventory, bf16), format);
  const auto device = world.catalog.device("h100-sxm");
  const auto constants = *speed_constants("served", *device, world.catalog);
  REQUIRE(constants.group_layer_s > 0);
  const auto launches = [&](std::uint64_t tp) {
    return SpeedModel(work, *device, {.tensor = tp}, constants, std::nullopt, 1, {}).step(1, 100).launches;
  };
  CHECK(launches(2) - launches(1) == Approx(32 * constants.group_layer_s));
  HostWork host;
  host.cache_share = 1;
  host.layers = 1;
  host.bandwidth = 1e9;
  const SpeedModel shared(work, *device, {}, constants, std::nullopt, 1, host);
  CHECK(shared.step(1, 100).bandwidth == shared.step(1, 8000).bandwidth);
}

}  // namespace paramcount
