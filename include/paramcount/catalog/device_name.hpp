// Devices by their usual names: "RTX 4090", "m4max", "2x4090", "H100 80GB", "m4-max:64GB", a driver's name, "here", and
// devices by specification ("memory=48GiB,bandwidth=864GB/s").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/catalog/device.hpp"

namespace paramcount {

class Catalog;

/// A device, and how many of it where the text says so: 2 of "2x4090", all there are of "here".
struct NamedDevice {
  SharedDevice device;
  std::optional<std::uint64_t> count;
};

/// Case, separators, makers' names and words such as "GeForce" are ignored. Of a chip with several memory sizes the one
/// given, else the device's default. Throws usage Error: unknown, with the nearest names; ambiguous, with the
/// candidates; not sold with that size, with those it is sold with.
[[nodiscard]] NamedDevice find_device(std::string_view text, const Catalog& catalog);

/// The same where one device is meant: more of it is a usage Error.
[[nodiscard]] SharedDevice find_one_device(std::string_view text, const Catalog& catalog);

/// Ids of the devices that a string may mean: those with that name, else those whose names begin with it, in natural
/// order. None if it names no device.
[[nodiscard]] std::vector<std::string> devices_called(std::string_view text, const Catalog& catalog);

/// The catalog's device of a name that a driver reports; nullptr when none or several fit.
[[nodiscard]] SharedDevice match_device(std::string_view reported, const Catalog& catalog);

}  // namespace paramcount
