#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
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
    if (one.every > 1) text += " / " + grouped(one.every);
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
  std::string full, window, state, encoder;
};

CacheFormulas cache_formulas(const CacheRequest& request, const KvCache& kv, const std::vector<State>& state) {
  CacheFormulas formulas;
  const std::string batch = grouped(request.sequences);
  if (kv.encoder.value > 0) {
    formulas.encoder =
        grouped(request.encoder_elements) + " elements of images × " + batch + " in " + cache_dtype(request);
  }
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
  std::uint64_t whole = 0;
  std::uint64_t of_encoder = 0;
  for (const auto& one : state) {
    if (!one.is_cache() || one.kind == StateKind::window || one.every > 1) continue;
    const bool apart = one.kind == StateKind::cross && request.encoder > 0;
    (apart ? of_encoder : whole) += one.elements() * one.copies;
  }
  const auto kept = [&](std::uint64_t elements, const std::string& tokens) {
    formulas.full += (formulas.full.empty() ? "" : " + ") + grouped(elements) + " elements × " + tokens + " × " +
                     batch + " × " + bytes_text(request);
  };
  if (whole > 0) kept(whole, grouped(request.context) + " tokens");
  if (of_encoder > 0) kept(of_encoder, grouped(request.encoder) + " positions of the encoder");
  for (const auto& one : state) {
    if (one.every == 1) continue;
    kept(one.elements() * one.copies, "(" + grouped(request.context) + " // " + grouped(one.every) + ") entries");
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
  for (const auto& part : {formulas.full, formulas.window, formulas.state, formulas.encoder}) {
    if (!part.empty()) text += (text.empty() ? "" : " + ") + part;
  }
  return text.empty() ? "no KV cache or recurrent state" : text;
}

void tell_range(Tree& tree, const Label& key, const std::string& label, Bytes low, Bytes likely, Bytes high,
                const Label& source) {
  const auto group = tree.group(key, label);
  tree.leaf("low", label + ", low", low, "", source, Said::estimated);
  tree.leaf("likely", label + ", likely", likely, "", source, Said::estimated);
  tree.leaf("high", label + ", high", high, "", source, Said::estimated);
}

/// Weights and cache, and with llama.cpp the compute buffer of the GPU.
Bytes total_bytes(const WeightMemory& memory, const Answer& answer) {
  const Bytes buffers = answer.llama_cpp ? answer.llama_cpp->gpu_compute.likely : Bytes{};
  return memory.bytes + answer.kv.total() + buffers;
}

void tell_total(const WeightMemory& memory, const Answer& answer, Tree& tree) {
  if (answer.inventory.family.empty() || !answer.inventory.state_known) return;
  const bool estimated = answer.llama_cpp.has_value();
  Label formula;
  if (answer.explained) {
    formula = "weights " + grouped(memory.bytes.value) + " + KV cache " + grouped(answer.kv.total().value) +
              (estimated ? " + compute buffer " + grouped(answer.llama_cpp->gpu_compute.likely.value) : "");
  }
  tree.leaf("total_bytes", "weights, cache and buffers, " + memory.id, total_bytes(memory, answer), std::move(formula),
            {}, estimated ? Said::estimated : Said::counted);
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
  if (memory.shipped) tree.leaf("as_published", "as published", true);
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
    source = memory.header ? "each tensor in its format, by llama.cpp's rules"
                           : "`paramcount list dtypes`: bits and scales of " + memory.id;
  }
  tree.leaf("bytes", bytes_label, memory.bytes, std::move(bytes_formula), source);
  tree.leaf("bits_per_weight", bits_label, {memory.bits_per_weight, Unit::bits}, std::move(bits_formula), source);
  if (answer.copies > 1) {
    tree.leaf("bytes_of_copies", "weights of all copies, " + memory.id,
              Bytes{checked_mul(memory.bytes.value, answer.copies)});
  }
  tell_total(memory, answer, tree);
  if (memory.shares.size() > 1 || memory.header) {
    const auto parts = tree.list("by_dtype", "by number format");
    for (const auto& share : memory.shares) {
      const auto part = tree.group("");
      tree.text("dtype", "number format", share.dtype);
      tree.leaf("tensors", "tensors in " + share.dtype, share.tensors, "", source);
      tree.leaf("elements", "elements in " + share.dtype, share.elements, "", source);
      tree.leaf("bytes", "bytes in " + share.dtype, share.bytes, grouped(share.elements) + " elements in whole blocks",
                source);
    }
  }
  if (memory.safetensors) {
    const Label header = "names and shapes as safetensors writes them, in one file; each shard repeats 40 bytes";
    const auto group = tree.group("safetensors", "as a safetensors file");
    tree.leaf("tensors", "tensors of the file", memory.safetensors->tensors, "", source);
    tree.leaf("settings_bytes", "code tables and settings", memory.safetensors->settings, "stored with each matrix",
              source);
    tree.leaf("header_bytes_estimated", "header", memory.safetensors->header, "", header, Said::estimated);
    tree.leaf("file_bytes_estimated", "file, with its header",
              memory.bytes + memory.safetensors->settings + memory.safetensors->header, "", header, Said::estimated);
  }
  if (memory.header) {
    const auto& h = *memory.header;
    const std::string gguf = "the GGUF format: alignment of 32 bytes; paramcount's own estimate of the vocabulary";
    {
      const auto file = tree.group("file", "the GGUF next to its tensors");
      tree.leaf("tensors", "tensors of the file", h.tensors, "", source);
      tree.leaf("padding_bytes", "padding", h.padding, "", gguf);
      tree.leaf("tensor_info_bytes", "names, shapes and offsets", h.infos, "", gguf);
      tell_range(tree, "metadata_bytes_estimated", "metadata and vocabulary", h.low, h.likely, h.high, gguf);
    }
    tree.leaf("imatrix_missing", "needs an importance matrix", memory.imatrix_missing);
  }
}

}  // namespace

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
    tree.leaf(key, label, amount, std::move(formula), source);
  };
  tree.text("dtype", "number format", cache_dtype(request));
  tree.leaf("context", "context", request.context, "", "--context");
  tree.leaf("batch", "sequences", request.sequences, "", "--batch");
  tree.text("runtime", "runtime", request.runtime.id);
  bytes("bytes", "KV cache, " + cache_dtype(request), kv.total(), std::move(sum));
  bytes("full_bytes", "of which full attention", kv.full, formulas.full);
  bytes("window_bytes", "of which window layers", kv.window, formulas.window);
  bytes("state_bytes", "of which recurrent state", kv.state, formulas.state);
  if (kv.encoder.value > 0) bytes("encoder_bytes", "of which images", kv.encoder, formulas.encoder);
  if (kv.draft.value > 0) bytes("draft_bytes", "multi-token prediction's own, not in it", kv.draft, {});
  tree.leaf("elements_per_token", "elements per token", kv.full_elements + kv.window_elements, std::move(elements),
            "caches of the layers: `paramcount layers` lists them");
  tree.leaf("bytes_per_token", "KV cache per token", Measure::whole(kv.bytes_per_token, Unit::bytes),
            explained
                ? Label(joined({grouped(kv.full_elements + kv.window_elements), " elements × ", bytes_text(request)}))
                : Label(),
            source);
  if (!request.runtime.profile->is_bound) {
    tree.leaf("full_cells", "cells of full layers", kv.full_cells, "", source);
    tree.leaf("window_cells", "cells of window layers", kv.window_cells, "", source);
  }
}

