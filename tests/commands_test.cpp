#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/text.hpp"
#include "catch.hpp"
#include "cli/command.hpp"
#include "cli/generate.hpp"
#include "cli/memory_options.hpp"
#include "cli/names.hpp"
#include "cli/topics.hpp"
#include "paramcount/report/render.hpp"
#include "process.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("words are taken literally, with options and without") {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"[a,b]"}, {"[a,b]", "--dtype", "fp16"}, {"--dtype=fp16", "--", "[a,b]"}}) {
    CHECK_THAT(run_words(words).err, ContainsSubstring("paramcount: [a,b]: no such model"));
  }
  CHECK(run_words({"list", "-5"}).err == "paramcount: -5: no such option.\n");
  CHECK(run_words({"diff", "a", "b", "c"}).err == run_words({"diff", "a", "b", "c", "--all"}).err);
}

TEST_CASE("every command describes itself, with the options all of them have") {
  std::set<std::string> seen;
  for (const auto& command : commands()) {
    INFO(command.name);
    const CommandText text = describe(command);
    CHECK_FALSE(text.description.empty());
    for (const char* option : {"--format", "--get", "--assert", "--explain", "--units", "--precise", "--help"}) {
      // JSON lines are all that batch prints.
      const bool only_lines = command.name == "batch" && std::string_view(option) == "--format";
      CHECK((text.find(option) != nullptr) != only_lines);
    }
    for (const auto& option : text.options) {
      CHECK_FALSE(option.text.empty());
      CHECK((option.positional() || !option.group.empty()));
    }
    CHECK(seen.insert(std::string(command.name)).second);
    const Finished help = run_words({std::string(command.name.empty() ? "--help" : command.name), "--help"});
    CHECK(help.code == 0);
    CHECK(has(help.out, "--assert EXPR"));
  }
}

TEST_CASE("the examples of commands yield their keys") {
  for (const auto& command : commands()) {
    for (const auto& entry : keys_of_command(command)) CHECK_FALSE(entry.name.empty());
  }
  CHECK(keys_of_command(commands().front()).size() > 60);
}

TEST_CASE("every topic has a page in every format") {
  for (const auto& topic : topics()) {
    for (const auto& format : formats()) {
      INFO(topic.name << " " << format.name);
      const Finished ran = run_words({"help", std::string(topic.name), "--format", std::string(format.name)});
      // A picture is of a plot, a request is for a model, and metrics are of numbers: topics have none of them.
      const bool none = format.name == "svg" || format.name == "k8s";
      CHECK(ran.code == (none ? 2 : 0));
      if (!none && format.name != "openmetrics") CHECK(ran.out.size() > 60);
    }
  }
}

TEST_CASE("the list of keys names what --get finds") {
  for (const char* key : {"params.total", "memory.weights.N.bytes", "training.cost_usd", "sum.params.total",
                          "kv.N.bytes", "layers.N.params", "tensors.N.shape.N", "steps.N.params"}) {
    INFO(key);
    CHECK(has(run_words({"help", "keys", "--format", "tsv"}).out, std::string(key) + "\t"));
  }
}

TEST_CASE("manual and completions name every option of every command") {
  const auto all = described_commands();
  const std::vector<std::string> texts{man_page(all), bash_completion(all), zsh_completion(all), fish_completion(all)};
  for (const auto& command : all) {
    for (const auto& option : command.text.options) {
      if (option.positional()) continue;
      const std::string name = option.name.text();
      INFO(name);
      std::string in_roff;
      for (const char c : name) in_roff += c == '-' ? "\\-" : std::string(1, c);
      CHECK(has(texts[0], in_roff));
      CHECK(has(texts[1], name));
      CHECK(has(texts[2], name));
      CHECK(has(texts[3], "-l " + name.substr(2)));
    }
  }
}

TEST_CASE("each kind of names has some, and none that a shell would split") {
  const Catalog catalog;
  for (const auto kind : name_kinds()) {
    INFO(kind);
    const auto names = names_of(kind, catalog);
    CHECK(names.size() > 1);
    for (const auto& name : names) CHECK(name.find_first_of(" '\"$`\\") == std::string::npos);
  }
}

