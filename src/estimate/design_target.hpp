// What a design should resemble: the usual shape of published models, and their range.
#pragma once

#include <optional>
#include <vector>

#include "estimate/design_search.hpp"
#include "paramcount/estimate/design.hpp"
#include "paramcount/estimate/shape.hpp"

namespace paramcount {

/// The family to design in, a model of it to take other settings from, and the published shapes to go by.
struct DesignBasis {
  const Family* family{nullptr};
  std::optional<Model> like;           ///< whose settings are used where none is chosen
  std::optional<Inventory> inventory;  ///< of that model
  bool named{false};  ///< the model itself was asked for: its shape alone is what a design should be like
  bool sparse{false};

  [[nodiscard]] DesignSearch search(Expander& expander) const {
    return {*family, like ? &*like : nullptr, like ? &*inventory : nullptr, expander};
  }
};

/// The family that the request names, by itself or by a model, or that the most published sizes of the kind have.
/// Throws Error with exit code usage where it cannot be designed: a part of it is not a language decoder, or no config
/// of it can be written.
[[nodiscard]] DesignBasis design_basis(const DesignRequest& request, const Catalog& catalog, Expander& expander);
/// Where no model was named: takes the settings of the published model of the family that counts most at that size.
void take_settings(DesignBasis& basis, double params, const std::vector<PublishedShape>& all, const Catalog& catalog,
                   Expander& expander);

/// Published shapes around one size.
struct PublishedAround {
  std::vector<PublishedShape> usual;     ///< those to go by
  std::vector<PublishedShape> compared;  ///< of like size, at least kEnoughModels: what a design stays within; or none
  std::size_t of_family{0};
  bool by_family{true};  ///< `usual` are of the family; else of all
  bool compared_by_family{false};
};
[[nodiscard]] PublishedAround published_around(const DesignBasis& basis, double params,
                                               const std::vector<PublishedShape>& all);

/// What a model with that many parameters is usually like, as far as the request leaves it open. Of the values in lists
/// the first that will do is to be taken.
struct DesignTargets {
  ShapeTarget shape;
  std::vector<std::uint64_t> head_dims;
  std::vector<std::uint64_t> vocabularies;
  std::vector<std::uint64_t> experts;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> experts_per_token;  ///< of so many experts
};
[[nodiscard]] DesignTargets design_targets(const DesignRequest& request, const DesignBasis& basis,
                                           const PublishedAround& published, double params);

}  // namespace paramcount
