// The shape of a decoder: the dimensions that a design chooses, those of published models, and what is usual among
// them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// All layers alike, except leading dense ones of a mixture of experts. 0: it has none.
struct Shape {
  std::uint64_t d_model{0}, n_layers{0}, n_heads{0}, n_kv_heads{0}, head_dim{0};
  std::uint64_t d_ff{0};  ///< of the dense layers
  std::uint64_t n_experts{0}, experts_per_token{0}, d_ff_expert{0};
  std::uint64_t vocab_size{0}, max_positions{0};
  bool tied_embeddings{false};

  bool operator==(const Shape&) const = default;
  [[nodiscard]] bool sparse() const { return n_experts > 0; }
  /// Of the matrices that most parameters are in: the experts', or the dense layers'.
  [[nodiscard]] std::uint64_t ffn_width() const { return sparse() ? d_ff_expert : d_ff; }
};

/// Size-independent traits by which shapes are compared.
enum class Trait : std::uint8_t { aspect, head_dim, ffn, vocabulary, group, attention };
inline constexpr std::size_t kTraits = 6;
/// Those that decide whether a design is within the published range.
inline constexpr std::size_t kComparedTraits = 4;

struct TraitInfo {
  std::string_view key, label, text;
};
[[nodiscard]] const TraitInfo& trait_info(Trait trait);
/// d_model / n_layers, head_dim, d_ff / d_model, vocab_size, n_heads / n_kv_heads, n_heads·head_dim / d_model.
[[nodiscard]] double trait(const Shape& shape, Trait which);

/// A published decoder.
struct PublishedShape {
  std::string id, name, family;
  std::string released;  ///< ISO date; may be empty
  std::uint64_t total{0}, active{0};
  Shape shape;
};

/// The shape of an inventory; d_model 0 if it is not a language-only decoder with layers of one shape.
[[nodiscard]] Shape shape_of(const Inventory& inventory);

/// All published decoders, dense or mixture of experts, by size. Models of one family and one shape count once, as the
/// newest.
[[nodiscard]] std::vector<PublishedShape> published_shapes(const Catalog& catalog, Expander& expander, bool sparse);

/// The weight of each for a model with that many parameters: highest for similar sizes (a normal curve over the
/// logarithm with a factor of three as its standard deviation), and halved per year of age relative to the newest.
[[nodiscard]] std::vector<double> weights_at(const std::vector<PublishedShape>& shapes, double params);

/// The weighted median. Precondition: there is a value.
[[nodiscard]] double weighted_median(std::vector<std::pair<double, double>> values);
/// The value with the largest weight.
[[nodiscard]] double weighted_mode(const std::vector<std::pair<double, double>>& values);
/// All values, by descending weight.
[[nodiscard]] std::vector<double> by_weight(const std::vector<std::pair<double, double>>& values);

}  // namespace paramcount
