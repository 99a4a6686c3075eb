// A model's memory on devices of one kind: the fullest device, the longest context, the largest batch, and whether it
// fits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "estimate/fitting.hpp"
#include "estimate/gguf_files.hpp"
#include "paramcount/estimate/fit.hpp"

namespace paramcount {

/// What of a fit someone reads: more takes longer.
enum class Depth : std::uint8_t { verdict, context, whole };

struct Place {
  SharedDevice device;
  Layout layout;
  Bytes memory;  ///< of one device
};

class Placement {
 public:
  /// All must outlive it.
  Placement(const Model& model, const Inventory& inventory, const FitRequest& request, const Catalog& catalog,
            const GgufFiles& files)
      : model_(model),
        inventory_(inventory),
        request_(request),
        catalog_(catalog),
        files_(files),
        bf16_(weight_format("bf16", false, catalog)) {}

  /// `share`: with what llama.cpp would put in the host's memory, however large that is. Throws Error where the runtime
  /// refuses.
  [[nodiscard]] Fit fit(const Place& place, const WeightFormat& format, const CacheRequest& cache, bool share,
                        Depth depth) const;

  /// What serving works through, where such a fit puts it.
  [[nodiscard]] Serving serving(const Fit& fit, const WeightFormat& format, const CacheRequest& cache) const;
  /// Where the makers publish a mixture in that format, what they publish.
  [[nodiscard]] WeightFormat published(const WeightFormat& format) const;
  /// The layouts to try, the usual first; empty with `why` where none can be built.
  [[nodiscard]] std::vector<Layout> layouts(const WeightFormat& format, const RuntimeProfile& profile,
                                            std::string& why) const;

 private:
  /// What one device holds of a request: the fullest.
  struct Usage {
    Bytes weights, low, high, tables, cache;
    std::vector<OverheadPart> overheads;
    Bytes over, over_low, over_high;
    Bytes host;
    std::optional<OffloadSplit> split;

    [[nodiscard]] Bytes together() const { return weights + cache + over; }
    void add(const OverheadPart& part) {
      over += part.likely;
      over_low += part.low;
      over_high += part.high;
      overheads.push_back(part);
    }
  };

  void add_overheads(Usage& usage, const Place& place, const CacheRequest& cache) const;
  [[nodiscard]] Bytes usable(const Usage& usage, const Place& place, const CacheRequest& cache) const;
  [[nodiscard]] std::vector<StageLoad> loads_of(const WeightFormat& format, const RuntimeProfile& profile,
                                                const Layout& layout) const;
  [[nodiscard]] Usage usage_of(const StageLoad& load, const Place& place, const CacheRequest& cache) const;
  [[nodiscard]] Usage usage_of(const Offload& offload, const OffloadSplit& split, const Place& place,
                               const CacheRequest& cache) const;
  [[nodiscard]] Bytes cache_of(const StageLoad& load, const Place& place, const CacheRequest& cache) const;
  [[nodiscard]] Bytes mmproj() const;
  [[nodiscard]] OffloadSplit split_of(const Offload& offload, const Place& place, const CacheRequest& cache, bool share,
                                      bool& chosen) const;
  [[nodiscard]] std::uint64_t longest() const;
  void fill(Fit& result, Usage usage, const Place& place, const CacheRequest& cache) const;
  template <class Fits>
  void reach(Fit& result, const CacheRequest& cache, Depth depth, const Fits& fits) const;
  [[nodiscard]] std::optional<CacheRoom> room(const Fit& result, const std::vector<StageLoad>& loads,
                                              const Place& place, const CacheRequest& cache) const;

  const Model& model_;
  const Inventory& inventory_;
  const FitRequest& request_;
  const Catalog& catalog_;
  const GgufFiles& files_;
  WeightFormat bf16_;
};

}  // namespace paramcount
