#include "report/media_report.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/tables.hpp"

namespace paramcount {
namespace {

std::string name_of_use(const MediaUse& use) {
  return std::string(kMediaKindNames[static_cast<std::size_t>(use.rule.takes)]);
}

bool is_image(const MediaUse& use) { return use.rule.takes == MediaKind::image; }

/// "tokens = rows*columns // 4; rows = height // 14": the rule, the result first.
std::string rule_text(const MediaUse& use) {
  std::string text;
  for (const auto& [name, expression] : use.each.steps) {
    const std::string step = name + " = " + expression;
    text = name == "tokens" ? step + (text.empty() ? "" : "; ") + text : text + (text.empty() ? "" : "; ") + step;
  }
  return text;
}

void tell_use(const MediaUse& use, const MediaRequest& request, Tree& tree) {
  const std::string kind = name_of_use(use);
  const std::string of = is_image(use) ? "an image" : "the audio";
  const auto group = tree.group(Label(kind), Label(kind));
  if (is_image(use)) {
    tree.leaf("count", "images", count_value(use.count), {}, "--images", Said::given);
    if (request.image_size) {
      tree.leaf("width", "width", {count_value(request.image_size->width)}, {}, "--image-size", Said::given);
      tree.leaf("height", "height", {count_value(request.image_size->height)}, {}, "--image-size", Said::given);
    }
  } else {
    tree.leaf("seconds", "seconds of audio", number_value(request.seconds), {}, "--audio", Said::given);
  }
  const Label source = printable(use.rule.source);
  tree.leaf("tokens_each", Label("tokens of " + of), use.each.tokens, Label(rule_text(use)), source);
  if (use.each.markers > 0) {
    tree.leaf("markers_each", "of which processor markers", use.each.markers, {}, source);
  }
  tree.leaf("tokens", "tokens", use.tokens(), Label(grouped(use.count) + " × " + grouped(use.each.tokens)), source);
  if (use.each.cross > 0) {
    tree.leaf("encoder_positions", "positions for cross-attention", use.cross(),
              Label(grouped(use.count) + " × " + grouped(use.each.cross)), source);
  }
  if (use.each.positions) {
    tree.leaf("tower_positions_each", Label("positions in the tower of " + of), *use.each.positions, {}, source);
  }
  if (use.tower) {
    const std::string tensors = "the tower's tensors, which `paramcount tensors` lists";
    const auto flops = [](Flops work) { return Measure::whole(work.value, Unit::flops); };
    tree.leaf("tower_flops_each", Label("FLOPs of the tower for " + of), flops(*use.tower), Label(use.tower_parts),
              tensors);
    tree.leaf("tower_flops", "FLOPs of the tower", flops(use.towers()),
              Label(grouped(use.count) + " × " + grouped(static_cast<std::uint64_t>(use.tower->value))), tensors);
  }
}

}  // namespace

void tell_media(const MediaInput& input, Tree& tree) {
  const auto group = tree.group("media", "images and audio");
  for (const auto& use : input.uses) tell_use(use, input.request, tree);
  tree.leaf("tokens", "tokens of images and audio", input.tokens(), {}, "in every sequence, in addition to the text's");
  if (input.tokens() > 0) {
    tree.leaf("language_flops", "prefill FLOPs of the language model for them",
              Measure::whole(input.language.value, Unit::flops),
              Label("2 × weights except the head × " + grouped(input.tokens())), "attention over the context is extra");
  }
}

PageTable media_table(const MediaInput& input, const Figures& figures) {
  PageTable table = own_table("Images and audio", {{"tokens"}, {"tower, FLOPs"}});
  for (const auto& use : input.uses) {
    const std::string key = "media." + name_of_use(use) + ".";
    const auto& size = input.request.image_size;
    std::string label;
    if (is_image(use)) {
      label = several(use.count, "image");
      if (size) label += " of " + grouped(size->width) + " × " + grouped(size->height);
    } else {
      label = shortest(input.request.seconds) + " s of audio";
    }
    Line line{{label}, {figures.cell(key + "tokens"), figures.cell(key + "tower_flops")}};
    if (use.count > 1) {
      line.remark = {figures.text(key + "tokens_each") + " each", Style::dim, key + "tokens_each"};
    }
    if (use.cross() > 0) {
      line.remark = {figures.text(key + "encoder_positions") + " positions for cross-attention", Style::dim,
                     key + "encoder_positions"};
    }
    table.lines.push_back(std::move(line));
  }
  return table;
}

void media_notes(const MediaInput& input, std::vector<Note>& notes) {
  for (const auto& use : input.uses) {
    std::string text = use.tokens() > 0 ? "their tokens are in the context, in addition to the text's. " : "";
    if (!is_image(use) && use.tokens() > 0) text = "its tokens are in the context, in addition to the text's. ";
    if (!use.rule.note.empty()) text += printable(use.rule.note) + ". ";
    if (use.usual) {
      text += "Sizes are those usual for the family: no preprocessor_config.json was read with the config. ";
    }
    if (!use.tower) text += "The tower's FLOPs are not known. ";
    notes.push_back(
        {is_image(use) ? "images" : "audio", text + "Rule: " + printable(use.rule.source) + ".", Note::Weight::basis});
  }
}

}  // namespace paramcount
