// What the fuzzers feed: any bytes must end in an answer or a paramcount::Error. The unit tests replay kept inputs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "catalog/family_file.hpp"
#include "catalog/json.hpp"
#include "paramcount/catalog.hpp"
#include "paramcount/checked.hpp"
#include "paramcount/error.hpp"
#include "paramcount/expand.hpp"
#include "paramcount/layers.hpp"
#include "paramcount/params.hpp"
#include "read/hf_config.hpp"

namespace paramcount {

/// A config.json, all the way to the counts. Aborts when two ways of adding up disagree.
inline void fuzz_config(std::string_view bytes) {
  static const Catalog catalog;
  static Expander expander(catalog.families());
  try {
    const Inventory inventory = expander.expand(model_of_config(parse_json(bytes), "fuzz", catalog));
    const ParamCounts counts = count_params(inventory);
    const LayerCounts layers = count_layers(inventory);
    Params sum = layers.outside + layers.towers;
    for (const auto& run : layers.runs) {
      if (!run.mtp) sum += Params{checked_mul(run.params.value, run.count())};
    }
    if (sum != counts.total || counts.active > counts.total) __builtin_trap();
  } catch (const Error&) {
    return;
  }
}

/// The bytes as the one expression of a family, over a small config.
inline void fuzz_expression(std::string_view bytes) {
  try {
    Value dims{Value::Object{}};
    dims.set("n", std::string(bytes));
    dims.set("m", "7");
    Value file = parse_json(
        R"({"family": "fuzz", "source": "fuzz", "keys": {"a": 3, "b": null, "c": [1, 2, 3], "d": {"e": "text"}, "f": 2.5},
            "indices": {"layer": "3"}, "tensors": [["ffn", "w.{layer}", ["n", "m"]]]})");
    file.set("dims", std::move(dims));
    const Family family = read_family(resolve_family(file, nullptr));
    Expander expander([&](std::string_view) -> const Family& { return family; });
    Model model;
    model.family = "fuzz";
    model.config = parse_json(R"({"a": 12, "c": [4, 5, 6]})");
    static_cast<void>(count_params(expander.expand(model)));
  } catch (const Error&) {
    return;
  }
}

}  // namespace paramcount
