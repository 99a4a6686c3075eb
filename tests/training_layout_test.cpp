// Layouts of a training run, given or planned: what is refused, what is impossible and what would do instead.
#include <cmath>
#include <sstream>

#include "catch.hpp"
#include "process.hpp"

namespace paramcount {
namespace {

TEST_CASE("a layout that does not fit is a no with what would, and one that cannot be is refused") {
  const std::vector<std::string> words{"train", "llama-3.1-70b", "--device", "h100", "--devices", "64", "--fsdp"};
  const Finished ran = run_words(words);
  CHECK(ran.code == 3);
  CHECK(ran.err.find("--recompute full takes") != std::string::npos);
  std::vector<std::string> recomputed = words;
  recomputed.insert(recomputed.end(), {"--recompute", "full"});
  CHECK(run_words(recomputed).code == 0);
  for (const auto& [option, value] : {std::pair{"--tp", "3"},
                                      {"--pp", "81"},
                                      {"--ep", "2"},
                                      {"--cp", "48"},
                                      {"--dp", "5"},
                                      {"--vpp", "2"},
                                      {"--loss", "none"},
                                      {"--framework", "megatorn"},
                                      {"--attention", "full"},
                                      {"--stage-layers", "40,41"}}) {
    std::vector<std::string> bad = words;
    bad.pop_back();
    bad.insert(bad.end(), {option, value});
    const Finished refused = run_words(bad);
    INFO(option << ": " << refused.err);
    CHECK(refused.code == 2);
  }
}

TEST_CASE("options without effect are refused, and a plan keeps what it is given") {
  const auto refused = [](std::vector<std::string> more, const char* why) {
    std::vector<std::string> words{"train", "llama-3.1-8b", "--device", "h100", "--devices", "8"};
    words.insert(words.end(), more.begin(), more.end());
    const Finished ran = run_words(words);
    INFO(ran.err);
    CHECK(ran.code == 2);
    CHECK(ran.err.find(why) != std::string::npos);
  };
  refused({"--etp", "2"}, "etp 2: the model has no experts");
  refused({"--sp"}, "--sp:");
  refused({"--mtp"}, "--mtp:");
  refused({"--optimizer-instances", "3"}, "--optimizer-instances 3:");
  refused({"--plan", "--stage-layers", "1,1000"}, "--stage-layers: expected 2 stages");
  refused({"--dp", "1000000", "--tp", "1000000", "--pp", "1000000", "--cp", "1000000"}, "--dp 1,000,000: with tp");
  const std::vector<std::string> plan{"train", "llama-3.1-8b", "--device", "h100", "--devices", "8", "--plan"};
  const auto planned = [&](std::vector<std::string> more, const std::string& key) {
    more.insert(more.begin(), plan.begin(), plan.end());
    return figure_of(more, key);
  };
  CHECK(planned({"--stage-layers", "15,17"}, "layouts.0.pp") == 2);
  CHECK(planned({"--stage-layers", "15,17"}, "training_memory.stages.1.layers") == 17);
  CHECK(planned({"--vpp", "4"}, "layouts.0.vpp") == 4);
  const std::vector<std::string> instances{"--optimizer-instances", "4"};
  CHECK(std::fmod(planned(instances, "layouts.0.dp") * planned(instances, "layouts.0.cp"), 4) == 0);
}

TEST_CASE("the line that says no names parts that add up to the peak") {
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--tp", "8", "--pp", "12", "--vpp", "8", "--devices", "768"},
        {"--offload", "optimizer", "--devices", "8"},
        {"--framework", "torchtune", "--devices", "8"},
        {"--workspace", "1TiB", "--devices", "512"}}) {
    std::vector<std::string> words{"train", "nemotron-4-340b", "--device", "h100"};
    words.insert(words.end(), more.begin(), more.end());
    const Finished ran = run_words(words);
    INFO(ran.err);
    REQUIRE(ran.code == 3);
    const auto after = [&](const std::string& word) {
      const auto at = ran.err.find(word);
      if (at == std::string::npos) return 0.0;
      std::string text = ran.err.substr(at + word.size(), 12);
      if (const auto comma = text.find(", "); comma != std::string::npos) text.resize(comma);
      std::erase(text, ',');
      return std::stod(text);
    };
    const double parts = after(" states ") + after(" activations ") + after(" loss ") + after(" other ");
    CHECK(parts == Approx(after("the peak is ")).epsilon(0.02));
  }
}

