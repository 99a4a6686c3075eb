#include "catalog/model_file.hpp"

#include "base/text.hpp"
#include "catalog/fields.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

void read_dims(Fields& fields, std::string_view group, Model& model) {
  const auto* dims = fields.get(group);
  if (dims == nullptr) return;
  const auto* object = dims->as<Value::Object>();
  if (object == nullptr) fields.fail(group, "expected an object, got " + brief(*dims));
  for (const auto& [name, value] : *object) {
    if (value.as<Value::List>() != nullptr || value.as<Value::Object>() != nullptr) {
      throw Error("/" + std::string(group) + "/" + printable(name) + ": expected one value; lists go under config");
    }
    model.dims.emplace_back(name, value);
  }
}

TrainingRun read_training(const Value& value) {
  Fields fields(value, "/training");
  TrainingRun run;
  run.tokens = fields.number("tokens");
  run.device = fields.text("device");
  run.devices = fields.count("devices");
  run.sequence = fields.count("sequence");
  run.mfu = fields.number("mfu");
  run.source = fields.need_text("source");
  fields.finish();
  return run;
}

Published read_published(const Value& value) {
  Fields fields(value, "/published");
  Published published;
  published.total = fields.count("total");
  published.total_is = fields.text("total_is");
  published.active = fields.count("active");
  published.tokens = fields.number("tokens");
  published.flops = fields.number("flops");
  published.device_hours = fields.number("device_hours");
  published.days = fields.number("days");
  published.energy_kwh = fields.number("energy_kwh");
  published.co2e_t = fields.number("co2e_t");
  published.cost_usd = fields.number("cost_usd");
  published.mfu = fields.number("mfu");
  published.mfu_low = fields.number("mfu_low");
  published.mfu_high = fields.number("mfu_high");
  published.source = fields.need_text("source");
  fields.finish();
  return published;
}

Benchmark read_benchmark(const Value& value) {
  Fields fields(value, "/benchmarks");
  Benchmark benchmark;
  benchmark.name = fields.need_text("name");
  const auto score = fields.number("score");
  if (!score) fields.fail("score", "expected a number");
  benchmark.score = *score;
  benchmark.setting = fields.text("setting");
  benchmark.source = fields.need_text("source");
  fields.finish();
  return benchmark;
}

}  // namespace

Model read_model(const Value& file) {
  Fields fields(file, "");
  Model model;
  model.id = fields.need_text("id");
  model.name = fields.need_text("name");
  model.aliases = fields.texts("aliases");
  model.source = fields.text("source");
  model.note = fields.text("note");
  model.disclosed = fields.flag("disclosed", true);
  if (!model.disclosed) {
    static_cast<void>(fields.text("maker"));
    model.statement = fields.need_text("statement");
    model.as_of = fields.text("as_of");
    fields.finish();
    return model;
  }
  model.family = fields.need_text("family");
  for (const std::string_view group : {"dims", "attention", "ffn", "norm"}) read_dims(fields, group, model);
  if (const auto* config = fields.get("config")) {
    if (config->as<Value::Object>() == nullptr) fields.fail("config", "expected an object, got " + brief(*config));
    model.config = *config;
  }
  model.released = fields.text("released");
  model.licence = fields.text("licence");
  model.modality = fields.text("modality");
  if (const auto* benchmarks = fields.get("benchmarks")) {
    const auto* list = benchmarks->as<Value::List>();
    if (list == nullptr) fields.fail("benchmarks", "expected a list, got " + brief(*benchmarks));
    for (const auto& benchmark : *list) model.benchmarks.push_back(read_benchmark(benchmark));
  }
  if (const auto* training = fields.get("training")) model.training = read_training(*training);
  if (const auto* published = fields.get("published")) model.published = read_published(*published);
  fields.finish();
  return model;
}

}  // namespace paramcount
