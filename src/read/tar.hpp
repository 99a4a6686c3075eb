// Extracts one file from a tar archive, such as NeMo's.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "read/source.hpp"

namespace paramcount {

/// The name and the text of the first entry that has one of the names, with or without "./" before it. Only headers
/// are read on the way. Throws Error "byte N: ..." when the archive is damaged, has no such entry or more than 100,000
/// others before it, or when the text has more than `most` bytes.
[[nodiscard]] std::pair<std::string, std::string> read_tar_entry(const Source& source,
                                                                 std::span<const std::string_view> names,
                                                                 std::size_t most);

}  // namespace paramcount
