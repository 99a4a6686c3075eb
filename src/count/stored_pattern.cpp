#include "count/stored_pattern.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "paramcount/base/checked.hpp"

namespace paramcount {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 10 && (text.size() == 1 || text.front() != '0') &&
         std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace

std::string pattern_of(std::string_view name, std::vector<std::uint64_t>& numbers) {
  std::string pattern;
  for (std::size_t begin = 0; begin <= name.size();) {
    const auto end = std::min(name.find('.', begin), name.size());
    const auto piece = name.substr(begin, end - begin);
    if (begin > 0) pattern += '.';
    if (is_number(piece)) {
      std::uint64_t number = 0;
      for (const char c : piece) number = number * 10 + static_cast<std::uint64_t>(c - '0');
      numbers.push_back(number);
      pattern += '#';
    } else {
      pattern += piece;
    }
    begin = end + 1;
  }
  return pattern;
}

std::string pattern_of_target(std::string_view target) {
  std::string pattern;
  while (!target.empty()) {
    const auto open = target.find('{');
    pattern += target.substr(0, open);
    if (open == std::string_view::npos) break;
    pattern += '#';
    target.remove_prefix(std::min(target.find('}', open), target.size() - 1) + 1);
  }
  return pattern;
}

std::vector<StoredPattern> patterns_of(const Checkpoint& checkpoint) {
  std::vector<StoredPattern> patterns;
  std::unordered_map<std::string, std::size_t> at;
  for (const auto& tensor : checkpoint.tensors) {
    std::vector<std::uint64_t> numbers;
    std::string name = pattern_of(tensor.name, numbers);
    const auto [place, fresh] = at.emplace(std::move(name), patterns.size());
    if (fresh) patterns.push_back({place->first, {}});
    patterns[place->second].entries.push_back({std::move(numbers), &tensor});
  }
  return patterns;
}

std::optional<Checkpoint> with_stacked_experts(const Checkpoint& checkpoint) {
  Checkpoint stacked = checkpoint;
  stacked.tensors.clear();
  auto names = std::make_shared<std::deque<std::string>>();
  std::unordered_map<std::string, std::size_t> at;
  for (const auto& tensor : checkpoint.tensors) {
    std::vector<std::uint64_t> numbers;
    const std::string pattern = pattern_of(tensor.name, numbers);
    constexpr std::string_view kStart = "blk.#.ffn_";
    constexpr std::string_view kEnd = ".#.weight";
    if (!pattern.starts_with(kStart) || !pattern.ends_with(kEnd) || numbers.size() != 2) {
      stacked.tensors.push_back(tensor);
      continue;
    }
    const std::string part = pattern.substr(kStart.size(), pattern.size() - kStart.size() - kEnd.size());
    std::string name = "blk." + std::to_string(numbers[0]) + ".ffn_" + part + "_exps.weight";
    const auto [place, fresh] = at.emplace(name, stacked.tensors.size());
    if (fresh) {
      stacked.tensors.push_back(tensor);
      stacked.tensors.back().name = names->emplace_back(std::move(name));
      stacked.tensors.back().shape.insert(stacked.tensors.back().shape.begin(), 1);
      continue;
    }
    auto& stack = stacked.tensors[place->second];
    if (!std::equal(tensor.shape.begin(), tensor.shape.end(), stack.shape.begin() + 1, stack.shape.end())) {
      return std::nullopt;
    }
    ++stack.shape.front();
    stack.elements = checked_add(stack.elements, tensor.elements);
    stack.bytes = checked_add(stack.bytes, tensor.bytes);
  }
  if (at.empty()) return std::nullopt;
  // Names of tensors left as they are point into the checkpoint's own texts, which have to live on.
  stacked.texts = std::make_shared<std::pair<std::shared_ptr<const void>, std::shared_ptr<const void>>>(
      checkpoint.texts, std::move(names));
  return stacked;
}

}  // namespace paramcount
