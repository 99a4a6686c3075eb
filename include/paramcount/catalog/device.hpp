// An accelerator from data/devices.json: memory, bandwidth, dense peak speed by number format, price quotes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "paramcount/base/label.hpp"
#include "paramcount/base/units.hpp"

namespace paramcount {

class Value;

/// A dated price quote for one device and one hour.
struct PriceQuote {
  DollarsPerHour price;
  Label pricing;  ///< "on-demand", "reserved" ...
  Label provider;
  Label as_of;  ///< ISO date
  Label source;
};

/// The purchase price of one device.
struct PurchasePrice {
  double usd{0};
  std::string what;   ///< "launch price", "64 GB"
  std::string as_of;  ///< ISO date
  std::string source;
};

/// One of the sizes of memory that a chip is sold with.
struct MemorySize {
  Bytes memory;
  double bandwidth{0};  ///< bytes per second
  double gpu_share{1};
};

struct Device {
  static constexpr std::string_view kTable = "devices";
  [[nodiscard]] static Device read(const Value& row);

  std::string id;
  std::string name;
  std::string maker;
  std::string released;  ///< ISO date
  std::vector<std::string> aliases;
  Bytes memory;                                              ///< what the driver reports where known
  double bandwidth{0};                                       ///< bytes per second
  std::vector<std::pair<std::string, FlopsPerSecond>> peak;  ///< by number format, dense
  Watts power;
  std::string link;               ///< to its peers: "NVLink 4", "PCIe 4.0 x16"; empty: not known
  double link_gb_s{0};            ///< 1e9 bytes per second in each direction, to all peers together; 0: not known
  std::uint64_t node{8};          ///< the most devices that one machine or one link joins
  bool consumer{false};           ///< a consumer card, laptop or box rather than a server
  bool unified{false};            ///< its memory is the host's
  double gpu_share{1};            ///< fraction of the memory that the system lets the GPU use by default
  std::string memory_label;       ///< the vendor's word for its memory: "80 GB"
  std::vector<MemorySize> sizes;  ///< ascending; empty: one size
  std::vector<PriceQuote> prices;
  std::optional<PurchasePrice> purchase;
  std::string source;
  std::string unverified;   ///< keys of its entry whose source was not opened, joined by commas; "all" for every one
  bool written_out{false};  ///< specified on the command line, not from a catalog

  /// What the system lets the GPU use by default.
  [[nodiscard]] Bytes gpu_memory() const;

  /// The class whose speed constants apply: "nvidia-ada" (Ada, Hopper and later), "nvidia-ampere", "nvidia-turing",
  /// "nvidia-pascal", "amd", "apple", "intel", "other"; derived from maker, units and date.
  [[nodiscard]] std::string_view speed_class() const;

  /// The dense peak in that format; nothing when the source gives none.
  [[nodiscard]] std::optional<FlopsPerSecond> peak_for(std::string_view dtype) const;
};

/// Devices are shared and never changed. nullptr: none.
using SharedDevice = std::shared_ptr<const Device>;

/// The chip with that memory. Where the memory is slower the GPU has fewer cores, and its peak speed is not known.
[[nodiscard]] Device of_size(const Device& chip, const MemorySize& size);

/// A device by its specification: "memory=48GiB,fp16=181TFLOP/s,bandwidth=864GB/s,watts=300,price=0.86,name=...". Any
/// number format names a dense peak. The command that needs a missing value asks for it. Throws usage Error naming what
/// is wrong and what is known.
[[nodiscard]] Device parse_device(std::string_view text);

}  // namespace paramcount
