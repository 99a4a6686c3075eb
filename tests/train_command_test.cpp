// What a training run and generation cost, asked of the program, against figures worked out by hand.
#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/estimate/scaling.hpp"
#include "process.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

TEST_CASE("of an even number of quotes the lower of the two in the middle is the price, wherever there is one") {
  const TestFolder folder;
  std::ofstream(folder / "devices.json")
      << R"({"devices": [
    {"id": "mine", "name": "Mine", "memory_label": "80 GB", "memory_bytes": 80000000000, "watts": 100,
     "bandwidth_bytes_per_s": 1000000000000, "peak_flops": {"bf16": 100000000000000}, "as_of": "2026", "source": "me",
     "prices": [)"
      << R"({"usd_per_hour": 5, "pricing": "on-demand", "provider": "A", "as_of": "2026", "source": "me"},
                {"usd_per_hour": 1, "pricing": "on-demand", "provider": "B", "as_of": "2026", "source": "me"},
                {"usd_per_hour": 0.5, "pricing": "spot", "provider": "B", "as_of": "2026", "source": "me"},
                {"usd_per_hour": 9, "pricing": "on-demand", "provider": "C", "as_of": "2026", "source": "me"},
                {"usd_per_hour": 3, "pricing": "on-demand", "provider": "D", "as_of": "2026", "source": "me"}]}]})";
  const auto at = [&](std::vector<std::string> words, const std::string& key) {
    words.insert(words.end(), {"--device", "mine", "--catalog", folder.path()});
    return figure_of(words, key);
  };
  // On demand: 1, 3, 5 and 9. With the spot quote: 0.5, 1, 3, 5 and 9.
  CHECK(at({"gpt-2"}, "training.price_usd_per_hour") == 3);
  CHECK(at({"train", "gpt-2", "--pricing", "all"}, "training.price_usd_per_hour") == 3);
  CHECK(at({"train", "gpt-2", "--pricing", "spot"}, "training.price_usd_per_hour") == 0.5);
  CHECK(at({"train", "gpt-2"}, "training.price_usd_per_hour") == 3);
  CHECK(at({"train", "gpt-2"}, "training.price_low_usd_per_hour") == 1);
  CHECK(at({"train", "gpt-2"}, "training.price_high_usd_per_hour") == 9);
  CHECK(at({"gpt-2", "--decode"}, "decode.price_usd_per_hour") == 3);
  CHECK(at({"scale", "--compute", "1e21"}, "price_usd_per_hour") == 3);
}

TEST_CASE("published energy is shown in kWh as the papers print it in MWh") {
  // Touvron 2023 (LLaMA), table 15: OPT-175B 356 MWh. Groeneveld 2025 (OLMo 2), table 19: 257 MWh of the 13B.
  CHECK(figure_of({"train", "opt-175b"}, "training.published.energy_kwh") == 356'000);
  CHECK(figure_of({"train", "olmo-2-13b"}, "training.published.energy_kwh") == 257'000);
  // Black 2022 (GPT-NeoX-20B), appendix: 66.83 MWh.
  CHECK(figure_of({"train", "gpt-neox-20b"}, "training.published.energy_kwh") == Approx(66'830));
}

TEST_CASE("energy is hours times power, times what the hosts and the hall add") {
  // 1,000 hours at 700 W: 700 kWh; hosts take 1.82 times as much, the hall 1.1 times that; 56.039 g/kWh in France.
  const std::vector<std::string> words{"train",   "gpt-2", "--device-hours", "1000", "--device",        "h100-sxm",
                                       "--watts", "700",   "--pue",          "1.1",  "--host-overhead", "1.82",
                                       "--grid",  "france"};
  CHECK(figure_of(words, "training.energy_kwh") == Approx(700 * 1.82 * 1.1));
  CHECK(figure_of(words, "training.co2e_t") == Approx(700 * 1.82 * 1.1 * 56.039e-6));
}

TEST_CASE("a token reads every weight but the tables that it looks one row up in") {
  // GPT-2: the input table is the head, of the 1,024 positions one is looked up; the rest of 124,439,808 in bf16.
  CHECK(figure_of({"gpt-2", "--decode", "--dtype", "bf16"}, "decode.weights_bytes") ==
        2 * (124'439'808.0 - 1024 * 768));
  // Llama 3.1 8B has a head of its own, so of its input table of 128,256 rows of 4,096 one is looked up too.
  CHECK(figure_of({"llama-3.1-8b", "--decode", "--dtype", "bf16"}, "decode.weights_bytes") ==
        2 * (8'030'261'248.0 - 128'256 * 4'096));
}

TEST_CASE("the best model for a number of tokens is the one whose optimum that number is") {
  const Catalog catalog;
  for (const auto& law : catalog.all<ScalingLaw>()) {
    INFO(law.id);
    for (const double compute : {1e19, 1e23, 6e25}) {
      const Allocation split = best_split(law, {compute});
      CHECK(6 * split.params * split.tokens == Approx(compute));
      CHECK(best_split_for_tokens(law, split.tokens).params == Approx(split.params));
      CHECK(best_split_for_params(law, split.params).tokens == Approx(split.tokens));
    }
  }
}

TEST_CASE("the fewest devices that hold a run are whole hosts of eight") {
  // 405,853,388,800 parameters of 16 bytes (Rajbhandari 2019, section 3.1) on H100s of 85,520,809,984 bytes: 75.93, so
  // 76 would do, of which hosts hold eight each.
  const Finished ran = run_words({"train", "llama-3.1-405b", "--device", "h100-sxm", "--devices", "16"});
  CHECK(ran.code == 3);
  CHECK_THAT(ran.err, ContainsSubstring("At least --devices 80 under ZeRO-3"));
  // 8,030,261,248 parameters: 1.50 devices, so two, which share a host.
  CHECK_THAT(run_words({"train", "llama-3.1-8b", "--device", "h100-sxm", "--devices", "1"}).err,
             ContainsSubstring("At least --devices 2 under ZeRO-3"));
}

}  // namespace
}  // namespace paramcount
