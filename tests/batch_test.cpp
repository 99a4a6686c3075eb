// paramcount batch as a user runs it: order, errors among answers, hostile lines, closed pipes.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/budgets.hpp"
#include "base/line_reader.hpp"
#include "base/ordered_work.hpp"
#include "catalog/json.hpp"
#include "catch.hpp"
#include "count/read_keys.hpp"
#include "family_helper.hpp"
#include "paramcount/estimate/answer.hpp"
#include "process.hpp"
#include "read/hf_config.hpp"
#include "report/count_report.hpp"
#include "report/json_writer.hpp"
#include "test_folder.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

using Json = nlohmann::json;

std::vector<Json> lines_of(const std::string& text) {
  std::vector<Json> result;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) result.push_back(Json::parse(line));
  return result;
}

Finished batch(const std::string& input, const std::string& options) {
  const TestFolder folder;
  std::ofstream(folder / "lines.jsonl", std::ios::binary) << input;
  return run_shell("paramcount batch " + options + " < " + (folder / "lines.jsonl"));
}

/// Models of the truth file: their names, counts and configs.
std::vector<Json> truth() {
  std::vector<Json> models;
  std::ifstream in(PARAMCOUNT_SOURCE_DIR "/tests/truth/configs.jsonl");
  for (std::string line; std::getline(in, line);) {
    auto model = Json::parse(line);
    if (model["kind"] == "llm") models.push_back(std::move(model));
  }
  return models;
}

TEST_CASE("a batch counts every config of the truth exactly, in order, however many threads") {
  const auto models = truth();
  REQUIRE(models.size() > 200);
  std::string input;
  for (int round = 0; round < 5; ++round) {
    for (const auto& model : models) input += Json{{"id", model["name"]}, {"config", model["config"]}}.dump() + "\n";
  }
  const auto one = batch(input, "--jobs 1");
  CHECK(one.code == 0);
  const auto answers = lines_of(one.out);
  REQUIRE(answers.size() == 5 * models.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto& model = models[i % models.size()];
    INFO(model["name"]);
    CHECK(answers[i]["id"] == model["name"]);
    CHECK(answers[i]["params"]["total"] == model["total"]);
  }
  for (const auto* jobs : {"--jobs 2", "--jobs 7"}) {
    const auto several = batch(input, jobs);
    CHECK(several.code == 0);
    CHECK(several.out == one.out);
  }
}

TEST_CASE("what a family does not read of a config makes no difference") {
  const Catalog catalog;
  Expander expander(catalog.families());
  const auto line_of = [&](Value config) {
    JsonWriter line;
    tell_answer(answer(model_of_config(std::move(config), "x", catalog), {}, catalog, expander), line);
    line.finish();
    return std::string(line.written());
  };
  std::size_t left_out = 0;
  for (const auto& model : truth()) {
    INFO(model["name"]);
    const Value config = parse_json(model["config"].dump());
    const auto& read = expander.read_keys(*config.find("model_type")->as<std::string>());
    Value::Object rest;
    for (const auto& [key, value] : *config.as<Value::Object>()) {
      if (read.contains(key) || key == "model_type") {
        rest.emplace_back(key, value);
      } else {
        ++left_out;
      }
    }
    CHECK(line_of(rest) == line_of(config));
  }
  CHECK(left_out > 500);
}

TEST_CASE("numbers of a line are written as the library writes them") {
  for (const double number : {0.0, -0.0, 1.0, -2.0, 0.5, 1e14, 999999999999999.0, 1e15, 1e16, 123456789012345.6, 1e21,
                              -1e300, 5e-324, 0.1, 1.5e-7, 4503599627370497.5, 3.14e23}) {
    JsonWriter line;
    line.leaf("n", "n", number);
    line.finish();
    CHECK(std::string(line.written()) == Json{{"n", number}}.dump() + "\n");
  }
}

TEST_CASE("a family that hands its whole config to a part reads all of it") {
  const char* const rest = R"(, "dims": {"n": "$width"}, "tensors": [["ffn", "w", ["n"]]])";
  const auto family = [&](const std::string& parts) {
    return family_of(R"({"family": "one", "source": "test", "keys": {"width": 1})" + std::string(rest) + parts + "}");
  };
  const Family plain = family("");
  CHECK(ReadKeys(plain).contains("width"));
  CHECK_FALSE(ReadKeys(plain).contains("height"));
  const Family whole =
      family(R"(, "parts": [{"part": "tower", "family": "'other'", "config": "$", "prefix": "tower."}])");
  CHECK(ReadKeys(whole).contains("height"));
}