TEST_CASE("every table that can be listed is named, and can be") {
  const Finished tables = run_words({"generate", "names", "tables"});
  CHECK(tables.out == "devices\ndtypes\nequivalents\nfamilies\ngrids\nlaws\noptimizers\nruns\n");
  for (const auto table : split(std::string_view(tables.out).substr(0, tables.out.size() - 1), '\n')) {
    INFO(table);
    CHECK(run_words({"list", std::string(table)}).code == 0);
  }
}

TEST_CASE("mistyped words get a suggestion") {
  const std::vector<std::pair<std::vector<std::string>, std::string>> mistakes{
      {{"lama-3.1-405b"}, "llama-3.1-405b"},
      {{"layer"}, "command layers"},
      {{"gpt-2", "--fromat", "json"}, "--format"},
      {{"gpt-2", "--format", "jsn"}, "json"},
      {{"gpt-2", "--device", "h100-smx"}, "h100-sxm"},
      {{"gpt-2", "--dtype", "q4km"}, "q4_k_m"},
      {{"gpt-2", "--get", "params.totals"}, "params.total"},
      {{"help", "convention"}, "conventions"},
      {{"generate", "fsh"}, "fish"},
      {{"gpt-2", "--asert", "x"}, "--assert"},
  };
  for (const auto& [arguments, meant] : mistakes) {
    const Finished ran = run_words(arguments);
    INFO(ran.err);
    CHECK(ran.code != 0);
    CHECK(ran.out.empty());
    CHECK(has(ran.err, meant));
  }
}

TEST_CASE("options that mean nothing or contradict each other are an error of the command line that says so") {
  const std::vector<std::pair<std::string, std::string>> mistakes{
      {"gpt-2 --color purple", "--color purple: expected auto, always or never"},
      {"gpt-2 --help=x", "--help takes no value"},
      {"gpt-2 --no-config=99999999999999999999", "--no-config takes no value"},
      {"gpt-2 gpt-2-xl --set n_layers=3", "--set, --sparsity, --to and --diff change one model; name one"},
      {"gpt-2 --dtype experts=", "--dtype experts=: expected role=format, such as experts=mxfp4,default=bf16"},
      {"gpt-2 --dtype experts=q9", "--dtype q9: no such number format. 'paramcount list dtypes' shows them."},
      {"gpt-2 --dtype q8_1", "--dtype q8_1: a block type inside GGUF files, not a file type. Try role=q8_1"},
      {"scale --compute 1e21 --law kaplun", "--law kaplun: no such scaling law. Did you mean kaplan?"},
      {"scale gpt-2 --law kaplun", "--law kaplun: no such scaling law. Did you mean kaplan?"},
      {"gpt-2 --sparsity 2:4 --dtype q4_k_m",
       "--sparsity: q4_k_m is a llama.cpp file type, which stores zeros like other weights"},
      {"gpt-2 --get sum.params.totl --sum", "--get sum.params.totl: no such key. Did you mean sum.params.total?"},
      {"gpt-2 --kv-dtype q9", "--kv-dtype q9: no such number format. 'paramcount list dtypes' shows them."},
      {"gpt-2 --kv-dtype nf4", "gpt-2: --kv-dtype nf4: a format for weights, not for a KV cache"},
      {"gpt-2 --kv-dtype fp8 --runtime llama.cpp",
       "gpt-2: --kv-dtype fp8: not a KV cache format of llama.cpp; it has fp32, fp16, bf16, q8_0, q5_1, q5_0, q4_1, "
       "q4_0, "
       "iq4_nl"},
      {"scale --budget 1M --device name=x,memory=8GiB,fp16=1TFLOP/s",
       "--budget: no dated quote for x is known; set it with --price"},
      {"train gpt-2 --zero 4", "--zero 4: expected a stage from 0 to 3"},
      {"train gpt-2 --zero x", "--zero x: expected a stage from 0 to 3"},
      {"train gpt-2 --device-hours 5 --mfu 0.4", "--device-hours: they determine the efficiency; leave out --mfu"},
      {"train gpt-2 --days 5 --devices 3 --mfu 0.4", "--days, --devices, --mfu: any two determine the third; give two"},
      {"train gpt-2 --convention 7nd",
       "--convention 7nd: no such convention. Did you mean 6nd? Known: 6nd, matmul, palm, causal, megatron"},
      {"train gpt-2 --recompute some", "--recompute some: expected none, selective, full or ops"},
      {"train gpt-2 --lora 8 --dtype q4_k_m", "--dtype q4_k_m: adapters are not trained on a llama.cpp file; use nf4"},
      {"scale gpt-2 --budget 1M", "scale: models, or one of --compute, --params and --budget, not both"},
      {"batch --get id", "--get, --assert and --explain are for one answer; batch prints whole objects"},
  };
  for (const auto& [line, said] : mistakes) {
    INFO(line);
    const Finished ran = run_line(line);
    CHECK(ran.code == 2);
    CHECK(ran.out.empty());
    CHECK(ran.err == "paramcount: " + said + "\n");
  }
}

