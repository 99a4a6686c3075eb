// Facts of the catalog whose source nobody opened. An entry names them: "unverified": ["released", "licence"], or true
// for all that it says.
#pragma once

#include <string>
#include <string_view>

#include "catalog/fields.hpp"

namespace paramcount {

/// The keys that the object names, joined by commas; "all" for true, empty when it has no such member. Throws Error for
/// a key that the object has not.
[[nodiscard]] std::string read_unverified(Fields& fields, const Value& object);

}  // namespace paramcount
