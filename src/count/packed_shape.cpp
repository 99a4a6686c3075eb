#include "count/packed_shape.hpp"

#include <algorithm>
#include <array>

#include "paramcount/base/checked.hpp"

namespace paramcount {
namespace {

using Size = PackedFormat::Size;

constexpr std::size_t kBits = 0;
constexpr std::size_t kGroup = 1;

/// Equations between sizes of axes, without what is added to them, solved one variable at a time.
class Solver {
 public:
  Solver(const PackedFormat& format, std::uint64_t bits, std::uint64_t group, const std::vector<std::uint64_t>& given)
      : values_(given) {
    values_.resize(format.variables.size());
    values_[kBits] = bits;
    values_[kGroup] = group;
  }

  /// False where the shape has another number of axes.
  bool describe(const PackedFormat::Shape& shape, const StoredTensor& tensor) {
    if (shape.any) return true;
    if (shape.one) return tensor.elements == 1;
    const auto rank = shape.sizes.size();
    if (tensor.shape.size() < rank) return false;
    const auto leading = tensor.shape.begin() + static_cast<std::ptrdiff_t>(tensor.shape.size() - rank);
    if (!shape.leading && leading != tensor.shape.begin()) return false;
    if (shape.leading) {
      const std::vector<std::uint64_t> before(tensor.shape.begin(), leading);
      if (!leading_) leading_ = before;
      if (*leading_ != before) return false;
    }
    for (std::size_t i = 0; i < rank; ++i) {
      const auto stored = leading[static_cast<long>(i)];
      if (stored < shape.sizes[i].more) return false;
      equations_.emplace_back(&shape.sizes[i], stored - shape.sizes[i].more);
    }
    return true;
  }

  /// Whether some values fit all of them.
  bool solve() {
    for (std::size_t step = 0; step < kSteps.size();) {
      const bool any = std::ranges::any_of(
          equations_, [&](const auto& equation) { return take(*equation.first, equation.second, kSteps[step]); });
      if (failed_) return false;
      step = any ? 0 : step + 1;
    }
    return std::ranges::all_of(equations_,
                               [&](const auto& equation) { return value(*equation.first) == equation.second; });
  }

  /// Without what is added to it. 0: unknown, or too large.
  std::uint64_t value(const Size& size) {
    const auto [above, below] = known(size);
    if (above == 0 || below == 0) return 0;
    exact_ = exact_ && above % below == 0;
    return ceil_div(above, below);
  }

  [[nodiscard]] std::uint64_t at(std::size_t variable) const { return values_[variable]; }
  [[nodiscard]] bool exact() const { return exact_; }
  [[nodiscard]] std::vector<std::uint64_t> leading() const { return leading_.value_or(std::vector<std::uint64_t>{}); }

 private:
  /// What gives a value first: sizes that cannot have been rounded, then those that were not, then those that were.
  enum class Step : std::uint8_t { plain, exact, rounded };
  static constexpr std::array<Step, 3> kSteps{Step::plain, Step::exact, Step::rounded};

  /// 0 where the product is too large.
  static std::uint64_t times(std::uint64_t a, std::uint64_t b) { return b != 0 && a > UINT64_MAX / b ? 0 : a * b; }

  /// Numerator and denominator; 0 where a variable in it is not known or the product is too large.
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> known(const Size& size) const {
    std::uint64_t above = size.factor;
    std::uint64_t below = size.divisor;
    for (const auto v : size.above) above = times(above, values_[v]);
    for (const auto v : size.below) below = times(below, values_[v]);
    return {above, below};
  }

  /// Whether the size gave the value of its one unknown variable.
  bool take(const Size& size, std::uint64_t stored, Step step) {
    const auto unknown = [&](std::uint8_t v) { return values_[v] == 0; };
    const auto above = std::ranges::count_if(size.above, unknown);
    const auto below = std::ranges::count_if(size.below, unknown);
    if (above + below != 1) return false;
    if (step == Step::plain && (size.divisor > 1 || !size.below.empty())) return false;
    if (stored == 0) {
      failed_ = true;
      return false;
    }
    std::uint8_t variable = 0;
    std::uint64_t factor = size.factor;
    std::uint64_t divisor = size.divisor;
    const auto multiply = [&](std::uint64_t& product, std::uint8_t v) {
      if (values_[v] == 0) {
        variable = v;
      } else {
        product = times(product, values_[v]);
      }
    };
    for (const auto v : size.above) multiply(factor, v);
    for (const auto v : size.below) multiply(divisor, v);
    const std::uint64_t top = above == 1 ? times(stored, divisor) : factor;
    const std::uint64_t bottom = above == 1 ? factor : times(stored, divisor);
    if (top == 0 || bottom == 0) {
      failed_ = true;
      return false;
    }
    if (top % bottom != 0 && step != Step::rounded) return false;
    // Rounded up: the number of groups bounds the group size, and the number of weights bounds the number of groups.
    values_[variable] = top / bottom + (above != 1 && top % bottom != 0 ? 1 : 0);
    if (values_[variable] == 0) failed_ = true;
    return !failed_;
  }

  std::vector<std::uint64_t> values_;  ///< by variable; 0: not known yet
  std::vector<std::pair<const Size*, std::uint64_t>> equations_;
  std::optional<std::vector<std::uint64_t>> leading_;
  bool failed_{false};
  bool exact_{true};
};

}  // namespace

std::optional<PackedReading> read_shapes(const PackedFormat& format, const std::vector<DescribedTensor>& tensors,
                                         std::uint64_t bits, std::uint64_t group,
                                         const std::vector<std::uint64_t>& given) {
  Solver solver(format, bits, group, given);
  for (const auto& [shape, tensor] : tensors) {
    if (!solver.describe(*shape, *tensor)) return std::nullopt;
  }
  if (!solver.solve()) return std::nullopt;
  PackedReading reading;
  reading.exact = solver.exact();
  reading.bits = bits;
  reading.group = solver.at(kGroup);
  if (format.shape.any) {
    reading.elements = solver.value(format.elements);
  } else {
    if (format.shape.leading) reading.shape = solver.leading();
    for (const auto& size : format.shape.sizes) reading.shape.push_back(solver.value(size));
    reading.elements = 1;
    for (const auto size : reading.shape) {
      if (size == 0 || reading.elements > UINT64_MAX / size) return std::nullopt;
      reading.elements *= size;
    }
  }
  if (reading.elements == 0) return std::nullopt;
  const auto& groups = format.groups;
  if (!groups.empty() && std::ranges::find(groups, reading.group) == groups.end()) return std::nullopt;
  return reading;
}

}  // namespace paramcount
