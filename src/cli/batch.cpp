// paramcount batch: counts many models in one process, as a filter.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

#include "base/budgets.hpp"
#include "base/interruption.hpp"
#include "base/line_reader.hpp"
#include "base/numbers.hpp"
#include "base/ordered_work.hpp"
#include "base/output.hpp"
#include "catalog/json.hpp"
#include "cli/batch_lines.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/scenario_options.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

struct BatchOptions {
  std::string jobs;
  bool no_files = false;
  bool online = false;
  std::vector<std::string> catalogs;
  ScenarioOptions scenario;
};

void declare(OptionSet& set, BatchOptions& o, CommonOptions& common) {
  set.option("--jobs", o.jobs, "N", "threads; default one per core");
  set.flag("--no-files", o.no_files, "do not let a line name a file or folder: for untrusted input");
  set.flag("--online", o.online, "let a line name a remote model: hf:org/name, ollama:name");
  add_scenario_options(set, o.scenario);
  add_config_options(set, common);
  add_catalog_option(set, o.catalogs);
  set.footer(
      "A line is a config.json written as one line, or {\"id\": TEXT, \"config\": {...}}, or\n"
      "{\"id\": TEXT, \"model\": NAME}, or a bare NAME: a catalog name, a file or a folder.\n"
      "Each input line gives one output line, in order: what --format jsonl prints, or\n"
      "{\"line\": N, \"error\": TEXT}; the exit code is then 1, after all lines.\n"
      "With --no-files NAME can only be a catalog name.\n"
      "Examples:\n"
      "  paramcount batch --dtype bf16 < configs.jsonl\n"
      "  paramcount batch --no-files < requests.jsonl\n"
      "  find . -name config.json | paramcount batch --jobs 4 | jq .params.total\n"
      "  parallel --pipe -k paramcount batch --jobs 1 < configs.jsonl");
}

std::size_t jobs(const std::string& text) {
  if (text.empty()) return std::max(1U, std::thread::hardware_concurrency());
  return parse_count(text, "--jobs", false, kMostJobs);
}

}  // namespace

int run_batch(const Invocation& invocation) {
  OptionSet set("Count many models: one per line of standard input, one JSON object per line of standard output.");
  BatchOptions options;
  declare(set, options, invocation.session.options);
  if (!parse(set, invocation, "batch")) return static_cast<int>(ExitCode::answered);
  const auto& common = invocation.session.options;
  if (!common.get.empty() || !common.asserts.empty() || common.explain) {
    throw usage_error("--get, --assert and --explain are for one answer; batch prints whole objects");
  }
  const std::size_t job_count = jobs(options.jobs);
  const auto folders = catalog_folders(options.catalogs, invocation);
  invocation.session.catalog = std::make_unique<Catalog>(folders);
  const Scenario scenario = read_scenario(options.scenario, *invocation.session.catalog);

  const Interruption interruption;
  LineReader reader(STDIN_FILENO, kMostJsonBytes);
  const BatchLimits limits{!options.no_files, options.online,
                           std::max<std::size_t>(kMostKeptAnswers / std::max<std::size_t>(job_count, 8), 1)};
  const auto answerers = std::make_shared<std::vector<std::unique_ptr<LineAnswerer>>>(job_count);
  invocation.session.workers = answerers;
  std::atomic<bool> failed{false};
  OrderedWork work;
  work.next = [&](LineReader::Lines& lines) { return reader.next(lines); };
  work.work = [&](std::size_t job, const LineReader::Lines& lines, std::string& out) {
    auto& answerer = (*answerers)[job];
    if (!answerer) answerer = std::make_unique<LineAnswerer>(folders, common, scenario, limits);
    std::uint64_t number = lines.first;
    for (std::string_view left = lines.text; !left.empty(); ++number) {
      const auto end = std::min(left.find('\n'), left.size());
      if (!answerer->answer_line(left.substr(0, end), number, out)) failed = true;
      left.remove_prefix(std::min(end + 1, left.size()));
    }
  };
  work.leave = [&](std::size_t job) { (*answerers)[job].reset(); };
  work.done = [](const std::string& text) { return write_lines(text); };
  run_in_order(work, job_count);
  return static_cast<int>(failed ? ExitCode::could_not : ExitCode::answered);
}

}  // namespace paramcount
