// The header of one safetensors file: names, number formats, shapes and offsets, validated against each other and the
// file's length. Shards, their index and folders are in read/shards.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

/// Where the header's text begins: after its length.
inline constexpr std::uint64_t kHeaderStart = 8;

/// The length a file announces in its first eight bytes. Throws Error "byte N: what" when the file cannot hold it.
[[nodiscard]] std::uint64_t header_length(const char (&first)[kHeaderStart], std::uint64_t file_bytes);

/// Reads the header's text, `length` bytes that JsonScanner::kPadding zeros follow, and appends its tensors; names are
/// views of the text, which is changed where they hold escapes. `metadata` is filled in when it is null. Throws Error
/// "byte N: what".
void scan_header(char* text, std::size_t length, std::uint64_t file_bytes, std::uint32_t file,
                 std::vector<StoredTensor>& tensors, Value& metadata);

}  // namespace paramcount
