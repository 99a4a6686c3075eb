// The name of a tensor, or of many that differ in the values of indices: "model.layers.{layer}.mlp.up_proj.weight".
// Where a name comes from decides what is an index: a family's pattern has indices in braces; in a name from a file a
// brace is an ordinary character.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

class TensorName {
 public:
  /// Where an index stands in the text, braces included.
  struct Index {
    std::uint32_t at{0}, size{0};
    bool operator==(const Index&) const = default;
  };

  TensorName() = default;
  /// A literal name.
  explicit TensorName(std::string literal) : text_(std::move(literal)) {}
  /// Every "{name}" of the text is an index. Throws Error when a brace is left open.
  [[nodiscard]] static TensorName of_pattern(std::string pattern);

  /// With indices in braces: to show, and to look for parts of it. A brace in it may be either.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::vector<Index>& indices() const { return indices_; }
  /// The name of an index: "layer".
  [[nodiscard]] std::string_view index(std::size_t i) const;
  [[nodiscard]] bool has_index(std::string_view name) const;

  void add(std::string_view literal) { text_ += literal; }
  void add_index(std::string_view name);
  /// Another name instead of `size` bytes of the text, indices that stand there included.
  void replace(std::size_t at, std::size_t size, const TensorName& by);
  /// The first bytes of it, and the indices that lie in them.
  [[nodiscard]] TensorName cut(std::size_t size) const;

  /// The text with something else for each index, in order.
  [[nodiscard]] std::string with(const std::function<std::string(std::size_t index)>& value) const;

  /// Replaces `text` by the text with a value for each index, in order.
  void spell(const std::vector<std::uint64_t>& values, std::string& text) const;

  bool operator==(const TensorName&) const = default;

 private:
  std::string text_;
  std::vector<Index> indices_;  ///< ascending
};

}  // namespace paramcount
