// The hourly price of a device, from its dated quotes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/device.hpp"

namespace paramcount {

/// Quotes of that kind, cheapest first; for an empty kind the on-demand ones, or all if there are none. Throws Error
/// with exit code usage if the device has no quote of the given kind.
[[nodiscard]] std::vector<const PriceQuote*> price_quotes(const Device& device, const std::string& pricing);

/// The median of the quotes of that kind, and of no other; empty: on-demand. Nothing: there is none.
[[nodiscard]] std::optional<PriceQuote> quote_of_kind(const Device& device, const std::string& pricing);

/// Of sorted quotes the median, the lower of two; nullptr of none.
[[nodiscard]] inline const PriceQuote* median_quote(const std::vector<const PriceQuote*>& quotes) {
  return quotes.empty() ? nullptr : quotes[(quotes.size() - 1) / 2];
}

/// The price given, else the median of the quotes; nothing when there is none.
[[nodiscard]] std::optional<DollarsPerHour> device_price(const Device& device, const std::optional<double>& given,
                                                         const std::string& pricing = {});

}  // namespace paramcount
