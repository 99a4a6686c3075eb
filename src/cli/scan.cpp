// paramcount scan DIR: every model below a folder.
#include <string>
#include <vector>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/progress.hpp"
#include "cli/remote_model.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/adapter.hpp"
#include "paramcount/count/companion.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/count/stored.hpp"
#include "read/checkpoint_model.hpp"
#include "read/config_kind.hpp"
#include "read/hf_config.hpp"
#include "read/model_files.hpp"
#include "read/model_folder.hpp"
#include "report/parts_report.hpp"
#include "report/scan_report.hpp"

namespace paramcount {
namespace {

std::string_view name_of(ModelFile::Kind kind) {
  switch (kind) {
    case ModelFile::Kind::config:
      return "config";
    case ModelFile::Kind::safetensors:
      return "safetensors";
    case ModelFile::Kind::pytorch:
      return "pytorch";
    case ModelFile::Kind::folder:
      return "folder";
    case ModelFile::Kind::gguf:
      break;
  }
  return "gguf";
}

/// What the files hold most of, or what the config says the checkpoint is stored in.
std::string dtype_of(const Model& model, const Inventory& inventory) {
  if (inventory.stored) return inventory.stored->weights.empty() ? "" : inventory.stored->weights.front().name;
  for (const std::string_view key : {"torch_dtype", "dtype"}) {
    const auto* value = model.config.find(key);
    const auto* text = value != nullptr ? value->as<std::string>() : nullptr;
    if (text != nullptr) return printable(*text);
  }
  return {};
}

/// The message without the path the row already has.
std::string reason(const std::string& message, const std::string& path) {
  const std::string start = printable(path) + ": ";
  return message.starts_with(start) ? message.substr(start.size()) : message;
}

ScannedModel scan_one(const ModelFile& file, const Catalog& catalog, Expander& expander) {
  ScannedModel result;
  result.path = file.path;
  result.kind = name_of(file.kind);
  result.error = file.problem;
  if (!result.error.empty()) return result;
  try {
    const Model model = file.kind == ModelFile::Kind::config   ? read_hf_config(file.path, catalog)
                        : file.kind == ModelFile::Kind::folder ? read_model(file.path, catalog)
                                                               : read_checkpoint_model(file.path, catalog);
    if (is_companion(model.kind())) throw Error(std::string(noun_of(model.kind())) + ", not a model");
    Inventory inventory = expander.expand(model);
    if (inventory.stored && inventory.stored->tensors == 0) throw Error("holds no tensors");
    if (inventory.incomplete()) throw Error(incomplete_reason(inventory));
    if (model.kind() != CheckpointKind::model) result.type = paramcount::name_of(model.kind());
    ParamCounts counts = count_params(inventory);
    if (inventory.adapter) counts.total = counts.active = inventory.adapter->parameters;
    result.total = counts.total.value;
    result.active = counts.active.value;
    result.context = inventory.count("max_positions");
    result.dtype = dtype_of(model, inventory);
    if (inventory.stored) result.bytes = inventory.stored->file_bytes;
    inventory.tensors.clear();
    inventory.state.clear();
    result.inventory = std::move(inventory);
  } catch (const Error& error) {
    result.error = reason(error.what(), file.path);
  }
  return result;
}

}  // namespace

int run_scan(const Invocation& invocation) {
  OutputOptions output;
  std::vector<std::string> words;
  const WordsCommand command{
      "scan",
      "Count every model below a folder: each config.json, safetensors, GGUF and PyTorch file.",
      "DIR",
      "the folder, or hf:org/name",
      "Checkpoints of several files are one row. A file that cannot be counted is a row with the\n"
      "reason, and then the exit code is 1.\n"
      "Examples:\n"
      "  paramcount scan ~/.cache/huggingface\n"
      "  paramcount scan . --format csv > models.csv",
      false,
      true};
  if (!parse_words(invocation, command, output, words)) return static_cast<int>(ExitCode::answered);
  check(output);
  if (words.size() != 1) throw usage_error("scan: name one folder");
  const NamedPlace place(words.front());
  const std::string& folder = place.path();
  const Catalog& catalog = open_catalog(output, invocation);
  std::vector<ScannedModel> models;
  bool failed = false;
  {
    Progress progress;
    std::uint64_t folders = 0;
    const auto files = find_model_files(folder, [&](const std::string& path) {
      progress.show("looking: " + grouped(++folders) + " folders, " + path);
    });
    for (const auto& file : files) {
      // Many programs write a params.json; only those of models are meant.
      if (file.path.ends_with("/params.json") && !is_known_kind(file.path, catalog)) continue;
      progress.show("reading: " + grouped(models.size()) + " of " + grouped(files.size()) + ", " + file.path);
      models.push_back(scan_one(file, catalog, *invocation.session.expander));
      auto& model = models.back();
      model.shown = file.path.substr(folder.size() + (folder.ends_with('/') ? 0 : 1));
      if (model.shown.empty()) model.shown = ".";
      failed = failed || !model.error.empty();
    }
  }
  if (models.empty()) throw Error(printable(folder) + ": no config.json, safetensors, GGUF or PyTorch file below it");
  auto& report = invocation.session.report;
  report = scan_report(folder, models, parts(output, invocation));
  const int code = print(report, output, invocation);
  return code == static_cast<int>(ExitCode::answered) && failed ? static_cast<int>(ExitCode::could_not) : code;
}

}  // namespace paramcount
