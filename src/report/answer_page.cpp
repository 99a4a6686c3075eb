#include <algorithm>
#include <array>
#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/count/companion.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "remote/remote_name.hpp"
#include "report/adapter_report.hpp"
#include "report/checkpoint_report.hpp"
#include "report/companion_report.hpp"
#include "report/count_report.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"
#include "report/media_report.hpp"
#include "report/memory_report.hpp"
#include "report/parts_report.hpp"
#include "report/training_report.hpp"

namespace paramcount {
namespace {

/// The order of a page: the way a token takes.
constexpr std::array<RoleKind, kRoleKinds> kPageOrder{
    RoleKind::vision,    RoleKind::audio, RoleKind::projector, RoleKind::embedding, RoleKind::position,
    RoleKind::attention, RoleKind::mixer, RoleKind::ffn,       RoleKind::expert,    RoleKind::shared_expert,
    RoleKind::router,    RoleKind::norm,  RoleKind::head,      RoleKind::other};

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

Cell fact(std::string text, std::string keys) { return {std::move(text), Style::plain, std::move(keys)}; }

std::string layers_text(const Answer& answer) {
  const auto& inventory = answer.inventory;
  if (inventory.flag("encoder_decoder")) {
    return count_of(inventory, "n_encoder_layers") + " + " + count_of(inventory, "n_layers") + " layers";
  }
  std::string text = count_of(inventory, "n_layers") + " layers";
  if (const auto mtp = inventory.count("n_mtp"); mtp > 0 && inventory.stored) text += " + " + several(mtp, "MTP block");
  const auto moe = size_of(layers_with(inventory, RoleKind::expert));
  const auto all = inventory.count("n_layers");
  if (moe > 0 && moe < all) text += ": " + std::to_string(all - moe) + " dense, " + std::to_string(moe) + " MoE";
  return text;
}

void heads_facts(const Inventory& inventory, std::vector<Cell>& facts) {
  const auto heads = inventory.count("n_heads");
  if (heads == 0) return;
  const auto latent = inventory.count("kv_lora_rank");
  if (latent > 0) {
    facts.push_back(fact(grouped(heads) + " heads", "dims.n_heads"));
    facts.push_back(fact("MLA " + grouped(latent) + " + " + count_of(inventory, "qk_rope_head_dim"),
                         "dims.kv_lora_rank dims.qk_rope_head_dim"));
    return;
  }
  const auto head_dim = inventory.count("head_dim");
  facts.push_back(head_dim > 0 ? fact(grouped(heads) + " heads × " + grouped(head_dim), "dims.n_heads dims.head_dim")
                               : fact(grouped(heads) + " heads", "dims.n_heads"));
  const auto kv = inventory.count("n_kv_heads");
  if (kv > 0 && kv != heads) {
    facts.push_back(fact(grouped(kv) + (kv == 1 ? " KV head" : " KV heads"), "dims.n_kv_heads"));
  }
}

std::vector<Cell> summary(const Answer& answer) {
  const auto& inventory = answer.inventory;
  std::vector<Cell> facts;
  if (inventory.count("n_layers") > 0) facts.push_back(fact(layers_text(answer), "dims.n_layers"));
  // Where a GGUF's metadata lacks a key, that is said; other dimensions are those that the architecture has.
  const auto left_out = [&](std::string_view dim) {
    const auto& dims = inventory.dims_default;
    return inventory.gguf && std::any_of(dims.begin(), dims.end(), [&](const auto& one) { return one.first == dim; });
  };
  const auto number = [&](std::string_view dim, const std::string& label) {
    if (left_out(dim)) facts.push_back({label + " " + kNone});
    if (inventory.count(dim) == 0) return;
    facts.push_back(fact(label + " " + count_of(inventory, dim), "dims." + std::string(dim)));
  };
  number("d_model", "d_model");
  heads_facts(inventory, facts);
  const bool moe = has_role(answer, RoleKind::expert);
  if (moe) {
    // Without a known architecture, not every file says how many there are.
    const auto known = [&](std::string_view dim) {
      return left_out(dim) || inventory.count(dim) == 0 ? kNone : count_of(inventory, dim);
    };
    const std::string experts = known("n_experts") + " experts";
    facts.push_back(
        inventory.count("d_ff_expert") > 0
            ? fact(experts + " of d_ff " + count_of(inventory, "d_ff_expert"), "dims.n_experts dims.d_ff_expert")
            : fact(experts, "dims.n_experts"));
    facts.push_back(fact(known("experts_per_token") + " per token", "dims.experts_per_token"));
    if (inventory.count("n_shared_experts") > 0) {
      facts.push_back(fact(count_of(inventory, "n_shared_experts") + " shared", "dims.n_shared_experts"));
    }
  }
  if (has_role(answer, RoleKind::ffn)) number("d_ff", "d_ff");
  number("d_inner", "d_inner");
  number("d_state", "d_state");
  number("vocab_size", "vocabulary");
  number("max_positions", "context");
  if (inventory.dim("tied_embeddings") != nullptr) {
    facts.push_back({inventory.flag("tied_embeddings") ? "tied head" : "untied head"});
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

PageTable parameters_table(const Answer& answer, const Figures& figures) {
  const bool sparse = answer.params.active != answer.params.total;
  const std::string total = "params.total";
  const std::string active = "params.active";
  const double whole = figures.number(total);
  PageTable table;
  if (sparse) {
    table.own_grid = true;
    table.head = {{"Parameters", Style::strong}, {{"total"}, {""}, {"active"}, {""}}};
  } else {
    table.bars = PageTable::Bars::shares;
    table.head = {{"Parameters", Style::strong},
                  cells_of(figures.cell(total, Style::strong), figures.scaled(total, Style::strong))};
  }
  for (const auto kind : kPageOrder) {
    if (!has_role(answer, kind)) continue;
    const std::string role = "params.by_role." + std::string(name_of(kind));
    Line line{{role_label(answer, kind)}, cells_of(figures.cell(role), figures.share(role, total))};
    if (sparse) {
      const std::string used = "params.active_by_role." + std::string(name_of(kind));
      line.cells.push_back(figures.cell(used));
      line.cells.push_back(figures.share(used, active));
    } else {
      line.bar = figures.number(role) / whole;
    }
    table.lines.push_back(std::move(line));
  }
  if (sparse) {
    table.lines.push_back({{""},
                           cells_of(figures.cell(total, Style::strong), figures.scaled(total, Style::strong),
                                    figures.cell(active, Style::strong), figures.scaled(active, Style::strong))});
  }
  return table;
}

/// To three significant digits.
double three_digits(double value) {
  const double unit = std::pow(10.0, std::floor(std::log10(value)) - 2);
  return std::round(value / unit) * unit;
}

/// Figures that people quote besides the total, each with the sum that makes it.
PageTable headlines_table(const Answer& answer, const Figures& figures) {
  const auto& p = answer.params;
  PageTable table;
  table.own_grid = true;
  table.head = {{"Headlines", Style::strong}, {}};
  const bool large = p.total.value >= 1'000'000'000;
  const auto line = [&](const std::string& key, Cell remark, bool named) {
    if (!figures.has(key)) return;
    const std::string name = named && large ? scaled_short(three_digits(figures.number(key))) : "";
    table.lines.push_back({{name, Style::plain, key}, cells_of(figures.cell(key)), std::move(remark)});
  };
  const auto more = [&](const std::string& what, const std::string& key, const std::string& after = {}) {
    return Cell{"+ " + what + " " + figures.text(key) + after, Style::plain, key};
  };
  line("params.total", {"all of the above"}, true);
  line("params.with_buffers", more("buffers", "params.buffers", ", not trained"), false);
  line("params.with_mtp", more("MTP layers", "params.mtp"), p.scales.value == 0);
  line("params.with_scales", more("fp8 scales", "params.scales"), true);
  if (p.active == p.total) return table;
  line("params.active", {"active per token"}, p.active.value >= 1'000'000'000);
  if (const auto& published = answer.model.published.active) {
    table.lines.back().label.text = scaled_short(static_cast<double>(*published));
    table.lines.back().label.key = "training.published.active";
  }
  line("params.active_without_embedding", {"active, without the input embedding"}, false);
  return table;
}

PageTable decode_table(const DecodeBound& bound, const Figures& figures) {
  PageTable table;
  table.own_grid = true;
  table.head = {{"Generation", Style::strong}, {{"at best"}}};
  table.lines.push_back(figures.line("decode.read_bytes"));
  table.lines.push_back(figures.line("decode.seconds_per_step", "one step on " + figures.text("decode.devices") +
                                                                    " × " + printable(bound.device->name)));
  table.lines.push_back(figures.line("decode.tokens_per_second"));
  if (bound.likely) {
    Line line = figures.line("decode.likely_tokens_per_second", "likely");
    line.remark = {figures.text("decode.likely_tokens_per_second_low") + " to " +
                       figures.text("decode.likely_tokens_per_second_high"),
                   Style::dim, "decode.likely_tokens_per_second_low decode.likely_tokens_per_second_high"};
    table.lines.push_back(std::move(line));
  }
  if (bound.per_thousand) {
    table.lines.push_back(
        figures.line("decode.usd_per_1000_tokens", "1,000 tokens at " + figures.text("decode.price_usd_per_hour")));
  }
  return table;
}

/// A row for each number format.
PageTable decode_table(const std::vector<DecodeBound>& bounds, const Figures& figures) {
  if (bounds.size() == 1) return decode_table(bounds.front(), figures);
  const bool priced = bounds.front().per_thousand.has_value();
  PageTable table;
  table.own_grid = true;
  table.head = {{"Generation, at best", Style::strong},
                cells_of(Cell{bounds.front().device->name}, Cell{"read per step"}, Cell{"step time"}, Cell{"tokens/s"},
                         Cell{"likely"})};
  if (priced) table.head.cells.push_back({"1,000 tokens"});
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const std::string key = "decode.by_dtype." + std::to_string(i) + ".";
    Line line{{bounds[i].dtype, Style::plain, key + "dtype"}, {}};
    if (!bounds[i].impossible.empty()) {
      line.cells = {figures.cell(key + "devices"), {"too few", Style::bad}};
    } else {
      for (const char* part :
           {"devices", "read_bytes", "seconds_per_step", "tokens_per_second", "likely_tokens_per_second"}) {
        line.cells.push_back(figures.cell(key + part));
      }
      if (priced) line.cells.push_back(figures.cell(key + "usd_per_1000_tokens"));
    }
    table.lines.push_back(std::move(line));
  }
  return table;
}

}  // namespace

std::vector<Note> answer_notes(const Answer& answer, const FigureStyle& style) {
  std::vector<Note> notes;
  const auto& model = answer.model;
  if (answer.inventory.adapter) return adapter_notes(answer);
  if (is_companion(model.kind())) return checkpoint_notes(answer);
  if (answer.inventory.stored) notes = checkpoint_notes(answer);
  part_notes(answer, notes);
  notes.reserve(notes.size() + 8);
  add_family_notes(answer.inventory, notes);
  if (!model.note.empty()) notes.push_back({"", printable(model.note) + (model.note.ends_with('.') ? "" : ".")});
  if (marks_unverified(model.unverified, "dims") || marks_unverified(model.unverified, "config")) {
    notes.push_back({"unverified", "no source for the catalog's dimensions was opened."});
  }
  const auto& published = model.published;
  if (published.total) {
    const std::string is = published.total_is.empty() ? "" : " (" + printable(published.total_is) + ")";
    if (*published.total != answer.params.total.value) {
      notes.push_back(
          {"published", grouped(*published.total) + " parameters" + is + "; " + printable(published.source) + "."});
    }
  }
  if (answer.context.origin == Origin::given || answer.media) {
    note_long_context(answer.inventory, answer.cache.context, notes);
  }
  if (answer.context.origin == Origin::assumed && !answer.inventory.family.empty()) {
    const auto longest = answer.inventory.count("max_positions");
    notes.push_back({"context",
                     joined({grouped(answer.context.value), " tokens",
                             longest > 0 ? joined({", the smaller of ", grouped(kDefaultContext), " and the model's ",
                                                   grouped(longest)})
                                         : " assumed",
                             "; --context changes it."}),
                     Note::Weight::basis});
  }
  if (answer.media) media_notes(*answer.media, notes);
  memory_notes(answer, notes);
  if (!answer.decode.empty()) {
    notes.push_back(
        {"generation",
         "at best is a bound: memory bandwidth, or with many sequences peak FLOP/s, fully used; likely follows "
         "measured programs. One step generates one token per sequence. paramcount fit adds what a runtime needs."});
  }
  if (answer.training && answer.bill) training_notes(answer, style, notes);
  return notes;
}

Page answer_page(const Answer& answer, const Row& tree, const FigureStyle& style) {
  if (answer.inventory.adapter) return adapter_page(answer, tree, style);
  if (is_companion(answer.model.kind())) return companion_page(answer, tree, style);
  const Figures figures(tree, style);
  Page page;
  page.title = {printable(answer.model.name), Style::strong};
  const auto* stored = answer.inventory.stored.get();
  if (stored != nullptr && stored->unverified()) page.title.text += ", unverified";
  if (answer.inventory.incomplete()) page.title.text += ", incomplete";
  const std::string family = printable(answer.inventory.family);
  if (answer.model.only_parts) {
    page.aside = {printable(answer.model.index_class)};
  } else if (answer.model.kind() == CheckpointKind::model) {
    page.aside = {family.empty() ? "architecture not known" : family + ", " + architecture(answer)};
  } else {
    page.aside = {std::string(noun_of(answer.model.kind()))};
  }
  page.summary = summary(answer);
  page.tables.push_back(parameters_table(answer, figures));
  if (!answer.inventory.parts.empty()) page.tables.push_back(parts_table(answer, figures));
  const auto& p = answer.params;
  if (p.active != p.total || p.buffers.value > 0 || p.mtp.value > 0 || p.scales.value > 0)
    page.tables.push_back(headlines_table(answer, figures));
  if (stored != nullptr) page.tables.push_back(checkpoint_table(*stored, figures));
  if (answer.media) page.tables.push_back(media_table(*answer.media, figures));
  page.tables.push_back(memory_table(answer, figures));
  if (answer.device) page.tables.push_back(device_table(answer, figures));
  if (answer.llama_cpp) page.tables.push_back(process_table(answer, figures));
  if (!answer.decode.empty()) page.tables.push_back(decode_table(answer.decode, figures));
  if (answer.training && answer.bill) page.tables.push_back(training_table(answer, figures));
  page.notes = answer_notes(answer, style);
  if (is_remote(answer.model.origin))
    page.notes.push_back({"source", printable(answer.model.origin), Note::Weight::answer});
  return page;
}

}  // namespace paramcount
