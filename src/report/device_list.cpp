// `paramcount list devices`.
#include <algorithm>

#include "base/numbers.hpp"
#include "report/list_report.hpp"
#include "report/list_rows.hpp"

namespace paramcount {
namespace {

void tell_device(Row& row, const Device& device) {
  row.add(Row::leaf("name", "name", device.name));
  if (device.memory.value > 0) row.add(Row::leaf("memory_bytes", "memory", device.memory));
  const auto bandwidth = [](Row& of, double value) {
    if (value > 0) of.add(Row::leaf("bandwidth_bytes_per_s", "bandwidth", {value, Unit::bytes_per_s}));
  };
  bandwidth(row, device.bandwidth);
  Row& peaks = row.add(Row::group("peak_flops_per_s", "dense peak"));
  for (const auto& [dtype, speed] : device.peak) peaks.add(Row::leaf(dtype, dtype, {speed.value, Unit::flops_per_s}));
  if (device.power.value > 0) row.add(Row::leaf("watts", "watts", device.power.value));
  if (!device.link.empty()) row.add(Row::leaf("link", "link", device.link));
  if (device.link_gb_s > 0) row.add(Row::leaf("link_gb_s", "GB/s of the link in each direction", device.link_gb_s));
  row.add(Row::leaf("node", "devices in a node", count_value(device.node)));
  row.add(Row::leaf("consumer", "for consumers", device.consumer));
  row.add(Row::leaf("unified", "memory of the host", device.unified));
  row.add(Row::leaf("gpu_share", "share of the memory for the GPU", device.gpu_share));
  Row& sizes = row.add(Row::list("sizes", "memory sizes"));
  for (const auto& size : device.sizes) {
    Row one = Row::group("");
    one.add(Row::leaf("memory_bytes", "memory", size.memory));
    bandwidth(one, size.bandwidth);
    one.add(Row::leaf("gpu_share", "share of the memory for the GPU", size.gpu_share));
    sizes.add(std::move(one));
  }
  Row& prices = row.add(Row::list("prices", "prices"));
  for (const auto& quote : device.prices) {
    Row& price = prices.add(Row::group(""));
    price.add(Row::leaf("usd_per_hour", "price", {quote.price.value, Unit::usd_per_hour}));
    price.add(Row::leaf("pricing", "pricing", quote.pricing.view()));
    price.add(Row::leaf("provider", "provider", quote.provider.view()));
    price.add(Row::leaf("as_of", "as of", quote.as_of.view()));
  }
}

Cell memory(const Figures& device, std::string_view key) { return device.bytes(key).back(); }

Cell peak(const Figures& device, std::string_view key) {
  return device.cell(std::string(key) + (device.has(std::string(key) + ".bf16") ? ".bf16" : ".fp16"));
}

/// From the least to the most that anybody asks for it.
Cell prices(const Figures& device, std::string_view key) {
  Cell cell{kNone};
  double low = 0;
  double high = 0;
  for (const auto& quote : device.members(key)) {
    const double usd = quote.number("usd_per_hour");
    low = cell.key.empty() ? usd : std::min(low, usd);
    high = std::max(high, usd);
    cell.key += (cell.key.empty() ? "" : " ") + quote.cell("usd_per_hour").key;
  }
  if (high > 0) cell.text = fixed(low, 2) + (high > low ? "–" + fixed(high, 2) : "");
  return cell;
}

}  // namespace

Report list_devices_report(const std::vector<Device>& devices, const ReportOptions& wanted) {
  std::vector<Row> rows = told(devices, tell_device);
  for (std::size_t i = 0; i < rows.size(); ++i) tell_unverified(rows[i], devices[i].unverified);
  Report report = report_of("devices", std::move(rows), wanted,
                            {{"memory " + byte_units(wanted.style).back(), "memory_bytes", memory},
                             {"GB/s", "bandwidth_bytes_per_s"},
                             {"TFLOP/s", "peak_flops_per_s", peak},
                             {"W", "watts", rounded},
                             {"$/h", "prices", prices},
                             {"link", "link"},
                             {"name", "name"}});
  add_note(report, {"TFLOP/s", "dense, bf16 or fp16. $/h: the range of dated quotes; --format json names each."});
  add_note(report, {"memory", "as the driver reports it where that is known; unified memory: the largest size sold."});
  add_note(report,
           {"--device",
            "takes ids and what people say: 'RTX 4090', 2x4090 (two), m4-max:64GB (a size), here (this machine's), "
            "memory=48GiB,bandwidth=864GB/s (written out)."});
  for (auto& page : report.pages) page.heading = "Devices";
  return report;
}

}  // namespace paramcount
