#include "cli/remote_model.hpp"

#include "base/file.hpp"
#include "cli/progress.hpp"
#include "read/cached_models.hpp"
#include "read/model_folder.hpp"
#include "read/peft_adapter.hpp"
#include "read/processor_config.hpp"
#include "remote/settings.hpp"

namespace paramcount {
namespace {

struct Network {
  bool offline = false;
  bool keep = true;
  bool processors = false;  ///< read processors' settings too
};
Network network;

RemoteOptions options_of_call(bool of_stranger) {
  RemoteOptions options{network.offline, network.keep, !of_stranger, {}};
  if (of_stranger) return options;
  options.progress = [progress = std::make_shared<Progress>()](const std::string& text) { progress->show(text); };
  return options;
}

/// Offline, a copy that another program stored on this machine is used instead.
std::optional<CachedModel> cached_instead(const std::string& name) {
  if (!network.offline && !offline_by_environment()) return std::nullopt;
  const RemoteName parsed = parse_remote_name(name);
  if (parsed.kind != RemoteName::Kind::hub || !parsed.revision.empty() || !parsed.path.empty()) return std::nullopt;
  return find_cached_model(parsed.repo + (parsed.tag.empty() ? "" : ":" + parsed.tag), model_caches());
}

/// "tiny" of "tiny@0123...": what a folder is called.
std::string without_commit(const std::string& name, const std::string& commit) {
  const std::string end = "@" + commit;
  return name.size() > end.size() && name.ends_with(end) ? name.substr(0, name.size() - end.size()) : name;
}

}  // namespace

void set_network_options(const CommonOptions& common) { network = {common.offline, !common.no_cache, false}; }

void bring_processor_configs() { network.processors = true; }

bool names_remote(const std::string& name) { return is_remote(name) && !exists(name); }

NamedPlace::NamedPlace(const std::string& name) : name_(name) {
  if (!names_remote(name)) return;
  if (const auto cached = cached_instead(name)) {
    name_ = cached->path;
  } else {
    remote_ = std::make_unique<const RemotePlace>(open_remote(name, options_of_call(false)));
  }
}

void NamedPlace::shorten_name(Model& model) const {
  if (!remote_) return;
  model.name = without_commit(model.name, remote_->commit());
  model.id = without_commit(model.id, remote_->commit());
}

Model read_remote_model(const std::string& name, const Catalog& catalog, bool of_stranger) {
  if (const auto cached = cached_instead(name)) return read_cached_model(*cached, catalog);
  const RemotePlace place = open_remote(name, options_of_call(of_stranger));
  const std::string& path = place.path();
  Model model = is_peft_adapter(path) ? read_peft_adapter_model(path) : read_model(path, catalog);
  if (network.processors) keep_processor_config(model);
  if (model.kind() == CheckpointKind::adapter) model.base = find_base_model(model, catalog);
  model.name = without_commit(model.name, place.commit());
  model.id = without_commit(model.id, place.commit());
  return model;
}

}  // namespace paramcount
