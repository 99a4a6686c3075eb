#include "paramcount/estimate/price.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/defaults.hpp"

namespace paramcount {

std::vector<const PriceQuote*> price_quotes(const Device& device, const std::string& pricing) {
  std::vector<const PriceQuote*> quotes;
  const std::string_view wanted = pricing.empty() ? kDefaultPricing : std::string_view(pricing);
  for (const auto& quote : device.prices) {
    if (wanted == "all" || quote.pricing == wanted) quotes.push_back(&quote);
  }
  if (quotes.empty() && !pricing.empty()) {
    std::string known;
    for (const auto& quote : device.prices) {
      const std::string one = joined({"'", quote.pricing, "'"});
      if (known.find(one) == std::string::npos) known += (known.empty() ? "" : ", ") + one;
    }
    throw usage_error("--pricing " + printable(pricing) + ": no such quote for " + printable(device.name) +
                      (known.empty() ? "; there are none" : "; known: " + known + ", 'all'"));
  }
  if (quotes.empty()) {
    for (const auto& quote : device.prices) quotes.push_back(&quote);
  }
  std::sort(quotes.begin(), quotes.end(), [](const auto* a, const auto* b) { return a->price < b->price; });
  return quotes;
}

std::optional<PriceQuote> quote_of_kind(const Device& device, const std::string& pricing) {
  const std::string_view wanted = pricing.empty() ? kDefaultPricing : std::string_view(pricing);
  std::vector<const PriceQuote*> quotes;
  for (const auto& quote : device.prices) {
    if (quote.pricing == wanted) quotes.push_back(&quote);
  }
  std::sort(quotes.begin(), quotes.end(), [](const auto* a, const auto* b) { return a->price < b->price; });
  const auto* quote = median_quote(quotes);
  return quote != nullptr ? std::optional(*quote) : std::nullopt;
}

std::optional<DollarsPerHour> device_price(const Device& device, const std::optional<double>& given,
                                           const std::string& pricing) {
  if (given) return DollarsPerHour{*given};
  const auto* quote = median_quote(price_quotes(device, pricing));
  return quote != nullptr ? std::optional(quote->price) : std::nullopt;
}

}  // namespace paramcount
