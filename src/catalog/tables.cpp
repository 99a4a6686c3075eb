#include "catalog/tables.hpp"

#include "catalog/fields.hpp"
#include "paramcount/checked.hpp"
#include "paramcount/error.hpp"

namespace paramcount {
namespace {

PriceQuote read_quote(const Value& value) {
  Fields fields(value, "/prices");
  PriceQuote quote;
  const auto price = fields.number("usd_per_hour");
  if (!price || !(*price > 0)) fields.fail("usd_per_hour", "expected a price above 0");
  quote.price = {*price};
  quote.pricing = fields.text("pricing");
  quote.provider = fields.need_text("provider");
  quote.as_of = fields.need_text("as_of");
  quote.source = fields.need_text("source");
  fields.finish();
  return quote;
}

}  // namespace

Device read_device(const Value& row) {
  Fields fields(row, "");
  Device device;
  device.id = fields.need_text("id");
  device.name = fields.need_text("name");
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
  if (const auto* prices = fields.get("prices")) {
    const auto* list = prices->as<Value::List>();
    if (list == nullptr) fields.fail("prices", "expected a list, got " + brief(*prices));
    for (const auto& quote : *list) device.prices.push_back(read_quote(quote));
  }
  device.source = fields.need_text("source");
  for (const std::string_view shown_by_lists :
       {"maker", "memory_is", "released", "interconnect_source", "as_of", "note", "peak_source", "watts_source",
        "memory_source", "bandwidth_source"}) {
    static_cast<void>(fields.text(shown_by_lists));
  }
  static_cast<void>(fields.number("interconnect_bytes_per_s"));
  fields.finish();
  return device;
}

std::optional<FlopsPerSecond> Device::peak_for(std::string_view dtype) const {
  for (const auto& [format, speed] : peak) {
    if (format == dtype) return speed;
  }
  return std::nullopt;
}

Dtype read_dtype(const Value& row) {
  Fields fields(row, "");
  Dtype dtype;
  dtype.id = fields.need_text("id");
  dtype.name = fields.need_text("name");
  dtype.aliases = fields.texts("aliases");
  const auto bits = fields.count("bits");
  if (!bits || *bits == 0) fields.fail("bits", "expected the bits of one element");
  dtype.bits = *bits;
  dtype.block = fields.count("block").value_or(1);
  if (dtype.block == 0) fields.fail("block", "expected at least 1 element");
  dtype.scale_bits = fields.count("scale_bits").value_or(0);
  dtype.source = fields.need_text("source");
  static_cast<void>(fields.text("note"));
  fields.finish();
  return dtype;
}

Bytes Dtype::bytes_of(std::uint64_t elements) const {
  const auto blocks = elements / block + (elements % block != 0 ? 1 : 0);
  const auto element_bytes = checked_add(checked_mul(elements / 8, bits), (elements % 8 * bits + 7) / 8);
  const auto scale_bytes = checked_add(checked_mul(blocks / 8, scale_bits), (blocks % 8 * scale_bits + 7) / 8);
  return {checked_add(element_bytes, scale_bytes)};
}

}  // namespace paramcount