void tell_device(const Answer& answer, Tree& tree) {
  const DeviceShare& share = *answer.device;
  const auto group = tree.group("device", "the fullest device");
  tree.text("layout", "layout", layout_text(share.layout));
  tree.leaf("devices", "devices", share.layout.devices());
  {
    const auto weights = tree.list("weights", "weights");
    for (std::size_t i = 0; i < share.weights.size(); ++i) {
      const auto row = tree.group("");
      tree.text("dtype", "number format", answer.weights[i].id);
      tree.leaf("bytes", "weights on the fullest device, " + answer.weights[i].id, share.weights[i]);
      tree.leaf("total_bytes", "weights and cache on the fullest device, " + answer.weights[i].id,
                share.weights[i] + share.cache);
    }
  }
  tree.leaf("kv_cache_bytes", "KV cache on the fullest device", share.cache);
}

void tell_memory(const Answer& answer, Tree& tree) {
  const auto group = tree.group("memory", "memory");
  if (answer.device) tell_device(answer, tree);
  {
    const auto weights = tree.list("weights", "weights");
    for (const auto& memory : answer.weights) tell_weights(memory, answer, tree);
  }
  if (!answer.weights.empty()) tell_total(answer.weights.front(), answer, tree);
  if (!answer.inventory.family.empty() && answer.inventory.state_known) {
    tell_cache(answer.cache, answer.kv, answer.inventory, answer.explained, tree);
  }
  if (answer.llama_cpp) {
    const auto& m = *answer.llama_cpp;
    const std::string exact = "llama.cpp: src/llama-model.cpp, buffers of the model";
    const std::string estimate =
        "llama.cpp: src/llama-context.cpp, the widest layer of a prompt; 97 % lie in the range";
    const auto process = tree.group("llama_cpp", "llama.cpp process");
    const auto model = [&](const Label& key, const Label& label, Bytes bytes) {
      tree.leaf(key, label, bytes, "", exact);
    };
    model("gpu_model_bytes", "model on a GPU", m.gpu_model);
    model("gpu_host_model_bytes", "its input embedding on the host", m.gpu_host_model);
    model("cpu_model_bytes", "model without a GPU", m.cpu_model);
    tell_range(tree, "gpu_compute_bytes_estimated", "compute buffer of the GPU", m.gpu_compute.low,
               m.gpu_compute.likely, m.gpu_compute.high, estimate);
    tell_range(tree, "cpu_compute_bytes_estimated", "compute buffer without a GPU", m.cpu_compute.low,
               m.cpu_compute.likely, m.cpu_compute.high, estimate);
    const auto whole = [&](const Label& key, const char* label, Bytes weights, const LlamaCppMemory::Range& compute) {
      const Bytes held = weights + answer.kv.total();
      tell_range(tree, key, label, held + compute.low, held + compute.likely, held + compute.high, estimate);
    };
    whole("gpu_bytes_estimated", "model, cache and compute buffer on a GPU", m.gpu_model, m.gpu_compute);
    whole("cpu_bytes_estimated", "model, cache and compute buffer without a GPU", m.cpu_model, m.cpu_compute);
  }
}

}  // namespace paramcount
