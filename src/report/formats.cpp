#include <array>

#include "report/renderers.hpp"

namespace paramcount {
namespace {

constexpr std::array<Format, 3> kFormats{{
    {"text", "a page for people", render_text},
    {"json", "one JSON object for all models", render_json},
    {"jsonl", "one JSON object a line for each model", render_jsonl},
}};

}  // namespace

std::span<const Format> formats() { return kFormats; }

const Format* find_format(std::string_view name) {
  for (const auto& format : kFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

}  // namespace paramcount
