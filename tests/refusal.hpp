// What the readers say of a file that they refuse.
#pragma once

#include <string>

#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

/// Empty when it is not refused.
[[nodiscard]] inline std::string gguf_refusal(const std::string& path) {
  try {
    static_cast<void>(read_gguf(path));
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

/// Always one line; "read" when it is not refused.
[[nodiscard]] inline std::string checkpoint_refusal(const std::string& path) {
  try {
    static_cast<void>(read_checkpoint(path));
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.what();
  }
  return "read";
}

}  // namespace paramcount
