#include <algorithm>
#include <array>
#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/checkpoint_report.hpp"
#include "report/count_report.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"
#include "report/memory_report.hpp"
#include "report/stored_report.hpp"

namespace paramcount {
namespace {

/// The order of a page: the way a token takes.
constexpr std::array<RoleKind, kRoleKinds> kPageOrder{
    RoleKind::vision,    RoleKind::audio, RoleKind::projector, RoleKind::embedding, RoleKind::position,
    RoleKind::attention, RoleKind::mixer, RoleKind::ffn,       RoleKind::expert,    RoleKind::shared_expert,
    RoleKind::router,    RoleKind::norm,  RoleKind::head,      RoleKind::other};

std::string share(Params part, Params whole) {
  const double percent = 100.0 * static_cast<double>(part.value) / static_cast<double>(whole.value);
  return percent < 0.05 ? "< 0.1 %" : fixed(percent, 1) + " %";
}

std::string count_of(const Inventory& inventory, std::string_view name) { return grouped(inventory.count(name)); }

bool has_role(const Answer& answer, RoleKind kind) { return answer.params.of(kind).total.value > 0; }

std::string architecture(const Answer& answer) {
  if (has_role(answer, RoleKind::expert)) return "mixture of experts";
  if (answer.inventory.flag("encoder_decoder")) return "encoder-decoder";
  if (has_role(answer, RoleKind::mixer)) return has_role(answer, RoleKind::attention) ? "hybrid" : "recurrent";
  return "dense";
}

/// Layers of the main stack that hold a tensor of that kind.
std::vector<Range> layers_with(const Inventory& inventory, RoleKind kind) {
  std::vector<Range> ranges;
  for (const auto& tensor : inventory.tensors) {
    if (tensor.role.kind != kind || tensor.layer_axis < 0 || tensor.mtp) continue;
    const auto& axis = tensor.axes[static_cast<std::size_t>(tensor.layer_axis)];
    if (ranges.empty()) {
      ranges = axis.ranges;
    } else if (axis.ranges != ranges) {
      return {};
    }
  }
  return ranges;
}

std::uint64_t size_of(const std::vector<Range>& ranges) { return Axis{"", ranges}.size(); }

std::string ranges_text(const std::vector<Range>& ranges) {
  std::string text;
  for (const auto& range : ranges) {
    text += (text.empty() ? "" : ", ") + std::to_string(range.first);
    if (range.last != range.first) text += "–" + std::to_string(range.last);
  }
  return text;
}

std::string layers_text(const Answer& answer) {
  const auto& inventory = answer.inventory;
  if (inventory.flag("encoder_decoder")) {
    return count_of(inventory, "n_encoder_layers") + " + " + count_of(inventory, "n_layers") + " layers";
  }
  std::string text = count_of(inventory, "n_layers") + " layers";
  const auto moe = size_of(layers_with(inventory, RoleKind::expert));
  const auto all = inventory.count("n_layers");
  if (moe > 0 && moe < all) text += ": " + std::to_string(all - moe) + " dense, " + std::to_string(moe) + " MoE";
  return text;
}

void heads_text(const Inventory& inventory, std::vector<std::string>& facts) {
  const auto heads = inventory.count("n_heads");
  if (heads == 0) return;
  const auto latent = inventory.count("kv_lora_rank");
  if (latent > 0) {
    facts.push_back(grouped(heads) + " heads");
    facts.push_back("MLA " + grouped(latent) + " + " + count_of(inventory, "qk_rope_head_dim"));
    return;
  }
  const auto head_dim = inventory.count("head_dim");
  facts.push_back(grouped(heads) + " heads" + (head_dim > 0 ? " × " + grouped(head_dim) : ""));
  const auto kv = inventory.count("n_kv_heads");
  if (kv > 0 && kv != heads) facts.push_back(grouped(kv) + (kv == 1 ? " kv head" : " kv heads"));
}

std::vector<std::string> summary(const Answer& answer) {
  const auto& inventory = answer.inventory;
  std::vector<std::string> facts;
  if (inventory.count("n_layers") > 0) facts.push_back(layers_text(answer));
  const auto number = [&](std::string_view dim, const std::string& label) {
    if (inventory.count(dim) > 0) facts.push_back(label + " " + count_of(inventory, dim));
  };
  number("d_model", "d_model");
  heads_text(inventory, facts);
  const bool moe = has_role(answer, RoleKind::expert);
  if (moe) {
    std::string experts = count_of(inventory, "n_experts") + " experts";
    if (inventory.count("d_ff_expert") > 0) experts += " of d_ff " + count_of(inventory, "d_ff_expert");
    facts.push_back(experts);
    facts.push_back(count_of(inventory, "experts_per_token") + " per token");
    if (inventory.count("n_shared_experts") > 0) facts.push_back(count_of(inventory, "n_shared_experts") + " shared");
  }
  if (has_role(answer, RoleKind::ffn)) number("d_ff", "d_ff");
  number("d_inner", "d_inner");
  number("d_state", "d_state");
  number("vocab_size", "vocabulary");
  number("max_positions", "context");
  if (inventory.dim("tied_embeddings") != nullptr) {
    facts.push_back(inventory.flag("tied_embeddings") ? "tied head" : "untied head");
  }
  return facts;
}

std::string role_label(const Answer& answer, RoleKind kind) {
  const auto& inventory = answer.inventory;
  const auto layers = layers_with(inventory, kind);
  const bool some = size_of(layers) > 0 && size_of(layers) < inventory.layer_count;
  switch (kind) {
    case RoleKind::expert: {
      const auto n = inventory.count("n_experts");
      return n > 0 && !layers.empty() ? "experts, " + grouped(n) + " × " + grouped(size_of(layers)) : "experts";
    }
    case RoleKind::ffn:
      return some && !inventory.flag("encoder_decoder") && layers.size() <= 2
                 ? (size_of(layers) == 1 ? "ffn, layer " : "ffn, layers ") + ranges_text(layers)
                 : "ffn";
    case RoleKind::shared_expert:
      return "shared expert";
    default:
      return std::string(name_of(kind));
  }
}

PageTable parameters_table(const Answer& answer) {
  const auto& p = answer.params;
  const bool sparse = p.active != p.total;
  PageTable table;
  if (sparse) {
    table.own_grid = true;
    table.head = {{"Parameters", Style::strong}, {{"total"}, {""}, {"active"}, {""}}};
  } else {
    table.bars = PageTable::Bars::shares;
    table.head = {
        {"Parameters", Style::strong},
        {{grouped(p.total.value), Style::strong}, {scaled(static_cast<double>(p.total.value)), Style::strong}}};
  }
  for (const auto kind : kPageOrder) {
    const auto& role = p.of(kind);
    if (role.total.value == 0) continue;
    Line line{{role_label(answer, kind)}, {{grouped(role.total.value)}, {share(role.total, p.total), Style::dim}}};
    if (sparse) {
      line.cells.push_back({grouped(role.active.value)});
      line.cells.push_back({share(role.active, p.active), Style::dim});
    } else {
      line.bar = static_cast<double>(role.total.value) / static_cast<double>(p.total.value);
    }
    table.lines.push_back(std::move(line));
  }
  if (sparse) {
    table.lines.push_back({{""},
                           {{grouped(p.total.value), Style::strong},
                            {scaled(static_cast<double>(p.total.value)), Style::strong},
                            {grouped(p.active.value), Style::strong},
                            {scaled(static_cast<double>(p.active.value)), Style::strong}}});
  }
  return table;
}

/// To three significant digits.
double three_digits(double value) {
  const double unit = std::pow(10.0, std::floor(std::log10(value)) - 2);
  return std::round(value / unit) * unit;
}

/// Figures people quote beside the total, each with the sum that makes it.
PageTable headlines_table(const Answer& answer) {
  const auto& p = answer.params;
  PageTable table;
  table.own_grid = true;
  table.head = {{"Headlines", Style::strong}, {}};
  const auto name = [](Params params) { return scaled_short(three_digits(static_cast<double>(params.value))); };
  const auto line = [&](const std::string& label, Params params, const std::string& remark) {
    Line made{{label}, {{grouped(params.value)}}};
    made.remark = {remark};
    table.lines.push_back(std::move(made));
  };
  const bool large = p.total.value >= 1'000'000'000;
  line(large ? name(p.total) : "", p.total, "all of the above");
  if (p.buffers.value > 0) line("", p.total + p.buffers, "+ buffers " + grouped(p.buffers.value) + ", not trained");
  Params with = p.total + p.buffers;
  if (p.mtp.value > 0) {
    with += p.mtp;
    line(large && p.scales.value == 0 ? name(with) : "", with, "+ MTP layers " + grouped(p.mtp.value));
  }
  if (p.scales.value > 0) {
    with += p.scales;
    line(large ? name(with) : "", with, "+ fp8 scales " + grouped(p.scales.value));
  }
  if (p.active != p.total) {
    const auto& published = answer.model.published.active;
    const bool named = large && p.active.value >= 1'000'000'000;
    line(published ? scaled_short(static_cast<double>(*published))
         : named   ? name(p.active)
                   : "",
         p.active, "active for each token");
    line("", p.active_without_embedding, "active, without the input embedding");
  }
  return table;
}

PageTable training_table(const Answer& answer) {
  const auto& t = *answer.training;
  const auto& published = answer.model.published;
  const auto& device = *t.device.value;
  const bool beside =
      published.flops || published.device_hours || published.days || published.cost_usd || published.tokens;
  PageTable table;
  table.head = {{"Training", Style::strong}, {{"ours"}, {beside ? "published" : ""}}};
  const bool tokens_assumed = t.tokens.origin == Origin::assumed;
  const bool time_assumed = tokens_assumed || t.mfu.origin == Origin::assumed;
  const auto line = [&](std::string label, const std::string& ours, bool assumed,
                        const std::optional<std::string>& theirs) {
    Line made{{std::move(label)}, {{(assumed ? "~" : "") + ours, assumed ? Style::caution : Style::plain}}};
    if (beside) made.cells.push_back({theirs.value_or("–")});
    table.lines.push_back(std::move(made));
  };
  const auto text = [](const std::optional<double>& value, auto format) -> std::optional<std::string> {
    if (!value) return std::nullopt;
    return format(*value);
  };
  const auto published_tokens = published.tokens ? published.tokens : answer.model.training.tokens;
  line("tokens", tokens_assumed ? amount(t.tokens.value) : scaled_short(t.tokens.value), tokens_assumed,
       text(published_tokens, scaled_short));
  line("FLOPs, 6nd", operations(t.flops.value), tokens_assumed, text(published.flops, [](double v) {
         // The published figure keeps the digits it was published with.
         std::string digits = shortest(v);
         return digits.find('e') == std::string::npos
                    ? scientific(v)
                    : scientific(v, static_cast<int>(digits.find('e') > 1 ? digits.find('e') - 1 : 1));
       }));
  line(device.name + " hours", amount(hours(t.cost.device_time)), time_assumed,
       text(published.device_hours, scaled_short));
  table.lines.back().remark = {"ours at " + percent(t.mfu.value) + " MFU", Style::dim};
  line("days on " + fixed(t.devices.value, 0), rounded(hours(t.cost.wall_time) / 24), time_assumed,
       text(published.days, [](double v) { return shortest(v); }));
  if (t.price) {
    line("cost at $" + fixed(t.price->value, 2) + "/h", money(t.cost.cost.value), time_assumed,
         text(published.cost_usd, money));
  }
  return table;
}

PageTable decode_table(const DecodeBound& bound) {
  PageTable table;
  table.own_grid = true;
  table.head = {{"Generation", Style::strong}, {{"at best"}}};
  const auto line = [&](const std::string& label, const std::string& value) {
    table.lines.push_back({{label}, {{value}}});
  };
  line("read for a step, GB", gb(bound.weights + bound.cache));
  line("ms a step on " + fixed(static_cast<double>(bound.devices), 0) + " × " + printable(bound.device->name),
       "~" + significant(bound.step.value * 1000, 3));
  line("tokens/s", "~" + significant(bound.tokens_per_second, 3));
  if (bound.per_thousand) {
    line("1,000 tokens at $" + fixed(bound.price->value, 2) + "/h", "~$" + significant(bound.per_thousand->value, 2));
  }
  return table;
}

}  // namespace

std::vector<Note> answer_notes(const Answer& answer) {
  std::vector<Note> notes;
  const auto& model = answer.model;
  if (answer.inventory.stored) notes = checkpoint_notes(answer);
  notes.reserve(notes.size() + 8);
  note_unverified(answer.inventory, notes);
  if (!model.note.empty()) notes.push_back({"", printable(model.note) + (model.note.ends_with('.') ? "" : ".")});
  if (model.stored) stored_notes(*model.stored, notes);
  const auto& published = model.published;
  if (published.total) {
    const std::string is = published.total_is.empty() ? "" : " (" + printable(published.total_is) + ")";
    if (*published.total != answer.params.total.value) {
      notes.push_back(
          {"published", grouped(*published.total) + " parameters" + is + "; " + printable(published.source) + "."});
    }
  }
  if (answer.context.origin == Origin::assumed && !answer.inventory.family.empty()) {
    const auto longest = answer.inventory.count("max_positions");
    notes.push_back(
        {"context",
         joined({grouped(answer.context.value), " tokens",
                 longest > 0 ? joined({", the smaller of 8,192 and the model's ", grouped(longest)}) : " assumed",
                 "; --context sets yours."})});
  }
  memory_notes(answer, notes);
  if (answer.decode) {
    notes.push_back({"generation",
                     "a bound: memory bandwidth in full use, no other cost; programs reach a half to nine "
                     "tenths of it. One step makes a token of each sequence."});
  }
  if (!answer.training) return notes;
  const auto& t = *answer.training;
  notes.push_back({"6nd", joined({"six FLOPs per active parameter and token, as the papers count it",
                                  answer.inventory.flag("encoder_decoder")
                                      ? "; a token passes one of the two stacks: half (GPT-3 paper, table D.1)."
                                      : "."})});
  if (t.tokens.origin == Origin::assumed) {
    notes.push_back({"tokens", "not published; 20 per parameter assumed (Hoffmann 2022); --tokens sets yours."});
  }
  const std::string run_source = printable(model.training.source);
  if (t.device.origin == Origin::assumed || t.devices.origin == Origin::assumed) {
    const bool one = t.devices.origin == Origin::assumed && t.devices.value == 1;
    notes.push_back(
        {"device", joined({one ? "one " : "", t.device.value->name, " assumed; --device and --devices set yours."})});
  }
  std::string hours_note =
      joined({percent(t.mfu.value), " of ", scaled_short(t.peak.value / 1e12), " TFLOP/s, dense ", t.peak_dtype});
  switch (t.mfu.origin) {
    case Origin::given:
      hours_note += ", as given";
      break;
    case Origin::published:
      hours_note += " (" + run_source + ")";
      break;
    case Origin::assumed:
      hours_note += ", assumed; --mfu sets yours";
      break;
  }
  if (published.device_hours && t.device.origin == Origin::published) {
    const double implied = implied_mfu(t.flops, t.peak, *published.device_hours);
    hours_note +=
        "; the published hours (" + printable(published.source) + ") imply " + percent(implied) + " over the whole run";
  }
  notes.push_back({"hours", std::move(hours_note += '.')});
  if (t.quote) {
    const auto all = t.device.value->prices.size();
    const bool several = t.quotes > 1;
    const std::string left_out =
        all > t.quotes ? joined({" (hyperscalers' ", std::to_string(all - t.quotes), " left out)"}) : "";
    notes.push_back({"cost", joined({several ? joined({"median of ", std::to_string(t.quotes), " "}) : "",
                                     t.quote->pricing, several ? " quotes" : "", left_out, ": ",
                                     printable(t.quote->provider), ", ", t.quote->as_of, "; --price sets yours."})});
  } else if (!t.price) {
    notes.push_back({"cost", "no dated quote of " + t.device.value->name + " is known; --price sets yours."});
  }
  return notes;
}

Page answer_page(const Answer& answer) {
  Page page;
  page.title = {printable(answer.model.name), Style::strong};
  const auto* stored = answer.model.stored.get();
  if (stored != nullptr && stored->unverified) page.title.text += ", unverified";
  const std::string family = printable(answer.inventory.family);
  page.aside = {family.empty() ? "architecture not known" : family + ", " + architecture(answer)};
  page.summary = summary(answer);
  page.tables.push_back(parameters_table(answer));
  const auto& p = answer.params;
  if (p.active != p.total || p.buffers.value > 0 || p.mtp.value > 0 || p.scales.value > 0)
    page.tables.push_back(headlines_table(answer));
  if (answer.inventory.stored) page.tables.push_back(checkpoint_table(*answer.inventory.stored));
  if (stored != nullptr) page.tables.push_back(stored_table(*stored));
  page.tables.push_back(memory_table(answer));
  if (answer.llama_cpp) page.tables.push_back(process_table(answer));
  if (answer.decode) page.tables.push_back(decode_table(*answer.decode));
  if (answer.training) page.tables.push_back(training_table(answer));
  page.notes = answer_notes(answer);
  return page;
}

}  // namespace paramcount
