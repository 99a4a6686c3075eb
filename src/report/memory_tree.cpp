#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"
#include "report/memory_report.hpp"

namespace paramcount {
namespace {

std::string bytes_text(const CacheRequest& request) {
  const auto one = [](const Dtype& dtype) { return shortest(dtype.bits_per_weight() / 8) + " B"; };
  if (request.keys.id == request.values.id) return one(request.keys);
  return one(request.keys) + " (values " + one(request.values) + ")";
}

/// Elements of a token that the caches of a kind keep, by shape: "32 × 8 × (128 + 128)".
std::string elements_text(const std::vector<State>& state, StateKind kind) {
  std::string text;
  for (const auto& one : state) {
    if (one.kind != kind || one.elements() == 0) continue;
    text += (text.empty() ? "" : " + ") + grouped(one.copies) + " × ";
    text += one.shape.size() == 3
                ? grouped(one.shape[0]) + " × (" + grouped(one.shape[1]) + " + " + grouped(one.shape[2]) + ")"
                : grouped(one.elements());
  }
  return text;
}

std::string elements_text(const std::vector<State>& state) {
  const std::string full = elements_text(state, StateKind::kv);
  const std::string windows = elements_text(state, StateKind::window);
  return full + (full.empty() || windows.empty() ? "" : " + ") + windows;
}

/// How the parts of the cache came about.
struct CacheFormulas {
  std::string full, window, state;
};

CacheFormulas cache_formulas(const CacheRequest& request, const KvCache& kv, const std::vector<State>& state) {
  CacheFormulas formulas;
  const std::string batch = grouped(request.sequences);
  if (!request.runtime.profile->is_bound) {
    const auto cells = [&](std::uint64_t elements, std::uint64_t count) {
      if (elements == 0) return std::string();
      return grouped(elements) + " elements × " + grouped(count) + " cells in " + cache_dtype(request);
    };
    formulas.full = cells(kv.full_elements, kv.full_cells);
    formulas.window = cells(kv.window_elements, kv.window_cells);
    if (kv.state.value > 0) formulas.state = grouped(kv.state.value) + " B of state";
    return formulas;
  }
  if (kv.full_elements > 0) {
    formulas.full = grouped(kv.full_elements) + " elements × " + grouped(request.context) + " tokens × " + batch +
                    " × " + bytes_text(request);
  }
  for (const auto& one : state) {
    if (one.kind != StateKind::window) continue;
    formulas.window += (formulas.window.empty() ? "" : " + ") + grouped(one.elements() * one.copies) +
                       " elements × min(" + grouped(one.window) + ", " + grouped(request.context) + ") tokens × " +
                       batch + " × " + bytes_text(request);
  }
  if (kv.state_elements > 0) formulas.state = grouped(kv.state_elements) + " state elements × " + batch + " × 4 B";
  return formulas;
}

std::string sum_of(const CacheFormulas& formulas) {
  std::string text;
  for (const auto& part : {formulas.full, formulas.window, formulas.state}) {
    if (!part.empty()) text += (text.empty() ? "" : " + ") + part;
  }
  return text.empty() ? "nothing is kept between tokens" : text;
}

void tell_range(Tree& tree, const Label& key, const std::string& label, Bytes low, Bytes likely, Bytes high,
                const Label& source) {
  const auto group = tree.group(key, label);
  tree.leaf("low", label + ", low", count_value(low.value), "", source);
  tree.leaf("likely", label + ", likely", count_value(likely.value), "", source);
  tree.leaf("high", label + ", high", count_value(high.value), "", source);
}

std::string bytes_text(const WeightMemory& memory, const Answer& answer) {
  if (memory.shares.size() == 1) {
    return grouped(answer.params.total.value) + " × " + shortest(memory.bits_per_weight) + " bits / 8";
  }
  std::string text;
  for (const auto& share : memory.shares) {
    text += (text.empty() ? "" : " + ") + share.dtype + " " + grouped(share.bytes.value);
  }
  return text;
}

void tell_weights(const WeightMemory& memory, const Answer& answer, Tree& tree) {
  const auto row = tree.group("");
  tree.text("dtype", "number format", memory.id);
  Label bytes_label = "weights";
  Label bits_label = "bits per weight";
  Label bytes_formula, bits_formula, source;
  if (answer.explained) {
    bytes_label = "weights, " + memory.id;
    bits_label = "bits per weight, " + memory.id;
    bytes_formula = bytes_text(memory, answer);
    std::uint64_t elements = 0;
    for (const auto& share : memory.shares) elements += share.elements;
    bits_formula = grouped(memory.bytes.value) + " B × 8 / " + grouped(elements);
    source = memory.header ? "every tensor in its format, by llama.cpp's rules"
                           : "`paramcount list dtypes`: bits and scales of " + memory.id;
  }
  tree.leaf("bytes", bytes_label, count_value(memory.bytes.value), std::move(bytes_formula), source);
  tree.leaf("bits_per_weight", bits_label, memory.bits_per_weight, std::move(bits_formula), source);
  if (memory.shares.size() > 1 || memory.header) {
    const auto parts = tree.list("by_dtype", "by number format");
    for (const auto& share : memory.shares) {
      const auto part = tree.group("");
      tree.text("dtype", "number format", share.dtype);
      tree.leaf("tensors", "tensors in " + share.dtype, count_value(share.tensors), "", source);
      tree.leaf("elements", "elements in " + share.dtype, count_value(share.elements), "", source);
      tree.leaf("bytes", "bytes in " + share.dtype, count_value(share.bytes.value),
                grouped(share.elements) + " elements in whole blocks", source);
    }
  }
  if (memory.header) {
    const auto& h = *memory.header;
    const std::string gguf = "the GGUF format: alignment of 32 bytes; paramcount's own estimate of the vocabulary";
    {
      const auto file = tree.group("file", "the GGUF beside its tensors");
      tree.leaf("tensors", "tensors of the file", count_value(h.tensors), "", source);
      tree.leaf("padding_bytes", "padding", count_value(h.padding.value), "", gguf);
      tree.leaf("tensor_info_bytes", "names, shapes and offsets", count_value(h.infos.value), "", gguf);
      tell_range(tree, "metadata_bytes_estimated", "metadata and vocabulary", h.low, h.likely, h.high, gguf);
    }
    tree.leaf("imatrix_missing", "needs an importance matrix", memory.imatrix_missing);
  }
}

/// In GiB, or in GB where that was asked for.
std::string gigabytes_to_three(Bytes bytes) {
  const bool si = figure_style().units == "si";
  if (figure_style().precise) return si ? gb(bytes) : gib(bytes);
  return fixed(static_cast<double>(bytes.value) / (si ? 1e9 : 0x1p30), 3);
}

void tell_cache(const CacheRequest& request, const KvCache& kv, const Inventory& inventory, bool explained,
                Tree& tree) {
  Label source, sum, elements;
  CacheFormulas formulas;
  if (explained) {
    const auto& profile = *request.runtime.profile;
    source = std::string(profile.name) + ": " + reasons(profile, kv, inventory) +
             (profile.source.empty() ? "" : "; " + std::string(profile.source));
    formulas = cache_formulas(request, kv, inventory.state);
    sum = sum_of(formulas);
    // What a runtime keeps may be shaped otherwise than what the architecture has to keep.
    if (request.runtime.profile->is_bound) elements = elements_text(inventory.state);
  }
  const auto cache = tree.group("kv_cache", "KV cache");
  const auto bytes = [&](const Label& key, const Label& label, Bytes amount, Label formula) {
    tree.leaf(key, label, count_value(amount.value), std::move(formula), source);
  };
  tree.text("dtype", "number format", cache_dtype(request));
  tree.leaf("context", "context", count_value(request.context), "", "--context");
  tree.leaf("batch", "sequences", count_value(request.sequences), "", "--batch");
  tree.text("runtime", "runtime", request.runtime.id);
  bytes("bytes", "KV cache, " + cache_dtype(request), kv.total(), std::move(sum));
  bytes("full_bytes", "of which full attention", kv.full, formulas.full);
  bytes("window_bytes", "of which windows", kv.window, formulas.window);
  bytes("state_bytes", "of which state", kv.state, formulas.state);
  tree.leaf("elements_per_token", "elements per token", count_value(kv.full_elements + kv.window_elements),
            std::move(elements), "caches of the layers: `paramcount layers` lists them");
  if (!request.runtime.profile->is_bound) {
    tree.leaf("full_cells", "cells of full layers", count_value(kv.full_cells), "", source);
    tree.leaf("window_cells", "cells of window layers", count_value(kv.window_cells), "", source);
  }
}

}  // namespace

void tell_memory(const Answer& answer, Tree& tree) {
  const auto group = tree.group("memory", "memory");
  {
    const auto weights = tree.list("weights", "weights");
    for (const auto& memory : answer.weights) tell_weights(memory, answer, tree);
  }
  if (!answer.inventory.family.empty() && answer.inventory.state_known) {
    tell_cache(answer.cache, answer.kv, answer.inventory, answer.explained, tree);
  }
  if (answer.llama_cpp) {
    const auto& m = *answer.llama_cpp;
    const std::string exact = "llama.cpp: src/llama-model.cpp, buffers of the model";
    const std::string estimate = "llama.cpp: src/llama-context.cpp, the widest layer of a prompt; 97 of 100 lie inside";
    const auto process = tree.group("llama_cpp", "llama.cpp process");
    const auto model = [&](const Label& key, const Label& label, Bytes bytes) {
      tree.leaf(key, label, count_value(bytes.value), "", exact);
    };
    model("gpu_model_bytes", "model on a GPU", m.gpu_model);
    model("gpu_host_model_bytes", "its input table on the host", m.gpu_host_model);
    model("cpu_model_bytes", "model without a GPU", m.cpu_model);
    tell_range(tree, "gpu_compute_bytes_estimated", "compute buffer of the GPU", m.gpu_compute.low,
               m.gpu_compute.likely, m.gpu_compute.high, estimate);
    tell_range(tree, "cpu_compute_bytes_estimated", "compute buffer without a GPU", m.cpu_compute.low,
               m.cpu_compute.likely, m.cpu_compute.high, estimate);
  }
}

Report kv_report(const Model& model, const Inventory& inventory, const std::vector<std::vector<CacheCell>>& rows) {
  Report report;
  Row tree = Row::group("");
  tree.add(Row::leaf("id", "id", printable(model.id)));
  tree.add(Row::leaf("name", "name", printable(model.name)));
  tell_family(inventory, tree);
  Row& list = tree.add(Row::list("kv", "caches"));
  RowTree members(list);
  for (const auto& row : rows) {
    for (const auto& cell : row) {
      if (cell.cache) {
        tell_cache(cell.request, *cell.cache, inventory, true, members);
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
  report.records = "kv";

  Page& page = report.pages.emplace_back();
  note_unverified(inventory, page.notes);
  page.title = {printable(model.name), Style::strong};
  const auto& first = rows.front().front().request;
  page.aside = {"KV cache and state, " + std::string(figure_style().units == "si" ? "GB, " : "GiB, ") +
                cache_dtype(first) + ", " + grouped(first.sequences) +
                (first.sequences == 1 ? " sequence" : " sequences")};
  PageTable table;
  table.folds = true;
  table.head.label = {"Runtime", Style::strong};
  for (const auto& cell : rows.front()) table.head.cells.push_back({grouped(cell.request.context), Style::strong});
  for (const auto& row : rows) {
    Line line{{row.front().request.runtime.id}, {}};
    for (const auto& cell : row) {
      line.cells.push_back({cell.cache ? gigabytes_to_three(cell.cache->total()) : "–"});
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
    const auto text = gigabytes_to_three;
    kinds.lines.push_back({{cell.request.runtime.id}, {{text(kv.full)}, {text(kv.window)}, {text(kv.state)}}});
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
      const auto& profile = *row.front().request.runtime.profile;
      page.notes.push_back({std::string(profile.name), reasons(profile, *row.front().cache, inventory) + "."});
    }
  }
  return report;
}

}  // namespace paramcount
