// paramcount diff FIRST SECOND: two checkpoints against each other.

#include "paramcount/count/diff.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/model_name.hpp"
#include "cli/options.hpp"
#include "cli/remote_model.hpp"
#include "paramcount/base/error.hpp"
#include "read/config_kind.hpp"
#include "report/diff_report.hpp"

namespace paramcount {
namespace {

struct DiffOptions {
  OutputOptions output;
  std::string first, second;
  bool all = false;
};

Checkpoint read_side(const std::string& name, const Catalog& catalog) {
  const std::string path = checkpoint_path(name);
  if (!exists(path) && catalog.find_model(path)) {
    throw Error(printable(path) + ": a model, not a checkpoint; paramcount verify checks a checkpoint against it");
  }
  const NamedPlace place(path);
  refuse_foreign(place.path(), catalog);
  return read_checkpoint(place.path());
}

}  // namespace

int run_diff(const Invocation& invocation) {
  OptionSet set("Compare two checkpoints tensor by tensor: names, shapes, number formats. Values are not read.");
  DiffOptions o;
  set.word(o.first, "FIRST", "a .safetensors, .gguf or PyTorch file, an index, a folder, or hf:org/name");
  set.word(o.second, "SECOND", "another, such as a fine-tune of the first");
  set.flag("--all", o.all, "list every tensor that differs");
  add_network_options(set, invocation.session.options);
  add_output_options(set, o.output);
  set.footer(
      "Example:\n"
      "  paramcount diff ./base ./fine-tune\n"
      "Exit: 0 the same, 3 they differ");
  if (!parse(set, invocation, "diff")) return static_cast<int>(ExitCode::answered);
  check(o.output);
  if (o.first.empty() || o.second.empty()) throw usage_error("diff: which two checkpoints? Name two files or folders");
  const Catalog& catalog = open_catalog(o.output, invocation);
  const Checkpoint first = read_side(o.first, catalog);
  const Checkpoint second = read_side(o.second, catalog);
  const CheckpointDiff difference = diff(first, second, catalog.names());
  invocation.session.report = diff_report(first, second, difference, o.all, parts(o.output, invocation));
  const int code = print(invocation.session.report, o.output, invocation);
  return difference.none() ? code : static_cast<int>(ExitCode::no);
}

}  // namespace paramcount
