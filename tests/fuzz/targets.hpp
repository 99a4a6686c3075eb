// What the fuzzers feed: any bytes must end in an answer or a paramcount::Error. The unit tests replay kept inputs.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "base/json_scanner.hpp"
#include "catalog/family_file.hpp"
#include "catalog/json.hpp"
#include "count/packing.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/layers.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/count/verify.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "read/hf_config.hpp"
#include "read/safetensors.hpp"

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

/// The checkpoint that a header describes: eight bytes say how much data follows it. Throws Error.
inline Checkpoint scanned_checkpoint(std::string& text, std::uint64_t data_bytes) {
  const std::size_t length = text.size();
  text.append(JsonScanner::kPadding, '\0');
  Checkpoint checkpoint;
  checkpoint.format = CheckpointFormat::safetensors;
  checkpoint.files.emplace_back("fuzz");
  scan_header(text.data(), length, kHeaderStart + length + data_bytes, 0, checkpoint.tensors, checkpoint.metadata);
  return checkpoint;
}

/// A safetensors header, to the counts and through verify. Aborts when bytes or parameters do not add up.
inline void fuzz_safetensors(std::string_view bytes) {
  static const Catalog catalog;
  static Expander expander(catalog.families(), {}, catalog.names());
  constexpr std::size_t kDataBytes = 8;
  if (bytes.size() < kDataBytes) return;
  std::uint64_t data_bytes = 0;
  for (std::size_t i = 0; i < kDataBytes; ++i) {
    data_bytes |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  data_bytes %= std::numeric_limits<std::uint64_t>::max() / 2;
  std::string text(bytes.substr(kDataBytes));
  try {
    auto checkpoint = std::make_shared<Checkpoint>(scanned_checkpoint(text, data_bytes));
    std::uint64_t stored = 0;
    for (const auto& tensor : checkpoint->tensors) stored += tensor.bytes;
    if (stored != data_bytes) __builtin_trap();
    Model model;
    model.checkpoint = checkpoint;
    const Inventory alone = expander.expand(model);
    const ParamCounts counts = count_params(alone);
    Params sum{};
    for (const auto& share : alone.stored->weights) sum += Params{share.elements};
    if (sum != counts.total) __builtin_trap();
    model.family = "llama";
    model.config = parse_json(R"({"hidden_size": 8, "num_hidden_layers": 3, "num_attention_heads": 2,
      "intermediate_size": 12, "vocab_size": 20})");
    const Verification verification = expander.verify(model);
    if (verification.reconciles() && verification.found != verification.expected) __builtin_trap();
    static_cast<void>(count_params(expander.expand(model)));
  } catch (const Error&) {
    return;
  }
}

/// A GGUF file, all the way to the counts. Aborts when the inventory is not what the file holds.
inline void fuzz_gguf_file(const std::string& path) {
  static const Catalog catalog;
  try {
    Model model;
    model.checkpoint = std::make_shared<Checkpoint>(read_gguf(path));
    std::uint64_t elements = 0;
    for (const auto& tensor : model.checkpoint->tensors) elements = checked_add(elements, tensor.elements);
    Expander expander(catalog.families(), catalog.gguf_families(), catalog.names());
    const Inventory inventory = expander.expand(model);
    const ParamCounts counts = count_params(inventory);
    static_cast<void>(count_layers(inventory));
    std::uint64_t counted = 0;
    for (const auto& tensor : inventory.tensors) counted = checked_add(counted, tensor.params().value);
    for (const auto& share : inventory.stored->beside) {
      if (share.name != "buffers") counted = checked_add(counted, share.elements);
    }
    if (counted != elements || (counts.total + counts.buffers + counts.mtp).value > elements) __builtin_trap();
  } catch (const Error&) {
    return;
  }
}

/// Any JSON value, skipped: the scanner ends where the text does.
inline void fuzz_scanner(std::string_view bytes) {
  std::string text(bytes);
  text.append(JsonScanner::kPadding, '\0');
  try {
    JsonScanner scanner(text.data(), bytes.size(), 0);
    scanner.skip();
    scanner.finish();
  } catch (const Error&) {
    return;
  }
}

inline void fuzz_gguf(std::string_view bytes) {
  const int file = ::memfd_create("fuzz", MFD_CLOEXEC);
  if (file < 0 || ::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) __builtin_trap();
  fuzz_gguf_file("/proc/self/fd/" + std::to_string(file));
  ::close(file);
}

}  // namespace paramcount
