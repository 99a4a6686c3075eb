#include "catalog/model_file.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "catalog/fields.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kMoved = "training facts belong in runs.json, in a run with the model's id";

constexpr std::array<std::string_view, 4> kDimGroups{"dims", "attention", "ffn", "norm"};

/// The members of `own`, before them those of `other` that it lacks.
void add_missing(Value::Object& own, const Value* other) {
  const auto* members = other != nullptr ? other->as<Value::Object>() : nullptr;
  if (members == nullptr) return;
  Value::Object all;
  for (const auto& member : *members) {
    const auto has = [&](const Value::Member& mine) { return mine.first == member.first; };
    if (std::none_of(own.begin(), own.end(), has)) all.push_back(member);
  }
  all.insert(all.end(), own.begin(), own.end());
  own = std::move(all);
}

void read_dims(Fields& fields, std::string_view group, Model& model) {
  for (const auto& [name, value] : fields.members(group)) {
    if (value.as<Value::List>() != nullptr || value.as<Value::Object>() != nullptr) {
      throw Error("/" + std::string(group) + "/" + printable(name) + ": expected one value; lists go under config");
    }
    model.dims.emplace_back(name, value);
  }
}

PublishedCount read_published(const Value& value) {
  Fields fields(value, "/published");
  PublishedCount published;
  published.total = fields.count("total");
  published.total_is = fields.text("total_is");
  published.active = fields.count("active");
  published.source = fields.need_text("source");
  for (const std::string_view moved :
       {"tokens", "flops", "device_hours", "days", "energy_kwh", "co2e_t", "cost_usd", "mfu", "mfu_low", "mfu_high"}) {
    if (fields.get(moved) != nullptr) fields.fail(moved, std::string(kMoved));
  }
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

ApiPrice read_api_price(const Value& value) {
  Fields fields(value, "/api_price");
  ApiPrice price;
  price.usd_per_million = fields.positive("usd_per_million");
  price.as_of = fields.need_text("as_of");
  price.source = fields.need_text("source");
  fields.finish();
  return price;
}

/// A fact with its own source is marked there if it is not verified.
void mark_sources(Model& model) {
  constexpr std::string_view kMark = ", unverified";
  if (marks_unverified(model.unverified, "published")) model.published.source += kMark;
  if (marks_unverified(model.unverified, "benchmarks")) {
    for (auto& benchmark : model.benchmarks) benchmark.source += kMark;
  }
  if (model.api_price && marks_unverified(model.unverified, "api_price")) model.api_price->source += kMark;
}

}  // namespace

bool marks_unverified(std::string_view unverified, std::string_view key) {
  const auto marked = split(unverified, ',');
  return unverified == "all" || std::find(marked.begin(), marked.end(), key) != marked.end();
}

Value resolve_model(const Value& file, const ModelFiles& files) {
  const auto* name = file.find("same_as");
  if (name == nullptr) return file;
  const std::string& wanted = need_text(*name, "/same_as");
  for (const std::string_view key : {"family", "disclosed"}) {
    if (file.find(key) != nullptr) throw Error("/" + std::string(key) + ": that of " + printable(wanted) + " holds");
  }
  const auto other = files(wanted);
  if (!other) throw Error("/same_as: there is no " + printable(wanted));
  if (const auto* next = other->find("same_as"); next != nullptr) {
    throw Error("/same_as: " + printable(wanted) + " takes its dimensions from another model: name " + brief(*next));
  }
  const auto* family = other->find("family");
  if (family == nullptr) throw Error("/same_as: " + printable(wanted) + " has no dimensions");
  Value whole = file;
  whole.set("family", *family);
  if (const auto* modality = other->find("modality"); modality != nullptr && file.find("modality") == nullptr) {
    whole.set("modality", *modality);
  }
  const auto object = [](const Value& of, std::string_view key) {
    const auto* value = of.find(key);
    return value != nullptr ? object_of(*value, "/" + std::string(key)) : Value::Object{};
  };
  Value::Object config = object(file, "config");
  add_missing(config, other->find("config"));
  if (!config.empty()) whole.set("config", std::move(config));
  // The groups are for reading only: what one names another may change.
  Value::Object own;
  for (const auto group : kDimGroups) {
    for (auto& member : object(file, group)) own.push_back(std::move(member));
  }
  for (auto group = kDimGroups.rbegin(); group != kDimGroups.rend(); ++group) add_missing(own, other->find(*group));
  std::erase_if(*whole.as<Value::Object>(), [](const Value::Member& member) {
    return std::find(kDimGroups.begin(), kDimGroups.end(), member.first) != kDimGroups.end();
  });
  if (!own.empty()) whole.set("dims", std::move(own));
  return whole;
}

Model read_model(const Value& file) {
  Fields fields(file, "");
  Model model;
  model.id = fields.need_text("id");
  model.name = fields.need_text("name");
  model.aliases = fields.texts("aliases");
  model.source = fields.text("source");
  model.note = fields.text("note");
  model.disclosed = fields.flag("disclosed", true);
  model.unverified = fields.unverified();
  if (!model.disclosed) {
    model.lab = fields.text("lab");
    model.statement = fields.need_text("statement");
    model.as_of = fields.text("as_of");
    fields.finish();
    return model;
  }
  model.family = fields.need_text("family");
  model.dims.reserve(16);  // more than most have
  for (const auto group : kDimGroups) read_dims(fields, group, model);
  if (const auto* config = fields.get("config")) {
    if (config->as<Value::Object>() == nullptr) fields.fail("config", "expected an object, got " + brief(*config));
    model.config = *config;
  }
  model.dtype = fields.text("dtype");
  model.released = fields.text("released");
  model.licence = fields.text("licence");
  model.modality = fields.text("modality");
  model.lab = fields.text("lab");
  model.same_as = fields.text("same_as");
  for (const auto& benchmark : fields.list("benchmarks")) model.benchmarks.push_back(read_benchmark(benchmark));
  if (fields.get("training") != nullptr) fields.fail("training", std::string(kMoved));
  if (const auto* published = fields.get("published")) model.published = read_published(*published);
  if (const auto* price = fields.get("api_price")) model.api_price = read_api_price(*price);
  if (!model.unverified.empty()) mark_sources(model);
  fields.finish();
  return model;
}

}  // namespace paramcount
