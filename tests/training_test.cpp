#include <cmath>
#include <set>

#include "catalog/json.hpp"
#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/estimate/decode.hpp"
#include "paramcount/estimate/lora.hpp"
#include "paramcount/estimate/price.hpp"
#include "paramcount/estimate/scale.hpp"
#include "paramcount/estimate/sparsity.hpp"
#include "paramcount/estimate/step_weights.hpp"
#include "paramcount/estimate/training.hpp"
#include "paramcount/estimate/what_if.hpp"
#include "read/hf_config.hpp"

namespace paramcount {
namespace {

TrainingAnswer trained(const Catalog& catalog, const std::string& id, const TrainingRequest& request) {
  Expander expander(catalog.families(), catalog.gguf_families());
  return train(catalog.model(id), request, catalog, expander);
}

TEST_CASE("time given and efficiency given are two ways of saying one thing") {
  const Catalog catalog;
  TrainingRequest by_mfu;
  by_mfu.device = catalog.device("h100-sxm");
  by_mfu.devices = 4096;
  by_mfu.mfu = 0.37;
  const auto first = trained(catalog, "llama-3.1-70b", by_mfu);
  TrainingRequest by_days = by_mfu;
  by_days.mfu.reset();
  by_days.days = hours(first.plan.wall_time) / 24;
  CHECK(trained(catalog, "llama-3.1-70b", by_days).plan.mfu.value == Approx(0.37));
  TrainingRequest by_hours = by_mfu;
  by_hours.mfu.reset();
  by_hours.device_hours = hours(first.plan.device_time);
  CHECK(hours(trained(catalog, "llama-3.1-70b", by_hours).plan.wall_time) / 24 ==
        Approx(hours(first.plan.wall_time) / 24));
  TrainingRequest devices_follow = by_mfu;
  devices_follow.devices.reset();
  devices_follow.days = hours(first.plan.wall_time) / 24;
  CHECK(trained(catalog, "llama-3.1-70b", devices_follow).plan.devices.value == 4096);
}

TEST_CASE("a plan beyond the peak or beyond the memory is answered with no") {
  const Catalog catalog;
  const auto possible = [&](const TrainingRequest& request) {
    return trained(catalog, "llama-3.1-405b", request).impossible().empty();
  };
  TrainingRequest request;
  request.devices = 1000;
  request.days = 1;
  CHECK_FALSE(possible(request));
  request.days.reset();
  request.devices = 8;
  CHECK_FALSE(possible(request));
  request.devices = 1024;
  CHECK(possible(request));
  request.zero_stage = 0;
  CHECK_FALSE(possible(request));
}

TEST_CASE("a higher ZeRO stage and more devices never keep more on one") {
  const Catalog catalog;
  for (const auto& optimizer : catalog.all<Optimizer>()) {
    for (const std::uint64_t ranks : {1U, 2U, 7U, 64U}) {
      Bytes last{UINT64_MAX};
      for (std::uint64_t stage = 0; stage < kZeroStages; ++stage) {
        const Bytes now = training_memory({1'000'003}, optimizer, stage, ranks).total();
        CHECK(now <= last);
        // Shares together hold at least the whole.
        CHECK(now.value * ranks >= training_memory({1'000'003}, optimizer, 0, 1).total().value);
        last = now;
      }
    }
  }
}

TEST_CASE("the run with a model's id is the makers' account, and gives the defaults of a plan") {
  const Catalog catalog;
  std::set<std::string> seen;
  for (const auto& run : catalog.all<PublishedTraining>()) {
    INFO(run.id);
    CHECK(seen.insert(run.id).second);
    CHECK_FALSE(run.source.empty());
    if (run.model.empty()) continue;
    const Model model = catalog.model(run.model);
    CHECK((run.id != run.model || model.training.source == run.source));
  }
  const Model llama = catalog.model("llama-3.1-405b");
  CHECK(llama.training.tokens == 15.6e12);
  CHECK(llama.training.figures.device_hours == 30.84e6);
}

TEST_CASE("an account of another number of tokens is of another training") {
  const Catalog catalog;
  // 172,800 hours for each 1 T of DeepSeek-V2's 8.1 T tokens.
  CHECK_FALSE(trained(catalog, "deepseek-v2", {}).published.figures.device_hours.has_value());
  CHECK(trained(catalog, "falcon-40b", {}).published.figures.device_hours == 552'960);
  // 75 t are what OPT's makers state, 137 t the LLaMA paper's estimate, which gives the hours.
  const auto opt = trained(catalog, "opt-175b", {}).published;
  CHECK(opt.figures.co2e_t == 75);
  CHECK(opt.figures.device_hours == 809'472);
}

TEST_CASE("adapters on every matrix of the layers count rows and columns of each") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families());
  const Model llama = catalog.model("llama-3.1-8b");
  const Model mixtral = catalog.model("mixtral-8x7b");
  const Model deepseek = catalog.model("deepseek-v3");
  const auto trained = [&](const Model& model, const std::string& text) {
    const Inventory inventory = expander.expand(model);
    return count_lora(inventory, expander.class_parameters(model, inventory), parse_lora(text)).trained.value;
  };
  // q and o: 4,096 + 4,096; k and v: 4,096 + 1,024; gate, up, down: 4,096 + 14,336; 32 layers, rank 16.
  CHECK(trained(llama, "16") == 32U * 16 * (2 * 8192 + 2 * 5120 + 3 * 18432));
  CHECK(trained(llama, "16:q,v") == 32U * 16 * (8192 + 5120));
  CHECK(trained(llama, "4:k,o") == 32U * 4 * (5120 + 8192));
  CHECK(trained(llama, "16:q_proj,v_proj") == trained(llama, "16:q,v"));
  CHECK(trained(llama, "16:attention,ffn") == trained(llama, "16"));
  // Every expert has an adapter of its own, stacked or not.
  CHECK(trained(mixtral, "8:expert") == 32U * 8 * 8 * 3 * (4096 + 14336));
  CHECK_THROWS_AS(trained(deepseek, "8:q"), Error);
  CHECK_THROWS_AS(parse_lora("q"), Error);
  CHECK_THROWS_AS(parse_lora("0"), Error);
}

TEST_CASE("two of four keeps half and pays two bits for each that is left") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families());
  const Inventory llama = expander.expand(catalog.model("llama-3.1-8b"));
  const WeightFormat fp16 = weight_format("fp16", false, catalog);
  const std::uint64_t matrices = 1342177280U + 5637144576U;
  const auto memory = prune(llama, fp16, parse_sparsity("2:4"));
  CHECK(memory.pruned.value == matrices / 2);
  CHECK(memory.index.value == matrices / 2 * 2 / 8);
  CHECK(memory.bytes.value == weigh(llama, fp16).bytes.value - matrices / 2 * 2 + memory.index.value);
  // Half of all, anywhere: a bit for every element.
  const auto half = prune(llama, fp16, parse_sparsity("50%"));
  CHECK(half.pruned == memory.pruned);
  CHECK(half.index.value == matrices / 8);
  CHECK_THROWS_AS(parse_sparsity("4:2"), Error);
  CHECK_THROWS_AS(parse_sparsity("1"), Error);
  CHECK_THROWS_AS(parse_sparsity("-1:4"), Error);
  // Blocks keep their scales.
  const WeightFormat mx = weight_format("mxfp4", false, catalog);
  const auto packed = prune(llama, mx, parse_sparsity("2:4"));
  CHECK(packed.bytes.value == weigh(llama, mx).bytes.value - matrices / 4 + packed.index.value);
}

