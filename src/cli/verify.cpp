// paramcount verify [MODEL] CHECKPOINT: checks a checkpoint against an architecture.

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/model_name.hpp"
#include "cli/options.hpp"
#include "cli/remote_model.hpp"
#include "paramcount/base/error.hpp"
#include "read/checkpoint_model.hpp"
#include "report/verify_report.hpp"

namespace paramcount {
namespace {

struct VerifyOptions {
  OutputOptions output;
  std::string first, second;
  bool all = false;
};

/// The model that the files are held against, with the files read into it.
Model model_and_files(const VerifyOptions& o, const Catalog& catalog) {
  const NamedPlace place(checkpoint_path(o.second.empty() ? o.first : o.second));
  const std::string& path = place.path();
  Model files = read_checkpoint_model(path, catalog);
  place.shorten_name(files);
  require_whole_model(files);
  if (o.second.empty()) {
    if (!files.family.empty() || files.checkpoint->format == CheckpointFormat::gguf) return files;
    throw Error(printable(path) + ": " +
                (files.config_file.empty() ? "no config.json next to it"
                                           : printable(files.config_file) + ": " + files.config_problem) +
                ". Name the model: paramcount verify MODEL " + printable(path));
  }
  Model model = find_whole_model(o.first, catalog);
  if (model.family.empty()) throw Error(shown_name(model) + ": no architecture to verify against");
  model.checkpoint = files.checkpoint;
  return model;
}

}  // namespace

int run_verify(const Invocation& invocation) {
  OptionSet set("Check a checkpoint against the tensors of its architecture: names and shapes.");
  VerifyOptions o;
  set.word(o.first, "[MODEL]", "the expected model; not needed when a config.json or a GGUF names it");
  set.word(o.second, "CHECKPOINT", "a .safetensors, .gguf or PyTorch file, an index, a folder, or hf:org/name");
  set.flag("--all", o.all, "list every tensor that differs");
  add_config_options(set, invocation.session.options);
  add_output_options(set, o.output);
  set.footer(
      "Examples:\n"
      "  paramcount verify llama-3.1-8b ./my-llama\n"
      "  paramcount verify ./folder-with-config --format json\n"
      "  paramcount verify hf:Qwen/Qwen3-8B\n"
      "Exit: 0 everything matches, 1 could not answer, 2 usage, 3 a tensor is missing, unexpected or misshapen");
  if (!parse(set, invocation, "verify")) return static_cast<int>(ExitCode::answered);
  check(o.output);
  if (o.first.empty()) throw usage_error("verify: which checkpoint? Name a file or a folder");
  const Catalog& catalog = open_catalog(o.output, invocation);
  const Model model = model_and_files(o, catalog);
  bool reconciles = false;
  try {
    const Verification verification = invocation.session.expander->verify(model);
    reconciles = verification.reconciles();
    invocation.session.report = verify_report(model, verification, o.all, parts(o.output, invocation));
  } catch (const Error& error) {
    throw located(printable(model.checkpoint->path), error);
  }
  const int code = print(invocation.session.report, o.output, invocation);
  return reconciles ? code : static_cast<int>(ExitCode::no);
}

}  // namespace paramcount
