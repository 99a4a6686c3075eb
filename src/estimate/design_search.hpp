// Searches a family's widths and depths for the shape with the wanted number of parameters that most resembles
// published ones. All counts come from the engine: between two that differ only in layers and feed-forward width,
// parameters grow linearly.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "count/config_writer.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/estimate/shape.hpp"

namespace paramcount {

/// What a shape should be like.
struct ShapeTarget {
  double params{0};
  std::optional<double> active;
  double aspect{0}, ffn{0}, group{0}, attention{0};
  std::uint64_t head_dim{0}, vocab_size{0}, max_positions{0}, n_experts{0};
  std::optional<std::uint64_t> experts_per_token;  ///< nothing: as many as `active` takes
  std::uint64_t usual_per_token{0};                ///< of the experts; 0: nothing is usual
  bool tied{false};
  double most_embedding{1};             ///< the share of the parameters that the table and the head may have
  std::vector<std::uint64_t> kv_heads;  ///< published numbers of KV heads
  std::optional<std::uint64_t> width, layers, fixed_kv_heads;
  /// Of aspect and ffn: what no shape may leave.
  std::pair<double, double> aspect_range{0, 1e9}, ffn_range{0, 1e9};
};

struct FoundShape {
  Shape shape;
  Value config;
  Inventory inventory;
  ParamCounts params;
  std::uint64_t ffn_multiple{0};  ///< that was tried; 0: the width of the feed-forward networks follows from d_model
  double score{0};                ///< how unlike the target; 1 is about 35 % of depth for width, or 20 % of d_ff
};

class DesignSearch {
 public:
  /// `like`: see ConfigWriter. All must outlive it.
  DesignSearch(const Family& family, const Model* like, const Inventory* like_inventory, Expander& expander)
      : family_(family), like_(like), like_inventory_(like_inventory), expander_(expander), writer_(family, like) {}

  /// Nothing: no shape is within the tolerance.
  [[nodiscard]] std::optional<FoundShape> find(const ShapeTarget& target);
  /// The shape as the engine reads it back from its config. Nothing: the family refuses it, or cannot have it so.
  [[nodiscard]] std::optional<FoundShape> make(const Shape& shape);
  /// The fewest parameters a shape of that target has: one layer of the least width.
  [[nodiscard]] std::optional<double> least(const ShapeTarget& target);
  [[nodiscard]] ConfigWriter& writer() { return writer_; }
  [[nodiscard]] const Family& family() const { return family_; }

 private:
  struct Count {
    double total{0}, expert{0};
  };
  struct Candidate {
    Shape shape;
    std::uint64_t multiple{0}, ffn_multiple{0};
    double score{0};
  };
  [[nodiscard]] std::vector<DimSetting> settings(const Shape& shape);
  [[nodiscard]] std::optional<Count> count(const Shape& shape);
  [[nodiscard]] Shape shaped(const ShapeTarget& target, std::uint64_t width) const;
  [[nodiscard]] std::uint64_t middle_width(const ShapeTarget& target);
  void try_width(const ShapeTarget& target, std::uint64_t width, std::uint64_t multiple,
                 std::vector<Candidate>& candidates);

  const Family& family_;
  const Model* like_;
  const Inventory* like_inventory_;
  Expander& expander_;
  ConfigWriter writer_;
};

/// The multiple that widths of about that size are of: 16 to 1,024, powers of two.
[[nodiscard]] std::uint64_t width_multiple(double width);

}  // namespace paramcount
