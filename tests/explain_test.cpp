#include <set>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "catch.hpp"
#include "cli/session.hpp"
#include "report/keys.hpp"
#include "report/walk_report.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

const std::string kConfig = std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/golden/files/config.json";

Report report_of(const std::vector<std::string>& arguments) {
  Session session;
  std::string out;
  std::string err;
  INFO(err);
  REQUIRE(run(arguments, Environment{}, session, out, err) == 0);
  return std::move(session.report);
}

std::uint64_t digits_of(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits.empty() ? 0 : std::stoull(digits);
}

TEST_CASE("explain adds up to the total for every model of the catalog") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families());
  std::set<std::string> families;
  catalog.each_model([&](const ModelListing& listing) {
    if (listing.family.empty()) return;
    INFO(listing.id);
    families.emplace(listing.family);
    const Model model = catalog.model(listing.id);
    const Report report = walk_report(model, expander.expand(model), {});
    std::uint64_t in_tree = 0;
    std::string total;
    each_value(report.models.front(), [&](const std::string& key, const Row& row, const Value& value) {
      if (key == "params.total") total = bare(value);
      if (!key.starts_with("steps.") || !key.ends_with(".params")) return;
      in_tree += std::stoull(bare(value));
      CHECK_FALSE(row.formula.empty());
    });
    CHECK(std::to_string(in_tree) == total);
    std::uint64_t on_page = 0;
    const auto& tables = report.pages.front().tables;
    for (std::size_t i = 0; i + 1 < tables.size(); ++i) {
      for (const auto& line : tables[i].lines) on_page += digits_of(line.cells.at(0).text);
    }
    CHECK(std::to_string(on_page) == total);
    CHECK(std::to_string(digits_of(tables.back().head.cells.at(0).text)) == total);
  });
  CHECK(families.size() > 40);
}

TEST_CASE("every number of an answer says where it comes from") {
  const std::set<std::string> self_evident{"copies", "steps"};
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"llama-3.1-8b"},
        {"deepseek-v3", "--dtype", "q4_k_m", "--runtime", "llama.cpp"},
        {"gemma-3-27b", "--dtype", "bf16", "--tokens", "1T", "--price", "3", "--mfu", "0.5", "--devices", "8"},
        {kConfig},
        {"kv", "gemma-3-27b"},
        {"fit", "qwen3-32b", "--device", "rtx-4090"},
        {"fit", "llama-3.3-70b", "--device", "h100-sxm", "--devices", "4", "--dtype", "fp8"},
        {"train", "llama-3.1-405b"},
        {"train", "mamba2-2.7b", "--recompute", "full", "--convention", "causal"},
        {"train", "gpt-3-175b", "--lora", "4:q,v", "--tokens", "100M", "--device", "a100"},
        {"scale", "--budget", "1M"},
        {"scale", "gpt-2-xl", "palm-540b"},
        {"deepseek-v3", "--set", "n_layers=30", "--sparsity", "2:4", "--dtype", "fp8"}}) {
    auto all = arguments;
    all.insert(all.end(), {"--explain", "--format", "json"});
    const Report report = report_of(all);
    std::set<std::string> told;
    const Row& object = report.models.front();
    std::string key_of_entry;
    each_value(object, [&](const std::string& key, const Row&, const Value& value) {
      if (key.starts_with("explain.") && key.ends_with(".key")) told.insert(bare(value));
    });
    each_value(object, [&](const std::string& key, const Row&, const Value& value) {
      if (key.starts_with("explain.") || !value.is_number()) return;
      INFO(all.front() << ": " << key);
      CHECK(told.count(key) == 1);
    });
    CHECK(told.size() > 10);
  }
}

TEST_CASE("explained pages carry formulas of the numbers asked for, and no others") {
  const Report report = report_of({"kv", "gpt-2", "--context", "1024", "--runtime", "ideal", "--explain"});
  const auto& lines = report.pages.at(0).tables.at(0).lines;
  bool found = false;
  for (const auto& line : lines) {
    if (line.label.text != "KV cache, fp16") continue;
    found = true;
    CHECK(line.cells.at(0).text == "37,748,736 B");
    CHECK(line.details.at(0) == "18,432 elements × 1,024 tokens × 1 × 2 B");
  }
  CHECK(found);
}

TEST_CASE("dimensions read from a config name its keys") {
  const Report report = report_of({kConfig, "--explain", "--format", "json"});
  const Found source = find_value(report.models.front(), "dims.n_layers");
  REQUIRE(source.row != nullptr);
  CHECK(source.row->source == kConfig + ": /num_hidden_layers");
}

}  // namespace
}  // namespace paramcount