TEST_CASE("a sequence that no device holds is shared") {
  const Finished ran = run_words({"train", "llama-3.1-8b", "--device", "h100", "--tp", "8", "--context", "4M"});
  CHECK(ran.code == 3);
  CHECK(ran.err.find("--recompute full --zero 3 --cp ") != std::string::npos);
}

TEST_CASE("the longest sequence fits and the next does not") {
  std::vector<std::string> words{"train", "llama-3.1-8b", "--device",    "h100", "--devices",
                                 "8",     "--fsdp",       "--recompute", "full"};
  std::vector<std::string> asked = words;
  asked.push_back("--max");
  const auto longest = static_cast<std::uint64_t>(figure_of(asked, "training_memory.max_sequence"));
  const auto fits = [&](std::uint64_t sequence) {
    std::vector<std::string> at = words;
    at.insert(at.end(), {"--context", std::to_string(sequence)});
    return run_words(at).code == 0;
  };
  CHECK(fits(longest));
  CHECK_FALSE(fits(longest + 1));
}

TEST_CASE("a plan's layouts divide the devices, fit, and are the fastest first") {
  for (const auto& [model, devices] : {std::pair{"llama-3.1-8b", "8"},
                                       {"llama-3.1-70b", "96"},
                                       {"deepseek-v3", "2048"},
                                       {"mixtral-8x7b", "64"},
                                       {"llama-3.1-405b", "16384"},
                                       {"llama-3.1-8b", "14"}}) {
    const std::vector<std::string> words{"train", model,         "--device", "h100",  "--devices",
                                         devices, "--framework", "megatron", "--plan"};
    INFO(model);
    std::vector<std::string> asked = words;
    asked.insert(asked.end(), {"--get", "layouts.0.tp,layouts.0.pp,layouts.0.cp,layouts.0.dp"});
    const Finished ran = run_words(asked);
    REQUIRE(ran.code == 0);
    std::istringstream lines(ran.out);
    std::uint64_t product = 1;
    for (std::uint64_t size = 0; lines >> size;) product *= size;
    CHECK(std::to_string(product) == devices);
    CHECK(figure_of(words, "layouts.0.peak_bytes") <= figure_of(words, "training_memory.device_bytes"));
    CHECK(figure_of(words, "layouts.0.peak_bytes") == figure_of(words, "training_memory.peak_bytes"));
    CHECK(figure_of(words, "layouts.0.mfu") >= figure_of(words, "layouts.1.mfu"));
    CHECK(figure_of(words, "layouts.0.seconds_per_step") == Approx(figure_of(words, "training.seconds_per_step")));
  }
  const Finished none = run_words({"train", "llama-3.1-405b", "--device", "h100", "--devices", "8", "--plan"});
  CHECK(none.code == 3);
  CHECK(none.err.find("t least --devices") != std::string::npos);
}

TEST_CASE("each layer may be a chunk of its own, and the longest sequence divides into two parts for each of cp") {
  const std::vector<std::string> words{"train", "llama-3.1-8b", "--device", "h100", "--devices", "8"};
  std::vector<std::string> plan = words;
  plan.insert(plan.end(), {"--plan", "--pp", "4", "--vpp", "8"});
  CHECK(figure_of(plan, "layouts.0.vpp") == 8);
  std::vector<std::string> asked{"train", "qwen3-8b", "--device", "h100", "--devices", "8"};
  asked.insert(asked.end(), {"--cp", "8", "--recompute", "full", "--fsdp", "--max"});
  // arXiv:2310.01889 with causal masks: a device has an early and a late part of a sequence.
  CHECK(std::fmod(figure_of(asked, "training_memory.max_sequence"), 16) == 0);
}

}  // namespace
}  // namespace paramcount
