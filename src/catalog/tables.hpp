// Rows of data/devices.json, data/dtypes.json, data/file_types.json, data/speed.json, data/config_keys.json,
// data/config_kinds.json, data/packed.json, data/sharding.json and data/media_tokens.json.
#pragma once

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/config_keys.hpp"
#include "paramcount/catalog/config_kind.hpp"
#include "paramcount/catalog/device.hpp"
#include "paramcount/catalog/dtype.hpp"
#include "paramcount/catalog/file_type.hpp"
#include "paramcount/catalog/media_rule.hpp"
#include "paramcount/catalog/packed_format.hpp"
#include "paramcount/catalog/sharding.hpp"
#include "paramcount/catalog/speed_constants.hpp"

namespace paramcount {

/// All throw Error with a JSON pointer when a field is missing, of the wrong kind, or unknown.
[[nodiscard]] Device read_device(const Value& row);
/// Takes a row's quotes out, as lines of one text for the built-in catalog's table of prices: true stands in their
/// place. Empty where there are none.
[[nodiscard]] std::string pack_prices(Value& row);
/// Takes out of a device's row what only people read.
void drop_texts_for_people(Value& row);
[[nodiscard]] Dtype read_dtype(const Value& row);
[[nodiscard]] FileType read_file_type(const Value& row);
[[nodiscard]] SpeedConstants read_speed(const Value& row);
[[nodiscard]] ConfigKeyRow read_config_keys(const Value& row);
[[nodiscard]] ConfigKind read_config_kind(const Value& row);
[[nodiscard]] PackedFormat read_packed_format(const Value& row);
[[nodiscard]] ShardingRow read_sharding(const Value& row);
[[nodiscard]] MediaRule read_media_rule(const Value& row);

}  // namespace paramcount
