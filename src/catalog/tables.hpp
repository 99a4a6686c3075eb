// Rows of data/devices.json and data/dtypes.json.
#pragma once

#include "paramcount/device.hpp"
#include "paramcount/dtype.hpp"
#include "paramcount/value.hpp"

namespace paramcount {

/// Both throw Error with a JSON pointer when a field is missing, of the wrong kind, or unknown.
[[nodiscard]] Device read_device(const Value& row);
[[nodiscard]] Dtype read_dtype(const Value& row);

}  // namespace paramcount