TEST_CASE("a token reads the experts it uses, several tokens more of them, and never more than there are") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families());
  const Inventory mixtral = expander.expand(catalog.model("mixtral-8x7b"));
  const WeightFormat bf16 = weight_format("bf16", false, catalog);
  const ParamCounts params = count_params(mixtral);
  CHECK(step_weights(mixtral, bf16).of_step(1).value == 2 * params.active_without_embedding.value);
  Bytes last{};
  for (const std::uint64_t sequences : {1U, 2U, 8U, 64U, 4096U}) {
    const Bytes now = step_weights(mixtral, bf16).of_step(sequences);
    CHECK(now > last);
    CHECK(now.value <= 2 * (params.total.value - params.embedding.value));
    last = now;
  }
}

TEST_CASE("a token reads all of a llama.cpp file except an untied input table") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families());
  for (const auto& [name, is_tied] : {std::pair{"llama-3.1-8b", false}, {"llama-3.2-1b", true}}) {
    INFO(name);
    const GgufInventory gguf = expander.expand_gguf(catalog.model(name));
    const GgufFile file = quantise(gguf, *catalog.find<FileType>("q4_k_m"), false,
                                   [&](std::string_view id) { return catalog.dtype(id); });
    Bytes table{};
    Bytes rotary{};
    for (const auto& tensor : file.tensors) {
      if (tensor.name == "token_embd.weight") table = tensor.bytes;
      if (tensor.name == "rope_freqs.weight") rotary = tensor.bytes;
    }
    REQUIRE(table.value > 0);
    const Bytes left = is_tied ? rotary : rotary + table;
    CHECK((step_weights(gguf, file).of_step(1) + left).value == file.tensor_bytes.value);
  }
}

