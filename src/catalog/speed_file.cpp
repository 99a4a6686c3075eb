// Rows of data/speed.json.
#include "paramcount/catalog/speed_constants.hpp"

#include "catalog/fields.hpp"

namespace paramcount {
namespace {

double share(Fields& fields, std::string_view key) {
  const auto number = fields.number(key);
  if (!number || !(*number > 0) || *number > 1) fields.fail(key, "expected a fraction above 0, at most 1");
  return *number;
}

/// Microseconds; 0 when absent.
double microseconds(Fields& fields, std::string_view key) {
  const double number = fields.number(key).value_or(0);
  if (number < 0) fields.fail(key, "expected microseconds");
  return number * 1e-6;
}

SpeedRange range(Fields& fields, std::string_view key) {
  const auto& list = list_of(fields.need(key), "/" + std::string(key));
  const auto number = [&](std::size_t at) {
    if (list.size() != 2) fields.fail(key, "expected two factors");
    if (const auto* real = list[at].as<double>()) return *real;
    const auto* whole = list[at].as<std::int64_t>();
    if (whole == nullptr) fields.fail(key, "expected two factors");
    return static_cast<double>(*whole);
  };
  const SpeedRange range{number(0), number(1)};
  if (!(range.low > 0) || range.low > 1 || range.high < 1) fields.fail(key, "expected a factor up to 1 and one from 1");
  return range;
}

}  // namespace

SpeedConstants SpeedConstants::read(const Value& row) {
  Fields fields(row, "");
  SpeedConstants speed;
  speed.id = fields.need_text("id");
  speed.program = fields.need_text("program");
  speed.device_class = fields.need_text("devices");
  speed.text = fields.need_text("text");
  speed.bandwidth = share(fields, "bandwidth");
  speed.layer_s = microseconds(fields, "layer_us");
  speed.group_layer_s = microseconds(fields, "group_layer_us");
  speed.compute = share(fields, "compute");
  speed.sequence_s = microseconds(fields, "sequence_us");
  speed.prompt_compute = share(fields, "prompt_compute");
  speed.prompt_token_s = microseconds(fields, "prompt_token_us");
  speed.chunk = fields.count("chunk").value_or(0);
  speed.sequences = fields.count("sequences").value_or(0);
  if (speed.chunk == 0) fields.fail("chunk", "expected tokens");
  if (speed.sequences == 0) fields.fail("sequences", "expected a number of sequences");
  if (fields.get("host_bandwidth") != nullptr) speed.host_bandwidth = share(fields, "host_bandwidth");
  speed.host_layer_s = microseconds(fields, "host_layer_us");
  speed.power = fields.number("power").value_or(1);
  speed.decode = range(fields, "decode_range");
  speed.batched = range(fields, "batched_range");
  speed.prompt = range(fields, "prompt_range");
  speed.offload = range(fields, "offload_range");
  speed.watts = range(fields, "power_range");
  speed.decode_rows = fields.count("decode_rows").value_or(0);
  speed.batched_rows = fields.count("batched_rows").value_or(0);
  speed.prompt_rows = fields.count("prompt_rows").value_or(0);
  speed.source = fields.need_text("source");
  fields.finish();
  return speed;
}

}  // namespace paramcount
