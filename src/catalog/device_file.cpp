// Devices of devices.json: the rows of data/README.md, "A device".
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "catalog/embedded.hpp"
#include "catalog/fields.hpp"
#include "catalog/tables.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// Fields that nothing reads: what figures are and where they come from, for people.
constexpr std::array<std::string_view, 7> kForPeople{
    "memory_is", "as_of", "note", "peak_source", "watts_source", "memory_source", "bandwidth_source"};

PriceQuote read_quote(const Value& value) {
  Fields fields(value, "/prices");
  PriceQuote quote;
  quote.price = {fields.positive("usd_per_hour")};
  quote.pricing = fields.text("pricing");
  quote.provider = fields.need_text("provider");
  quote.as_of = fields.need_text("as_of");
  quote.source = fields.marked_source();
  fields.finish();
  return quote;
}

/// Fields of a quote in the built-in catalog's form, in this order.
constexpr char kFieldEnd = '\t';
constexpr char kQuoteEnd = '\n';

/// Of the built-in catalog, whose text stays.
std::vector<PriceQuote> read_packed_quotes(std::string_view text) {
  std::vector<PriceQuote> quotes;
  quotes.reserve(text.size() / 100 + 1);
  const auto field = [&](char end) {
    const auto at = text.find(end);
    const std::string_view one = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return one;
  };
  while (!text.empty()) {
    PriceQuote& quote = quotes.emplace_back();
    const auto price = field(kFieldEnd);
    if (std::from_chars(price.data(), price.data() + price.size(), quote.price.value).ec != std::errc()) {
      throw Error("/prices: expected a price");
    }
    quote.pricing = Label::literal(field(kFieldEnd));
    quote.provider = Label::literal(field(kFieldEnd));
    quote.as_of = Label::literal(field(kFieldEnd));
    quote.source = Label::literal(field(kQuoteEnd));
  }
  return quotes;
}

PurchasePrice read_purchase(const Value& value) {
  Fields fields(value, "/purchase");
  PurchasePrice purchase;
  purchase.usd = fields.positive("usd");
  purchase.what = fields.need_text("what");
  purchase.as_of = fields.need_text("as_of");
  purchase.source = fields.marked_source();
  fields.finish();
  return purchase;
}

double read_share(Fields& fields, double fallback) {
  const double share = fields.positive("gpu_share", fallback);
  if (share > 1) fields.fail("gpu_share", "expected a fraction of the memory, at most 1");
  return share;
}

/// What a size does not say is as of the device.
std::vector<MemorySize> read_sizes(Fields& all, const Device& device) {
  std::vector<MemorySize> sizes;
  all.each("sizes", [&](Fields& fields) {
    MemorySize size;
    size.memory = {fields.count("memory_bytes").value_or(0)};
    if (size.memory.value == 0) fields.fail("memory_bytes", "expected the size in bytes");
    if (!sizes.empty() && !(sizes.back().memory < size.memory))
      fields.fail("memory_bytes", "expected sizes in ascending order");
    size.bandwidth = fields.positive("bandwidth_bytes_per_s", device.bandwidth);
    size.gpu_share = read_share(fields, device.gpu_share);
    sizes.push_back(size);
  });
  if (sizes.empty()) all.fail("sizes", "expected at least one");
  return sizes;
}

void read_link(Fields& fields, Device& device) {
  device.link = fields.text("link");
  device.link_gb_s = fields.positive("link_gb_s", 0);
  const std::string source = fields.text("link_source");
  if (device.link.empty() && device.link_gb_s > 0) fields.fail("link", "missing: the link whose speed link_gb_s is");
  if (!device.link.empty() && source.empty()) fields.fail("link_source", "missing");
}

}  // namespace

