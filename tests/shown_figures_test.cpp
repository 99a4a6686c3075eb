// Figures as pages and JSON show them, against arithmetic on the definitions of units and ratios.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

#include "base/numbers.hpp"
#include "catch.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "process.hpp"
#include "report/figures.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

double figure(const std::string& line) { return std::stod(run_line(line).out); }

bool page_has(const std::string& line, const std::string& text) {
  return run_line(line).out.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a figure changes its unit where the next one says it with fewer digits") {
  const FigureStyle style{};
  const FigureStyle gigabytes{false, FigureStyle::Units::si};
  const auto text = [&](double value, Unit unit, Said said = Said::counted) {
    return figure_text(Value(value), unit, said, style);
  };
  // 1,000 kWh are a MWh, 1,000 MWh a GWh; below half a unit of the last digit shown nothing rounds up to 1,000.
  CHECK(text(1.5, Unit::kwh) == "1.50 kWh");
  CHECK(text(250, Unit::kwh) == "250 kWh");
  CHECK(text(999, Unit::kwh) == "999 kWh");
  CHECK(text(999.6, Unit::kwh) == "1.00 MWh");
  CHECK(text(250e3, Unit::kwh) == "250 MWh");
  CHECK(text(2.5e6, Unit::kwh) == "2.50 GWh");
  CHECK(text(0.25, Unit::seconds) == "250 ms");
  CHECK(text(0.999, Unit::seconds) == "999 ms");
  CHECK(text(1, Unit::seconds) == "1.00 s");
  CHECK(text(0.05, Unit::tonnes) == "50.0 kg");
  CHECK(text(0.25, Unit::tonnes) == "0.250 t");
  CHECK(text(312e12, Unit::flops_per_s) == "312");
  CHECK(text(82.6e12, Unit::flops_per_s) == "82.6");
  CHECK(text(3350e9, Unit::bytes_per_s) == "3,350");
  CHECK(text(2.5, Unit::usd_per_hour) == "$2.50/h");
  CHECK(text(1, Unit::factor) == "1 ×");
  CHECK(text(2.5, Unit::factor) == "2.50 ×");
  CHECK(text(2.3364, Unit::loss) == "2.336");
  CHECK(text(5e12, Unit::count) == "5,000,000,000,000");
  // Two decimals, or two digits where those would be zeros.
  CHECK(figure_text(Bytes{50'000'000}, gigabytes) == "0.05 GB");
  CHECK(figure_text(Bytes{12'000'000}, gigabytes) == "0.01 GB");
  CHECK(figure_text(Bytes{5'500'000}, gigabytes) == "0.0055 GB");
}

TEST_CASE("decimals are rounded to the nearest") {
  CHECK(fixed(1.234, 2) == "1.23");
  CHECK(fixed(1.237, 2) == "1.24");
  CHECK(fixed(0.996, 2) == "1.00");
  CHECK(fixed(7.6, 0) == "8");
  CHECK(fixed(7.4, 0) == "7");
  CHECK(fixed(999.96, 1) == "1,000.0");
}

