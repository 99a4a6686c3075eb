// Tries a model on one kind of device in number formats, KV cache formats and layouts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "paramcount/estimate/fit.hpp"

namespace paramcount {

/// What serving a model works through, on cards and in the host's memory.
struct Serving {
  ServingWork work;
  HostWork host;
  double cache_share{1};  ///< of a sequence's cache, what one device of a tensor-parallel group keeps
};

/// "-ngl 41 of 65", "--n-cpu-moe 12".
[[nodiscard]] std::string offload_text(const Fit& fit);

/// Formats of 4 and 8 bits in floating point need units of bf16 or fp8 at least: Ampere and later among NVIDIA's
/// (docs.vllm.ai, features/quantization: supported hardware). Where no peak is known nothing is ruled out.
[[nodiscard]] bool has_kernels(const Device& device, const WeightFormat& format, const RuntimeChoice& runtime);

/// Throws Error where it is not known what the model keeps of a sequence.
void require_serving(const Model& model, const Inventory& inventory);

/// The context where none is asked for: 8,192 tokens, or the model's positions where they are fewer.
[[nodiscard]] std::uint64_t usual_context(const Inventory& inventory);
/// The context of the request; else where it says something about speed, what one request takes; else the usual one.
/// Throws Error with exit code usage where a request is longer than it or than the model's positions.
[[nodiscard]] Input<std::uint64_t> context_of(const FitRequest& request, const Inventory& inventory);
/// The request's cache at that context, without a runtime.
[[nodiscard]] CacheRequest cache_request(const FitRequest& request, std::uint64_t context, const Catalog& catalog);
/// The same with a runtime: where the request names no format of the cache, that which checkpoints of the weights'
/// format ask the runtime for.
[[nodiscard]] CacheRequest with_runtime(CacheRequest cache, RuntimeChoice runtime, const WeightFormat& format,
                                        const FitRequest& request, const Catalog& catalog);

struct Fewest {
  std::optional<Fit> fit;  ///< nothing: no number of devices tried holds it
  std::string why;         ///< why the number below does not do, or the largest tried; empty: one device does
};

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
  /// The longest context with that cache; the rest of a fit is not looked at.
  [[nodiscard]] std::uint64_t longest_context(const WeightFormat& format, const CacheRequest& cache,
                                              const Layout& layout) const;
  /// With what llama.cpp would put in the host's memory, however large that is.
  [[nodiscard]] Fit offloaded(const WeightFormat& format, const CacheRequest& cache, const Layout& layout) const;
  /// The fewest devices of a buildable layout that hold it: 1, 2, 4 ... of a node, then whole nodes up to 64 devices.
  /// `whole`: with longest context and most sequences.
  [[nodiscard]] Fewest fewest_devices(const SharedDevice& device, const WeightFormat& format, const CacheRequest& cache,
                                      bool whole) const;
  /// Of formats with most bits first that which fits, or else the last that the model can be written in; without most
  /// sequences. Nothing: none can.
  [[nodiscard]] std::optional<Fit> most_bits(const std::vector<WeightFormat>& formats, const CacheRequest& cache,
                                             const Catalog& catalog) const;

  /// `fit`: one of this model in that format.
  [[nodiscard]] Serving serving(const Fit& fit, const WeightFormat& format, const CacheRequest& cache) const;
  /// As llama.cpp has the model; nullptr: it cannot.
  [[nodiscard]] const GgufInventory* gguf() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace paramcount
