#include "paramcount/estimate/sparsity.hpp"

#include <bit>
#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kWidestPattern = 1024;

std::uint64_t bytes_of_bits(std::uint64_t bits) { return bits / 8 + (bits % 8 != 0 ? 1 : 0); }

/// Whole bytes of a pruned matrix: its scales as they were, its elements as far as they are kept.
std::uint64_t element_bytes(const Dtype& dtype, const std::vector<std::uint64_t>& shape, std::uint64_t elements,
                            std::uint64_t left) {
  const auto bits_of = [&](std::uint64_t count) {
    return bytes_of_bits(checked_fraction(count, dtype.bits, dtype.elements));
  };
  const std::uint64_t scales = checked_sub(dtype.bytes_of(shape).value, bits_of(elements));
  return checked_add(scales, bits_of(left));
}

}  // namespace

Sparsity parse_sparsity(const std::string& text) {
  Sparsity sparsity;
  const auto colon = text.find(':');
  if (colon == std::string::npos) {
    const bool percent = text.ends_with('%');
    const std::string digits = percent ? text.substr(0, text.size() - 1) : text;
    sparsity.removed = parse_number(digits, "--sparsity", false, percent ? 100 : 1) / (percent ? 100 : 1);
    if (!(sparsity.removed < 1)) throw usage_error("--sparsity " + printable(text) + ": nothing would be left");
    sparsity.id = shortest(sparsity.removed);
    return sparsity;
  }
  sparsity.n = parse_count(text.substr(0, colon), "--sparsity", false, kWidestPattern);
  sparsity.m = parse_count(text.substr(colon + 1), "--sparsity", false, kWidestPattern);
  if (sparsity.n >= sparsity.m) {
    throw usage_error("--sparsity " + printable(text) +
                      ": N:M keeps N of every M neighbours, with N below M, such as 2:4");
  }
  sparsity.removed = 1 - static_cast<double>(sparsity.n) / static_cast<double>(sparsity.m);
  sparsity.id = std::to_string(sparsity.n) + ":" + std::to_string(sparsity.m);
  return sparsity;
}

std::uint64_t kept(std::uint64_t elements, const Sparsity& sparsity) {
  if (sparsity.structured()) {
    // Neighbours that make no whole group are kept.
    return checked_add(checked_mul(elements / sparsity.m, sparsity.n), elements % sparsity.m);
  }
  const auto removed = static_cast<std::uint64_t>(std::floor(static_cast<double>(elements) * sparsity.removed));
  return elements - std::min(elements, removed);
}

std::uint64_t index_bits(std::uint64_t elements, const Sparsity& sparsity) {
  if (!sparsity.structured()) return elements;
  return checked_mul(checked_mul(elements / sparsity.m, sparsity.n), std::bit_width(sparsity.m - 1));
}

bool is_pruned(const Tensor& tensor) {
  return !tensor.mtp && tensor.layer_axis >= 0 && tensor.shape.size() >= 2 && tensor.role.is_matmul() &&
         tensor.role.kind != RoleKind::router && tensor.role.kind != RoleKind::head && !is_tower(tensor.role.kind);
}

PrunedMemory prune(const Inventory& inventory, const WeightFormat& format, const Sparsity& sparsity) {
  if (format.file_type) {
    throw usage_error("--sparsity: " + format.id + " is a llama.cpp file type, which stores zeros like other weights");
  }
  PrunedMemory memory;
  for (const auto& tensor : inventory.tensors) {
    if (!tensor.counts()) continue;
    const Dtype& dtype = format.of(tensor.role);
    const auto elements = tensor.elements();
    if (!is_pruned(tensor)) {
      memory.total += tensor.params();
      memory.bytes += Bytes{checked_mul(dtype.bytes_of(tensor.shape).value, tensor.copies)};
      continue;
    }
    const auto left = kept(elements, sparsity);
    const auto index = bytes_of_bits(index_bits(elements, sparsity));
    const auto bytes = checked_add(element_bytes(dtype, tensor.shape, elements, left), index);
    memory.total += Params{checked_mul(left, tensor.copies)};
    memory.pruned += Params{checked_mul(elements - left, tensor.copies)};
    memory.bytes += Bytes{checked_mul(bytes, tensor.copies)};
    memory.index += Bytes{checked_mul(index, tensor.copies)};
  }
  return memory;
}

}  // namespace paramcount
