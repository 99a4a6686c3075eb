#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "estimate/gguf_files.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/device_name.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/estimate/layout.hpp"
#include "paramcount/estimate/serving_work.hpp"

namespace paramcount {
namespace {
double number(const Value& row, std::string_view key) {
  const auto* value = row.find(key);
  if (value == nullptr) return 0;
  if (const auto* whole = value->as<std::int64_t>()) return static_cast<double>(*whole);
  const auto* real = value->as<double>();
  return real != nullptr ? *real : 0;
}
std::string text(const Value& row, std::string_view key) {
  const auto* value = row.find(key);
  const auto* string = value != nullptr ? value->as<std::string>() : nullptr;
  return string != nullptr ? *string : "";
}
int run(const std::string& folder) {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families(), catalog.names(), catalog.inventories());
  const std::string whole = read_file(folder + "/speed.jsonl", std::size_t{16} << 20U);
  for (const auto line : split(whole, '\n')) {
    if (line.empty()) continue;
    const Value row = parse_json(std::string(line));
    try {
      const Model model = catalog.model(text(row, "model"));
      const Inventory inventory = expander.expand(model);
      const std::string dev = text(row, "device");
      const SharedDevice device = dev.find('=') != std::string::npos ? std::make_shared<const Device>(parse_device(dev)) : catalog.device(dev);
      const std::string dtype = text(row, "dtype");
      WeightFormat format = weight_format(dtype, true, catalog);
      GgufFiles files(model, inventory, catalog, expander);
      CacheRequest cr{1, 1, catalog.dtype("fp16"), catalog.dtype("fp16"), {}};
      std::optional<ServingWork> work;
      double held = 0;
      if (text(row, "backend").find("llama.cpp") != std::string::npos) {
        const auto& file = files.file(format);
        held = static_cast<double>(file.file.tensor_bytes.value);
        work.emplace(inventory, files.inventory()->state, step_weights(*files.inventory(), file.file), cr);
      } else {
        const auto served = served_formats(format, inventory, catalog);
        held = static_cast<double>(weigh(inventory, served.likely).bytes.value);
        work.emplace(inventory, inventory.state, step_weights(inventory, served.likely), cr);
      }
      std::string peaks;
      for (const auto& [f, p] : device->peak) peaks += fmt::format("{}\"{}\":{}", peaks.empty() ? "" : ",", f, p.value);
      std::string routed;
      for (const auto& r : work->weights().routed) routed += fmt::format("{}[{},{}]", routed.empty() ? "" : ",", r.bytes, r.share);
      const double prompt = number(row, "prompt"), gen = number(row, "generate"), depth = number(row, "depth");
      const auto mean = static_cast<std::uint64_t>(depth + prompt + gen / 2);
      const auto seq = work->at_depth(mean);
      const auto e2e = work->at_depth(100);
      fmt::print("{{\"id\":\"{}\",\"bw\":{},\"mem\":{},\"node\":{},\"link\":{},\"peaks\":{{{}}},\"held\":{},\"always\":{},\"routed\":[{}],\"flops\":{},\"head\":{},\"cache\":{},\"att\":{},\"cache100\":{},\"patt\":{},\"layers\":{},\"hidden\":{},\"watts\":{},\"heads\":{},\"kv\":{}}}\n",
                 text(row, "id"), device->bandwidth, device->gpu_memory().value, device->node, device->link_gb_s, peaks, held, work->weights().always, routed,
                 work->token_flops(), work->head_flops(), seq.cache, seq.attention, e2e.cache, work->prompt_attention(static_cast<std::uint64_t>(prompt), static_cast<std::uint64_t>(depth)), work->layers(), work->hidden_bytes(), device->power.value,inventory.count("n_heads"),inventory.count("n_kv_heads"));
    } catch (const Error& error) {
      fmt::print(stderr, "{}: {}\n", text(row, "id"), error.what());
    }
  }
  return 0;
}
}  // namespace
}  // namespace paramcount
int main(int argc, char** argv) { return argc == 2 ? paramcount::run(argv[1]) : 2; }
