#include "report/fit_speed_report.hpp"

#include <array>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/tables.hpp"

namespace paramcount {
namespace {

/// "2.31", "0.062": small amounts of money keep two digits that say something.
std::string cents(double dollars) { return dollars < 0.995 ? significant(dollars, 2) : fixed(dollars, 2); }

/// A figure of the table, in the order of the page.
struct Told {
  const char *key, *label;
  Unit unit;
  const char* formula;
  std::optional<Estimate> ServingSpeed::*estimate;
};
constexpr std::array<Told, 9> kTold{{
    {"tokens_per_second", "tokens/s per sequence", Unit::rate,
     "per step: bytes read / bandwidth + FLOPs / peak + layers × overhead", &ServingSpeed::tokens_per_second},
    {"total_tokens_per_second", "total tokens/s, with prompts", Unit::rate,
     "sequences × answer / (prompts + answer × step)", &ServingSpeed::total},
    {"prefill_tokens_per_second", "prompt tokens/s", Unit::rate, "prompt tokens / prefill time, one prompt at a time",
     &ServingSpeed::prefill},
    {"first_token_s", "time to first token", Unit::seconds, "prefill of one prompt + one step",
     &ServingSpeed::first_token},
    {"usd_per_million_output", "$ per 1 M tokens out", Unit::usd, "price / tokens generated, while generating",
     &ServingSpeed::usd_output},
    {"usd_per_million_input", "$ per 1 M tokens in", Unit::usd, "price / tokens read, while reading prompts",
     &ServingSpeed::usd_input},
    {"joules_per_token", "joules per token", Unit::amount, "watts / total tokens/s", &ServingSpeed::joules},
    {"wh_per_1000_tokens", "Wh per 1,000 tokens", Unit::amount, "joules × 1,000 / 3,600", &ServingSpeed::watt_hours},
    {"co2e_g_per_1000_tokens", "g CO2e per 1,000 tokens", Unit::amount, "Wh × carbon of the grid",
     &ServingSpeed::co2e_grams},
}};

void tell_one(Tree& tree, const Told& told, const ServingSpeed& speed) {
  const auto& estimate = speed.*told.estimate;
  if (!estimate) return;
  const std::string key(told.key);
  const std::string label(told.label);
  const std::string& source = speed.constants.source;
  const auto leaf = [&](const char* part, const char* of, double value, const char* formula) {
    tree.leaf(Label(key + part), Label(label + of), Measure(value, told.unit), Label(std::string(formula)),
              Label(source), Said::estimated);
  };
  leaf("", "", estimate->likely, told.formula);
  leaf("_low", ", low", estimate->low, "");
  leaf("_high", ", high", estimate->high, "");
}

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
    if (!fit.speed_unknown.empty()) tree.text("speed_unknown", "why there is no speed", fit.speed_unknown);
    return;
  }
  const ServingSpeed& speed = *fit.speed;
  const auto inside = tree.group("speed", "speed");
  tree.leaf("prompt", "tokens of a prompt", speed.prompt, {}, "--prompt");
  tree.leaf("generate", "tokens of an answer", speed.generate, {}, "--generate");
  tree.leaf("batch", "sequences at once", speed.batch, {}, "--batch");
  for (const auto& told : kTold) tell_one(tree, told, speed);
  tree.text("limit", "what limits the speed", limit_name(speed.limit));
  if (speed.price) {
    tree.leaf("price_usd_per_hour", "price of all devices", *speed.price, {}, Label(speed.price_source), Said::assumed);
    tree.text("price_source", "price", speed.price_source);
  } else {
    tree.leaf("price_usd_per_hour", "price of all devices", Measure(Value()), {}, "no quote");
  }
  if (model.api_price) {
    tree.leaf("api_usd_per_million", "its makers' price per 1 M tokens",
              Measure(model.api_price->usd_per_million, Unit::usd), {}, Label(model.api_price->source),
              Said::published);
  }
  if (!speed.grid.id.empty()) tree.text("grid", "electricity", speed.grid.id);
  if (const auto& host = speed.host_bandwidth) {
    tree.leaf("ram_bytes_per_s", "bandwidth of host memory", Measure(host->value, Unit::bytes_per_s), {},
              "--ram-bandwidth", said_of(host->origin));
  }
  tree.leaf("enough", "one sequence alone is as fast as required", speed.enough);
  tree.text("measured", "measurements it is fitted to", speed.constants.text);
  tree.leaf("measurements", "number of measurements", speed.constants.decode_rows + speed.constants.batched_rows, {},
            Label(speed.constants.source));
}

