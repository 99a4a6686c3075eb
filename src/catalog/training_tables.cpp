// Rows of data/optimizers.json, grids.json, laws.json, equivalents.json and runs.json.

#include "catalog/fields.hpp"
#include "paramcount/catalog/equivalent.hpp"
#include "paramcount/catalog/grid.hpp"
#include "paramcount/catalog/optimizer.hpp"
#include "paramcount/catalog/published_training.hpp"
#include "paramcount/catalog/scaling_law.hpp"

namespace paramcount {
namespace {

double bytes(Fields& fields, std::string_view key) {
  const auto number = fields.number(key);
  if (!number || *number < 0) fields.fail(key, "expected bytes per parameter");
  return *number;
}

}  // namespace

Optimizer Optimizer::read(const Value& row) {
  Fields fields(row, "");
  Optimizer optimizer;
  optimizer.id = fields.need_text("id");
  optimizer.name = fields.need_text("name");
  optimizer.aliases = fields.texts("aliases");
  optimizer.weights = bytes(fields, "weights");
  optimizer.gradients = bytes(fields, "gradients");
  optimizer.master = bytes(fields, "master");
  optimizer.states = bytes(fields, "states");
  optimizer.source = fields.need_text("source");
  fields.finish();
  return optimizer;
}

Grid Grid::read(const Value& row) {
  Fields fields(row, "");
  Grid grid;
  grid.id = fields.need_text("id");
  grid.name = fields.need_text("name");
  grid.aliases = fields.texts("aliases");
  grid.g_per_kwh = fields.positive("g_per_kwh");
  grid.as_of = fields.need_text("as_of");
  grid.source = fields.need_text("source");
  fields.finish();
  return grid;
}

ScalingLaw ScalingLaw::read(const Value& row) {
  Fields fields(row, "");
  ScalingLaw law;
  law.id = fields.need_text("id");
  law.name = fields.need_text("name");
  law.aliases = fields.texts("aliases");
  const std::string form = fields.need_text("form");
  if (form == "loss") {
    law.form = ScalingLaw::Form::loss;
    law.irreducible = fields.positive("E");
    law.a_coefficient = fields.positive("A");
    law.b_coefficient = fields.positive("B");
    law.alpha = fields.positive("alpha");
    law.beta = fields.positive("beta");
  } else if (form == "ratio") {
    law.form = ScalingLaw::Form::ratio;
    law.ratio = fields.positive("ratio");
  } else if (form == "power" || form == "kaplan") {
    law.form = ScalingLaw::Form::power;
    law.exponent = fields.positive("a");
    if (!(law.exponent < 1)) fields.fail("a", "expected an exponent below 1");
    law.n_at = fields.positive("N_at");
    law.c_at = fields.positive("C_at");
    if (form == "kaplan") {
      law.form = ScalingLaw::Form::kaplan;
      law.alpha_n = fields.positive("alpha_n");
      law.n_c = fields.positive("n_c");
      law.alpha_d = fields.positive("alpha_d");
      law.d_c = fields.positive("d_c");
      law.joint_alpha_n = fields.positive("joint_alpha_n");
      law.joint_n_c = fields.positive("joint_n_c");
      law.joint_alpha_d = fields.positive("joint_alpha_d");
      law.joint_d_c = fields.positive("joint_d_c");
    }
  } else {
    fields.fail("form", "expected loss, power, ratio or kaplan");
  }
  law.fitted_to = fields.positive("fitted_to");
  law.source = fields.need_text("source");
  fields.finish();
  return law;
}

Equivalent Equivalent::read(const Value& row) {
  Fields fields(row, "");
  Equivalent equivalent;
  equivalent.id = fields.need_text("id");
  equivalent.of = fields.need_text("of");
  if (equivalent.of != "count" && equivalent.of != "kwh" && equivalent.of != "co2e_t") {
    fields.fail("of", "expected count, kwh or co2e_t");
  }
  equivalent.each = fields.positive("each");
  equivalent.label = fields.need_text("label");
  equivalent.as_of = fields.need_text("as_of");
  equivalent.source = fields.need_text("source");
  fields.finish();
  return equivalent;
}

PublishedTraining PublishedTraining::read(const Value& row) {
  Fields fields(row, "");
  PublishedTraining run;
  run.id = fields.need_text("id");
  run.name = fields.need_text("name");
  run.model = fields.text("model");
  run.hardware = fields.text("hardware");
  run.device = fields.text("device");
  run.params = fields.number("params");
  run.active = fields.number("active");
  run.tokens = fields.number("tokens");
  run.sequence = fields.count("sequence");
  for (const auto& figure : kTrainingFigures) {
    if (figure.value != &TrainingFigures::energy_kwh) run.figures.*figure.value = fields.number(figure.key);
  }
  if (const auto mwh = fields.number("energy_mwh")) run.figures.energy_kwh = *mwh * 1000;
  run.tflops_per_device = fields.number("tflops_per_device");
  run.pue = fields.number("pue");
  run.watts = fields.number("watts");
  run.kg_per_kwh = fields.number("kg_per_kwh");
  run.note = fields.text("note");
  run.source = fields.marked_source();
  fields.finish();
  return run;
}

}  // namespace paramcount
