// The two open questions: on what does a model fit, and which models fit a device?
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/estimate/fit.hpp"

namespace paramcount {

/// One kind of device, in the fewest that hold the model.
struct Machine {
  SharedDevice device;
  std::optional<Fit> fit;               ///< nothing: no number of them tried holds it
  std::string why;                      ///< why fewer do not do
  std::optional<DollarsPerHour> price;  ///< of all of them; nothing: no quote of that kind
};

struct MachinesAnswer {
  Model model;
  Inventory inventory;
  CacheRequest cache;
  Input<std::uint64_t> context;
  std::vector<Machine> machines;  ///< those that hold it first, the cheapest first

  [[nodiscard]] bool ok() const;
};

/// The catalog's devices, each with its usual runtime and format unless the request names them: as published on
/// devices of data centres, q4_k_m on consumers'. Prices are of on-demand quotes alone. Throws as fit().
[[nodiscard]] MachinesAnswer machines_for(Model model, const FitRequest& request, const Catalog& catalog,
                                          Expander& expander);

/// A model of the catalog in the format with most bits that fits.
struct RunnableModel {
  std::string id, name, family, released;
  std::uint64_t params{0};
  Fit fit;
};

/// The newest year first, the largest first within; behind them what fills less than a quarter of a device, and last
/// what fits below 4 bits a weight only.
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
