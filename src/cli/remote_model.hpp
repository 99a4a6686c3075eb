// Resolves names of remote models for the commands, with the network options and a progress line.
#pragma once

#include <memory>
#include <string>

#include "cli/session.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/model.hpp"
#include "remote/remote.hpp"

namespace paramcount {

/// What --offline and --no-cache of this call say; for the whole process, set before any thread starts.
void set_network_options(const CommonOptions& common);

/// This call uses --images or --audio: for remote models the processor's settings are read too.
void bring_processor_configs();

/// Whether the name is one of remote/remote_name.hpp and nothing on disk is called so.
[[nodiscard]] bool names_remote(const std::string& name);

/// A name as a path that the readers of files take: of a model elsewhere for as long as this lives, of any other the
/// name itself.
class NamedPlace {
 public:
  explicit NamedPlace(const std::string& name);
  [[nodiscard]] const std::string& path() const { return remote_ ? remote_->path() : name_; }
  /// Takes the commit out of the name of a model that was read from there: "tiny" of "tiny@0123...".
  void shorten_name(Model& model) const;

 private:
  std::string name_;
  std::unique_ptr<const RemotePlace> remote_;
};

/// The model of a name that names_remote() takes. `of_stranger`: the name came in a line of batch; it may lead to no
/// private address, and shows no progress.
[[nodiscard]] Model read_remote_model(const std::string& name, const Catalog& catalog, bool of_stranger = false);

}  // namespace paramcount
