#include <algorithm>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/figures.hpp"
#include "report/memory_report.hpp"

namespace paramcount {
namespace {

Bytes bytes_of(const Row& figure) { return {static_cast<std::uint64_t>(*figure.value.as<std::int64_t>())}; }

/// An estimate with its range at the edge.
Line range_line(const Figures& figures, const std::string& key, std::string label) {
  Line line = figures.bytes_line(key + ".likely", std::move(label));
  const Row* low = figures.find(key + ".low");
  const Row* high = figures.find(key + ".high");
  if (low != nullptr && high != nullptr) {
    line.remark = {range_text(bytes_of(*low), bytes_of(*high), figures.style()), Style::dim,
                   key + ".low " + key + ".high"};
  }
  return line;
}

/// The weights of one format; where nothing else is asked for, with what they are made of when that is several.
void weight_lines(const Figures& figures, const std::string& key, const WeightMemory& memory, bool alone,
                  PageTable& table) {
  Line line = figures.bytes_line(key + ".bytes", "weights, " + memory.id);
  const bool mixed = memory.shares.size() > 1;
  if (mixed || memory.header) {
    line.remark = {significant(memory.bits_per_weight, 3) + " bits per weight", Style::dim, key + ".bits_per_weight"};
  }
  table.lines.push_back(std::move(line));
  if (!mixed || !alone) return;
  for (std::size_t i = 0; i < memory.shares.size(); ++i) {
    const auto& share = memory.shares[i];
    const std::string of = key + ".by_dtype." + std::to_string(i);
    Line part = figures.bytes_line(of + ".bytes", "  " + share.dtype);
    part.remark = {grouped(share.tensors) + (share.tensors == 1 ? " tensor" : " tensors"), Style::dim, of + ".tensors"};
    table.lines.push_back(std::move(part));
  }
  if (!memory.safetensors) return;
  Line file = figures.bytes_line(key + ".safetensors.file_bytes_estimated", "  safetensors file");
  file.remark = {grouped(memory.safetensors->tensors) + " tensors", Style::dim, key + ".safetensors.tensors"};
  table.lines.push_back(std::move(file));
}

std::string weight_key(std::size_t at) { return "memory.weights." + std::to_string(at); }

/// The usual formats; those of the same size share a line, and a cell of the bar is one device.
void usual_lines(const Answer& a, const Figures& figures, PageTable& table) {
  const bool devices = a.training && a.bill && a.training->device.value->memory.value > 0;
  const bool shipped = !a.weights.empty() && a.weights.back().shipped;
  const std::size_t usual = a.weights.size() - (shipped ? 1 : 0);
  const auto add = [&](std::size_t i, const std::string& label, const char* remark) {
    Line line = figures.bytes_line(weight_key(i) + ".bytes", "weights, " + label);
    line.remark = {remark, Style::dim};
    const std::string bits = weight_key(i) + ".bits_per_weight";
    line.cells.insert(line.cells.begin(), figures.rounded(bits, fixed(a.weights[i].bits_per_weight, 1)));
    if (devices) {
      line.bar =
          static_cast<double>(a.weights[i].bytes.value) / static_cast<double>(a.training->device.value->memory.value);
    }
    table.lines.push_back(std::move(line));
  };
  if (shipped) add(usual, a.weights.back().id, "as published");
  for (std::size_t i = 0; i < usual;) {
    std::string label = a.weights[i].id;
    std::size_t next = i + 1;
    for (; next < usual && a.weights[next].bytes == a.weights[i].bytes; ++next) label += ", " + a.weights[next].id;
    add(i, label, "");
    i = next;
  }
  if (devices) table.head.remark = {"one cell = one " + a.training->device.value->name, Style::dim};
}

}  // namespace

std::string cache_dtype(const CacheRequest& request) {
  return request.keys.id == request.values.id ? request.keys.id : request.keys.id + ":" + request.values.id;
}

std::string reasons(const RuntimeProfile& profile, const KvCache& cache, const Inventory& inventory) {
  std::string text(profile.text);
  const auto add = [&](bool applies, std::string_view more) {
    if (applies && !more.empty()) text += (text.empty() ? "" : "; ") + std::string(more);
  };
  const auto& state = inventory.state;
  add(std::any_of(state.begin(), state.end(), [](const State& s) { return s.kind == StateKind::window; }),
      profile.windows);
  add(std::any_of(state.begin(), state.end(),
                  [](const State& s) { return s.is_cache() && s.value_elements() == 0 && s.elements() > 0; }),
      profile.latent);
  add(cache.state.value > 0, profile.state);
  return text;
}

PageTable memory_table(const Answer& answer, const Figures& figures) {
  PageTable table;
  table.head = {{"Memory", Style::strong}, figures.byte_heads()};
  if (answer.dtypes_given) {
    for (std::size_t i = 0; i < answer.weights.size(); ++i) {
      weight_lines(figures, weight_key(i), answer.weights[i], answer.weights.size() == 1, table);
    }
  } else {
    table.own_grid = true;
    table.head.cells.insert(table.head.cells.begin(), {"bits"});
    usual_lines(answer, figures, table);
  }
  if (answer.inventory.family.empty()) return table;
  const auto add = [&](Line line) {
    if (!answer.dtypes_given) line.cells.insert(line.cells.begin(), {""});
    table.lines.push_back(std::move(line));
  };
  const std::string key = "memory.kv_cache.";
  if (!answer.inventory.state_known) {
    Line unknown = figures.bytes_line(key + "bytes", "KV cache");
    unknown.remark = {"not known", Style::dim};
    add(std::move(unknown));
    return table;
  }
  const auto& request = answer.cache;
  const bool cells = !request.runtime.profile->is_bound;
  std::string label = "KV cache, " + cache_dtype(request);
  if (cells) label += ", " + request.runtime.id;
  Line cache = figures.bytes_line(key + "bytes", std::move(label));
  cache.remark = {figures.text(key + "context") + " tokens × " + figures.text(key + "batch"), Style::dim,
                  key + "context " + key + "batch"};
  add(std::move(cache));
  const auto& kv = answer.kv;
  const int parts = (kv.full.value > 0 ? 1 : 0) + (kv.window.value > 0 ? 1 : 0) + (kv.state.value > 0 ? 1 : 0) +
                    (kv.encoder.value > 0 ? 1 : 0);
  const auto part = [&](const std::string& name, const std::string& bytes, const std::string& held) {
    if (parts < 2 || figures.number(key + bytes) == 0) return;
    Line line = figures.bytes_line(key + bytes, "  " + name);
    if (cells && !held.empty()) line.remark = {figures.text(key + held) + " cells", Style::dim, key + held};
    add(std::move(line));
  };
  part("full layers", "full_bytes", "full_cells");
  part("window layers", "window_bytes", "window_cells");
  part("recurrent state", "state_bytes", "");
  if (kv.encoder.value > 0) part("images, cross-attention", "encoder_bytes", "");
  if (kv.draft.value > 0) {
    Line draft = figures.bytes_line(key + "draft_bytes", "MTP block's cache");
    draft.remark = {"only where it drafts", Style::dim};
    add(std::move(draft));
  }
  if (answer.dtypes_given && answer.weights.size() == 1) {
    add(figures.bytes_line("memory.total_bytes", "together"));
  }
  return table;
}

PageTable device_table(const Answer& answer, const Figures& figures) {
  PageTable table;
  table.head = {{"On one device, " + layout_text(answer.device->layout), Style::strong}, figures.byte_heads()};
  const std::string key = "memory.device.";
  for (std::size_t i = 0; i < answer.device->weights.size(); ++i) {
    table.lines.push_back(
        figures.bytes_line(key + "weights." + std::to_string(i) + ".bytes", "weights, " + answer.weights[i].id));
  }
  table.lines.push_back(figures.bytes_line(key + "kv_cache_bytes", "KV cache"));
  if (answer.device->weights.size() == 1) {
    table.lines.push_back(figures.bytes_line(key + "weights.0.total_bytes", "together"));
  }
  return table;
}

PageTable process_table(const Answer& answer, const Figures& figures) {
  const std::string key = "memory.llama_cpp.";
  PageTable table;
  table.head = {{"llama.cpp process", Style::strong}, figures.byte_heads()};
  const auto bytes = [&](const std::string& of, const char* label) {
    table.lines.push_back(figures.bytes_line(of, label));
  };
  const auto range = [&](const std::string& of, const char* label) {
    table.lines.push_back(range_line(figures, key + of, label));
  };
  bytes(key + "gpu_model_bytes", "on a GPU: model");
  bytes("memory.kv_cache.bytes", "  KV cache");
  range("gpu_compute_bytes_estimated", "  compute buffer");
  range("gpu_bytes_estimated", "  together");
  if (answer.llama_cpp->gpu_host_model.value > 0) {
    bytes(key + "gpu_host_model_bytes", "  on the host");
    table.lines.back().remark = {"input embedding", Style::dim};
  }
  bytes(key + "cpu_model_bytes", "without a GPU: model");
  range("cpu_compute_bytes_estimated", "  compute buffer");
  range("cpu_bytes_estimated", "  together");
  return table;
}

void note_long_context(const Inventory& inventory, std::uint64_t context, std::vector<Note>& notes) {
  const auto longest = inventory.count("max_positions");
  if (longest == 0 || context <= longest) return;
  notes.push_back(
      {"context",
       grouped(context) + " tokens are more than the " + grouped(longest) + " that the model supports by its config.",
       Note::Weight::answer});
}

namespace {

/// What drafting with multi-token-prediction blocks takes in addition to the model's cache.
void mtp_notes(const Answer& answer, std::vector<Note>& notes) {
  if (answer.inventory.draft_state.empty()) return;
  std::string text = "the cache is that of the layers; llama.cpp gives an MTP block its own context for drafting";
  const auto of_mtp = [](const State& state, std::uint64_t first) {
    return state.layer_axis >= 0 && state.axes[static_cast<std::size_t>(state.layer_axis)].ranges.back().last >= first;
  };
  const auto layers = answer.inventory.layer_count;
  const auto* gguf = answer.inventory.gguf.get();
  if (gguf != nullptr && answer.cache.runtime.profile->reads_gguf &&
      std::any_of(gguf->state.begin(), gguf->state.end(), [&](const State& s) { return of_mtp(s, layers); })) {
    text =
        "llama.cpp of August 2026 keeps an MTP block's cache in the main context too, unused; since September 2026 "
        "(pull request 28630) it does not";
  }
  if (answer.kv.state.value > 0) {
    text += "; drafting N tokens at once keeps 1 + N recurrent states (n_rs_seq, --runtime llama.cpp:draft=N)";
  }
  notes.push_back({"MTP", text + "."});
}

/// What files in llama.cpp's types hold besides their tensors: one note of all, since it hardly differs.
void file_notes(const std::vector<WeightMemory>& weights, std::vector<Note>& notes) {
  const auto mb = [](Bytes bytes) { return fixed(static_cast<double>(bytes.value) / 1e6, 1); };
  std::string names;
  std::string without;
  const WeightMemory* first = nullptr;
  std::size_t count = 0;
  for (const auto& memory : weights) {
    if (!memory.header) continue;
    names += (names.empty() ? "" : ", ") + memory.id;
    if (memory.imatrix_missing) without += (without.empty() ? "" : ", ") + memory.id;
    if (count++ == 0) first = &memory;
  }
  if (first == nullptr) return;
  const auto& h = *first->header;
  notes.push_back({count > 1 ? "files" : names,
                   "the tensors of a GGUF by llama.cpp's own rules (August 2026). The file is larger by ~" +
                       mb(h.infos + h.padding + h.likely) + " MB of metadata and vocabulary (" +
                       mb(h.infos + h.padding + h.low) + " to " + mb(h.infos + h.padding + h.high) + ").",
                   Note::Weight::basis});
  if (!without.empty()) {
    notes.push_back(
        {"imatrix", "llama-quantize makes " + without + " only with an importance matrix; --imatrix assumes one."});
  }
}

}  // namespace

void memory_notes(const Answer& answer, std::vector<Note>& notes) {
  const auto& request = answer.cache;
  if (answer.model.kind() != CheckpointKind::model) {
    // It has none.
  } else if (answer.model.only_parts) {
    // Its parts may have caches; it has none.
  } else if (answer.inventory.family.empty()) {
    notes.push_back({"KV cache", "not known without the architecture."});
  } else if (!answer.inventory.state_known) {
    // A note of the file's says why.
  } else if (request.runtime.profile->is_bound) {
    const auto& profile = *request.runtime.profile;
    notes.push_back({"KV cache",
                     joined({"runtime ", profile.name, ", ", profile.text, "; ", several(request.sequences, "sequence"),
                             ", ", cache_dtype(request), answer.kv.state_elements > 0 ? ", " : "",
                             answer.kv.state_elements > 0 ? profile.state : std::string_view{}, "."}),
                     Note::Weight::basis});
  } else {
    const auto& profile = *request.runtime.profile;
    notes.push_back({std::string(profile.name),
                     reasons(profile, answer.kv, answer.inventory) + ". " + std::string(profile.source) + ".",
                     Note::Weight::basis});
  }
  mtp_notes(answer, notes);
  if (!answer.dtypes_given)
    notes.push_back({"int4", "without scales; real 4-bit formats have them too.", Note::Weight::basis});
  file_notes(answer.weights, notes);
  if (answer.llama_cpp) {
    notes.push_back({"compute buffer", "estimated from the widest layer of a prompt of " +
                                           grouped(std::min(request.runtime.knob("ubatch"), request.context)) +
                                           " tokens; 97 % of llama.cpp's own figures lie in the range; one row of "
                                           "logits per sequence, as for llama-server."});
  }
}

}  // namespace paramcount