void tell_speed_briefly(const Fit& fit, Tree& tree, bool costs) {
  if (!fit.speed) return;
  for (const auto& told : kTold) {
    const bool cost = told.estimate == &ServingSpeed::usd_output;
    if (told.estimate == &ServingSpeed::tokens_per_second || (cost && costs)) tell_one(tree, told, *fit.speed);
  }
}

PageTable speed_table(const Fit& fit, const Figures& figures) {
  const ServingSpeed& speed = *fit.speed;
  PageTable table = own_table(
      "Speed, " + grouped(speed.prompt) + " + " + grouped(speed.generate) + " tokens × " + grouped(speed.batch),
      {{"low"}, {"likely"}, {"high"}});
  for (const auto& told : kTold) {
    const std::string whole = std::string("fit.speed.") + told.key;
    if (!figures.has(whole)) continue;
    const bool money = told.unit == Unit::usd;
    Line line{{told.label}, {}};
    for (const char* part : {"_low", "", "_high"}) {
      const std::string one = whole + part;
      line.cells.push_back(money ? figures.rounded(one, cents(figures.number(one))) : figures.cell(one));
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
  const std::string foreign = own ? "" : ", none of them on this kind of device";
  notes.push_back({"speed", std::string(limit_name(speed.limit)) + " is " + fixed(100 * most / step.together(), 0) +
                                " % of a step; " + remedy(speed.limit) + " would change it most. Fitted to " +
                                constants.text + foreign +
                                "; of 10 unseen measurements 8 "
                                "lie within " +
                                fixed(speed.range.low, 2) + " to " + fixed(speed.range.high, 2) + " of it."});
  // From some speed on the milliseconds that a server, its sampling and a chat program take for each token show.
  constexpr double kFast = 100;
  if (constants.program == "llama.cpp" && speed.batch == 1 && speed.tokens_per_second->likely > kFast) {
    notes.push_back(
        {"so fast",
         "the program alone, as llama-bench measures it. A server or chat program adds time: for Gemma 4 26B-A4B on an "
         "RTX 3090 llama-bench gives 190 tokens/s (ggml-org/llama.cpp#29152), llama-server 119 to 143 (insiderllm.com, "
         "smeltcore.com), LM Studio 80 to 110 (aiproductivity.ai), all of 2026.",
         Note::Weight::basis});
  }
  if (!speed.enough) {
    notes.push_back({"", "Even one sequence alone is slower than --min-tokens-per-second requires."});
  }
  if (const auto& host = speed.host_bandwidth; host && host->origin == Origin::assumed) {
    notes.push_back({"", "Host memory is assumed to read at " + fixed(host->value / 1e9, 1) +
                             " GB/s; --ram-bandwidth changes it."});
  }
  if (!speed.total) {
    notes.push_back({"", "Prompt speed is not known, as the device's peak is not; add fp16=82TFLOP/s to --device."});
  }
  if (model.api_price) {
    const auto& price = *model.api_price;
    notes.push_back({"published", "its makers charged $" + shortest(price.usd_per_million) + " per 1 M tokens, $" +
                                      cents(price.usd_per_million / 1000) + " for 1,000 (" + price.as_of + ")."});
  }
  if (speed.price) {
    notes.push_back({"cost", "$" + fixed(speed.price->value, 2) +
                                 " an hour in total, always busy: " + printable(speed.price_source) + "."});
  } else {
    notes.push_back({"cost", "no quote for it; --price sets one."});
  }
}

}  // namespace paramcount
