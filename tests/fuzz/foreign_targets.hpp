// What the fuzzers of other tools' files feed: YAML, a tar archive, an ONNX graph. Any bytes must end in an answer or a
// paramcount::Error.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/budgets.hpp"
#include "read/onnx.hpp"
#include "read/tar.hpp"
#include "read/yaml.hpp"
#include "torch_targets.hpp"

namespace paramcount {

inline void fuzz_yaml(std::string_view bytes) {
  try {
    static_cast<void>(parse_yaml(bytes));
  } catch (const Error&) {
    return;
  }
}

/// Everything extracted is within the archive.
inline void fuzz_tar(std::string_view bytes) {
  const Source source = bytes_source(bytes);
  constexpr std::array<std::string_view, 1> kName{"model_config.yaml"};
  try {
    if (read_tar_entry(source, kName, kMostJsonBytes).second.size() > bytes.size()) __builtin_trap();
  } catch (const Error&) {
    return;
  }
}

/// Tensors have names and fit what they are made of; what operators take them for is of tensors that are there.
inline void fuzz_onnx(std::string_view bytes) {
  const Source source = bytes_source(bytes);
  try {
    const Checkpoint checkpoint = read_onnx_graph(source);
    for (const auto& tensor : checkpoint.tensors) {
      if (tensor.name.empty() || tensor.elements < 2 || tensor.file >= checkpoint.files.size()) __builtin_trap();
    }
    for (const auto& use : checkpoint.graph_uses) {
      if (use.tensor >= checkpoint.tensors.size()) __builtin_trap();
    }
  } catch (const Error&) {
    return;
  }
}

}  // namespace paramcount
