#include "read/gguf_layout.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "read/ggml_type.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kUsualAlignment = 32;

class Layout {
 public:
  explicit Layout(GgufHeader& header) : header_(header), tensors_(header.tensors), room_(tensors_.size()) {}

  void run() {
    place();
    measure_rooms();
    judge_types();
    check_ends();
  }

 private:
  [[nodiscard]] std::string name_of(std::size_t i) const { return printable(header_.name_of(i)); }

  [[noreturn]] void refuse_end(std::size_t i) const {
    const std::string bytes = tensors_[i].bytes > 0 ? " " + std::to_string(tensors_[i].bytes) : "";
    throw Error(name_of(i) + ": its" + bytes + " bytes extend beyond the end of the file, which has " +
                std::to_string(header_.file_bytes) + ". Is it truncated?");
  }

  /// The bytes of the tensor and of the padding after it.
  [[nodiscard]] std::uint64_t padded(std::uint64_t bytes) const {
    return bytes > UINT64_MAX - alignment_ ? UINT64_MAX : (bytes + alignment_ - 1) / alignment_ * alignment_;
  }

  /// From offsets in the data to offsets in the file.
  void place() {
    alignment_ = header_.number("general.alignment").value_or(kUsualAlignment);
    if (alignment_ == 0 || (alignment_ & (alignment_ - 1)) != 0 || alignment_ > UINT32_MAX) {
      throw Error("general.alignment: " + std::to_string(alignment_) + " is not a 32-bit power of two");
    }
    const std::uint64_t data = (header_.header_bytes + alignment_ - 1) / alignment_ * alignment_;
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      auto& tensor = tensors_[i];
      if (tensor.offset % alignment_ != 0) {
        throw Error(name_of(i) + ": its offset " + std::to_string(tensor.offset) +
                    " is not a multiple of the alignment " + std::to_string(alignment_));
      }
      if (__builtin_add_overflow(tensor.offset, data, &tensor.offset)) refuse_end(i);
      // What forks may use otherwise has no bytes yet.
      const auto bytes = header_.types[i] < kFirstForkType ? tensor.bytes : 0;
      std::uint64_t end = 0;
      if (__builtin_add_overflow(tensor.offset, bytes, &end)) refuse_end(i);
      if (end > header_.file_bytes && tensor.elements > 0) refuse_end(i);
    }
  }

  /// From each tensor's offset to the next one's, or to the end of the file.
  void measure_rooms() {
    order_.resize(tensors_.size());
    for (std::uint32_t i = 0; i < order_.size(); ++i) order_[i] = i;
    std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
      const auto& left = tensors_[a];
      const auto& right = tensors_[b];
      return left.offset != right.offset ? left.offset < right.offset : left.bytes < right.bytes;
    });
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const auto offset = tensors_[order_[i]].offset;
      const auto end = i + 1 < order_.size() ? tensors_[order_[i + 1]].offset : header_.file_bytes;
      room_[order_[i]] = end > offset ? end - offset : 0;
    }
  }

  /// Types that offsets have to confirm: each is what the file says, or a fork's, or not known.
  void judge_types() {
    std::map<std::uint32_t, std::vector<std::uint32_t>> open;
    for (const auto i : order_) {
      const auto number = header_.types[i];
      if (number >= kFirstForkType || find_ggml_type(number) == nullptr) open[number].push_back(i);
    }
    for (const auto& [number, members] : open) {
      const auto* own = find_ggml_type(number);
      if (own != nullptr && fits(*own, members)) continue;
      const auto* fork = find_fork_type(number);
      if (fork != nullptr && fits(*fork, members)) {
        for (const auto i : members) {
          static_cast<void>(fork->bytes_of(tensors_[i], tensors_[i].bytes));
          tensors_[i].dtype = fork->name;
        }
        continue;
      }
      take_rooms(number, own, members);
    }
  }

  /// Whether each tensor has the room that the type asks for. What follows the last tensor of a file need not be its
  /// padding, so that its room says something only where no other's does.
  [[nodiscard]] bool fits(const GgmlType& type, const std::vector<std::uint32_t>& members) const {
    return std::all_of(members.begin(), members.end(), [&](std::uint32_t i) {
      std::uint64_t bytes = 0;
      if (!type.bytes_of(tensors_[i], bytes)) return false;
      if (room_[i] == padded(bytes)) return true;
      return i == order_.back() && (members.size() > 1 ? room_[i] > bytes : room_[i] == bytes);
    });
  }

  void take_rooms(std::uint32_t number, const GgmlType* own, const std::vector<std::uint32_t>& members) {
    ForeignType foreign;
    foreign.number = number;
    if (own != nullptr) foreign.known_as = own->name;
    const std::string_view name = *header_.type_names.insert("type " + std::to_string(number)).first;
    for (const auto i : members) {
      auto& tensor = tensors_[i];
      std::uint64_t bytes = 0;
      if (own != nullptr && own->bytes_of(tensor, bytes)) foreign.known_bytes = checked_add(foreign.known_bytes, bytes);
      tensor.dtype = name;
      tensor.bytes = tensor.elements > 0 ? room_of(i, members) : 0;
      if (tensor.elements > 0 && tensor.bytes == 0) {
        throw Error(name_of(i) + ": tensor type " + std::to_string(number) +
                    " is unknown, and its offset leaves no bytes for it");
      }
      ++foreign.tensors;
      foreign.bytes += tensor.bytes;
    }
    header_.foreign_types.push_back(std::move(foreign));
  }

  /// The room of the last tensor of the file may hold something else too, or be cut off: another tensor of the same
  /// shape says how much is its own.
  [[nodiscard]] std::uint64_t room_of(std::uint32_t i, const std::vector<std::uint32_t>& members) {
    if (i != order_.back()) return room_[i];
    for (const auto other : members) {
      if (other == i || tensors_[other].shape != tensors_[i].shape) continue;
      tensors_[i].bytes = room_[other];
      // The padding after the last one may be missing.
      if (room_[other] >= room_[i] + alignment_) refuse_end(i);
      return std::min(room_[other], room_[i]);
    }
    return room_[i];
  }

  void check_ends() {
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      std::uint64_t end = 0;
      if (__builtin_add_overflow(tensors_[i].offset, tensors_[i].bytes, &end) || end > header_.file_bytes) {
        refuse_end(i);
      }
    }
    for (std::size_t i = 1; i < order_.size(); ++i) {
      const auto& before = tensors_[order_[i - 1]];
      const auto& tensor = tensors_[order_[i]];
      if (before.offset + before.bytes > tensor.offset) {
        throw Error(name_of(order_[i - 1]) + " and " + name_of(order_[i]) + ": their bytes overlap at byte " +
                    std::to_string(tensor.offset));
      }
      header_.unclaimed_bytes +=
          std::max(tensor.offset, before.offset + padded(before.bytes)) - (before.offset + padded(before.bytes));
    }
  }

  GgufHeader& header_;
  std::vector<StoredTensor>& tensors_;
  std::vector<std::uint32_t> order_;  ///< tensors by their offset
  std::vector<std::uint64_t> room_;   ///< by tensor
  std::uint64_t alignment_{kUsualAlignment};
};

}  // namespace

void lay_out(GgufHeader& header) { Layout(header).run(); }

}  // namespace paramcount
