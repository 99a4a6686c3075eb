// Additional build-time checks of the built-in families. Used only by the build tool.
#pragma once

#include "paramcount/catalog/family.hpp"
#include "paramcount/catalog/media_rule.hpp"

namespace paramcount {

/// Every spelling has something to do with the family's names. Throws Error naming one that has not.
void check_spellings(const Family& family);

/// The rows of the `gguf` section are as valid as the family's own, and every tensor has a GGUF name or none on
/// purpose. Throws Error naming what is wrong.
void check_gguf(const Family& family);

/// The conditions and sizes of a rule of image or sound tokens are of dims and keys that the family has.
void check_media_rule(const Family& family, const MediaRule& rule);

}  // namespace paramcount
