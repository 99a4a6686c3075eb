// Options --get and --assert: single values of a report, and what is said of them.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/numbers.hpp"
#include "base/symbols.hpp"
#include "base/text.hpp"
#include "catch.hpp"
#include "cli/query.hpp"
#include "cli/session.hpp"
#include "process.hpp"
#include "report/keys.hpp"
#include "report/renderers.hpp"

namespace paramcount {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Report report_of(Row model) {
  Report report;
  report.models.push_back(std::move(model));
  return report;
}

TEST_CASE("option --get prints bare values, a line each, for one model after the other") {
  CHECK(run_line("llama-3.1-8b --get params.total").out == "8030261248\n");
  CHECK(run_line("llama-3.1-8b gpt-2 --get id,params.total").out == "llama-3.1-8b\n8030261248\ngpt-2\n124439808\n");
  CHECK(run_line("llama-3.1-8b --get id --get family").out == "llama-3.1-8b\nllama\n");
  CHECK(run_line("phi-3-mini gpt-2 --sum --get sum.params.total").out == "3945519360\n");
  CHECK(run_line("llama-3.1-8b gpt-4 --get params.total").out == "8030261248\n\n");
  CHECK(run_line("tensors gpt-2 --get tensors.0.shape.1").out == "768\n");
  CHECK(run_line("llama-3.1-8b --get params.total --format csv").out == "8030261248\n");
}

TEST_CASE("members of an object are keys like any other, and non-finite numbers are null") {
  Row row = Row::group("");
  row.add(Row::leaf("rope", "", Value(Value::Object{{"type", "yarn"}, {"factors", Value::List{1, 2.5}}})));
  row.add(Row::leaf("share", "", std::numeric_limits<double>::quiet_NaN()));
  std::vector<std::string> keys;
  each_value(row, [&](const std::string& key, const Row&, const Value&) { keys.push_back(key); });
  CHECK(keys == std::vector<std::string>{"rope.type", "rope.factors.0", "rope.factors.1", "share"});
  CHECK(*find_value(row, "rope.factors.1").value == Value(2.5));
  CHECK(*find_value(row, "rope.type").value == Value("yarn"));
  CHECK(find_value(row, "rope").value == nullptr);
  CHECK(find_value(row, "rope.none").row == nullptr);
  CHECK(has(render_json(report_of(row), {}), "\"share\": null"));
}

TEST_CASE("a key that does not exist, or names a group, is an error of the command line") {
  const Finished unknown = run_line("llama-3.1-8b --get params.totl");
  CHECK(unknown.code == 2);
  CHECK(unknown.out.empty());
  CHECK(has(unknown.err, "Did you mean params.total"));
  const Finished group = run_line("llama-3.1-8b --get params");
  CHECK(group.code == 2);
  CHECK(has(group.err, "Inside are total, active"));
  CHECK(run_line("llama-3.1-8b --get memory.weights").code == 2);
}

TEST_CASE("assertions compare exactly, with suffixes, for every model") {
  Row row = Row::group("");
  row.add(Row::leaf("id", "", "m"));
  row.add(Row::leaf("n", "", Value(std::int64_t{9007199254740993})));
  row.add(Row::leaf("x", "", 0.5));
  row.add(Row::leaf("name", "", "llama"));
  row.add(Row::leaf("tied", "", false));
  const Report report = report_of(row);
  const auto holds = [&](const std::string& text) { return failed_assertions(report, {text}).empty(); };
  CHECK(holds("n == 9007199254740993"));
  CHECK_FALSE(holds("n == 9007199254740992"));
  CHECK(holds("n>9007199254740992"));
  CHECK(holds("x <= 0.5"));
  CHECK_FALSE(holds("x != 0.5"));
  CHECK(holds("name == llama"));
  CHECK(holds("name == 'llama'"));
  CHECK(holds("name != \"gpt\""));
  CHECK(holds("tied == false"));
  CHECK_FALSE(holds("tied"));
  CHECK(failed_assertions(report, {"tied"}) == "m: tied is false, not == true\n");
  CHECK_THROWS_WITH(holds("n"), ContainsSubstring("expected KEY"));
  CHECK(holds("n + n == 18014398509481986"));
  CHECK(holds("2*x + 1 <= 2"));
  CHECK(holds("x + 1e+1 > x * 2"));
  CHECK(holds("x < n"));
  CHECK(failed_assertions(report, {"x + 2 * x < 1"}) == "m: x + 2 * x is 1.5, not < 1\n");
  CHECK_THROWS_WITH(holds("x + name < 1"), ContainsSubstring("name is not a number"));
  CHECK_THROWS_WITH(holds("x + < 1"), ContainsSubstring("expected KEY"));
  CHECK(failed_assertions(report, {"x < 0.1", "n > 1", "name == gpt"}) ==
        "m: x is 0.5, not < 0.1\nm: name is llama, not == gpt\n");
}

TEST_CASE("each suffix of an assertion is one number, no more and no less") {
  // SI prefixes are powers of ten, IEC 80000-13's of two; B alone is a billion, as people write 8B.
  const std::vector<std::pair<std::string, std::int64_t>> suffixes{{"k", 1'000},
                                                                   {"K", 1'000},
                                                                   {"M", 1'000'000},
                                                                   {"B", 1'000'000'000},
                                                                   {"G", 1'000'000'000},
                                                                   {"T", 1'000'000'000'000},
                                                                   {"kB", 1'000},
                                                                   {"KB", 1'000},
                                                                   {"MB", 1'000'000},
                                                                   {"GB", 1'000'000'000},
                                                                   {"TB", 1'000'000'000'000},
                                                                   {"KiB", 1'024},
                                                                   {"MiB", 1'048'576},
                                                                   {"GiB", 1'073'741'824},
                                                                   {"TiB", 1'099'511'627'776}};
  for (const auto& [suffix, factor] : suffixes) {
    INFO(suffix);
    const auto holds = [&](std::int64_t value, const std::string& text) {
      Row row = Row::group("");
      row.add(Row::leaf("n", "", Value(value)));
      return failed_assertions(report_of(row), {text}).empty();
    };
    CHECK(holds(3 * factor, "n == 3" + suffix));
    CHECK(holds(3 * factor, "n <= 3 " + suffix));
    CHECK(holds(3 * factor, "n >= 3" + suffix));
    CHECK_FALSE(holds(3 * factor + 1, "n <= 3" + suffix));
    CHECK_FALSE(holds(3 * factor - 1, "n >= 3" + suffix));
    CHECK(holds(factor / 2, "n == 0.5" + suffix));
  }
}

TEST_CASE("a false assertion is the answer no, a wrong one an error of the command line") {
  CHECK(run_line("llama-3.1-8b --get id --assert params.total<=8.1B").code == 0);
  const Finished no = run_line("llama-3.1-8b gpt-2 --get id --assert params.total<=8e9 --assert family!=x");
  CHECK(no.code == 3);
  CHECK(no.out == "llama-3.1-8b\ngpt-2\n");
  CHECK(no.err == "paramcount: llama-3.1-8b: params.total is 8030261248, not <= 8e9\n");
  for (const char* wrong : {"params.total", "params.total<=", "<=8", "params.total<=many", "family<llama", "a=b",
                            "params.total<=8e9x", "params.total<=8BB", "params.totl<=8e9"}) {
    INFO(wrong);
    const Finished ran = run_line(std::string("llama-3.1-8b --assert ") + wrong);
    CHECK(ran.code == 2);
    CHECK(ran.out.empty());
  }
  CHECK(run_line("llama-3.1-8b gpt-4 --assert params.total>1").code == 1);
}

TEST_CASE("weights, cache and a runtime's buffer add up to the row together") {
  CHECK(run_words({"llama-3.1-8b", "--dtype", "q4_k_m", "--runtime", "llama.cpp", "--assert",
                   "memory.total_bytes == memory.weights.0.bytes + memory.kv_cache.bytes + "
                   "memory.llama_cpp.gpu_compute_bytes_estimated.likely"})
            .code == 0);
}

TEST_CASE("a figure of all models together is compared once, whatever numbers stand by it") {
  const Finished ran = run_words({"gpt-2", "gpt-2-xl", "--sum", "--assert", "2 * sum.params.total < 1"});
  CHECK(ran.code == 3);
  CHECK(ran.err ==
        "paramcount: 2 * sum.params.total is " + std::to_string(2 * (124'439'808ULL + 1'557'611'200)) + ", not < 1\n");
}

}  // namespace
}  // namespace paramcount
