#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/memory_report.hpp"

namespace paramcount {
namespace {

/// How the cache came about, term by term.
std::string cache_formula(const Answer& answer) {
  const auto& kv = answer.kv;
  const auto& request = answer.cache;
  if (request.runtime.runtime != Runtime::ideal) {
    std::string text;
    const auto add = [&](std::uint64_t elements, std::uint64_t cells) {
      if (elements == 0) return;
      text += (text.empty() ? "" : " + ") + grouped(elements) + " elements × " + grouped(cells) + " cells in " +
              cache_dtype(request);
    };
    add(kv.full_elements, kv.full_cells);
    add(kv.window_elements, kv.window_cells);
    if (kv.state.value > 0) text += (text.empty() ? "" : " + ") + grouped(kv.state.value) + " B of state";
    return text.empty() ? "nothing is kept between tokens" : text;
  }
  const std::string batch = grouped(request.sequences);
  const std::string bytes = request.keys.id == request.values.id
                                ? shortest(request.keys.bits_per_weight() / 8) + " B"
                                : shortest(request.keys.bits_per_weight() / 8) + " B (values " +
                                      shortest(request.values.bits_per_weight() / 8) + " B)";
  std::string text;
  const auto add = [&](const std::string& term) { text += (text.empty() ? "" : " + ") + term; };
  if (kv.full_elements > 0) {
    add(grouped(kv.full_elements) + " elements × " + grouped(request.context) + " tokens × " + batch + " × " + bytes);
  }
  for (const auto& state : answer.inventory.state) {
    if (state.kind != StateKind::window) continue;
    add(grouped(state.elements() * state.copies) + " elements × min(" + grouped(state.window) + ", " +
        grouped(request.context) + ") tokens × " + batch + " × " + bytes);
  }
  if (kv.state_elements > 0) add(grouped(kv.state_elements) + " state elements × " + batch + " × 4 B");
  return text.empty() ? "nothing is kept between tokens" : text;
}

Row range_group(const std::string& key, const std::string& label, Bytes low, Bytes likely, Bytes high) {
  Row group = Row::group(key, label);
  group.add(Row::leaf("low", "low", count_value(low.value)));
  group.add(Row::leaf("likely", "likely", count_value(likely.value)));
  group.add(Row::leaf("high", "high", count_value(high.value)));
  return group;
}

Row weights_row(const WeightMemory& memory, const Answer& answer) {
  Row row = Row::group("", "weights, " + memory.id);
  row.add(Row::leaf("dtype", "number format", memory.id));
  std::string formula = "sum over the tensors, each in its format";
  if (memory.shares.size() == 1) {
    formula = grouped(answer.params.total.value) + " × " + shortest(memory.bits_per_weight) + " bits / 8";
  }
  row.add(Row::leaf("bytes", "weights, " + memory.id, count_value(memory.bytes.value), formula));
  row.add(Row::leaf("bits_per_weight", "bits per weight", memory.bits_per_weight,
                    grouped(memory.bytes.value) + " B × 8 / elements"));
  if (memory.shares.size() > 1 || memory.header) {
    Row& parts = row.add(Row::list("by_dtype", "by number format"));
    for (const auto& share : memory.shares) {
      Row part = Row::group("");
      part.add(Row::leaf("dtype", "number format", share.dtype));
      part.add(Row::leaf("tensors", "tensors", count_value(share.tensors)));
      part.add(Row::leaf("elements", "elements", count_value(share.elements)));
      part.add(Row::leaf("bytes", "bytes", count_value(share.bytes.value)));
      parts.add(std::move(part));
    }
  }
  if (memory.header) {
    const auto& h = *memory.header;
    Row& file = row.add(Row::group("file", "the GGUF beside its tensors"));
    file.add(Row::leaf("tensors", "tensors", count_value(h.tensors)));
    file.add(Row::leaf("padding_bytes", "padding", count_value(h.padding.value)));
    file.add(Row::leaf("tensor_info_bytes", "names, shapes and offsets", count_value(h.infos.value)));
    file.add(range_group("metadata_bytes_estimated", "metadata and vocabulary", h.low, h.likely, h.high));
    row.add(Row::leaf("imatrix_missing", "needs an importance matrix", memory.imatrix_missing));
  }
  return row;
}

Row cache_row(const CacheRequest& request, const KvCache& kv, const std::string& formula) {
  Row cache = Row::group("kv_cache", "KV cache");
  cache.add(Row::leaf("dtype", "number format", cache_dtype(request)));
  cache.add(Row::leaf("context", "context", count_value(request.context)));
  cache.add(Row::leaf("batch", "sequences", count_value(request.sequences)));
  cache.add(Row::leaf("runtime", "runtime", request.runtime.id));
  cache.add(Row::leaf("bytes", "KV cache, " + cache_dtype(request), count_value(kv.total().value), formula));
  cache.add(Row::leaf("full_bytes", "of which full attention", count_value(kv.full.value)));
  cache.add(Row::leaf("window_bytes", "of which windows", count_value(kv.window.value)));
  cache.add(Row::leaf("state_bytes", "of which state", count_value(kv.state.value)));
  cache.add(Row::leaf("elements_per_token", "elements per token", count_value(kv.full_elements + kv.window_elements)));
  if (request.runtime.runtime != Runtime::ideal) {
    cache.add(Row::leaf("full_cells", "cells of full layers", count_value(kv.full_cells)));
    cache.add(Row::leaf("window_cells", "cells of window layers", count_value(kv.window_cells)));
  }
  return cache;
}

}  // namespace

Row memory_tree(const Answer& answer) {
  Row group = Row::group("memory", "memory");
  Row& weights = group.add(Row::list("weights", "weights"));
  for (const auto& memory : answer.weights) weights.add(weights_row(memory, answer));
  if (answer.inventory.state_known) group.add(cache_row(answer.cache, answer.kv, cache_formula(answer)));
  if (answer.llama_cpp) {
    const auto& m = *answer.llama_cpp;
    Row& process = group.add(Row::group("llama_cpp", "llama.cpp process"));
    process.add(Row::leaf("gpu_model_bytes", "model on a GPU", count_value(m.gpu_model.value)));
    process.add(Row::leaf("gpu_host_model_bytes", "its input table on the host", count_value(m.gpu_host_model.value)));
    process.add(Row::leaf("cpu_model_bytes", "model without a GPU", count_value(m.cpu_model.value)));
    process.add(range_group("gpu_compute_bytes_estimated", "compute buffer of the GPU", m.gpu_compute.low,
                            m.gpu_compute.likely, m.gpu_compute.high));
    process.add(range_group("cpu_compute_bytes_estimated", "compute buffer without a GPU", m.cpu_compute.low,
                            m.cpu_compute.likely, m.cpu_compute.high));
  }
  return group;
}

Report kv_report(const Model& model, const Inventory& inventory, const std::vector<std::vector<CacheCell>>& rows) {
  Report report;
  Row tree = Row::group("");
  tree.add(Row::leaf("id", "id", printable(model.id)));
  tree.add(Row::leaf("name", "name", printable(model.name)));
  tree.add(Row::leaf("family", "family", inventory.family));
  Row& list = tree.add(Row::list("kv", "caches"));
  for (const auto& row : rows) {
    for (const auto& cell : row) {
      if (cell.cache) {
        list.add(cache_row(cell.request, *cell.cache, ""));
        continue;
      }
      Row refused = Row::group("");
      refused.add(Row::leaf("runtime", "runtime", cell.request.runtime.id));
      refused.add(Row::leaf("context", "context", count_value(cell.request.context)));
      refused.add(Row::leaf("refused", "refused", cell.refusal));
      list.add(std::move(refused));
    }
  }
  report.models.push_back(std::move(tree));

  Page& page = report.pages.emplace_back();
  page.title = {printable(model.name), Style::strong};
  const auto& first = rows.front().front().request;
  page.aside = {"KV cache and state, GiB, " + cache_dtype(first) + ", " + grouped(first.sequences) +
                (first.sequences == 1 ? " sequence" : " sequences")};
  PageTable table;
  table.folds = true;
  table.head.label = {"Runtime", Style::strong};
  for (const auto& cell : rows.front()) table.head.cells.push_back({grouped(cell.request.context), Style::strong});
  for (const auto& row : rows) {
    Line line{{row.front().request.runtime.id}, {}};
    for (const auto& cell : row) {
      line.cells.push_back(
          {cell.cache ? fixed(static_cast<double>(cell.cache->total().value) / 1073741824.0, 3) : "–"});
    }
    table.lines.push_back(std::move(line));
  }
  page.tables.push_back(std::move(table));
  PageTable kinds;
  kinds.folds = true;
  bool several = false;
  for (const auto& row : rows) {
    const auto& cell = row.back();
    if (!cell.cache) continue;
    const auto& kv = *cell.cache;
    const auto gib_of = [](Bytes bytes) { return fixed(static_cast<double>(bytes.value) / 1073741824.0, 3); };
    kinds.lines.push_back({{cell.request.runtime.id}, {{gib_of(kv.full)}, {gib_of(kv.window)}, {gib_of(kv.state)}}});
    several = several || kv.window.value > 0 || kv.state.value > 0;
  }
  if (several) {
    kinds.head = {{"Of " + grouped(rows.front().back().request.context) + " tokens", Style::strong},
                  {{"full layers"}, {"windows"}, {"state"}}};
    kinds.own_grid = true;
    page.tables.push_back(std::move(kinds));
  }
  std::string said;
  for (const auto& row : rows) {
    for (const auto& cell : row) {
      if (cell.refusal.empty() || cell.refusal == said) continue;
      said = cell.refusal;
      page.notes.push_back({cell.request.runtime.id, cell.refusal + "."});
    }
    if (row.front().cache) {
      const auto& profile = profile_of(row.front().request.runtime.runtime);
      page.notes.push_back({std::string(profile.name), reasons(profile, *row.front().cache, inventory) + "."});
    }
  }
  return report;
}

}  // namespace paramcount
