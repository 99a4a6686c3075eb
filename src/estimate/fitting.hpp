// One model on one kind of device, tried in formats, caches and layouts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "paramcount/estimate/fit.hpp"

namespace paramcount {

/// "-ngl 41 of 65", "--n-cpu-moe 12".
[[nodiscard]] std::string offload_text(const Fit& fit);

class Fitting {
 public:
  /// All must outlive it.
  Fitting(const Model& model, const Inventory& inventory, const FitRequest& request, const Catalog& catalog,
          Expander& expander);
  ~Fitting();
  Fitting(const Fitting&) = delete;
  Fitting& operator=(const Fitting&) = delete;

  /// The one asked for, or the usual one of the format (nullptr: none was named) on the device.
  [[nodiscard]] RuntimeChoice runtime(const WeightFormat* format) const;
  /// Those worth having for the runtime, and the one that the model is published in.
  [[nodiscard]] std::vector<WeightFormat> formats(const RuntimeChoice& runtime, const Catalog& catalog) const;
  /// Of a checkpoint: as its files hold the weights.
  [[nodiscard]] WeightFormat stored_format() const;
  /// What pages call the format.
  [[nodiscard]] std::string shown_id(const WeightFormat& format) const;

  /// `layout`: what the request says, or the usual one that can be built. Throws Error where the runtime refuses.
  [[nodiscard]] Fit fit(const WeightFormat& format, const CacheRequest& cache,
                        const std::optional<Layout>& layout) const;
  /// The same on another device.
  [[nodiscard]] Fit fit_on(const SharedDevice& device, const WeightFormat& format, const CacheRequest& cache,
                           const std::optional<Layout>& layout) const;
  /// With what llama.cpp would put in the host's memory, however large that is.
  [[nodiscard]] Fit offloaded(const WeightFormat& format, const CacheRequest& cache, const Layout& layout) const;
  /// The fewest devices of a buildable layout that hold it; nothing: none of up to 64 do.
  [[nodiscard]] std::optional<Fit> fewest_devices(const WeightFormat& format, const CacheRequest& cache) const;

  /// As llama.cpp has the model; nullptr: it cannot.
  [[nodiscard]] const GgufInventory* gguf() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace paramcount