TEST_CASE("shares and ratios are of what their names say") {
  // GPT-2 and GPT-2 XL: 124,439,808 and 1,557,611,200 parameters (transformers' classes).
  CHECK(figure("gpt-2 gpt-2-xl --sum --baseline gpt-2 --get sum.params.ratio") ==
        Approx(1'682'051'008.0 / 124'439'808));
  CHECK(figure("scale gpt-2 gpt-2-xl --get tokens_per_param") == 20);
  CHECK(run_line("scale gpt-2 gpt-2-xl --get tokens_per_param").out == "20\n20\n");
  // Ten times the money a step, from a tenth of the budget to a thousand times it.
  CHECK(figure("scale --budget 1000 --device h100-sxm --price 2 --get tenfold.0.cost_usd") == Approx(100));
  CHECK(figure("scale --budget 1000 --device h100-sxm --price 2 --get tenfold.4.cost_usd") == Approx(1e6));
  // LoRA of rank 8 on c_attn, 768 to 2,304, of 12 layers: 12 × 8 × (768 + 2,304) beside GPT-2's own.
  const TestFolder folder;
  std::ofstream(folder / "adapter_config.json")
      << R"({"peft_type": "LORA", "r": 8, "target_modules": ["c_attn"], "fan_in_fan_out": true,)"
      << R"( "base_model_name_or_path": "openai-community/gpt2"})";
  CHECK(figure(folder.path() + " --get adapter.trainable_share") == Approx(294'912.0 / (124'439'808 + 294'912)));
}

TEST_CASE("LoRA's FLOPs are four per frozen and six per trained parameter, on the hardware too") {
  // Llama 2 7B: 6,738,415,616. Rank 16 on all seven matrices of 32 layers: 16 × 32 × (4 × 8,192 + 3 × 15,104).
  const double adapters = 16.0 * 32 * (4 * 8192 + 3 * 15104);
  const double flops = 1e9 * (4 * 6'738'415'616.0 + 6 * adapters);
  const std::string line = "train llama-2-7b --lora 16 --tokens 1e9 --get training.";
  CHECK(figure(line + "flops") == Approx(flops));
  CHECK(figure(line + "hardware_flops") == Approx(flops));
}

TEST_CASE("the range of prices is from the lowest to the highest quote of its kind") {
  double low = HUGE_VAL;
  double high = 0;
  const Catalog catalog;
  const auto device = catalog.device("l4");
  for (const auto& quote : device->prices) {
    if (quote.pricing != "on-demand") continue;
    low = std::min(low, quote.price.value);
    high = std::max(high, quote.price.value);
  }
  REQUIRE(low < high);
  const std::string line = "train gpt-2 --device l4 --get training.price_";
  CHECK(figure(line + "low_usd_per_hour") == low);
  CHECK(figure(line + "high_usd_per_hour") == high);
}

TEST_CASE("a design's other choices are compared with the design") {
  // Llama's cache grows with its KV heads: 8 to 4 halves it, 8 to 32 makes it four times as large.
  const std::string page = "design --params 7B --like llama-3-8b";
  CHECK(page_has(page, "-50 %"));
  CHECK(page_has(page, "+300 %"));
}

TEST_CASE("a token's cache is in KiB of 1,024 or KB of 1,000 bytes, metadata in MB of a million") {
  // GPT-2: keys and values of 768 numbers in 12 layers, two bytes each: 36,864.
  CHECK(page_has("gpt-2 gpt-2-medium", "KV per token KiB            36.0"));
  CHECK(page_has("gpt-2 gpt-2-medium --units si", "KV per token KB             36.9"));
  const double bytes =
      figure("llama-3.1-8b --dtype q4_k_m --get memory.weights.0.file.metadata_bytes_estimated.likely");
  CHECK(page_has("llama-3.1-8b --dtype q4_k_m --notes", "larger by ~" + fixed(bytes / 1e6, 1) + " MB"));
}

TEST_CASE("a published run in MWh is listed in MWh") {
  // OPT-175B in table 15 of the LLaMA paper: 356 MWh.
  CHECK(figure("list runs opt-175b-per-llama-table-15 --get energy_mwh") == 356);
  CHECK(page_has("list runs opt-175b-per-llama-table-15", "356"));
}

TEST_CASE("Apple's GPU gets three quarters of a large memory") {
  // recommendedMaxWorkingSetSize: 48 of 64 GB (Apple: Metal).
  CHECK(page_has("fit llama-3.1-8b --device m4-max:64GB --notes", "lets the GPU use 75 %"));
}

TEST_CASE("generation is bound by FLOP/s where many sequences share the weights") {
  // Of GPT-2 a token is multiplied with 84,934,656 numbers of its layers and 38,597,376 of its head, two FLOPs each;
  // eight H100s compute 1,979 TFLOP/s in fp8 each.
  const double rate =
      figure("gpt-2 --decode --batch 100000 --context 1 --device h100-sxm --devices 8 --get decode.tokens_per_second");
  const double most = 8 * 1979e12 / (2.0 * (84'934'656 + 38'597'376));
  CHECK(rate == Approx(most));
}

}  // namespace paramcount