TEST_CASE("a dimension set is the dimension counted") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families());
  WhatIfRequest request;
  request.set.emplace_back("n_layers", Value(std::int64_t{16}));
  const WhatIf answer = what_if(catalog.model("llama-3.1-8b"), request, Scenario{}, catalog, expander);
  const auto& before = answer.before.answer.params;
  const auto& after = answer.after.answer.params;
  CHECK(after.of(RoleKind::ffn).total.value * 2 == before.of(RoleKind::ffn).total.value);
  CHECK(after.of(RoleKind::embedding).total == before.of(RoleKind::embedding).total);
  CHECK(answer.changes.front() == "n_layers 32 → 16");
  // Every feed-forward layer of DBRX has experts, whose width is d_ff_expert.
  request.set.front() = {"d_ff", Value(std::int64_t{21'504})};
  const WhatIf idle = what_if(catalog.model("dbrx"), request, Scenario{}, catalog, expander);
  CHECK(idle.changes.front() == "d_ff 10752 → 21504, which changes no figure");
  Model model = catalog.model("llama-3.1-8b");
  CHECK_THROWS_AS(set_value(model, "n_layer", Value(std::int64_t{1}), catalog), Error);
}

TEST_CASE("a dimension that a model has from one of its parts is set in that part") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families());
  const auto total = [&](const std::string& dim, std::int64_t value) {
    WhatIfRequest request;
    request.set.emplace_back(dim, Value(value));
    const WhatIf answer = what_if(catalog.model("qwen2.5-vl-3b"), request, Scenario{}, catalog, expander);
    CHECK(answer.before.answer.params.total.value == 3'754'622'976);
    return answer.after.answer.params.total.value;
  };
  // A layer of the text model: q 2048 × 2048 + 2048, k and v 2048 × 256 + 256 each, o 2048 × 2048, three matrices of
  // 2048 × 11008, two norms: 77,076,992.
  CHECK(total("n_layers", 37) == 3'754'622'976 + 77'076'992);
  // The head is tied.
  CHECK(total("vocab_size", 151'936 + 1000) == 3'754'622'976 + 1000 * 2048);
  CHECK(total("d_ff", 11'008 + 1) == 3'754'622'976 + 36 * 3 * 2048);
}

TEST_CASE("keys of a config are set like dimensions, inner ones by their path") {
  const Catalog catalog;
  const Model config = model_of_config(
      parse_json(R"({"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "rope_scaling": null})"), "mine",
      catalog);
  const auto after = [&](const std::string& key, Value value) {
    Model model = config;
    set_value(model, key, std::move(value), catalog);
    return model;
  };
  CHECK(*after("hidden_size", Value(128)).config.find("hidden_size") == Value(128));
  CHECK(*after("rope_parameters.factor", Value(8)).config.find("rope_parameters")->find("factor") == Value(8));
  CHECK_THROWS_WITH(after("rope_scaling.factor", Value(8)),
                    "--set rope_scaling.factor: rope_scaling is not an object of the config");
  CHECK(after("n_layers", Value(3)).dims ==
        std::vector<std::pair<std::string, Value>>{{"n_layers", Value(std::int64_t{3})}});
  CHECK_THROWS_WITH(after("hidden_size.x", Value(1)),
                    "--set hidden_size.x: hidden_size is not an object of the config");
  CHECK_THROWS_WITH(after("hiden_size", Value(1)),
                    "--set hiden_size: family llama has no such dimension or key. Did you mean hidden_size?");
  std::string deep = "rope_parameters";
  for (int i = 0; i < 50'000; ++i) deep += ".a";
  CHECK_THROWS_WITH(after(deep, Value(1)), "--set rope_parameters.a.a.a.a.a.a.a.a.a.a.a.a....: deeper than 64 levels");
  Expander expander(catalog.families());
  CHECK(expander.expand(after("n_layers", Value(3))).count("n_layers") == 3);
  CHECK(expander.expand(after("num_hidden_layers", Value(5))).count("n_layers") == 5);
}

TEST_CASE("a device can be written out") {
  const Device device =
      parse_device("memory=48GiB,fp16=181TFLOP/s,bandwidth=864GB/s,watts=300W,price=$0.86/h,name=Mine");
  CHECK(device.memory.value == 48ULL << 30U);
  CHECK(device.peak_for("fp16")->value == 181e12);
  CHECK(device.bandwidth == 864e9);
  CHECK(device.power.value == 300);
  CHECK(device.prices.front().price.value == 0.86);
  CHECK(device.name == "Mine");
  for (const auto* wrong : {"memory=48", "memory=-1GiB", "fp16=1GiB", "speed=3", "memory", "=", "fp16=1e99T", ""}) {
    INFO(wrong);
    CHECK_THROWS_AS(parse_device(wrong), Error);
  }
}

TEST_CASE("what is left over of groups is kept, and no more is removed than asked for") {
  // Two of each whole group of four of 10, and the two that make none; of 10 numbers a quarter is two and a half.
  CHECK(kept(10, parse_sparsity("2:4")) == 6);
  CHECK(kept(10, parse_sparsity("25%")) == 8);
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families());
  const Inventory mixtral = expander.expand(catalog.model("mixtral-8x7b"));
  // Half of attention and experts; routers and the head stay.
  CHECK(prune(mixtral, weight_format("bf16", false, catalog), parse_sparsity("2:4")).pruned.value ==
        32ULL * (2 * 4096 * 4096 + 2 * 4096 * 1024 + 8ULL * 3 * 4096 * 14336) / 2);
}

TEST_CASE("a table of positions is looked up and not read whole, two tokens read experts that either picks") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families());
  const WeightFormat bf16 = weight_format("bf16", false, catalog);
  // GPT-2: 124,439,808 with 1,024 positions of 768; its table of tokens is the head.
  CHECK(step_weights(expander.expand(catalog.model("gpt-2")), bf16).of_step(1).value == 2 * (124'439'808 - 1024 * 768));
  // Of Mixtral's experts one token reads 2 of 8, another one the same or others: 1 − (3/4)² = 7/16 of them.
  const Inventory mixtral = expander.expand(catalog.model("mixtral-8x7b"));
  const double experts = 2 * 32 * 8.0 * 3 * 4096 * 14336;
  const auto read = [&](std::uint64_t tokens) {
    return static_cast<double>(step_weights(mixtral, bf16).of_step(tokens).value);
  };
  CHECK(read(2) - read(1) == Approx(experts * (7 / 16.0 - 1 / 4.0)));
}

TEST_CASE("a law's optimum, its loss and its inverses agree with each other and with the papers") {
  const Catalog catalog;
  for (const auto& law : catalog.all<ScalingLaw>()) {
    INFO(law.id);
    CHECK(best_split_for_tokens(law, 3e11).tokens == Approx(3e11));
    CHECK(best_split_for_params(law, 7e9).params == Approx(7e9));
    if (law.form != ScalingLaw::Form::loss) continue;
    // Tokens that reach a loss have it; with half of what both add the compute grows with both exponents.
    const double loss = *predicted_loss(law, {2e9, 1e11});
    CHECK(*tokens_for_loss(law, 2e9, loss) == Approx(1e11));
    CHECK(halving(law).compute == Approx(std::pow(2, 1 / law.alpha) * std::pow(2, 1 / law.beta)));
  }
  // Kaplan et al. 2020, arXiv:2001.08361, equation 1.5 with table 2: α_N 0.076, α_D 0.103, N_c 6.4e13, D_c 1.8e13.
  CHECK(*predicted_loss(catalog.law("kaplan"), {1e9, 1e10}) ==
        Approx(std::pow(std::pow(6.4e13 / 1e9, 0.076 / 0.103) + 1.8e13 / 1e10, 0.103)));
  ScaleRequest request;
  request.law = catalog.law("besiroglu");
  request.compute = 1e22;
  const ScaleAnswer answer = scale(request, catalog);
  // Training takes 6 FLOPs a parameter and token, serving 2: at even_at tokens served both models cost the same.
  REQUIRE_FALSE(answer.smaller.empty());
  for (const auto& row : answer.smaller) {
    const auto cost = [&](const Allocation& at) { return 6 * at.params * at.tokens + 2 * at.params * row.even_at; };
    CHECK(cost(row.split) == Approx(cost(answer.split)));
  }
  // The law was fitted to 5.76e23: of tenfold efforts from 1e21 on the last is beyond it.
  for (const auto& step : answer.steps) CHECK(step.extrapolated == (step.compute.value > 5.76e23));
  Expander expander(catalog.families(), catalog.gguf_families());
  const Model mixtral = catalog.model("mixtral-8x7b");
  const ParamCounts params = count_params(expander.expand(mixtral));
  for (const auto& row : scale_model(mixtral, 1e12, catalog, expander).losses) {
    INFO(row.law.id);
    const auto active = static_cast<double>(params.active.value);
    CHECK(row.best.params == best_split(row.law, {6 * active * 1e12}).params);
    const bool kaplan = row.law.form == ScalingLaw::Form::kaplan;  // whose N leaves out embeddings
    const double n = kaplan ? static_cast<double>(params.non_embedding.value) : active;
    CHECK(row.loss == predicted_loss(row.law, {n, 1e12}));
  }
}

TEST_CASE("devices, efficiency, energy and frozen weights of a run follow from what was said") {
  const Catalog catalog;
  TrainingRequest request;
  request.device = catalog.device("h100-sxm");
  request.tokens = 1e12;
  request.mfu = 0.4;
  request.devices = 8;
  const auto plan = trained(catalog, "llama-3.1-8b", request).plan;
  const double days = hours(plan.device_time) / 24;
  // In a third and a bit of the time it takes three devices and a bit: four.
  request.devices.reset();
  request.days = days / 3.1;
  CHECK(trained(catalog, "llama-3.1-8b", request).plan.devices.value == 4);
  request.days.reset();
  // With everything recomputed 8 FLOPs are done for each 6 that count (arXiv:2205.05198, section 6).
  request.mfu.reset();
  request.hfu = 0.5;
  request.recompute = Recompute::full;
  CHECK(trained(catalog, "llama-3.1-8b", request).plan.mfu.value == Approx(0.5 * 6 / 8));
  const auto energy = trained(catalog, "llama-3.1-8b", request).plan.energy->value;
  request.host_overhead = 1.5;
  CHECK(trained(catalog, "llama-3.1-8b", request).plan.energy->value == Approx(1.5 * energy));
  // A tenth of the 15 T tokens that Llama 3.1's makers state.
  TrainingRequest some;
  some.tokens = 1.5e12;
  CHECK(*trained(catalog, "llama-3.1-8b", some).of_pretraining == Approx(0.1));
  // 14 days of 96 cards: the makers of Phi-2 state no hours.
  CHECK(*trained(catalog, "phi-2", {}).from_hours.device_hours == 14 * 24 * 96);
  const Optimizer adamw = catalog.optimizer("adamw");
  CHECK(training_memory({8}, adamw, 3, 8, Bytes{81}).frozen.value == 11);
  CHECK(training_memory({8}, adamw, 2, 8, Bytes{81}).frozen.value == 81);
}

TEST_CASE("a thousand tokens cost the time of all devices, and memory that is just enough is enough") {
  Device device = *Catalog().device("h100-sxm");
  device.memory = {100};
  device.bandwidth = 1000;
  const auto shared = std::make_shared<const Device>(device);
  const auto bound = decode_bound({60}, {60}, {40}, {1}, 1, shared, 0, std::nullopt);
  CHECK(bound.devices == 1);
  CHECK(decode_bound({60}, {61}, {40}, {1}, 1, shared, 0, std::nullopt).devices == 2);
  // 100 bytes at 2 × 1,000 a second are 50 ms a token: 50 s of two devices at $3.60 an hour, a tenth of a cent a
  // second.
  CHECK(decode_bound({60}, {60}, {40}, {1}, 1, shared, 2, DollarsPerHour{3.6}).per_thousand->value == Approx(0.1));
  // Of two quotes of a kind the lower is the median.
  device.prices.resize(3);
  device.prices[0].price = {3};
  device.prices[1].price = {1};
  device.prices[2].price = {9};
  device.prices[0].pricing = device.prices[1].pricing = Label("spot");
  device.prices[2].pricing = Label("reserved");
  CHECK(quote_of_kind(device, "spot")->price.value == 1);
}

}  // namespace
}  // namespace paramcount