TEST_CASE("a line of a batch is answered as the main command answers the file") {
  const auto line = batch("tests/golden/files/config.json\ndeepseek-v3\n", "--dtype q4_k_m --context 2k --batch 3");
  const auto alone = run_shell(
      "for model in tests/golden/files/config.json deepseek-v3; do "
      "paramcount $model --dtype q4_k_m --context 2k --batch 3 --format jsonl; done");
  CHECK(alone.code == 0);
  CHECK(line.code == 0);
  CHECK(line.out == alone.out);
}

TEST_CASE("bad lines are errors with their number, and the rest goes on") {
  const std::string deep(100'000, '[');
  const std::string lines = "gpt-2\n" + deep +
                            "\n{\"a\":\"\xFF\"}\n\n\xFF\xFE{\n{\"model_type\":\"gpt2\",\"n_layer\":-1}\n" +
                            std::string("{\"model\":\"\0\"}", 13) + "\n/\n/etc\nllama-3.1-8b";
  const auto finished = batch(lines, "--jobs 2");
  CHECK(finished.code == 1);
  CHECK(finished.err.empty());
  const auto answers = lines_of(finished.out);
  REQUIRE(answers.size() == 10);
  CHECK(answers.front()["id"] == "gpt-2");
  CHECK(answers.back()["id"] == "llama-3.1-8b");
  for (std::size_t i = 1; i + 1 < answers.size(); ++i) {
    CHECK(answers[i]["line"] == i + 1);
    CHECK(answers[i].contains("error"));
    CHECK_FALSE(answers[i].contains("params"));
  }
}

TEST_CASE("a line longer than a config may be is refused without being kept") {
  const auto finished = run_shell(
      "(head -c 60000000 /dev/zero | tr '\\0' x; echo; printf '{'; head -c 60000000 /dev/zero | tr '\\0' ' '; echo; "
      "echo gpt-2) | (" +
      within_kib(400000) + "paramcount batch --jobs 2)");
  CHECK(finished.code == 1);
  const auto answers = lines_of(finished.out);
  REQUIRE(answers.size() == 3);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(answers[i]["line"] == i + 1);
    CHECK(answers[i]["error"].get<std::string>().size() < 300);
  }
  CHECK(answers[2]["id"] == "gpt-2");
}

TEST_CASE("equal configs have equal answers, each under its own name") {
  const std::string config = R"({"model_type": "llama", "num_hidden_layers": 3})";
  std::string input;
  for (const char* id : {"a", "b", "a"}) input += R"({"id": ")" + std::string(id) + R"(", "config": )" + config + "}\n";
  const auto finished = batch(input + config + "\n", "--jobs 1");
  CHECK(finished.code == 0);
  auto answers = lines_of(finished.out);
  REQUIRE(answers.size() == 4);
  CHECK(answers[0]["id"] == "a");
  CHECK(answers[1]["id"] == "b");
  CHECK(answers[2] == answers[0]);
  for (auto& answer : answers) {
    for (const char* key : {"id", "name"}) answer.erase(key);
    CHECK(answer == answers[0]);
  }
}

TEST_CASE("a line that names nothing says why") {
  const auto finished = batch(std::string(5000, 'x') + "\n-\n\n{\"id\": 3, \"model\": \"gpt-2\"}\n" +
                                  "{\"model\": \"gpt-2\", \"config\": {}}\n{\"config\": {}}\n{\"config\": 3}\n[]\n",
                              "");
  CHECK(finished.code == 1);
  std::vector<std::string> said;
  for (const auto& answer : lines_of(finished.out)) said.push_back(answer["error"]);
  CHECK(said == std::vector<std::string>{
                    std::string(40, 'x') + "...: 5000 bytes are neither a name nor a path",
                    "-: standard input is already used for the lines; name a file", "empty line; expected a model",
                    "/id: expected a string, got 3", "/model and /config: give one of them",
                    "/config/model_type: missing; it says which architecture this is (\"llama\", \"gpt2\", ...)",
                    "/config: expected a JSON object, got 3", "expected a JSON object, got []"});
}

TEST_CASE("nothing in gives nothing out") {
  const auto finished = batch("", "");
  CHECK(finished.code == 0);
  CHECK(finished.out.empty());
}

TEST_CASE("a batch answers a line before the next one comes") {
  const auto finished = run_shell(
      "d=$(mktemp -d); mkfifo $d/in; (paramcount batch --jobs 2 < $d/in > $d/out) & exec 3> $d/in; echo gpt-2 >&3; "
      "for i in $(seq 100); do [ -s $d/out ] && break; sleep 0.1; done; wc -l < $d/out; exec 3>&-; wait; rm -r $d");
  CHECK(finished.out.find('1') != std::string::npos);
}

TEST_CASE("a batch whose reader leaves ends in success, without a word") {
  const auto finished = run_shell(
      "d=$(mktemp); (yes gpt-2 | paramcount batch --jobs 2; echo $? > $d) | head -n 1 | wc -l; cat $d; rm $d");
  CHECK(finished.err.empty());
  const auto digits = finished.out.find_first_not_of(" \n");
  REQUIRE(digits != std::string::npos);
  CHECK(finished.out.find("0\n") != std::string::npos);
}

TEST_CASE("a batch that cannot write says so") {
  const auto finished = run_shell("echo gpt-2 | paramcount batch > /dev/full");
  CHECK(finished.code == 1);
  CHECK(finished.err == "paramcount: standard output: No space left on device\n");
}

TEST_CASE("an interrupted batch has printed whole lines only") {
  const auto finished = run_shell(
      "d=$(mktemp -d); mkfifo $d/in; paramcount batch --jobs 2 < $d/in > $d/out & p=$!; exec 3> $d/in; "
      "for i in $(seq 500); do echo gpt-2; done >&3; for i in $(seq 100); do [ -s $d/out ] && break; sleep 0.1; done; "
      "kill -TERM $p; wait $p; echo $? >&2; cat $d/out; rm -r $d");
  CHECK(finished.err.find("143") != std::string::npos);
  CHECK_FALSE(lines_of(finished.out).empty());
}

TEST_CASE("an interrupted batch ends with a whole line, wherever it is") {
  const TestFolder folder;
  {
    std::ofstream lines(folder / "lines");
    for (int i = 0; i < 20'000; ++i) lines << R"({"model_type": "gpt2", "n_layer": )" << i % 97 + 1 << "}\n";
  }
  int stopped = 0;
  for (int i = 1; i <= 8; ++i) {
    const auto finished = run_shell("paramcount batch --jobs 2 < " + (folder / "lines") + " > " + (folder / "out") +
                                    " & p=$!; sleep 0.0" + std::to_string(i) + "; kill -TERM $p; wait $p; echo $?; " +
                                    "tail -c 1 " + (folder / "out") + " | od -An -c");
    INFO(finished.out);
    const bool ended = finished.out.starts_with("0\n");
    const bool killed = finished.out.starts_with("143\n");
    CHECK((ended || killed));
    if (killed) ++stopped;
    // Nothing yet, or a line with its end.
    const bool nothing = finished.out == "143\n";
    CHECK((nothing || finished.out.find("\\n") != std::string::npos));
  }
  if (stopped == 0) WARN("every batch was done before it was told to stop");
}

TEST_CASE("an interrupted batch ends at once, whoever it waits for") {
  // `timeout` and not `kill`: a shell starts background jobs with SIGINT ignored.
  const std::string interrupted = "(timeout --preserve-status -s INT 1 paramcount batch --jobs 2; echo $? >&2)";
  const auto finished = [](const std::string& command) {
    const auto start = std::chrono::steady_clock::now();
    auto result = run_shell(command);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
    CHECK(result.err == "130\n");
    return result;
  };
  // Whoever is to be waited for lives on for a minute, without the streams that the test waits for.
  CHECK(finished("mkfifo=$(mktemp -u); mkfifo $mkfifo; sleep 60 > $mkfifo 2>/dev/null & " + interrupted +
                 " < $mkfifo; kill $!; rm $mkfifo")
            .out.empty());
  const TestFolder folder;
  const auto slow = finished("mkfifo " + (folder / "out") + "; (exec 3< " + (folder / "out") +
                             "; sleep 5; cat <&3) & yes gpt-2 | " + interrupted + " > " + (folder / "out") + "; wait");
  CHECK(slow.out.ends_with("\n"));
  CHECK_FALSE(lines_of(slow.out).empty());
}

TEST_CASE("a batch without room for its threads goes on with fewer, and gives the same lines") {
  std::string input;
  for (int i = 0; i < 500; ++i) input += i % 2 == 0 ? "gpt-2\n" : "{\"model_type\": \"llama\"}\n";
  const auto expected = batch(input, "--jobs 1");
  for (const std::size_t kib : {140'000U, 300'000U, 600'000U}) {
    const TestFolder folder;
    std::ofstream(folder / "lines") << input;
    const auto finished = run_shell(within_kib(kib) + "paramcount batch --jobs 64 < " + (folder / "lines"));
    INFO(kib);
    CHECK(finished.code == 0);
    CHECK(finished.err.empty());
    CHECK(finished.out == expected.out);
  }
}

TEST_CASE("results that wait for a slow reader are bounded in bytes, however many threads make them") {
  constexpr std::size_t kResult = std::size_t{1} << 20U;
  constexpr std::size_t kPieces = 300;
  constexpr std::size_t kJobs = 16;
  std::atomic<std::size_t> made{0};
  std::atomic<std::size_t> most{0};
  std::size_t given = 0;
  std::size_t taken = 0;
  OrderedWork work;
  work.next = [&](LineReader::Lines& lines) {
    lines.text = std::to_string(given) + "\n";
    return given++ < kPieces;
  };
  work.work = [&](std::size_t, const LineReader::Lines& lines, std::string& result) {
    result = lines.text;
    result.resize(kResult);
    ++made;
  };
  work.leave = [](std::size_t) {};
  work.done = [&](const std::string& result) {
    // Time for the others to run ahead, if they may.
    if (taken == 0) std::this_thread::sleep_for(std::chrono::milliseconds(500));
    CHECK(result.starts_with(std::to_string(taken) + "\n"));
    most = std::max<std::size_t>(most, made - taken++);
    return true;
  };
  run_in_order(work, kJobs);
  CHECK(taken == kPieces);
  // And what each thread had begun when they were full.
  CHECK(most <= kMostAnswerBytes / kResult + 1 + kJobs);
}

TEST_CASE("without files a line names nothing on disk, and the catalog and configs are answered as ever") {
  const TestFolder folder;
  std::ofstream(folder / "config.json") << R"({"model_type": "gpt2"})";
  const std::string config = folder / "config.json";
  const std::string good =
      "gpt-2\n{\"model\": \"llama-3.1-8b\"}\n{\"id\": \"mine\", \"config\": {\"model_type\": \"gpt2\"}}\n";
  CHECK(batch(good, "--no-files").out == batch(good, "").out);
  std::string bad;
  for (const auto& name : {config, folder.path(), std::string("tests/golden/files/config.json"), std::string("./x"),
                           std::string("/dev/zero"), std::string("/dev/stdin"), std::string(".."), std::string("-")}) {
    bad += name + "\n" + Json{{"id", "mine"}, {"model", name}}.dump() + "\n";
  }
  const auto finished = batch(bad, "--no-files --jobs 1");
  CHECK(finished.code == 1);
  const auto lines = lines_of(finished.out);
  REQUIRE(lines.size() == 16);
  for (const auto& line : lines) CHECK(line.contains("error"));
  CHECK(lines[0]["error"].get<std::string>().ends_with("--no-files: files are not looked for"));
  // Nor does it tell what is there.
  const auto reason = [&](const std::string& name) {
    const std::string text = lines_of(batch(name + "\n", "--no-files").out)[0]["error"];
    return text.substr(text.find(": "));
  };
  CHECK(reason("/etc/passwd") == reason("/etc/nothing"));
  if (run_shell("command -v strace").code != 0) return;
  const auto traced =
      run_shell("echo '" + config + "' | strace -f -e trace=%file paramcount batch --no-files 2>&1 >/dev/null");
  CHECK(traced.out.find("\"" + folder.path()) == std::string::npos);
}

TEST_CASE("closed standard streams are an error, and nothing else is read as them") {
  for (const std::string closed : {"<&-", "<&- >&-", "<&- >&- 2>&-"}) {
    INFO(closed);
    const auto finished = run_shell("timeout 10 paramcount batch " + closed);
    CHECK(finished.code == 1);
    const bool mute = closed.ends_with("2>&-");
    CHECK(finished.err == (mute ? "" : "paramcount: standard input: Bad file descriptor\n"));
  }
  CHECK(run_shell("echo gpt-2 | timeout 10 paramcount batch >&- 2>&-").code == 1);
}

}  // namespace
}  // namespace paramcount
