#include "report/fit_speed_report.hpp"

#include <array>

#include "base/numbers.hpp"
#include "base/text.hpp"

namespace paramcount {
namespace {

void tell_estimate(Tree& tree, const std::string& key, const std::string& label, const Estimate& estimate, Unit unit,
                   const std::string& formula, const std::string& source) {
  tree.leaf(Label(key), Label(label), Measure(estimate.likely, unit), Label(formula), Label(source), Said::estimated);
  tree.leaf(Label(key + "_low"), Label(label + ", low"), Measure(estimate.low, unit), {}, Label(source),
            Said::estimated);
  tree.leaf(Label(key + "_high"), Label(label + ", high"), Measure(estimate.high, unit), {}, Label(source),
            Said::estimated);
}

constexpr const char* kStep = "bytes read / bandwidth + FLOPs / peak + layers × their cost, of a step";

/// "2.31", "0.062": small amounts of money keep two digits that say something.
std::string cents(double dollars) { return dollars < 0.995 ? significant(dollars, 2) : fixed(dollars, 2); }

struct Row3 {
  const char *key, *label;
};
constexpr std::array<Row3, 9> kRows{{{"tokens_per_second", "tokens/s of each"},
                                     {"total_tokens_per_second", "tokens/s of all, with prompts"},
                                     {"prefill_tokens_per_second", "prompt tokens/s"},
                                     {"first_token_s", "time to first token"},
                                     {"usd_per_million_output", "$ for 1 M tokens out"},
                                     {"usd_per_million_input", "$ for 1 M tokens in"},
                                     {"joules_per_token", "joules for a token"},
                                     {"wh_per_1000_tokens", "Wh for 1,000 tokens"},
                                     {"co2e_g_per_1000_tokens", "g CO2e for 1,000 tokens"}}};

const char* remedy(SpeedLimit limit) {
  switch (limit) {
    case SpeedLimit::bandwidth:
      return "fewer bits, or memory with more bandwidth";
    case SpeedLimit::compute:
      return "devices with a higher peak, or more of them";
    case SpeedLimit::launches:
      return "more sequences at once";
    case SpeedLimit::link:
      return "fewer devices in a tensor-parallel group, or a faster link";
    case SpeedLimit::host:
      return "more of the model on the device";
  }
  return "";
}

}  // namespace

void tell_speed(const Fit& fit, const Model& model, Tree& tree) {
  if (!fit.speed) {
    if (!fit.speed_unknown.empty()) tree.text("speed_unknown", "why no speed is told", fit.speed_unknown);
    return;
  }
  const ServingSpeed& speed = *fit.speed;
  const std::string& source = speed.constants.source;
  const auto inside = tree.group("speed", "speed");
  tree.leaf("prompt", "tokens of a prompt", speed.prompt, {}, "--prompt");
  tree.leaf("generate", "tokens of an answer", speed.generate, {}, "--generate");
  tree.leaf("batch", "sequences at once", speed.batch, {}, "--batch");
  tell_estimate(tree, kRows[0].key, kRows[0].label, speed.tokens_per_second, Unit::rate, kStep, source);
  const auto tell = [&](std::size_t at, const std::optional<Estimate>& estimate, Unit unit, const char* formula) {
    if (estimate) tell_estimate(tree, kRows.at(at).key, kRows.at(at).label, *estimate, unit, formula, source);
  };
  tell(1, speed.total, Unit::rate, "sequences × answer / (prompts + answer × step)");
  tell(2, speed.prefill, Unit::rate, "prompt / its time, one prompt alone");
  tell(3, speed.first_token, Unit::seconds, "prompt + a step, one prompt alone");
  tell(4, speed.usd_output, Unit::usd, "price / tokens generated, while generating");
  tell(5, speed.usd_input, Unit::usd, "price / tokens read, while reading prompts");
  tell(6, speed.joules, Unit::amount, "watts / tokens/s of all");
  tell(7, speed.watt_hours, Unit::amount, "joules × 1,000 / 3,600");
  tell(8, speed.co2e_grams, Unit::amount, "Wh × carbon of the grid");
  tree.text("limit", "what the time goes on", limit_name(speed.limit));
  if (speed.price) {
    tree.leaf("price_usd_per_hour", "price of all devices", *speed.price, {}, Label(speed.price_source), Said::assumed);
    tree.text("price_source", "price", speed.price_source);
  } else {
    tree.leaf("price_usd_per_hour", "price of all devices", Measure(Value()), {}, "no quote");
  }
  if (model.api_price) {
    tree.leaf("api_usd_per_million", "what its makers asked for 1 M tokens",
              Measure(model.api_price->usd_per_million, Unit::usd), {}, Label(model.api_price->source),
              Said::published);
  }
  if (!speed.grid.id.empty()) tree.text("grid", "electricity", speed.grid.id);
  if (speed.host_bandwidth > 0) {
    tree.leaf("ram_bytes_per_s", "bandwidth of the host's memory", Measure(speed.host_bandwidth, Unit::bytes_per_s), {},
              "--ram-bandwidth", Said::assumed);
  }
  tree.leaf("enough", "one alone is as fast as asked for", speed.enough);
  tree.text("measured", "measurements behind it", speed.constants.text);
  tree.leaf("measurements", "number of these", speed.constants.decode_rows + speed.constants.batched_rows, {},
            Label(source));
}

void tell_speed_briefly(const Fit& fit, Tree& tree, bool costs) {
  if (!fit.speed) return;
  const ServingSpeed& speed = *fit.speed;
  tell_estimate(tree, kRows[0].key, kRows[0].label, speed.tokens_per_second, Unit::rate, kStep, speed.constants.source);
  if (costs && speed.usd_output) {
    tell_estimate(tree, kRows[4].key, kRows[4].label, *speed.usd_output, Unit::usd,
                  "price / tokens generated, while generating", speed.constants.source);
  }
}

PageTable speed_table(const Fit& fit, const Figures& figures) {
  const ServingSpeed& speed = *fit.speed;
  PageTable table;
  table.own_grid = true;
  table.head = {
      {"Speed, " + grouped(speed.prompt) + " + " + grouped(speed.generate) + " tokens × " + grouped(speed.batch),
       Style::strong},
      {{"low"}, {"likely"}, {"high"}}};
  for (const auto& [key, label] : kRows) {
    const std::string whole = std::string("fit.speed.") + key;
    if (!figures.has(whole)) continue;
    const bool money = std::string_view(key).starts_with("usd");
    Line line{{label}, {}};
    for (const char* part : {"_low", "", "_high"}) {
      const std::string one = whole + part;
      line.cells.push_back(money ? figures.dressed(one, cents(figures.number(one))) : figures.cell(one));
    }
    table.lines.push_back(std::move(line));
  }
  return table;
}

void add_speed_notes(const Fit& fit, const Model& model, std::vector<Note>& notes) {
  if (!fit.speed) {
    if (!fit.speed_unknown.empty()) notes.push_back({"speed", printable(fit.speed_unknown) + "."});
    return;
  }
  const ServingSpeed& speed = *fit.speed;
  const auto& constants = speed.constants;
  const PassTime& step = speed.step;
  const std::array<double, 5> parts{step.bandwidth, step.compute, step.launches, step.link, step.host};
  const double most = parts.at(static_cast<std::size_t>(speed.limit));
  const bool own = constants.device_class != "any" || (constants.program == "served" && fit.device->maker == "NVIDIA");
  const std::string foreign = own ? "" : ", having none of this kind of device";
  notes.push_back({"speed", std::string(limit_name(speed.limit)) + " is " + fixed(100 * most / step.together(), 0) +
                                " % of a step; " + remedy(speed.limit) + " would change it most. Fitted to " +
                                constants.text + foreign +
                                "; of 10 unseen measurements 8 "
                                "lie within " +
                                fixed(speed.range.low, 2) + " to " + fixed(speed.range.high, 2) + " of it."});
  if (!speed.enough) {
    notes.push_back({"", "Even one sequence alone is slower than --min-tokens-per-second asks."});
  }
  if (step.host > 0) {
    notes.push_back({"", "The host's memory is taken to read " + fixed(speed.host_bandwidth / 1e9, 1) +
                             " GB/s; --ram-bandwidth sets yours."});
  }
  if (model.api_price) {
    const auto& price = *model.api_price;
    notes.push_back({"published", "its makers asked $" + shortest(price.usd_per_million) + " for 1 M tokens, $" +
                                      cents(price.usd_per_million / 1000) + " for 1,000 (" + price.as_of + ")."});
  }
  if (speed.price) {
    notes.push_back({"cost", "$" + fixed(speed.price->value, 2) +
                                 " an hour for all, always busy: " + printable(speed.price_source) + "."});
  } else {
    notes.push_back({"cost", "no quote for it; --price sets yours."});
  }
}

}  // namespace paramcount
