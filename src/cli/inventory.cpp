// paramcount tensors MODEL and paramcount layers MODEL: the inventory behind the counts.

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/memory_options.hpp"
#include "cli/model_name.hpp"
#include "cli/options.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/adapter.hpp"
#include "report/inventory_report.hpp"

namespace paramcount {
namespace {

struct InventoryOptions {
  OutputOptions output;
  std::string model;
  std::string dtype;
  bool all = false;
  bool imatrix = false;
};

/// Parses, finds and expands the command's model and returns it for the report.
template <class MakeReport>
int run_inventory(const Invocation& invocation, OptionSet& set, InventoryOptions& o, std::string_view command,
                  const MakeReport& make_report) {
  set.word(o.model, "MODEL", "a catalog name, a config.json, a checkpoint, a folder, or - for standard input");
  add_config_options(set, invocation.session.options);
  add_output_options(set, o.output);
  if (!parse(set, invocation, command)) return static_cast<int>(ExitCode::answered);
  check(o.output);
  if (o.model.empty()) throw usage_error(std::string(command) + ": which model? Name one, or give a config.json");
  const Catalog& catalog = open_catalog(o.output, invocation);
  const Model model = command == "layers" ? find_whole_model(o.model, catalog) : find_disclosed_model(o.model, catalog);
  const std::string where = shown_name(model);
  try {
    const Inventory inventory = invocation.session.expander->expand(model);
    if (inventory.adapter && inventory.tensors.empty()) {
      throw Error("an adapter's config without weights: it has no tensors to list");
    }
    invocation.session.report = make_report(model, inventory, parts(o.output, invocation));
  } catch (const Error& error) {
    throw located(where, error);
  }
  return print(invocation.session.report, o.output, invocation);
}

}  // namespace

int run_tensors(const Invocation& invocation) {
  OptionSet set("List a model's tensors: one row per name pattern, with shape, role, copies and parameters.");
  InventoryOptions o;
  set.flag("--all", o.all, "one row per tensor, under its own name");
  set.option("--dtype", o.dtype, "D", "show each tensor's number format and bytes: q4_k_m, awq, bf16 ...");
  set.flag("--imatrix", o.imatrix, "assume the GGUF is quantised with an importance matrix (imatrix)");
  return run_inventory(
      invocation, set, o, "tensors", [&](const Model& model, const Inventory& inventory, ReportOptions wanted) {
        const Catalog& catalog = *invocation.session.catalog;
        const auto formats = o.dtype.empty() ? formats_in_names({&model, 1}, o.imatrix, catalog)
                                             : read_formats({o.dtype}, o.imatrix, catalog);
        if (formats.empty()) return tensors_report(model, inventory, o.all, wanted);
        if (formats.size() != 1) throw usage_error("--dtype " + printable(o.dtype) + ": one format at a time");
        const WeightFormat& format = formats.front();
        if (!format.file_type) return tensor_types_report(model, inventory, format, o.all, wanted);
        const GgufInventory gguf = invocation.session.expander->expand_gguf(model, inventory);
        const GgufFile file =
            quantise(gguf, *format.file_type, format.imatrix, [&](std::string_view id) { return catalog.dtype(id); });
        return tensor_types_report(model, gguf, file, format, o.all, wanted);
      });
}

int run_layers(const Invocation& invocation) {
  OptionSet set(
      "List a model's layers: kind, parameters, and KV cache and recurrent state. Identical neighbouring layers share "
      "a row.");
  InventoryOptions o;
  return run_inventory(invocation, set, o, "layers",
                       [](const Model& model, const Inventory& inventory, ReportOptions wanted) {
                         if (inventory.family.empty()) throw Error(unknown_architecture(model));
                         return layers_report(model, inventory, wanted);
                       });
}

}  // namespace paramcount
