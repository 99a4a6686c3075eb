#include "paramcount/count/verify.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/budgets.hpp"
#include "base/folded_name.hpp"
#include "base/numbers.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "count/explanation.hpp"
#include "count/match_state.hpp"
#include "count/tensor_names.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

using Shape = std::vector<std::uint64_t>;
using Item = Verification::Item;

class Verifier {
 public:
  Verifier(const StoredWeights& stored, const Inventory& expected, const Matching& matching)
      : expected_(expected), stored_(stored), matching_(matching) {
    out_.family = expected.family;
  }

  Verification run() {
    for (const auto& tensor : expected_.tensors) {
      if (tensor.copies > kMostListedTensors) throw Error("more than 20 million tensors of one name");
      if (!tensor.counts()) continue;
      out_.expected_tensors = checked_add(out_.expected_tensors, tensor.copies);
      out_.expected += tensor.params();
    }
    std::uint64_t absent = 0;
    for (std::size_t e = 0; e < expected_.tensors.size(); ++e) absent += missing(e);
    std::uint64_t misshapen = 0;
    for (const auto& found : matching_.matches) misshapen += matched(found);
    for (const auto& parts : matching_.missing_parts) missing_parts(parts);
    for (std::size_t e = 0; e < expected_.tensors.size(); ++e) {
      if (expected_.tensors[e].counts()) misshapen += matching_.broken[e];
    }
    for (const auto& left : matching_.unmatched) unmatched(left);
    for (const auto& group : stored_.groups) beside(group);
    for (const auto& use : matching_.uses) {
      out_.spellings.push_back({printable(starred(use.from)), printable(starred(use.to)), use.tensors});
    }
    out_.agreeing_tensors = out_.expected_tensors - std::min(out_.expected_tensors, absent + misshapen);
    return std::move(out_);
  }

 private:
  /// The numbers in the names of copies that are not there. Returns how many parameters' tensors that are.
  std::uint64_t missing(std::size_t e) {
    const Tensor& tensor = expected_.tensors[e];
    const auto& pattern = matching_.patterns[e];
    if (matching_.complete[e]) {
      if (tensor.mtp && !tensor.role.is_buffer()) note_mtp(pattern, tensor, "multi-token prediction");
      return 0;
    }
    const std::size_t arity = pattern.axes.size();
    const auto& found = matching_.found[e];
    if (found.empty()) {
      note_absent(tensor, {item_name(pattern.key, pattern.axes), tensor.copies, tensor.shape, {}, {}});
      return tensor.counts() ? tensor.copies : 0;
    }
    std::set<std::vector<std::uint32_t>> there;
    for (std::size_t i = 0; arity > 0 && i + arity <= found.size(); i += arity) {
      there.emplace(found.begin() + static_cast<std::ptrdiff_t>(i),
                    found.begin() + static_cast<std::ptrdiff_t>(i + arity));
    }
    std::vector<std::uint32_t> absent;
    std::uint64_t count = 0;
    std::vector<std::uint32_t> numbers(arity);
    each(pattern.axes, 0, numbers, [&] {
      if (there.contains(numbers)) return;
      ++count;
      absent.insert(absent.end(), numbers.begin(), numbers.end());
    });
    if (count == 0) return 0;
    absentees(tensor, pattern.key, std::move(absent), static_cast<std::size_t>(count), tensor.shape, "");
    return tensor.counts() ? count : 0;
  }

  void missing_parts(const MissingParts& parts) {
    const Tensor& tensor = expected_.tensors[parts.expected];
    std::string remark = part_of(parts.expected);
    if (parts.shape.empty()) remark += ", whose shape that is";
    absentees(tensor, parts.key, parts.numbers, parts.count(), parts.shape.empty() ? tensor.shape : parts.shape,
              remark);
  }

  /// `count` names that are not in the file, by the numbers in them.
  void absentees(const Tensor& tensor, const std::string& key, std::vector<std::uint32_t> numbers, std::size_t count,
                 const Shape& shape, const std::string& remark) {
    const std::size_t arity = numbers.size() / count;
    for (auto& axes : axes_of(std::move(numbers), count, std::vector<std::string>(arity))) {
      note_absent(tensor, {item_name(key, axes), copies_of(axes), shape, {}, remark});
    }
  }

  void note_absent(const Tensor& tensor, Item item) {
    if (!tensor.counts()) {
      item.remark = tensor.role.is_buffer() ? "a buffer, not in the file" : "multi-token prediction, not in the file";
    }
    (tensor.counts() ? out_.missing : out_.known).push_back(std::move(item));
  }

  /// "a part of self_attn.qkv_proj.weight"
  [[nodiscard]] std::string part_of(std::size_t e) const {
    return "a part of " + printable(within_layer(matching_.patterns[e].key));
  }

  /// The part after the last number.
  static std::string within_layer(const std::string& key) {
    const auto star = key.rfind(kNumber);
    return star == std::string::npos ? key : key.substr(std::min(star + 2, key.size()));
  }

  void note_mtp(const FoldedPattern& pattern, const Tensor& tensor, const std::string& remark) {
    out_.known.push_back({item_name(pattern.key, pattern.axes), tensor.copies, tensor.shape, {}, remark});
  }