TEST_CASE("a config that does not add up is an error of every command, with its file and key") {
  const TestFolder folder;
  const std::string config = folder / "config.json";
  const auto write = [&](const std::string& text) { std::ofstream(config) << text; };
  write(R"({"model_type": "llama", "num_attention_heads": 0})");
  const std::string said = config + ": /num_attention_heads: expected a number other than 0, got 0\n";
  for (const char* command : {"explain", "tensors", "layers", "kv", "train", "scale"}) {
    INFO(command);
    const Finished ran = run_words({command, config});
    CHECK(ran.code == 1);
    CHECK(ran.out.empty());
    CHECK(ran.err == "paramcount: " + said);
  }
  CHECK(run_words({config}).err == "paramcount: " + said);
  write(R"({"model_type": "mistral3", "text_config": {"hidden_size": "x"}})");
  CHECK(run_words({config}).err ==
        "paramcount: " + config + ": /text_config/hidden_size: expected an integer, got \"x\"\n");
}

TEST_CASE("a file or a stream too long, of another kind or out of reach is refused before it is read") {
  const TestFolder folder;
  const std::string config = folder / "config.json";
  std::ofstream(config) << "{}";
  std::filesystem::resize_file(config, (16U << 20U) + 1);
  const auto said = [](const std::string& command) {
    const Finished run = run_shell(command);
    CHECK(run.code != 0);
    CHECK(run.out.empty());
    return run.err;
  };
  CHECK(said("paramcount " + config) == "paramcount: " + config + ": larger than 16 MiB; refused before reading\n");
  CHECK(said("head -c 17000000 /dev/zero | paramcount -") ==
        "paramcount: standard input: larger than 16 MiB; refused before reading\n");
  CHECK(said("paramcount - < /") == "paramcount: standard input: Is a directory\n");
  CHECK(said("paramcount batch < /") == "paramcount: standard input: Is a directory\n");
  CHECK_THAT(said("echo { | paramcount -"),
             ContainsSubstring("paramcount: standard input: line 2, column 1: not valid JSON"));
  CHECK(said("paramcount " + config + "/x/config.json") == "paramcount: " + config + "/x/config.json: no such file\n");
  CHECK_THROWS_WITH(read_file(config + "/x", 10), config + "/x: Not a directory");
  CHECK_THROWS_WITH(read_file(folder.path(), 10), folder.path() + ": is a folder");
  CHECK_THROWS_WITH(read_file("/proc/self/mem", 10), "/proc/self/mem: Input/output error");
  CHECK(said("paramcount gpt-2 > /dev/full") == "paramcount: standard output: No space left on device\n");
  CHECK(said("yes gpt-2 | head -n 3 | paramcount batch --jobs 1 > /dev/full") ==
        "paramcount: standard output: No space left on device\n");
}

TEST_CASE("the environment names a catalog, an encoding and a width") {
  const TestFolder folder;
  std::filesystem::create_directories(folder / "models");
  std::ofstream(folder / "models/mine.json")
      << R"({"id": "mine", "name": "Mine", "family": "gpt2", "dims": {"n_layers": 1}, "source": "me"})";
  CHECK(run_shell("PARAMCOUNT_CATALOG=" + folder.path() + " paramcount mine --get params.total").out == "46473216\n");
  const std::string unset = "env -u LC_ALL -u LC_CTYPE -u LANG ";
  CHECK(has(run_on_terminal(unset + "paramcount gpt-2", 100).out, " · "));
  const std::string ascii = run_on_terminal(unset + "LC_CTYPE=C paramcount gpt-2", 100).out;
  CHECK_FALSE(has(ascii, " · "));
  CHECK(has(ascii, "12 layers"));
  CHECK(run_on_terminal("paramcount gpt-2", 10).out == run_on_terminal("paramcount gpt-2", 80).out);
}

