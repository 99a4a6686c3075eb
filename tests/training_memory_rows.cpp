#include "training_memory_rows.hpp"

#include <algorithm>

#include "catalog/json.hpp"

namespace paramcount {
namespace {

using nlohmann::json;

constexpr double kGiB = 0x1p30;

}  // namespace

std::uint64_t number(const json& row, const char* key, std::uint64_t otherwise) {
  const auto at = row.find(key);
  return at == row.end() || !at->is_number() ? otherwise : at->get<std::uint64_t>();
}
std::string text(const json& row, const char* key) {
  const auto at = row.find(key);
  return at == row.end() || !at->is_string() ? "" : at->get<std::string>();
}

json flags_of(const json& row) {
  const std::string note = text(row, "note");
  return note.starts_with("flags: ") ? json::parse(note.substr(7)) : json::object();
}

Inventory inventory_of(const json& dims, Expander& expander, const Family& family) {
  Model model;
  model.family = family.id;
  model.config = parse_json(dims.dump());
  return expander.expand(model);
}

TrainingSetup setup_of(const json& row, const json& flags, const std::string& framework, const Catalog& catalog) {
  TrainingSetup setup;
  auto& layout = setup.layout;
  setup.framework = framework.empty() ? &no_framework() : &parse_framework(framework);
  layout.tensor = number(row, "tp", 1);
  layout.pipeline = number(row, "pp", 1);
  layout.interleaved = number(row, "vpp", 1);
  layout.context = number(row, "cp", 1);
  layout.expert = number(row, "ep", 1);
  const bool experts = row["dims"].contains("moe");
  layout.expert_tensor = number(row, "etp", experts ? layout.tensor : 1);
  const auto devices = number(row, "n_gpus", 8);
  layout.data = std::max<std::uint64_t>(1, devices / (layout.tensor * layout.pipeline * layout.context));
  layout.sequence_parallel = row.value("sp", false) || (setup.framework->gathers_inputs && layout.tensor > 1);
  layout.zero = number(row, "zero", 0);
  layout.micro_batch = number(row, "mbs", 1);
  layout.global_batch = number(row, "gbs", layout.micro_batch * layout.data);
  const std::string recompute = text(row, "recompute");
  if (recompute.starts_with("full")) layout.recompute = Recompute::full;
  if (recompute.starts_with("selective")) layout.recompute = Recompute::selective;
  setup.sequence = number(row, "seq", 0);
  setup.unfused = text(row, "attention").find("unfused") != std::string::npos;
  if (flags.contains("drop")) setup.dropout = flags["drop"][0].get<double>() > 0;
  setup.optimizer = catalog.optimizer(setup.framework->optimizer);
  return setup;
}

TrainedAdapters adapters_of(const json& row, const Inventory& inventory, const Catalog& catalog) {
  const auto& lora = row["lora"];
  TrainedAdapters adapters;
  adapters.frozen = weight_format(text(row, "weights"), false, catalog);
  adapters.in_layers = Params{number(lora, "trainable", 0)};
  adapters.dora = lora.value("dora", json()).is_boolean() && lora["dora"].get<bool>();
  std::string targets = lora["targets"].is_string() ? lora["targets"].get<std::string>() : lora["targets"].dump();
  const auto has = [&](const char* name) { return targets.find(name) != std::string::npos; };
  const auto width = [&](const char* name) { return static_cast<double>(inventory.count(name)); };
  adapters.attention_input = has("q") || has("v_proj");
  adapters.ffn_input = has("gate") || has("up_proj");
  adapters.ffn_output = has("down");
  if (has("q")) adapters.outputs += width("n_heads") * width("head_dim");
  if (has("v")) adapters.outputs += width("n_kv_heads") * width("head_dim");
  return adapters;
}

void techniques(const std::string& id, TrainingSetup& setup) {
  const int step = id[id.find("flags/") + 6] - '0';
  setup.compiled = step >= 2;
  if (step >= 3) setup.loss = {LossKind::Kind::chunked, 8};
  if (step >= 4) setup.layout.recompute = Recompute::full;
  if (step >= 5) setup.optimizer.gradients = 0;
  if (step >= 7) setup.optimizer.states = 2;
}

double theirs_of_megatron(const json& row, const TrainingSetup& setup, double states) {
  const auto& dims = row["dims"];
  const auto number_of = [&](const char* key) { return dims[key].get<double>(); };
  const double t = static_cast<double>(setup.sequence * setup.layout.micro_batch);
  const double h = number_of("hidden");
  const auto tp = static_cast<double>(setup.layout.tensor);
  const auto pp = static_cast<double>(setup.layout.pipeline);
  const auto vpp = static_cast<double>(setup.layout.interleaved);
  const bool selective = setup.layout.sequence_parallel && setup.layout.recompute == Recompute::selective;
  double bytes = selective ? t * h * (18 + 4 * number_of("ffn") / h) * number_of("layers") / tp
                           : t * h * (10 + 24 / tp) * number_of("layers") * 1.05;
  if (vpp > 1) bytes *= 1 + (pp - 1) / (pp * vpp);
  if (pp == 1) bytes += 4 * t * h * (1 + number_of("vocab") / h) / tp;
  return states + bytes / kGiB;
}

}  // namespace paramcount
