#include "count/read_keys.hpp"

#include <numeric>

namespace paramcount {
namespace {

/// Keys that are read whatever the family: block-scaled formats, and what the GGUF converter keeps in half precision.
constexpr std::array<std::string_view, 3> kAlways{"quantization_config", "torch_dtype", "dtype"};

/// Whether the expression mentions the config as a whole.
bool takes_all(std::string_view expression) {
  for (auto at = expression.find('$'); at != std::string_view::npos; at = expression.find('$', at + 1)) {
    const char next = at + 1 < expression.size() ? expression[at + 1] : ' ';
    if (!((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next == '_')) return true;
  }
  return false;
}

}  // namespace

ReadKeys::ReadKeys(const Family& family) : names_(kAlways.begin(), kAlways.end()) {
  for (const auto& [name, fallback] : family.keys) names_.push_back(name);
  for (const auto& [name, others] : family.aliases) names_.insert(names_.end(), others.begin(), others.end());
  std::sort(names_.begin(), names_.end(), [](std::string_view a, std::string_view b) {
    return fingerprint(a) != fingerprint(b) ? fingerprint(a) < fingerprint(b) : a < b;
  });
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  for (const auto name : names_) ++first_[fingerprint(name) + 1U];
  std::partial_sum(first_.begin(), first_.end(), first_.begin());
  const auto look = [&](std::string_view expression) { all_ = all_ || takes_all(expression); };
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