Device Device::read(const Value& row) {
  Fields fields(row, "");
  Device device;
  device.id = fields.need_text("id");
  device.name = fields.need_text("name");
  device.maker = fields.text("maker");
  device.released = fields.text("released");
  device.aliases = fields.texts("aliases");
  device.memory_label = fields.text("memory_label");
  device.memory = {fields.count("memory_bytes").value_or(0)};
  device.bandwidth = fields.number("bandwidth_bytes_per_s").value_or(0);
  if (const auto* peaks = fields.get("peak_flops")) {
    Fields inner(*peaks, "/peak_flops");
    for (const auto& [dtype, value] : *peaks->as<Value::Object>()) {
      device.peak.emplace_back(dtype, FlopsPerSecond{*inner.number(dtype)});
    }
  }
  device.power = {fields.number("watts").value_or(0)};
  read_link(fields, device);
  const auto node = fields.count("node");
  if (node && *node == 0) fields.fail("node", "expected at least 1");
  device.node = node.value_or(device.node);
  device.consumer = fields.flag("consumer", false);
  device.unified = fields.flag("unified", false);
  device.gpu_share = read_share(fields, 1);
  if (device.gpu_share < 1 && fields.text("gpu_share_source").empty()) fields.fail("gpu_share_source", "missing");
  if (fields.get("sizes") != nullptr) device.sizes = read_sizes(fields, device);
  if (const auto* prices = fields.get("prices")) {
    if (const auto* own = prices->as<bool>(); own != nullptr && *own) {
      const auto packed = find_embedded(table("prices"), device.id);
      if (!packed) fields.fail("prices", "expected a list of quotes");
      device.prices = read_packed_quotes(*packed);
    } else {
      for (const auto& quote : fields.list("prices")) device.prices.push_back(read_quote(quote));
    }
  }
  if (const auto* purchase = fields.get("purchase")) device.purchase = read_purchase(*purchase);
  device.source = fields.need_text("source");
  device.unverified = fields.unverified();
  for (const auto key : kForPeople) fields.unread_text(key);
  fields.unread_text("gpu_share_source");
  fields.finish();
  return device;
}

void drop_texts_for_people(Value& row) {
  std::erase_if(*row.as<Value::Object>(), [](const Value::Member& member) {
    return std::find(kForPeople.begin(), kForPeople.end(), member.first) != kForPeople.end();
  });
}

std::string pack_prices(Value& row) {
  std::string text;
  auto* prices = row.find("prices");
  if (prices == nullptr) return text;
  for (const auto& item : list_of(*prices, "/prices")) {
    const PriceQuote quote = read_quote(item);
    text += shortest(quote.price.value);
    for (const auto* part : {&quote.pricing, &quote.provider, &quote.as_of, &quote.source}) {
      if (part->view().find_first_of("\t\n") != std::string_view::npos) {
        throw Error("/prices: expected strings of one line");
      }
      text += kFieldEnd;
      text += part->view();
    }
    text += kQuoteEnd;
  }
  *prices = Value(true);
  return text;
}

std::optional<FlopsPerSecond> Device::peak_for(std::string_view dtype) const {
  for (const auto& [format, speed] : peak) {
    if (format == dtype) return speed;
  }
  return std::nullopt;
}

std::string_view Device::speed_class() const {
  if (maker == "NVIDIA") {
    if (peak_for("fp8") || peak_for("fp4")) return "nvidia-ada";
    if (peak_for("bf16")) return "nvidia-ampere";
    constexpr std::string_view kVolta = "2017-06";
    return released >= kVolta ? "nvidia-turing" : "nvidia-pascal";
  }
  if (maker == "AMD") return "amd";
  if (maker == "Apple") return "apple";
  return maker == "Intel" ? "intel" : "other";
}

Bytes Device::gpu_memory() const {
  if (gpu_share >= 1) return memory;
  return {static_cast<std::uint64_t>(std::floor(static_cast<double>(memory.value) * gpu_share))};
}

Device of_size(const Device& chip, const MemorySize& size) {
  Device device = chip;
  device.memory = size.memory;
  device.gpu_share = size.gpu_share;
  device.memory_label = std::to_string(size.memory.value >> 30U) + " GB";
  device.name += ", " + device.memory_label;
  if (size.bandwidth != chip.bandwidth) device.peak.clear();
  device.bandwidth = size.bandwidth;
  return device;
}

}  // namespace paramcount
