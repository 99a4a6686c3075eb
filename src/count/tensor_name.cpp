#include "paramcount/count/tensor_name.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {

TensorName TensorName::of_pattern(std::string pattern) {
  TensorName name(std::move(pattern));
  const std::string& text = name.text_;
  for (auto open = text.find('{'); open != std::string::npos;) {
    const auto close = text.find('}', open);
    if (close == std::string::npos) throw Error(printable(text) + ": a brace that is not closed");
    const auto size = close + 1 - open;
    name.indices_.push_back({static_cast<std::uint32_t>(open), static_cast<std::uint32_t>(size)});
    open = text.find('{', close);
  }
  return name;
}

std::string_view TensorName::index(std::size_t i) const {
  return std::string_view(text_).substr(indices_[i].at + 1, indices_[i].size - 2);
}

bool TensorName::has_index(std::string_view name) const {
  for (std::size_t i = 0; i < indices_.size(); ++i) {
    if (index(i) == name) return true;
  }
  return false;
}

void TensorName::add_index(std::string_view name) {
  indices_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size() + 2)});
  text_ += '{';
  text_ += name;
  text_ += '}';
}

void TensorName::replace(std::size_t at, std::size_t size, const TensorName& by) {
  TensorName made = cut(at);
  const auto append = [&made](const TensorName& other, std::size_t from) {
    const auto shift = static_cast<std::uint32_t>(made.text_.size() - from);  // modulo 2^32, as the sum below
    for (const auto& index : other.indices_) {
      if (index.at >= from) made.indices_.push_back({index.at + shift, index.size});
    }
    made.text_.append(other.text_, from, std::string::npos);
  };
  append(by, 0);
  append(*this, at + size);
  *this = std::move(made);
}

TensorName TensorName::cut(std::size_t size) const {
  TensorName made(text_.substr(0, size));
  for (const auto& index : indices_) {
    if (index.at + index.size <= size) made.indices_.push_back(index);
  }
  return made;
}

std::string TensorName::with(const std::function<std::string(std::size_t index)>& value) const {
  std::string made;
  std::size_t from = 0;
  for (std::size_t i = 0; i < indices_.size(); ++i) {
    made.append(text_, from, indices_[i].at - from);
    made += value(i);
    from = indices_[i].at + indices_[i].size;
  }
  return made.append(text_, from, std::string::npos);
}

void TensorName::spell(const std::vector<std::uint64_t>& values, std::string& text) const {
  text.clear();
  std::size_t from = 0;
  for (std::size_t i = 0; i < indices_.size(); ++i) {
    text.append(text_, from, indices_[i].at - from);
    text += std::to_string(values[i]);
    from = indices_[i].at + indices_[i].size;
  }
  text.append(text_, from, std::string::npos);
}

}  // namespace paramcount
