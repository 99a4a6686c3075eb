// File names of the parts of one checkpoint: "model-00117-of-00191.safetensors".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paramcount {

struct Shard {
  std::string stem;  ///< "model"
  std::uint64_t number{0};
  std::uint64_t count{0};
};

/// What the name of a file says of its place among others; nothing when it does not end so.
[[nodiscard]] std::optional<Shard> shard_of(std::string_view name);

[[nodiscard]] std::string shard_name(const std::string& stem, std::uint64_t number, std::uint64_t count,
                                     std::string_view ending);

}  // namespace paramcount
