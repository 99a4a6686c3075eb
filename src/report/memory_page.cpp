#include <algorithm>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/figures.hpp"
#include "report/memory_report.hpp"

namespace paramcount {
namespace {

Line bytes_line(const std::string& label, Bytes bytes) { return {{label}, {{gb(bytes)}, {gib(bytes)}}}; }

Line estimate_line(const std::string& label, const LlamaCppMemory::Range& range) {
  Line line{{label}, {{"~" + gb(range.likely), Style::caution}, {"~" + gib(range.likely), Style::caution}}};
  line.remark = {range_text(range.low, range.high), Style::dim};
  return line;
}

/// The weights of one format, with what they are made of when that is several formats.
void weight_lines(const WeightMemory& memory, PageTable& table) {
  Line line = bytes_line("weights, " + memory.id, memory.bytes);
  const bool mixed = memory.shares.size() > 1;
  if (mixed || memory.header) line.remark = {significant(memory.bits_per_weight, 3) + " bits a weight", Style::dim};
  table.lines.push_back(std::move(line));
  if (!mixed) return;
  for (const auto& share : memory.shares) {
    Line part = bytes_line("  " + share.dtype, share.bytes);
    part.remark = {grouped(share.tensors) + (share.tensors == 1 ? " tensor" : " tensors"), Style::dim};
    table.lines.push_back(std::move(part));
  }
}

/// The usual formats; those of the same size share a line, and a cell of the bar is one device.
void usual_lines(const Answer& a, PageTable& table) {
  const bool devices = a.training && a.training->device.value->memory.value > 0;
  for (std::size_t i = 0; i < a.weights.size();) {
    std::string label = a.weights[i].id;
    std::size_t next = i + 1;
    for (; next < a.weights.size() && a.weights[next].bytes == a.weights[i].bytes; ++next) {
      label += ", " + a.weights[next].id;
    }
    Line line = bytes_line("weights, " + label, a.weights[i].bytes);
    line.cells.insert(line.cells.begin(), {fixed(a.weights[i].bits_per_weight, 1)});
    if (devices) {
      line.bar =
          static_cast<double>(a.weights[i].bytes.value) / static_cast<double>(a.training->device.value->memory.value);
    }
    table.lines.push_back(std::move(line));
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

PageTable memory_table(const Answer& answer) {
  PageTable table;
  table.head = {{"Memory", Style::strong}, {{"GB"}, {"GiB"}}};
  if (answer.dtypes_given) {
    for (const auto& memory : answer.weights) weight_lines(memory, table);
  } else {
    table.own_grid = true;
    table.head.cells.insert(table.head.cells.begin(), {"bits"});
    usual_lines(answer, table);
  }
  if (answer.inventory.family.empty()) return table;
  if (!answer.inventory.state_known) {
    Line unknown{{"KV cache"}, {{"–"}, {"–"}}};
    if (!answer.dtypes_given) unknown.cells.insert(unknown.cells.begin(), {""});
    unknown.remark = {"not known", Style::dim};
    table.lines.push_back(std::move(unknown));
    return table;
  }
  const auto& request = answer.cache;
  const auto& kv = answer.kv;
  std::string label = "KV cache, " + cache_dtype(request);
  if (!request.runtime.profile->is_bound) label += ", " + request.runtime.id;
  Line cache = bytes_line(label, kv.total());
  cache.remark = {grouped(request.context) + " tokens × " + grouped(request.sequences), Style::dim};
  const auto add = [&](Line line) {
    if (!answer.dtypes_given) line.cells.insert(line.cells.begin(), {""});
    table.lines.push_back(std::move(line));
  };
  add(std::move(cache));
  const int parts = (kv.full.value > 0 ? 1 : 0) + (kv.window.value > 0 ? 1 : 0) + (kv.state.value > 0 ? 1 : 0);
  if (parts > 1) {
    const auto part = [&](const std::string& name, Bytes bytes, const std::string& remark) {
      if (bytes.value == 0) return;
      Line line = bytes_line("  " + name, bytes);
      line.remark = {remark, Style::dim};
      add(std::move(line));
    };
    const bool cells = !request.runtime.profile->is_bound;
    part("full layers", kv.full, cells ? grouped(kv.full_cells) + " cells" : "");
    part("window layers", kv.window, cells ? grouped(kv.window_cells) + " cells" : "");
    part("state", kv.state, "");
  }
  if (answer.dtypes_given && answer.weights.size() == 1) {
    table.lines.push_back(bytes_line("together", answer.weights[0].bytes + kv.total()));
  }
  return table;
}

PageTable process_table(const Answer& answer) {
  const auto& m = *answer.llama_cpp;
  const Bytes kv = answer.kv.total();
  PageTable table;
  table.head = {{"llama.cpp process", Style::strong}, {{"GB"}, {"GiB"}}};
  const auto sum = [&](Bytes model, const LlamaCppMemory::Range& compute) {
    return LlamaCppMemory::Range{model + kv + compute.low, model + kv + compute.likely, model + kv + compute.high};
  };
  table.lines.push_back(bytes_line("on a GPU: model", m.gpu_model));
  table.lines.push_back(bytes_line("  KV cache", kv));
  table.lines.push_back(estimate_line("  compute buffer", m.gpu_compute));
  table.lines.push_back(estimate_line("  together", sum(m.gpu_model, m.gpu_compute)));
  if (m.gpu_host_model.value > 0) {
    Line host = bytes_line("  on the host", m.gpu_host_model);
    host.remark = {"the input table", Style::dim};
    table.lines.push_back(std::move(host));
  }
  table.lines.push_back(bytes_line("without a GPU: model", m.cpu_model));
  table.lines.push_back(estimate_line("  compute buffer", m.cpu_compute));
  table.lines.push_back(estimate_line("  together", sum(m.cpu_model, m.cpu_compute)));
  return table;
}

void memory_notes(const Answer& answer, std::vector<Note>& notes) {
  const auto& request = answer.cache;
  if (answer.inventory.family.empty()) {
    notes.push_back({"KV cache", "not known without the architecture."});
  } else if (!answer.inventory.state_known) {
    // A note of the file's says why.
  } else if (request.runtime.profile->is_bound) {
    const auto& profile = *request.runtime.profile;
    notes.push_back(
        {"KV cache", joined({"runtime ", profile.name, ", ", profile.text, "; ", several(request.sequences, "sequence"),
                             ", ", cache_dtype(request), answer.kv.state_elements > 0 ? ", " : "",
                             answer.kv.state_elements > 0 ? profile.state : std::string_view{}, "."})});
  } else {
    const auto& profile = *request.runtime.profile;
    notes.push_back({std::string(profile.name),
                     reasons(profile, answer.kv, answer.inventory) + ". " + std::string(profile.source) + "."});
  }
  if (!answer.dtypes_given) notes.push_back({"int4", "bare bits; real 4-bit formats keep scales too."});
  for (const auto& memory : answer.weights) {
    if (!memory.header) continue;
    const auto& h = *memory.header;
    const auto mb = [](Bytes bytes) { return fixed(static_cast<double>(bytes.value) / 1e6, 1); };
    notes.push_back(
        {memory.id, "the tensors of a GGUF by llama.cpp's own rules (August 2026). The file is larger by ~" +
                        mb(h.infos + h.padding + h.likely) + " MB of metadata and vocabulary (" +
                        mb(h.infos + h.padding + h.low) + " to " + mb(h.infos + h.padding + h.high) + ")."});
    if (memory.imatrix_missing) {
      notes.push_back({"imatrix", "llama-quantize makes " + memory.id +
                                      " only with an importance matrix; --imatrix says "
                                      "that there is one."});
    }
  }
  if (answer.llama_cpp) {
    notes.push_back({"compute buffer", "estimated from the widest layer of a prompt of " +
                                           grouped(std::min(request.runtime.knob("ubatch"), request.context)) +
                                           " tokens; 97 of 100 of llama.cpp's own lie in the range; one row of logits "
                                           "for each sequence, as llama-server asks."});
  }
}

}  // namespace paramcount
