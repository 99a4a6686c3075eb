#include "paramcount/estimate/media.hpp"

#include <algorithm>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/flops.hpp"
#include "read/processor_config.hpp"

namespace paramcount {
namespace {

/// How many positions of the medium a tensor is multiplied with.
std::uint64_t positions_of(const MediaTower& tower, const Tensor& tensor, const MediaCount& count) {
  const std::string name = (tower.part.empty() ? "" : tower.part + ".") + std::string(tensor.name.text());
  const std::pair<std::string, std::uint64_t>* longest = nullptr;
  for (const auto& pass : count.passes) {
    if (name.starts_with(pass.first) && (longest == nullptr || pass.first.size() > longest->first.size())) {
      longest = &pass;
    }
  }
  if (longest != nullptr) return longest->second;
  const bool conv = tensor.role.suffix == RoleSuffix::conv;
  switch (tensor.role.kind) {
    case RoleKind::embedding:  // of patches: a convolution as wide as its step
      return tensor.role.suffix == RoleSuffix::none ? count.patches : 0;
    case RoleKind::projector:
      return tensor.role.suffix == RoleSuffix::none || conv ? count.projected : 0;
    case RoleKind::head:  // of a tower that is a model of its own: the language model reads what comes before it
      return 0;
    default:
      return tensor.role.is_matmul() || conv ? *count.positions : 0;
  }
}

/// FLOPs of one medium through the towers: two for each weight and position, and of attention two for each pair of a
/// query and a key, and element of either.
void add_tower(MediaUse& use) {
  const MediaCount& count = use.each;
  if (!count.positions || count.towers.empty()) return;
  double weights = 0;
  double attention = 0;
  for (const auto& tower : count.towers) {
    for (const auto& tensor : tower.inventory.tensors) {
      if (!tensor.counts()) continue;
      weights +=
          2 * static_cast<double>(tensor.active().value) * static_cast<double>(positions_of(tower, tensor, count));
    }
    if (attention > 0) continue;
    const auto heads = tower.inventory.count("n_heads");
    const auto keys = tower.inventory.count("head_dim");
    const auto width = count.attention_width > 0 ? count.attention_width : heads * keys;
    attention = 4 * static_cast<double>(width) * static_cast<double>(count.attended);
  }
  if (weights == 0 || (attention == 0 && count.attended > 0)) return;
  use.tower = Flops{weights + attention};
  use.tower_parts = grouped(*count.positions) + " positions: weights " + grouped(static_cast<std::uint64_t>(weights)) +
                    " + attention " + grouped(static_cast<std::uint64_t>(attention)) + ", over " +
                    grouped(count.attended) + " pairs of query and key";
}

bool has_tower(const Inventory& inventory, RoleKind kind) {
  return std::any_of(inventory.tensors.begin(), inventory.tensors.end(),
                     [&](const Tensor& tensor) { return tensor.role.kind == kind; });
}

MediaUse use_of(MediaKind kind, const Model& model, const Inventory& inventory, const MediaRequest& request,
                const Catalog& catalog, Expander& expander) {
  const bool image = kind == MediaKind::image;
  const std::string what = image ? "images" : "audio";
  const std::string family = printable(inventory.family);
  if (family.empty()) throw Error(unknown_architecture(model));
  if (model.checkpoint && model.checkpoint->format == CheckpointFormat::gguf) {
    throw Error("a GGUF holds only the language model; count the model's config.json for " + what);
  }
  const auto rules = catalog.media_rules(inventory.family, kind);
  const bool sees = has_tower(inventory, image ? RoleKind::vision : RoleKind::audio);
  Medium medium;
  medium.image = request.image_size.value_or(ImageSize{});
  medium.images = std::max<std::uint64_t>(1, request.images);
  medium.seconds = request.seconds;
  if (!rules.empty()) medium.processor = read_processor_config(model, kind);
  for (const auto& rule : rules) {
    const bool own = !rule.tower.empty();
    const bool towered = std::ranges::any_of(rule.dims, [](const auto& dim) { return dim.name == "positions"; });
    if (towered && !own && !sees) break;
    auto count = expander.media(model, inventory, rule, medium);
    if (!count) continue;
    MediaUse use;
    use.rule = rule;
    use.count = image ? request.images : 1;
    use.each = std::move(*count);
    use.usual = !rule.settings.empty() && medium.processor.is_null() && model.origin != "catalog";
    add_tower(use);
    static_cast<void>(checked_mul(use.each.tokens, use.count));
    return use;
  }
  if (!sees) {
    throw Error("takes no " + what + ": family " + family + " has no tower for " + (image ? "them" : "it"));
  }
  throw Error("no rule of " + std::string(kMediaKindNames[static_cast<std::size_t>(kind)]) + " tokens for family " +
              family + "; give their tokens with --context");
}

}  // namespace

std::uint64_t MediaInput::tokens() const {
  std::uint64_t sum = 0;
  for (const auto& use : uses) sum = checked_add(sum, use.tokens());
  return sum;
}

void MediaInput::add_to(CacheRequest& cache) const {
  for (const auto& use : uses) {
    if (use.each.cross_elements > 0) {
      cache.encoder_elements = checked_add(cache.encoder_elements, checked_mul(use.cross(), use.each.cross_elements));
    } else {
      cache.encoder = checked_add(cache.encoder, use.cross());
    }
  }
}

MediaInput media_input(const Model& model, const Inventory& inventory, const MediaRequest& request,
                       const Catalog& catalog, Expander& expander) {
  MediaInput input;
  input.request = request;
  if (request.images > 0) {
    input.uses.push_back(use_of(MediaKind::image, model, inventory, request, catalog, expander));
  }
  if (request.seconds > 0) {
    input.uses.push_back(use_of(MediaKind::audio, model, inventory, request, catalog, expander));
  }
  const TokenWork work = token_work(inventory, 1);
  input.language = Flops{2 * (work.weights - work.head) * static_cast<double>(input.tokens())};
  return input;
}

}  // namespace paramcount
