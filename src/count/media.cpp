#include "count/media.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "base/text.hpp"
#include "count/dims.hpp"
#include "count/expansion.hpp"
#include "count/image_resize.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// What a rule's expressions may read of the image or audio, besides the family's dimensions and the rule's own.
constexpr std::array<std::string_view, 9> kImageFacts{"image_height", "image_width", "image_count",
                                                      "height",       "width",       "tiles_down",
                                                      "tiles_across", "inner_rows",  "inner_columns"};
constexpr std::array<std::string_view, 1> kAudioFacts{"samples"};
/// What a resize asks for and a rule may leave out.
constexpr std::array<std::string_view, 2> kOptional{"small_sides", "most_patches"};

/// What preprocessor_config.json says in a place like "size.shortest_edge"; nullptr: nothing.
const Value* at_place(const Value& config, const std::string& place) {
  const Value* value = &config;
  for (const auto name : split(place, '.')) {
    value = value->find(name);
    if (value == nullptr || value->is_null()) return nullptr;
  }
  return value;
}

const Value& setting_of(const MediaRule::Setting& setting, const Value& processor) {
  for (const auto& place : setting.places) {
    if (const auto* value = at_place(processor, place)) return *value;
  }
  return setting.usual;
}

/// The rule's dimensions over one config and one medium.
class Rule {
 public:
  Rule(Program& program, const Model& model, const MediaRule& rule, const Medium& medium, const ProgramLookup& programs)
      : scope_(program, model.config, programs), program_(program) {
    for (const auto& [name, value] : model.dims) scope_.set(name, value);
    for (const auto& setting : rule.settings) {
      const Value& value = setting_of(setting, medium.processor);
      if (!value.is_null()) scope_.set(setting.name, value);
    }
  }

  [[nodiscard]] bool has(std::string_view name) const {
    const auto target = program_.find(name);
    return target && target->kind == Target::Kind::dim;
  }
  [[nodiscard]] std::uint64_t number(std::string_view name) { return scope_.dim_size(place(name)); }
  [[nodiscard]] std::uint64_t number_or(std::string_view name, std::uint64_t fallback) {
    return has(name) ? number(name) : fallback;
  }
  [[nodiscard]] std::uint64_t evaluate(std::string_view expression) { return scope_.size(program_.parse(expression)); }
  /// "vision.patch_size = 14"
  [[nodiscard]] std::string step(const Family::Definition& dim) {
    const ValueView value = scope_.dim(place(dim.name));
    const std::string shown = value.is_whole() ? std::to_string(value.whole()) : brief(scope_.copy(value));
    return dim.expression == shown ? shown : dim.expression + " = " + shown;
  }
  [[nodiscard]] std::vector<ImageSize> sizes(std::string_view name) {
    std::vector<ImageSize> result;
    const Value value = scope_.copy(scope_.dim(place(name)));
    const auto* list = value.as<Value::List>();
    if (list == nullptr) scope_.blame_dim(place(name), "a list of [height, width]");
    for (const auto& item : *list) {
      const auto* pair = item.as<Value::List>();
      const auto* height = pair != nullptr && pair->size() == 2 ? (*pair)[0].as<std::int64_t>() : nullptr;
      const auto* width = height != nullptr ? (*pair)[1].as<std::int64_t>() : nullptr;
      constexpr std::int64_t kMost = 1'000'000;
      if (width == nullptr || *height < 1 || *width < 1 || *height > kMost || *width > kMost) {
        scope_.blame_dim(place(name), "a list of [height, width]");
      }
      result.push_back({static_cast<std::uint64_t>(*width), static_cast<std::uint64_t>(*height)});
    }
    return result;
  }
  void set(std::string_view name, std::int64_t value) { scope_.set(name, value); }
  [[nodiscard]] Scope& scope() { return scope_; }

 private:
  [[nodiscard]] std::size_t place(std::string_view name) const {
    const auto target = program_.find(name);
    if (!target || target->kind != Target::Kind::dim) throw Error("the rule lacks " + std::string(name));
    return target->at;
  }

  Scope scope_;
  Program& program_;
};

void place_image(Rule& rule, const MediaRule& from, const ImageSize& image) {
  rule.set("image_height", static_cast<std::int64_t>(image.height));
  rule.set("image_width", static_cast<std::int64_t>(image.width));
  // Beyond these no processor goes, and products stay whole numbers.
  constexpr std::uint64_t kMost = 1'000'000;
  constexpr std::uint64_t kMostPixels = kMost * kMost;
  const auto number = [&](std::string_view name) {
    const bool optional = std::ranges::find(kOptional, name) != kOptional.end();
    const auto value = rule.number(name);
    if (value > (name.ends_with("pixels") ? kMostPixels : kMost) || (value == 0 && !optional)) {
      throw Error(std::string(name) + " of its image processor is " + std::to_string(value));
    }
    return static_cast<std::int64_t>(value);
  };
  const auto out = resized(from.resize, image, number, [&](std::string_view name) { return rule.sizes(name); });
  rule.set("height", out.height);
  rule.set("width", out.width);
  rule.set("tiles_down", out.tiles_down);
  rule.set("tiles_across", out.tiles_across);
  rule.set("inner_rows", out.inner_rows);
  rule.set("inner_columns", out.inner_columns);
}

