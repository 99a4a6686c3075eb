#include "read/gguf_guess.hpp"

#include <algorithm>
#include <cstring>

namespace paramcount {
namespace {

// Of a token: 8 bytes before its text, 4 of its type, a score of 4 or merges of two texts. Llama 3 has 2.2 merges of
// some 17 bytes for each of its 128,256 tokens: 56 bytes in all. Of a tensor: a name of some 40 bytes, 8 before it, and
// at most 4 + 4 × 8 + 4 + 8 of its dimensions, type and offset. (The format: ggml/docs/gguf.md.)
constexpr std::uint64_t kTokenBytes = 64;
constexpr std::uint64_t kTensorBytes = 100;
constexpr std::uint64_t kMost = std::uint64_t{16} << 20U;

/// Files of the other byte order give a number that is out of bounds.
std::uint64_t number_at(std::string_view bytes, std::size_t at) {
  std::uint64_t number = 0;
  if (bytes.size() >= at + sizeof number) std::memcpy(&number, bytes.data() + at, sizeof number);
  return std::min(number, kMost);
}

}  // namespace

std::uint64_t likely_gguf_header(std::string_view begin) {
  // Magic, version, number of tensors, number of pairs.
  constexpr std::size_t kTensors = 8;
  // The array's type and its items' type precede its length.
  constexpr std::string_view kTokens = "tokenizer.ggml.tokens";
  constexpr std::size_t kTypes = 8;
  const auto tokens = begin.find(kTokens);
  if (!begin.starts_with("GGUF") || tokens == std::string_view::npos) return 0;
  const std::size_t length = tokens + kTokens.size() + kTypes;
  if (begin.size() < length + sizeof(std::uint64_t)) return 0;
  return std::min(kMost, length + number_at(begin, length) * kTokenBytes + number_at(begin, kTensors) * kTensorBytes);
}

}  // namespace paramcount
