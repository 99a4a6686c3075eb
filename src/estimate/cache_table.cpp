#include "estimate/cache_table.hpp"

#include <utility>

#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/gguf.hpp"

namespace paramcount {

std::vector<std::vector<CacheCell>> cache_table(const Model& model, const Inventory& inventory,
                                                const CacheQuestion& question, Expander& expander) {
  if (!inventory.state_known) {
    throw Error("KV cache and recurrent state are unknown: no family covers architecture " +
                printable(inventory.family));
  }
  std::vector<std::vector<CacheCell>> rows;
  for (const auto& runtime : question.runtimes) {
    auto& row = rows.emplace_back();
    // With one runtime asked for, what it refuses is the answer; among several it is a gap with a note.
    std::optional<GgufInventory> gguf;
    std::string refusal;
    const auto attempt = [&](const auto& work) {
      try {
        work();
      } catch (const Error& error) {
        if (question.runtimes.size() == 1) throw;
        refusal = error.what();
      }
    };
    if (runtime.profile->reads_gguf) attempt([&] { gguf = expander.expand_gguf(model, inventory); });
    for (const auto context : question.contexts) {
      CacheCell cell{{context, question.sequences, question.keys, question.values, runtime}, std::nullopt, refusal};
      if (question.media != nullptr) question.media->add_to(cell.request);
      if (refusal.empty()) {
        attempt([&] {
          const auto& state = gguf ? gguf->state : inventory.state;
          cell.cache = question.layout.given()
                           ? cache_on_device(state, inventory, cell.request, question.layout.layout())
                           : kv_cache(state, inventory, cell.request);
        });
        cell.refusal = refusal;
      }
      row.push_back(std::move(cell));
    }
  }
  return rows;
}

}  // namespace paramcount
