// Checkpoints in the spellings files are found in, against the families.
#include "verify_bench.hpp"

namespace paramcount {
namespace {

TEST_CASE("checkpoints in the truth's shapes reconcile in every spelling, and count exactly") {
  Bench bench;
  std::map<std::string, int> models;
  REQUIRE(truths().size() > 150);
  for (const auto& truth : truths()) {
    INFO(truth.name);
    const auto check = [&](const char* spelling, const Tensors& tensors) {
      const Verification v = bench.verify(truth, tensors);
      if (!v.reconciles() || v.found.value != truth.total) {
        INFO(spelling << "\n" << said(v));
        CHECK(v.reconciles());
        CHECK(v.found.value == truth.total);
        return;
      }
      CHECK(v.agreeing_tensors == v.expected_tensors);
      ++models[spelling];
    };
    check("the class's", truth.tensors);
    check("bare", without_prefix(truth.tensors));
    if (const auto old = with_gamma(truth.tensors); old.back().name != truth.tensors.back().name) check("gamma", old);
    if (const auto one = fused(truth.tensors); one.size() < truth.tensors.size()) check("fused", one);
    if (const auto one = with_stacked_experts(truth.tensors); one.size() < truth.tensors.size()) check("stacked", one);
    const auto in_new_layout = [](const NewTensor& t) { return t.name.starts_with("model.language_model."); };
    if (std::any_of(truth.tensors.begin(), truth.tensors.end(), in_new_layout)) {
      check("old layout", in_old_layout(truth.tensors));
    }
  }
  CHECK(models["the class's"] >= 150);
  CHECK(models["bare"] >= 150);
  CHECK(models["gamma"] >= 20);
  CHECK(models["fused"] >= 60);
  CHECK(models["stacked"] >= 3);
  CHECK(models["old layout"] >= 3);
}

TEST_CASE("a checkpoint's total is the truth's, with a config.json and without") {
  Bench bench;
  int exact = 0;
  for (std::size_t i = 0; i < truths().size(); i += 3) {
    const auto& truth = truths()[i];
    if (truth.tensors.size() > 3000) continue;
    INFO(truth.name);
    CHECK(bench.count(truth, truth.tensors, true) == truth.total);
    CHECK(bench.count(truth, truth.tensors, false) == truth.total);
    ++exact;
  }
  CHECK(exact >= 40);
}

TEST_CASE("one tensor dropped, renamed or reshaped is the one that is named") {
  Bench bench;
  int models = 0;
  for (std::size_t i = 0; i < truths().size(); i += 2) {
    const auto& truth = truths()[i];
    if (truth.tensors.size() > 2000) continue;
    INFO(truth.name);
    ++models;
    // Not the first: of shared tables a file may keep either.
    const std::size_t at = truth.tensors.size() / 2;
    const NewTensor& victim = truth.tensors[at];

    Tensors tensors = truth.tensors;
    tensors.erase(tensors.begin() + static_cast<std::ptrdiff_t>(at));
    const Verification dropped = bench.verify(truth, tensors);
    INFO(said(dropped));
    REQUIRE(dropped.missing.size() == 1);
    const auto number = victim.name.find_first_of("0123456789");
    CHECK(dropped.missing[0].name.ends_with(number == std::string::npos ? victim.name : victim.name.substr(number)));
    CHECK(dropped.missing[0].shape == victim.shape);
    CHECK(dropped.unexpected.empty());
    CHECK(dropped.agreeing_tensors + 1 == dropped.expected_tensors);

    tensors = truth.tensors;
    tensors[at].name = "renamed." + victim.name + ".too";
    const Verification other = bench.verify(truth, tensors);
    REQUIRE(other.missing.size() == 1);
    REQUIRE(other.unexpected.size() == 1);
    CHECK(other.missing[0].name == dropped.missing[0].name);
    CHECK(other.unexpected[0].name == tensors[at].name);
    CHECK(other.unexpected[0].remark == "same shape as the missing one: renamed?");
    CHECK(other.found.value == truth.total);

    tensors = truth.tensors;
    tensors[at].shape.front() += 8;
    const Verification reshaped = bench.verify(truth, tensors);
    REQUIRE(reshaped.misshapen.size() == 1);
    CHECK(reshaped.misshapen[0].name == victim.name);
    CHECK(reshaped.misshapen[0].shape == victim.shape);
    CHECK(reshaped.misshapen[0].found == tensors[at].shape);
    CHECK(reshaped.missing.empty());
    CHECK(reshaped.unexpected.empty());
    CHECK(reshaped.found.value > truth.total);
  }
  CHECK(models >= 40);
}

TEST_CASE("stored tensors that are not parameters are known, and not counted") {
  Bench bench;
  const Truth& llama = truth_named("Llama-3.2-1B");
  Tensors tensors = llama.tensors;
  tensors.push_back({"lm_head.weight", "BF16", {128256, 2048}});
  for (int i = 0; i < 16; ++i) {
    tensors.push_back({"model.layers." + std::to_string(i) + ".self_attn.rotary_emb.inv_freq", "F32", {32}});
  }
  const Verification v = bench.verify(llama, tensors);
  INFO(said(v));
  CHECK(v.reconciles());
  CHECK(v.found.value == llama.total);
  CHECK(knows(v, "lm_head.weight", "tied copy"));
  CHECK(knows(v, "rotary_emb.inv_freq", "rotary table"));
  CHECK(bench.count(llama, tensors, true) == llama.total);

  const Truth& gpt2 = truth_named("gpt2");
  tensors = gpt2.tensors;
  for (int i = 0; i < 12; ++i) {
    tensors.push_back({"transformer.h." + std::to_string(i) + ".attn.bias", "F32", {1, 1, 1024, 1024}});
    tensors.push_back({"transformer.h." + std::to_string(i) + ".attn.masked_bias", "F32", {}});
  }
  const Verification masks = bench.verify(gpt2, without_prefix(tensors));
  INFO(said(masks));
  CHECK(masks.reconciles());
  CHECK(knows(masks, "attn.bias", "attention mask"));
  CHECK(bench.count(gpt2, tensors, true) == gpt2.total);
  CHECK(bench.count(gpt2, tensors, false) == gpt2.total);
}

TEST_CASE("of two tables that are one, a file may keep either") {
  Bench bench;
  const Truth& llama = truth_named("Llama-3.2-1B");
  Tensors tensors = llama.tensors;
  tensors.front() = {"lm_head.weight", "BF16", {128256, 2048}};
  const Verification v = bench.verify(llama, tensors);
  INFO(said(v));
  CHECK(v.reconciles());
  REQUIRE(v.spellings.size() == 1);
  CHECK(v.spellings[0].from == "lm_head");
  CHECK(v.spellings[0].to == "model.embed_tokens");
}

TEST_CASE("a renaming is reported with what it renamed") {
  Bench bench;
  const Verification v = bench.verify(truth_named("gpt2"), without_prefix(truth_named("gpt2").tensors));
  REQUIRE(v.spellings.size() == 1);
  CHECK(v.spellings[0].from.empty());
  CHECK(v.spellings[0].to == "transformer.");
  CHECK(v.spellings[0].tensors == 148);
}

TEST_CASE("verify and diff show what is spelled otherwise, and explain a difference of one tensor") {
  const TestFolder folder;
  const TestFolder other;
  const Tensors tensors = tiny(folder);
  const Tensors same = tiny(other);
  const auto page = [&](const Tensors& stored) {
    write_checkpoint(folder / "model.safetensors", stored);
    return run_words({"verify", folder.path()}).out;
  };
  CHECK_THAT(page(without_prefix(tensors)), ContainsSubstring("  spelled    (nothing) for model.  20 tensors\n"));
  write_checkpoint(other / "model.safetensors", same);
  CHECK_THAT(run_words({"diff", folder.path(), other.path()}).out,
             ContainsSubstring("  spelled  (nothing) in the first, model. in the second  20 tensors\n"));
  CHECK(run_words({"verify", folder.path(), "--get", "spellings.0.file,spellings.0.family,spellings.0.tensors"}).out ==
        "\nmodel.\n20\n");
  CHECK(run_words(
            {"diff", other.path(), folder.path(), "--get", "spellings.0.first,spellings.0.second,spellings.0.tensors"})
            .out == "model.\n\n20\n");

  Tensors changed = tensors;
  changed[2].shape = {20, 4};
  CHECK_THAT(page(changed), ContainsSubstring("  found                  452   + 16 = 4 × 4\n"));
  CHECK_THAT(run_words({"verify", folder.path(), "--color", "always"}).out,
             ContainsSubstring("\x1b[31mdoes not reconcile\x1b[0m"));
  changed[2].shape = {13, 4};
  CHECK_THAT(page(changed), ContainsSubstring("  found                  424   - 12 = 3 × 4\n"));
  changed[2].shape = {16, 5};
  CHECK_THAT(page(changed), ContainsSubstring("  found                  452   + 16\n"));
  changed[2].shape = {20, 4};
  changed[1].shape = {5};
  CHECK_THAT(page(changed), ContainsSubstring("  found                  453   + 17\n"));

  changed = tensors;
  for (const char* layer : {"model.layers.0.", "model.layers.1."}) {
    changed.push_back({std::string(layer) + "self_attn.rotary_emb.inv_freq", "F32", {1}});
  }
  changed.push_back({"model.layers.0.attn.masked_bias", "F32", {}});
  const std::string known = page(changed);
  CHECK_THAT(known, ContainsSubstring("2 × self_attn.rotary_emb.inv_freq  rotary table, not counted\n"));
  CHECK_THAT(known, ContainsSubstring("attn.masked_bias                   attention mask, not counted\n"));
}

TEST_CASE("several layers without a tensor are one line") {
  Bench bench;
  const Truth& llama = truth_named("Llama-3.2-1B");
  Tensors tensors = llama.tensors;
  std::erase_if(tensors, [](const NewTensor& t) {
    return t.name.ends_with("k_proj.weight") && t.name.find(".1") != std::string::npos;
  });
  const Verification v = bench.verify(llama, tensors);
  REQUIRE(v.missing.size() == 1);
  CHECK(v.missing[0].name == "model.layers.{1,10–15}.self_attn.k_proj.weight");
  CHECK(v.missing[0].copies == 7);
}

}  // namespace
}  // namespace paramcount