  template <class Visit>
  static void each(const std::vector<Axis>& axes, std::size_t at, std::vector<std::uint32_t>& numbers,
                   const Visit& visit) {
    if (at == axes.size()) {
      visit();
      return;
    }
    for (const auto& range : axes[at].ranges) {
      for (auto value = range.first; value <= range.last; ++value) {
        numbers[at] = static_cast<std::uint32_t>(value);
        each(axes, at + 1, numbers, visit);
      }
    }
  }

  /// Members of a group with their shapes, as few items as may be.
  void items(std::size_t g, const std::vector<std::uint32_t>& members, const Shape* expected, const std::string& remark,
             std::vector<Item>& out) const {
    const NameGroup& names = stored_.groups[g].names;
    std::map<Shape, std::vector<std::uint32_t>> by_shape;
    for (const auto m : members) by_shape[stored_.shape(names.members[m])].push_back(m);
    for (const auto& [shape, same] : by_shape) {
      for (auto& [name, copies] : item_names(names, same)) {
        Item item{std::move(name), copies, shape, {}, remark};
        if (expected != nullptr) {
          item.found = shape;
          item.shape = *expected;
          if (item.remark.empty() && shape == turned(*expected)) item.remark = "rows and columns exchanged";
        }
        out.push_back(std::move(item));
      }
    }
  }

  void count(std::size_t g, const std::vector<std::uint32_t>& members) {
    for (const auto m : members) {
      out_.found += Params{stored_.elements(stored_.groups[g].names.members[m])};
    }
  }

  /// Returns how many expected tensors have another shape.
  std::uint64_t matched(const Match& found) {
    const Tensor& tensor = expected_.tensors[found.expected];
    if (tensor.counts()) count(found.group, found.members);
    if (tensor.role.is_buffer()) {
      items(found.group, found.members, nullptr, "a buffer, not counted", out_.known);
      return 0;
    }
    if (found.fits) return 0;
    std::string remark;
    if (found.kind == Match::Kind::whole) remark = "several merged into one";
    if (found.kind == Match::Kind::part) {
      remark = part_of(found.expected) + (found.wanted.empty() ? ", whose shape is expected" : "");
    }
    items(found.group, found.members, found.wanted.empty() ? &tensor.shape : &found.wanted, remark, out_.misshapen);
    return !tensor.counts() || found.kind == Match::Kind::part ? 0 : found.members.size() * found.stands_for;
  }

  void unmatched(const Unmatched& left) {
    if (left.known.empty()) {
      count(left.group, left.members);
      items(left.group, left.members, nullptr, "", out_.unexpected);
    } else {
      items(left.group, left.members, nullptr, left.known + (left.mtp ? ", not in the total" : ", not counted"),
            out_.known);
    }
  }

  /// Quantisers' own tensors, together by kind.
  void beside(const StoredWeights::Group& group) {
    const char* what = nullptr;
    switch (group.part) {
      case StoredPart::weight:
      case StoredPart::integer:
      case StoredPart::unknown:
        return;
      case StoredPart::scale:
        what = "scales, not counted";
        break;
      case StoredPart::zero:
        what = "zero points, not counted";
        break;
      case StoredPart::order:
        what = "group indices, not counted";
        break;
      case StoredPart::table:
        what = "code tables, not counted";
        break;
      case StoredPart::rest:
        what = "rest of packed weights, not counted";
        break;
    }
    out_.known.push_back({printable(within_layer(group.names.key)), group.names.members.size(), {}, {}, what});
  }

  const Inventory& expected_;
  const StoredWeights& stored_;
  const Matching& matching_;
  Verification out_;
};

std::uint64_t copies_of_all(const std::vector<Item>& items) {
  std::uint64_t sum = 0;
  for (const auto& item : items) sum = checked_add(sum, item.copies);
  return sum;
}

}  // namespace

Verification verify(const StoredWeights& stored, const Inventory& expected, const Matching& matching) {
  return Verifier(stored, expected, matching).run();
}

void suggest_renames(Verification& verification) {
  if (verification.unexpected.size() > kMostSuggested || verification.missing.size() > kMostSuggested) return;
  for (auto& item : verification.unexpected) {
    const Item* nearest = nullptr;
    std::size_t best = SIZE_MAX;
    std::size_t same_shape = 0;
    for (const auto& other : verification.missing) {
      if (other.shape != item.shape || other.copies != item.copies) continue;
      ++same_shape;
      constexpr std::size_t kFar = 64;
      const std::size_t distance = edit_distance(item.name, other.name, kFar);
      if (distance < best) {
        best = distance;
        nearest = &other;
      }
    }
    if (nearest == nullptr) continue;
    item.remark = "same shape as the missing " + (same_shape == 1 ? std::string("one") : nearest->name) + ": renamed?";
  }
}

std::uint64_t missing_tensors(const Verification& verification) { return copies_of_all(verification.missing); }

std::uint64_t unexpected_tensors(const Verification& verification) {
  return checked_add(copies_of_all(verification.unexpected), copies_of_all(verification.misshapen));
}

std::string difference_text(const Verification& verification) {
  std::string text;
  const auto add = [&](const std::vector<Item>& items, const char* what) {
    if (items.empty()) return;
    const auto count = copies_of_all(items);
    text += (text.empty() ? "" : "; ") + grouped(count) + (count == 1 ? " tensor " : " tensors ") + what + " (" +
            items.front().name + (items.size() > 1 ? ", …)" : ")");
  };
  add(verification.missing, "missing");
  add(verification.unexpected, "unexpected");
  add(verification.misshapen, "of a different shape");
  return text;
}

}  // namespace paramcount
