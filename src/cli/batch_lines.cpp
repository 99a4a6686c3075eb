#include "cli/batch_lines.hpp"

#include <utility>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "catalog/pack.hpp"
#include "cli/model_name.hpp"
#include "cli/options.hpp"
#include "cli/remote_model.hpp"
#include "count/read_keys.hpp"
#include "paramcount/base/error.hpp"
#include "read/hf_config.hpp"
#include "report/count_report.hpp"

namespace paramcount {
namespace {

std::string take_text(const Value& object, std::string_view key) {
  const auto* value = object.find(key);
  if (value == nullptr) return {};
  const auto* text = value->as<std::string>();
  if (text == nullptr) throw Error("/" + std::string(key) + ": expected a string, got " + brief(*value));
  return *text;
}

}  // namespace

Model LineAnswerer::named_model(const std::string& name) const {
  if (name.size() > kLongestBatchName) {
    throw Error(printable(name.substr(0, 40)) + "...: " + std::to_string(name.size()) +
                " bytes are neither a name nor a path");
  }
  if (name == "-" || (files_ && is_stream(name))) {
    throw Error(printable(name) + ": standard input is already used for the lines; name a file");
  }
  if (files_) {
    if (auto model = find_ollama_model(name, catalog_)) return std::move(*model);
  }
  if (is_remote(name) && (!files_ || !exists(name))) {
    if (online_) return read_remote_model(name, catalog_, true);
    throw Error(printable(name) + ": a remote model; batch uses the network only with --online");
  }
  if (files_) return find_model(name, catalog_);
  try {
    return find_catalog_model(name, catalog_);
  } catch (const Error& error) {
    throw Error(joined({error.what(), " --no-files: files are not looked for"}), error.code());
  }
}

LineAnswerer::LineAnswerer(const std::vector<std::string>& catalogs, const CommonOptions& common, Scenario scenario,
                           const BatchLimits& limits)
    : known_(limits.kept_answers),
      catalog_(catalogs, common.as_class),
      expander_(catalog_.families(), catalog_.gguf_families(), catalog_.names(), catalog_.inventories()),
      scenario_(std::move(scenario)),
      files_(limits.files),
      online_(limits.online) {
  expander_.refuse_guesses(common.strict);
}

Model LineAnswerer::model_of(std::string_view line, std::string& id) {
  const std::string_view text = trim(line);
  if (text.empty()) throw Error("empty line; expected a model");
  if (text.front() != '{' && text.front() != '[') return named_model(std::string(text));
  Value value = parse_json(text);
  if (value.find("model_type") != nullptr) return model_of_config(std::move(value), "", catalog_);
  id = take_text(value, "id");
  if (auto* config = value.find("config")) {
    if (value.find("model") != nullptr) throw Error("/model and /config: give one of them");
    try {
      return model_of_config(std::move(*config), id, catalog_);
    } catch (const Error& error) {
      throw within("/config", error);
    }
  }
  if (value.find("model") != nullptr) return named_model(take_text(value, "model"));
  return model_of_config(std::move(value), "", catalog_);
}

std::string_view LineAnswerer::digest(const Model& model) {
  digest_.clear();
  if (model.origin != "config") return {};
  const ReadKeys& read = expander_.read_keys(model.family);
  pack_text(digest_, model.family);
  for (const auto& [key, value] : *model.config.as<Value::Object>()) {
    const bool is_read = read.contains(key);
    if (!is_read && catalog_.config_keys().is_inert(key)) continue;
    pack_text(digest_, key);
    if (is_read || catalog_.config_keys().changes_count(key) != nullptr) pack_value(digest_, value);
    if (digest_.size() > kLargestKeptAnswer) return {};
  }
  return digest_;
}

void LineAnswerer::answer_model(Model model, std::string& out) {
  // The object begins the same whatever the model: with its names.
  line_.restart();
  tell_names(model, line_);
  const auto names = line_.written().size();
  const auto key = digest(model);
  const auto hash = hash_of(key);
  Known& known = known_[hash % known_.size()];
  if (!key.empty() && known.digest == key) {
    out += line_.written();
    out += known.rest;
    return;
  }
  line_.restart();
  const Scenario* scenario = &scenario_;
  Scenario own;
  if (scenario_.formats.empty() && !model.named_dtype.empty()) {
    own = scenario_;
    own.formats = formats_in_names({&model, 1}, false, catalog_);
    scenario = &own;
  }
  tell_answer(answer(std::move(model), *scenario, catalog_, expander_), line_);
  line_.finish();
  out += line_.written();
  if (key.empty() || std::exchange(known.hash, hash) != hash) return;
  const auto rest = line_.written().substr(names);
  if (key.size() + rest.size() > kLargestKeptAnswer) return;
  known.digest = key;
  known.rest = rest;
}

bool LineAnswerer::answer_line(std::string_view line, std::uint64_t number, std::string& out) {
  std::string id;
  try {
    Model model = model_of(line, id);
    if (!id.empty()) model.id = id;
    if (model.id.empty()) model.id = "line " + std::to_string(number);
    if (model.name.empty()) model.name = model.id;
    answer_model(std::move(model), out);
    return true;
  } catch (const Error& error) {
    JsonWriter row;
    row.leaf("line", "line", count_value(number));
    if (!id.empty()) row.text("id", "id", printable(id));
    row.text("error", "error", error.what());
    row.finish();
    out += row.written();
    return false;
  }
}

}  // namespace paramcount