TEST_CASE("a defaults file that means nothing is an error with its path") {
  const TestFolder folder;
  const auto with = [&](const std::string& text, const std::string& key = "id") {
    std::ofstream(folder / "config.toml") << text;
    Environment environment;
    environment.config = folder / "config.toml";
    Finished ran;
    ran.code = run({"gpt-2", "--get", key}, environment, ran.out, ran.err);
    replace_all(ran.err, folder.path(), "");
    return ran.code == 0 ? ran.out : ran.err;
  };
  CHECK(with("") == "gpt-2\n");
  CHECK(with("sum = true\nprecise = false\n[batch]\njobs = 3\n") == "gpt-2\n");
  // 124,439,808 parameters of two bytes.
  CHECK(with("dtype = \"fp16\"\n", "memory.weights.0.bytes") == "248879616\n");
  CHECK(with("[lis]\nsort = \"name\"\n") ==
        "paramcount: /config.toml: lis.sort: no such command. Did you mean list?\n");
  CHECK(with("# mine\nprecise = true\ndtype = \"bf16\n") ==
        "paramcount: /config.toml: dtype (line 3): unclosed quote before bf16\n");
  CHECK(with("device = 'h100\n") == "paramcount: /config.toml: device (line 1): unclosed quote before h100\n");
  CHECK(with("[list]\nsort = 'name\n") == "gpt-2\n");
  CHECK(with(std::string(65'537, ' ')) == "paramcount: /config.toml: larger than 64 KiB; refused before reading\n");
  CHECK(with("precise = \"maybe\"\n") == "paramcount: /config.toml: precise: expected true or false, got maybe\n");
}

TEST_CASE("what a device or a runtime cannot do is answered with no, or refused, in words") {
  const auto said = [](const std::vector<std::string>& arguments, int code) {
    const Finished ran = run_words(arguments);
    CHECK(ran.code == code);
    CHECK(ran.out.empty());
    return ran.err;
  };
  CHECK(
      said({"llama-3.1-405b", "--decode", "--device", "h100", "--devices", "1", "--dtype", "bf16"}, 3) ==
      "paramcount: llama-3.1-405b: impossible: weights and cache take 815.93 GB; at least 10 × H100 SXM are needed\n");
  CHECK(said({"gpt-2", "--runtime", "llama.cpp:no-flash", "--kv-dtype", "q8_0"}, 1) ==
        "paramcount: gpt-2: llama.cpp refuses values in q8_0 without flash attention\n");
  CHECK(said({"deepseek-v3", "--runtime", "llama.cpp", "--kv-dtype", "q8_0:fp16"}, 1) ==
        "paramcount: deepseek-v3: llama.cpp refuses different formats for keys and values with MLA, which keeps one "
        "vector for both\n");
  CHECK(said({"gpt-2", "--set", "tied_embeddings=maybe"}, 1) ==
        "paramcount: gpt-2: tied_embeddings: expected true or false, got \"maybe\"\n");
  CHECK(said({"train", "gpt-2", "--device", "name=x,memory=8GiB"}, 2) ==
        "paramcount: --device: no peak speed of x is given; add one, such as fp16=181TFLOP/s\n");
  CHECK(said({"scale", "--compute", "1e21", "--device", "memory=8GiB"}, 2) ==
        "paramcount: --device: no peak speed of custom is given; add one, such as fp16=181TFLOP/s\n");
}

TEST_CASE("an impossible plan is no, and programs read its figures") {
  const Finished bound = run_line("llama-3.1-405b --decode --device h100 --devices 1 --format json");
  CHECK(bound.code == 3);
  CHECK_THAT(bound.out, ContainsSubstring("\"impossible\": \"impossible: weights and cache take 815.93 GB"));
  CHECK_THAT(bound.err, ContainsSubstring("at least 10 × H100 SXM are needed"));
  const Finished plan = run_line("train gpt-2 --device h100 --devices 1 --tokens 15T --days 1 --get training.hfu");
  CHECK(plan.code == 3);
  CHECK(std::stod(plan.out) > 1);
  CHECK_THAT(plan.err, ContainsSubstring("of the peak of 1 × H100 SXM"));
  CHECK(run_line("train gpt-2 --device h100 --devices 1 --tokens 15T --days 1").out.empty());
  // Side by side those that can be done are answered.
  const Finished some = run_line("gpt-2 llama-3.1-405b --decode --device h100 --devices 1");
  CHECK(some.code == 3);
  CHECK_THAT(some.out, ContainsSubstring("tokens/s"));
}

TEST_CASE("pages answer what was asked") {
  const auto has = [](const char* words, const char* text) {
    const Finished ran = run_line(words);
    CHECK(ran.code == 0);
    return ran.out.find(text) != std::string::npos;
  };
  CHECK(has("llama-3.1-8b", "Training"));
  CHECK_FALSE(has("llama-3.1-8b --runtime vllm", "Training"));
  CHECK_FALSE(has("llama-3.1-8b gpt-2 --batch 4", "Training"));
  CHECK(has("llama-3.1-8b --batch 4 --tokens 1T", "Training"));
  CHECK_FALSE(has("train gpt-2", "In other terms"));
  CHECK(has("train gpt-2 --picture", "In other terms"));
  CHECK(has("llama-3.1-8b --context 1M", "more than the 131072 that the model supports"));
  CHECK(has("llama-3.1-8b gpt-2 --context 1k --batch 4", "KV cache 1024 × 4"));
  CHECK(has("llama-3.1-8b gpt-2 --device h200 --mfu 0.4", "device-hours"));
  CHECK(has("llama-3.1-8b --decode --dtype q4_k_m,bf16", "q4_k_m"));
  CHECK(has("gpt-oss-20b", "weights, experts=mxfp4,default=bf16"));
}

TEST_CASE("running out of memory is reported, not a crash") {
  if (within_kib(1).empty()) return;
  const TestFolder folder;
  std::string text = R"({"model_type": "gpt2", "x": [0)";
  for (int i = 0; i < 990'000; ++i) text += ",0";
  std::ofstream(folder / "config.json") << text << "]}";
  const Finished run = run_shell(within_kib(60000) + "paramcount " + (folder / "config.json"));
  CHECK(run.code == 1);
  CHECK(run.out.empty());
  CHECK(run.err == "paramcount: out of memory\n");
}

TEST_CASE("help alone is all commands, by question, and the topics") {
  const Finished ran = run_words({"help"});
  CHECK(ran.code == 0);
  for (const auto& command : commands()) CHECK(has(ran.out, "\n  " + std::string(command.name)));
  CHECK(has(ran.out, "Does it fit, and how fast is it?\n  fit "));
  for (const auto& topic : topics()) CHECK(has(ran.out, "\n  " + std::string(topic.name)));
}

TEST_CASE("colour is asked for, and is not there otherwise") {
  const std::string plain = run_words({"gpt-2"}).out;
  CHECK_FALSE(has(plain, "\x1b"));
  const std::string coloured = run_words({"gpt-2", "--color", "always"}).out;
  CHECK(coloured.starts_with("\x1b[1mGPT-2\x1b[0m  gpt2, dense\n"));
  std::string without = coloured;
  for (const char* code : {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"}) {
    replace_all(without, code, "");
  }
  CHECK(without == plain);
  CHECK(run_words({"gpt-2", "--color", "never"}).out == plain);
  CHECK(has(run_words({"gpt-2", "--set", "n_layers=6", "--color", "always"}).out, "\x1b[32m-34.2 %\x1b[0m"));
  CHECK(has(run_words({"gpt-2", "--set", "n_layers=6", "--format", "html"}).out, "class=\"good\">-34.2 %</td>"));
}

TEST_CASE("an amount of memory is read in units of a thousand and of 1,024") {
  CHECK(read_bytes("512MiB", "--ram") == Bytes{512ULL << 20U});
  CHECK(read_bytes("512 MB", "--ram") == Bytes{512'000'000});
  CHECK(read_bytes("1.5gib", "--ram") == Bytes{3ULL << 29U});
  CHECK(read_bytes("24GB", "--ram") == Bytes{24'000'000'000});
  CHECK(read_bytes("2TiB", "--ram") == Bytes{2ULL << 40U});
  CHECK(read_bytes("2TB", "--ram") == Bytes{2'000'000'000'000});
  CHECK_THROWS_WITH(read_bytes("64", "--ram"), ContainsSubstring("with its unit"));
}

}  // namespace
}  // namespace paramcount
