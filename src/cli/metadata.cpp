// paramcount metadata FILE: shows a checkpoint's metadata.

#include "cli/command.hpp"
#include "cli/model_name.hpp"
#include "cli/options.hpp"
#include "cli/remote_model.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "read/config_kind.hpp"
#include "report/metadata_report.hpp"

namespace paramcount {

int run_metadata(const Invocation& invocation) {
  OptionSet set("Show the metadata of a checkpoint. Long arrays are shown by type and length.");
  OutputOptions output;
  std::string path;
  set.word(path, "FILE", "a .gguf, .safetensors, PyTorch or .onnx file, one shard of several, or hf:org/name");
  add_network_options(set, invocation.session.options);
  add_output_options(set, output);
  if (!parse(set, invocation, "metadata")) return static_cast<int>(ExitCode::answered);
  check(output);
  if (path.empty()) throw usage_error("metadata: which file?");
  const NamedPlace place(checkpoint_path(path));
  refuse_foreign(place.path(), open_catalog(output, invocation));
  invocation.session.report = metadata_report(read_checkpoint(place.path()), parts(output, invocation));
  return print(invocation.session.report, output, invocation);
}

}  // namespace paramcount
