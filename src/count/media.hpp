// Evaluates a rule of data/media_tokens.json over a model, as an extension of its family.
#pragma once

#include "count/scope.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/count/media.hpp"

namespace paramcount {

/// The family with the rule's dimensions added to its own.
[[nodiscard]] Family with_rule(const Family& family, const MediaRule& rule);

/// Nothing where the rule's condition does not hold. Throws Error where the config lacks what the rule needs, or the
/// processor would refuse the image.
[[nodiscard]] std::optional<MediaCount> count_media(const Family& family, const Model& model, const MediaRule& rule,
                                                    const Medium& medium, const ProgramLookup& programs);

}  // namespace paramcount
