// Small families and models written in place, for tests of the engine.
#pragma once

#include <memory>
#include <string>

#include "catalog/family_file.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"

namespace paramcount {

inline Family family_of(const std::string& json) { return read_family(resolve_family(parse_json(json), nullptr)); }

/// The inventory of a family written as JSON over a config written as JSON.
inline Inventory expand_text(const std::string& family_json, const std::string& config_json) {
  const Family family = family_of(family_json);
  Expander expander([&](std::string_view) -> const Family& { return family; });
  Model model;
  model.family = family.id;
  model.config = parse_json(config_json);
  return expander.expand(model);
}

/// What expanding says when it fails; "accepted" when it does not.
inline std::string expand_failure(const std::string& family_json, const std::string& config_json) {
  try {
    static_cast<void>(expand_text(family_json, config_json));
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

/// A family of one tensor whose only dimension is the expression.
inline std::string one_expression(const std::string& expression, const std::string& keys = "{}") {
  return R"({"family": "one", "source": "test", "keys": )" + keys + R"(, "dims": {"n": ")" + expression +
         R"("}, "tensors": [["ffn", "w", ["n"]]]})";
}

}  // namespace paramcount
