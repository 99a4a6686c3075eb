// Devices as people say them: "RTX 4090", "m4max", "2x4090", "H100 80GB", "m4-max:64GB", what a driver prints, "here",
// and devices written out ("memory=48GiB,bandwidth=864GB/s").
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

/// Letter case, separators, makers' names and words such as "GeForce" do not count. Of a chip with several memory sizes
/// the one named, else the device's own. Throws usage Error: unknown, with the nearest names; several fit, with their
/// names; a size it does not come in, with those it does.
[[nodiscard]] NamedDevice find_device(std::string_view text, const Catalog& catalog);

/// The same where one device is meant: more of it is a usage Error.
[[nodiscard]] SharedDevice find_one_device(std::string_view text, const Catalog& catalog);

/// Ids of the devices that a text may mean: those called so, else those whose names begin so, as people sort them. None
/// for a text that names no device.
[[nodiscard]] std::vector<std::string> devices_called(std::string_view text, const Catalog& catalog);

/// The catalog's device of a name that a driver reports; nullptr when none or several fit.
[[nodiscard]] SharedDevice match_device(std::string_view reported, const Catalog& catalog);

}  // namespace paramcount
