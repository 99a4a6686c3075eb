// A GGUF checkpoint: one file, or the parts it was split into.
#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <set>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "read/gguf_header.hpp"
#include "read/gguf_kind.hpp"
#include "read/shards.hpp"

namespace paramcount {
namespace {

void refuse_same_names(const Checkpoint& checkpoint) {
  std::vector<std::string_view> names;
  names.reserve(checkpoint.tensors.size());
  for (const auto& tensor : checkpoint.tensors) names.push_back(tensor.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) throw Error(printable(checkpoint.path) + ": two tensors are called " + printable(*twice));
}

/// Collects the headers of the parts.
class Parts {
 public:
  explicit Parts(const std::string& path) {
    checkpoint_.format = CheckpointFormat::gguf;
    checkpoint_.path = path;
  }

  void add(std::string path, GgufHeader header) {
    for (auto& tensor : header.tensors) tensor.file = static_cast<std::uint32_t>(checkpoint_.files.size());
    for (const auto end : header.name_ends) name_ends_.push_back(texts_->names.size() + end);
    texts_->names += header.names;
    texts_->type_names.push_back(std::move(header.type_names));
    for (const auto& foreign : header.foreign_types) add(foreign);
    checkpoint_.unclaimed_bytes = checked_add(checkpoint_.unclaimed_bytes, header.unclaimed_bytes);
    std::move(header.tensors.begin(), header.tensors.end(), std::back_inserter(checkpoint_.tensors));
    if (checkpoint_.tensors.size() > kMostGgufTensors) {
      throw Error(printable(checkpoint_.path) + ": more than " + std::to_string(kMostGgufTensors) +
                  " tensors in all parts are refused");
    }
    if (texts_->names.size() > kMostGgufNames) {
      throw Error(printable(checkpoint_.path) + ": more than 64 MiB of names in all parts are refused");
    }
    checkpoint_.header_bytes = checked_add(checkpoint_.header_bytes, header.header_bytes);
    checkpoint_.file_bytes = checked_add(checkpoint_.file_bytes, header.file_bytes);
    if (checkpoint_.files.empty()) checkpoint_.metadata = Value(std::move(header.metadata));
    checkpoint_.files.push_back(std::move(path));
  }

  Checkpoint take() {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < checkpoint_.tensors.size(); ++i) {
      checkpoint_.tensors[i].name = std::string_view(texts_->names).substr(begin, name_ends_[i] - begin);
      begin = name_ends_[i];
    }
    checkpoint_.texts = std::move(texts_);
    refuse_same_names(checkpoint_);
    checkpoint_.kind = gguf_kind(checkpoint_);
    return std::move(checkpoint_);
  }

 private:
  /// The same type in several parts is one.
  void add(const ForeignType& foreign) {
    auto& all = checkpoint_.foreign_types;
    const auto [place, added] = foreign_.emplace(foreign.number, all.size());
    if (added) all.push_back({foreign.number, foreign.known_as});
    auto& known = all[place->second];
    known.known_bytes = checked_add(known.known_bytes, foreign.known_bytes);
    known.tensors += foreign.tensors;
    known.bytes = checked_add(known.bytes, foreign.bytes);
  }

  /// What names of tensors and of their types point into.
  struct Texts {
    std::string names;
    std::vector<std::set<std::string>> type_names;  ///< by file
  };

  Checkpoint checkpoint_;
  std::map<std::uint32_t, std::size_t> foreign_;  ///< positions in `foreign_types`
  std::shared_ptr<Texts> texts_{std::make_shared<Texts>()};
  std::vector<std::size_t> name_ends_;
};

struct Split {
  std::uint64_t number{0}, count{1};  ///< of this part, from 0; of all
};

Split split_of(const GgufHeader& header) {
  return {header.number("split.no").value_or(0), header.number("split.count").value_or(1)};
}

[[noreturn]] void fail_part(const std::string& path, const Split& split, const std::string& what) {
  throw Error(printable(path) + ": part " + std::to_string(split.number + 1) + " of " + std::to_string(split.count) +
              " by its metadata, " + what);
}

}  // namespace

Checkpoint read_gguf(const std::string& path) {
  Parts parts(path);
  GgufHeader first = read_gguf_header(open_source(path));
  const Split split = split_of(first);
  if (split.count <= 1) {
    parts.add(path, std::move(first));
    return parts.take();
  }
  const auto name = shard_of(path);
  const auto part = [&](std::uint64_t number) { return shard_name(name->stem, number, name->count, ".gguf"); };
  if (!name || name->count != split.count || name->number != split.number + 1 || path != part(name->number)) {
    fail_part(path, split, "which its name must reflect: NAME-NNNNN-of-NNNNN.gguf");
  }
  // Any part may be named for all of them; the first has the metadata.
  if (split.number > 0) first = read_gguf_header(open_source(part(1)));
  const auto announced = first.number("split.tensors.count");
  const auto add = [&](std::uint64_t i, std::string file, GgufHeader header) {
    const Split own = split_of(header);
    if (own.number != i || own.count != split.count) {
      fail_part(file, own, "but " + std::to_string(i + 1) + " of " + std::to_string(split.count) + " by its name");
    }
    parts.add(std::move(file), std::move(header));
  };
  add(0, part(1), std::move(first));
  std::vector<std::string> others;
  for (std::uint64_t i = 1; i < std::min<std::uint64_t>(split.count, kMostShards); ++i) others.push_back(part(i + 1));
  expect_files(others);
  for (std::uint64_t i = 1; i < split.count; ++i) {
    add(i, part(i + 1), read_gguf_header(open_source(part(i + 1))));
  }
  Checkpoint checkpoint = parts.take();
  if (announced && *announced != checkpoint.tensors.size()) {
    throw Error(printable(path) + ": split.tensors.count is " + std::to_string(*announced) + ", but the parts hold " +
                std::to_string(checkpoint.tensors.size()) + " tensors");
  }
  return checkpoint;
}

}  // namespace paramcount
