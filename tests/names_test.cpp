// Models by what people type: tests/truth/names.tsv, and every name of the catalog however it is written.
#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "catalog/name_walk.hpp"
#include "catch.hpp"
#include "cli/model_name.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/model_name.hpp"
#include "process.hpp"
#include "test_folder.hpp"
#include "tests/paths.hpp"

using namespace paramcount;

namespace {

struct Spelling {
  std::string typed, model, says;
};

std::vector<Spelling> spellings() {
  std::ifstream file(std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/truth/names.tsv");
  REQUIRE(file);
  std::vector<Spelling> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    const auto parts = split(line, '\t');
    REQUIRE(parts.size() == 3);
    rows.push_back({std::string(parts[0]), std::string(parts[1]), std::string(parts[2])});
  }
  return rows;
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string written(std::string text, char separator) {
  std::replace(text.begin(), text.end(), '-', separator);
  return text;
}

/// How a name is read; the error if it cannot be.
std::string id_of(const std::string& name, const Catalog& catalog) {
  try {
    return find_model(name, catalog).id;
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a model is found by what people type", "[names]") {
  const Catalog catalog;
  const auto rows = spellings();
  CHECK(rows.size() >= 150);
  for (const auto& row : rows) {
    if (row.model == "!") continue;
    CAPTURE(row.typed);
    const auto meant = catalog.find_model(row.model);
    REQUIRE(meant.has_value());
    try {
      const Model model = find_model(row.typed, catalog);
      CHECK(model.id == meant->id);
      CHECK(model.named_dtype == row.says);
      // A format that was read out of a name is said.
      if (!row.says.empty()) CHECK_THAT(model.named, ContainsSubstring("--dtype " + row.says));
    } catch (const Error& error) {
      FAIL_CHECK(error.what());
    }
  }
}

TEST_CASE("a name of no model is refused with the nearest ones", "[names]") {
  const Catalog catalog;
  for (const auto& row : spellings()) {
    if (row.model != "!") continue;
    CAPTURE(row.typed);
    const std::string said = id_of(row.typed, catalog);
    CHECK(said.find(' ') != std::string::npos);  // an error, no id
    for (const auto part : split(row.says, '/')) {
      if (part.starts_with('~')) {
        CHECK_THAT(said, !ContainsSubstring(std::string(part.substr(1))));
      } else {
        CHECK_THAT(said, ContainsSubstring(std::string(part)));
      }
    }
  }
}

TEST_CASE("every name of the catalog finds its own model, however it is written", "[names]") {
  const Catalog catalog;
  std::vector<std::string> names;
  catalog.each_name(Catalog::Kind::model, [&](std::string_view name, bool) { names.emplace_back(name); });
  CHECK(names.size() > 1000);
  for (const auto& name : names) {
    const std::string own = catalog.find_model(name)->id;
    for (const auto& spelled : {name, upper(name), written(name, ' '), written(name, '_')}) {
      CAPTURE(spelled);
      CHECK(id_of(spelled, catalog) == own);
    }
    // Without its organisation: its own model, or an error that names several; never another one.
    const std::string last = name.substr(name.rfind('/') + 1);
    CAPTURE(last);
    const std::string found = id_of(last, catalog);
    if (found.find(' ') == std::string::npos && !catalog.find_model(last)) CHECK(found == own);
  }
}

TEST_CASE("with an ending every Hub id finds its own model", "[names]") {
  const Catalog catalog;
  std::vector<std::string> names;
  catalog.each_name(Catalog::Kind::model, [&](std::string_view name, bool is_id) {
    if (!is_id && name.find('/') != std::string_view::npos) names.emplace_back(name);
  });
  for (const auto& name : names) {
    CAPTURE(name);
    if (catalog.find_model(name + "-awq")) continue;
    const auto model = find_named_model(name + "-AWQ", catalog);
    REQUIRE(model.has_value());
    CHECK(model->id == catalog.find_model(name)->id);
    CHECK(model->named_dtype == "awq");
  }
}

TEST_CASE("separators count between digits only", "[names]") {
  CHECK(same_name("Llama 3.1 8B", "llama-3.1-8b"));
  CHECK(same_name("llama3.1:8b", "llama-3.1-8b"));
  CHECK(same_name("llama-3-1-8b", "llama-3.1-8b"));
  CHECK(same_name("qwen25-7b", "qwen2.5-7b"));
  CHECK(same_name("qwen3-0_6b", "qwen3-0.6b"));
  CHECK(!same_name("llama-3-18b", "llama-3.1-8b"));
  CHECK(!same_name("llama-31-8b", "llama-3-18b"));
  CHECK(!same_name("qwen2-15b", "qwen2-1.5b"));
  CHECK(!same_name("qwen2-1-5b", "qwen2-1.5b"));
  CHECK(!same_name("gpt-2-xl", "gpt-2"));
  CHECK(!same_name("gpt-2", "gpt-2-xl"));
  CHECK(!same_name("", "gpt-2"));
  CHECK(common_beginning("llama70b", "llama-7b") == 5);
  CHECK(common_beginning("llama-3.1-70b", "llama 3.1 8b") == common_beginning("llama-3.1", "llama-3.1-8b") + 1);
  CHECK(common_beginning("gpt-2", "gpt-2") == 4);
}

TEST_CASE("the format that a name says is the page's, unless --dtype says another", "[names]") {
  const auto weights = [](const std::string& line) { return run_line(line + " --get memory.weights.0.dtype").out; };
  CHECK(weights("Qwen/Qwen3-8B-AWQ") == "awq-g128\n");
  CHECK(weights("Qwen/Qwen3-8B-AWQ --dtype bf16") == "bf16\n");
  CHECK(weights("unsloth/Qwen3-8B-GGUF:Q5_K_M") == "q5_k_m\n");
  // 9.0813 GB, as its files on the Hub have.
  CHECK(run_line("nvidia/Llama-3.1-8B-Instruct-FP8 --get memory.weights.0.bytes").out == "9081202432\n");
  CHECK_THAT(run_line("unsloth/Qwen3-8B-GGUF:Q5_K_M").out,
             ContainsSubstring("unsloth/Qwen3-8B-GGUF:Q5_K_M is read as qwen3-8b with --dtype q5_k_m"));
  CHECK_THAT(run_line("Qwen/Qwen3-8B-GGUF").out, ContainsSubstring("GGUF without a named quantisation"));
  CHECK_THAT(run_line("llama --format json").out, ContainsSubstring("the newest of"));
  CHECK_THAT(run_line("kv llama3 --context 8k").out, ContainsSubstring("Ollama"));
  CHECK_THAT(run_line("tensors gpt2-q8_0").out, ContainsSubstring("q8_0"));
  CHECK_THAT(run_line("fit Qwen/Qwen3-8B-AWQ --device rtx-4090").out, ContainsSubstring("awq"));
  // Side by side: each of the formats, and bf16 for a name that says none.
  const auto several = run_line("Qwen/Qwen3-8B-AWQ Qwen/Qwen3-8B");
  CHECK_THAT(several.out, ContainsSubstring("awq"));
  CHECK_THAT(several.out, ContainsSubstring("bf16"));
}

TEST_CASE("batch finds names the same way", "[names]") {
  const auto batch = run_shell(
      "printf 'Llama 3.1 8B\\nunsloth/Qwen3-8B-GGUF:Q8_0\\nnonesuch-model\\n' | paramcount batch --no-files --jobs 1");
  CHECK(batch.code == 1);
  CHECK_THAT(batch.out, ContainsSubstring("\"id\":\"llama-3.1-8b\""));
  CHECK_THAT(batch.out, ContainsSubstring("\"q8_0\""));
  CHECK_THAT(batch.out, ContainsSubstring("nonesuch-model: no such model"));
}

TEST_CASE("options of other programs name their counterpart here", "[names]") {
  const auto refused = [](const std::string& line) {
    const auto done = run_line(line);
    CHECK(done.code == 2);
    return done.err;
  };
  CHECK_THAT(refused("gpt-2 --gpu h100"), ContainsSubstring("--device here"));
  CHECK_THAT(refused("gpt-2 --gpus 8"), ContainsSubstring("--devices here"));
  CHECK_THAT(refused("gpt-2 --ctx 8192"), ContainsSubstring("--context here"));
  CHECK_THAT(refused("gpt-2 --max-model-len 8192"), ContainsSubstring("--context here"));
  CHECK_THAT(refused("gpt-2 --max_model_len=8192"), ContainsSubstring("--context here"));
  CHECK_THAT(refused("gpt-2 --quant q4_k_m"), ContainsSubstring("--dtype here"));
  CHECK_THAT(refused("gpt-2 --precision fp16"), ContainsSubstring("--dtype here"));
  CHECK_THAT(refused("gpt-2 --users 20"), ContainsSubstring("--batch here"));
  CHECK_THAT(refused("gpt-2 --batch-size 20"), ContainsSubstring("--batch here"));
  CHECK_THAT(refused("gpt-2 --tensor-parallel-size 2"), ContainsSubstring("--tp here"));
  CHECK_THAT(refused("fit gpt-2 --vram 24GB"), ContainsSubstring("--device memory=24GiB here"));
  CHECK_THAT(refused("list --json"), ContainsSubstring("--format json here"));
  CHECK_THAT(refused("list --quant"), ContainsSubstring("--dtype of 'paramcount"));
  CHECK_THAT(refused("gpt-2 --nonesuch"), ContainsSubstring("no such option"));
}

TEST_CASE("lists are found by the words people use, and searched", "[names]") {
  CHECK(run_line("list models").out == run_line("list").out);
  CHECK(run_line("list gpus").out == run_line("list devices").out);
  CHECK(run_line("list quants").out == run_line("list dtypes").out);
  CHECK(run_line("list models llama-3.1").out == run_line("list llama-3.1").out);
  const auto cards = run_line("list devices nvidia");
  CHECK(cards.code == 0);
  CHECK_THAT(cards.out, ContainsSubstring("H100"));
  CHECK_THAT(cards.out, !ContainsSubstring("MI300X"));
  const auto formats = run_line("list dtypes q4");
  CHECK_THAT(formats.out, ContainsSubstring("q4_k_m"));
  CHECK_THAT(formats.out, !ContainsSubstring("q5_k_m"));
  CHECK_THAT(run_line("list deivces").err, ContainsSubstring("devices"));
  CHECK(run_line("list devices nonesuch").code == 1);
  CHECK(run_line("list llama 8b").code == 2);
}

TEST_CASE("a device in the place of a model is recognised as one", "[names]") {
  CHECK(run_words({"RTX 4090"}).err ==
        "paramcount: RTX 4090: a device, not a model. What it can run: paramcount fit --device rtx-4090\n");
  CHECK(run_line("mi300").err ==
        "paramcount: mi300: not a model; several devices have this name. Did you mean mi300a or "
        "mi300x? What it can run: paramcount fit --device mi300a\n");
  CHECK(run_words({"GeForce 3090"}).err ==
        "paramcount: GeForce 3090: a device, not a model. What it can run: paramcount fit --device rtx-3090\n");
  CHECK_THAT(run_line("rx7900").err, ContainsSubstring("rx-7900-gre, rx-7900-xt or rx-7900-xtx?"));
}

TEST_CASE("devices are found by what people type", "[names]") {
  for (const auto* device : {"RTX 4090", "rtx4090", "4090", "M1 Max", "m4max", "MI300X", "2x4090", "H100 80GB"}) {
    CAPTURE(device);
    CHECK(run_words({"fit", "llama-3.1-8b", "--dtype", "q4_k_m", "--device", device, "--context", "4k"}).code == 0);
  }
  // Two are called so.
  CHECK_THAT(run_line("fit llama-3.1-8b --device mi300").err, ContainsSubstring("mi300a or mi300x"));
}

TEST_CASE("an adapter's base is found by the name of a quantised copy", "[names]") {
  const TestFolder folder;
  std::ofstream(folder / "adapter_config.json")
      << R"({"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "v_proj"],
            "base_model_name_or_path": "unsloth/llama-3-8b-bnb-4bit"})";
  CHECK_THAT(run_words({folder.path()}).out, ContainsSubstring("llama-3-8b"));
}

TEST_CASE("a title says what was asked for where that is another's name", "[names]") {
  const auto title = [](const std::string& name) {
    const auto page = run_line(name).out;
    return page.substr(0, page.find("  "));
  };
  CHECK(title("llama-33b") == "LLaMA 30B (llama-33b)");
  CHECK(title("davinci") == "GPT-3 175B (davinci)");
  CHECK(title("deepseek-r1:671b") == "DeepSeek-R1");
  for (const auto* own : {"meta-llama/Llama-3.1-8B-Instruct", "llama31-8b", "llama3.1:8b"}) {
    CAPTURE(own);
    CHECK(title(own) == "Llama 3.1 8B");
  }
  CHECK(title("gpt2") == "GPT-2");
}
