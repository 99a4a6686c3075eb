// The two open questions: which devices does a model fit on, and which models fit a device?
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/estimate/fit.hpp"

namespace paramcount {

/// One kind of device, in the smallest number that the model fits on.
struct Machine {
  SharedDevice device;
  std::optional<Fit> fit;               ///< nothing: it does not fit on any number tried
  std::string why;                      ///< why fewer do not suffice
  std::optional<DollarsPerHour> price;  ///< of all of them; nothing: no quote of that kind
};

struct MachinesAnswer {
  Model model;
  Inventory inventory;
  CacheRequest cache;
  Input<std::uint64_t> context;
  std::vector<Machine> machines;  ///< those that it fits on first, cheapest first

  [[nodiscard]] bool ok() const;
};

/// The catalog's devices, each with its default runtime and format unless the request names them: as published on
/// data-centre devices, q4_k_m on consumer devices. Prices are on-demand quotes only. Throws as fit().
[[nodiscard]] MachinesAnswer machines_for(Model model, const FitRequest& request, const Catalog& catalog,
                                          Expander& expander);

/// A catalog model in the format with the most bits that fits.
struct RunnableModel {
  std::string id, name, family, released;
  std::uint64_t params{0};
  Fit fit;
};

/// Newest year first, then largest first; models that fill less than a quarter of a device, and then those that fit
/// only below 4 bits per weight, come last.
inline constexpr std::string_view kUsualSort = "recent";

struct ModelsFilter {
  std::optional<std::uint64_t> least, most;  ///< parameters
  std::string family;
  std::string sort{kUsualSort};  ///< recent, params, name, released, context or spare
};

struct ModelsAnswer {
  SharedDevice device;
  CacheRequest cache;
  std::optional<std::uint64_t> context;  ///< given
  std::vector<RunnableModel> models;     ///< those that fit first
  std::string sort;
  std::size_t left_out{0};  ///< models without a context: encoders and the like

  [[nodiscard]] bool ok() const;
};

[[nodiscard]] ModelsAnswer models_for(const FitRequest& request, const ModelsFilter& filter, const Catalog& catalog,
                                      Expander& expander);

}  // namespace paramcount
