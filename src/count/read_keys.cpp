#include "count/read_keys.hpp"

#include <algorithm>
#include <numeric>

namespace paramcount {
namespace {

/// Keys that are read whatever the family: block-scaled formats, and what the GGUF converter keeps in half precision.
constexpr std::array<std::string_view, 6> kAlways{"quantization_config", "quantization", "compression_config",
                                                  "quip_params",         "torch_dtype",  "dtype"};

constexpr std::string_view kWordLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

std::string_view word_at(std::string_view text, std::size_t at) {
  const auto end = std::min(text.find_first_not_of(kWordLetters, at), text.size());
  return text.substr(at, end - at);
}

/// Where what is in the brackets that open at `at` ends; behind the closing one.
std::size_t behind_brackets(std::string_view text, std::size_t at) {
  int depth = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '[') ++depth;
    if (text[at] == ']' && --depth == 0) return at + 1;
  }
  return at;
}

}  // namespace

ReadKeys::ReadKeys(const Family& family)
    : inert_(family.inert.begin(), family.inert.end()), names_(kAlways.begin(), kAlways.end()) {
  for (const auto& [name, fallback] : family.keys) names_.push_back(name);
  for (const auto& [name, others] : family.aliases) names_.insert(names_.end(), others.begin(), others.end());
  std::sort(names_.begin(), names_.end(), [](std::string_view a, std::string_view b) {
    return fingerprint(a) != fingerprint(b) ? fingerprint(a) < fingerprint(b) : a < b;
  });
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  for (const auto name : names_) ++first_[fingerprint(name) + 1U];
  std::partial_sum(first_.begin(), first_.end(), first_.begin());
  const auto look = [&](std::string_view expression) {
    for (auto at = expression.find('$'); at != std::string_view::npos; at = expression.find('$', at + 1)) {
      const auto key = word_at(expression, at + 1);
      all_ = all_ || key.empty();
      auto next = at + 1 + key.size();
      while (next < expression.size() && expression[next] == '[') next = behind_brackets(expression, next);
      if (next < expression.size() && expression[next] == '.') opened_.insert(key);
    }
    for (auto at = expression.find('.'); at != std::string_view::npos; at = expression.find('.', at + 1)) {
      const auto name = word_at(expression, at + 1);
      if (!name.empty()) members_.insert(name);
    }
  };
  const auto look_at_rows = [&](const std::vector<Family::Row>& rows) {
    for (const auto& row : rows) {
      look(row.condition);
      for (const auto& size : row.shape) look(size);
    }
  };
  for (const auto& dim : family.dims) look(dim.expression);
  for (const auto& index : family.indices) look(index.expression);
  for (const auto& part : family.parts) {
    look(part.family);
    look(part.config);
    look(part.condition);
    for (const auto& dim : part.dims) look(dim.expression);
  }
  look_at_rows(family.tensors);
  look_at_rows(family.state);
  look(family.mtp);
  for (const auto& requirement : family.requirements) look(requirement.condition);
  for (const auto& repeat : family.repeats) {
    look(repeat.times);
    look(repeat.of);
  }
}

}  // namespace paramcount