/// The towers of one kind and the projectors, wherever they are nested.
void collect_towers(Scope& scope, RoleKind kind, const std::vector<std::string>& names, std::vector<MediaTower>& out) {
  const Family& family = scope.program().family();
  const auto named = [&](const Tensor& tensor) {
    return std::ranges::any_of(names, [&](const auto& start) { return tensor.name.text().starts_with(start); });
  };
  MediaTower own;
  Inventory rows;
  expand_rows(scope, rows);
  for (auto& tensor : rows.tensors) {
    if (tensor.role.kind == RoleKind::projector || tensor.role.kind == kind || named(tensor)) {
      own.inventory.tensors.push_back(std::move(tensor));
    }
  }
  if (!own.inventory.tensors.empty()) {
    if (!names.empty()) collect_dims(scope, own.inventory);
    out.push_back(std::move(own));
  }
  for (std::size_t i = 0; i < family.parts.size(); ++i) {
    Scope* const inner = scope.part(i);
    if (inner == nullptr) continue;
    const auto& role = family.parts[i].role;
    const bool is_named = std::ranges::find(names, family.parts[i].name + ".") != names.end();
    if (role.empty() && !is_named) {
      if (!inner->program().family().parts.empty()) collect_towers(*inner, kind, names, out);
      continue;
    }
    if (!is_named && parse_role(role).kind != kind && parse_role(role).kind != RoleKind::projector) continue;
    MediaTower tower;
    tower.part = family.parts[i].name;
    expand_scope(*inner, tower.inventory);
    collect_dims(*inner, tower.inventory);
    out.push_back(std::move(tower));
  }
}

}  // namespace

Family with_rule(const Family& family, const MediaRule& rule) {
  Family extended = family;
  extended.id += " with " + rule.id;
  for (const auto& [name, value] : rule.keys) {
    const bool known = std::any_of(extended.keys.begin(), extended.keys.end(),
                                   [&, key = &name](const Value::Member& member) { return member.first == *key; });
    if (!known) extended.keys.emplace_back(name, value);
  }
  for (const auto& setting : rule.settings) extended.dims.push_back({setting.name, "null"});
  const auto facts = rule.takes == MediaKind::image ? std::span<const std::string_view>(kImageFacts)
                                                    : std::span<const std::string_view>(kAudioFacts);
  for (const auto name : facts) extended.dims.push_back({std::string(name), "0"});
  extended.dims.insert(extended.dims.end(), rule.dims.begin(), rule.dims.end());
  for (const auto name : kOptional) {
    const auto is_it = [&](const auto& dim) { return dim.name == name; };
    if (rule.takes == MediaKind::image && std::ranges::none_of(rule.dims, is_it) &&
        std::ranges::none_of(rule.settings, is_it)) {
      extended.dims.push_back({std::string(name), "0"});
    }
  }
  return extended;
}

std::optional<MediaCount> count_media(const Family& family, const Model& model, const MediaRule& from,
                                      const Medium& medium, const ProgramLookup& programs) {
  const Family extended = with_rule(family, from);
  Program program(extended);
  Rule rule(program, model, from, medium, programs);
  if (!from.when.empty() && !rule.scope().holds(program.parse(from.when))) return std::nullopt;
  if (from.takes == MediaKind::image) {
    if (medium.image.width == 0 && from.resize != ImageResize::none) {
      throw usage_error("--images: of which size? Add --image-size 1024x768; this model's tokens depend on it");
    }
    rule.set("image_count", static_cast<std::int64_t>(medium.images));
    place_image(rule, from, medium.image);
  } else {
    rule.set("samples", static_cast<std::int64_t>(
                            std::nearbyint(medium.seconds * static_cast<double>(rule.number("sampling_rate")))));
  }
  for (const auto& [condition, message] : from.requirements) {
    if (!rule.scope().holds(program.parse(condition)))
      throw Error("its processor refuses " +
                  std::string(from.takes == MediaKind::image ? "the image: " : "the audio: ") + message);
  }
  MediaCount count;
  count.tokens = rule.number("tokens");
  count.markers = rule.number_or("markers", 0);
  count.cross = rule.number_or("cross", 0);
  count.cross_elements = rule.number_or("cross_elements", 0);
  for (const auto& dim : from.dims) count.steps.emplace_back(dim.name, rule.step(dim));
  if (!rule.has("positions")) return count;
  count.positions = rule.number("positions");
  count.patches = rule.number_or("patches", *count.positions);
  count.attention_width = rule.number_or("attention_width", 0);
  count.projected = rule.number_or("projected", count.tokens - std::min(count.tokens, count.markers));
  for (const auto& pass : from.passes) count.passes.emplace_back(pass.prefix, rule.evaluate(pass.positions));
  collect_towers(rule.scope(), from.takes == MediaKind::image ? RoleKind::vision : RoleKind::audio, from.tower,
                 count.towers);
  if (rule.has("attended")) {
    count.attended = rule.number("attended");
    return count;
  }
  // Every position sees all of its own sequence, in every layer.
  for (const auto& tower : count.towers) {
    const auto layers = tower.inventory.count("n_layers");
    if (layers == 0) continue;
    const auto each = *count.positions / std::max<std::uint64_t>(1, rule.number_or("sequences", 1));
    count.attended = checked_mul(layers, checked_mul(*count.positions, each));
    break;
  }
  return count;
}

}  // namespace paramcount
