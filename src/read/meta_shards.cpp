#include "read/meta_shards.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "read/checkpoint_files.hpp"
#include "read/source.hpp"
#include "read/torch_checkpoint.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kStem = "consolidated.";
constexpr std::string_view kEnding = ".pth";
constexpr std::string_view kParams = "params.json";
constexpr std::string_view kDimNorm = "norm.weight";  ///< the last norm: as long as the model is wide

/// What a matrix is joined to, by the end of its name.
struct Joint {
  std::string_view ending;
  std::size_t axis;         ///< along which it is divided; the other one is the model's width
  std::string_view joined;  ///< what params.json says of the joined axis
};
constexpr std::array<Joint, 8> kJoints{{{".attention.wq.weight", 0, "heads"},
                                        {".attention.wk.weight", 0, "kv"},
                                        {".attention.wv.weight", 0, "kv"},
                                        {".attention.wo.weight", 1, "heads"},
                                        {".feed_forward.w1.weight", 0, ""},
                                        {".feed_forward.w3.weight", 0, ""},
                                        {".feed_forward.w2.weight", 1, ""},
                                        {"output.weight", 0, "vocabulary"}}};
constexpr std::string_view kEmbedding = "tok_embeddings.weight";

std::string shard_file(std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(kStem) + (digits.size() < 2 ? "0" : "") + digits + std::string(kEnding);
}

/// Sizes of the whole model; nothing if they are not given.
struct Params {
  std::optional<std::uint64_t> dim, heads, kv, vocabulary;
};

std::optional<std::uint64_t> positive(const Value& params, std::string_view key) {
  const auto* number = params.find<std::int64_t>(key);
  // Llama 2 has a vocabulary of -1.
  if (number == nullptr || *number <= 0 || *number > kMostOfDim) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

Params read_params(const std::string& file) {
  Params result;
  if (!is_file(file)) return result;
  const Value params = read_json(file);
  result.dim = positive(params, "dim");
  result.vocabulary = positive(params, "vocab_size");
  const auto heads = positive(params, "n_heads");
  auto head = positive(params, "head_dim");
  if (!head && heads && result.dim) head = *result.dim / *heads;
  if (!heads || !head) return result;
  result.heads = checked_mul(*heads, *head);
  result.kv = checked_mul(positive(params, "n_kv_heads").value_or(*heads), *head);
  return result;
}

class Joining {
 public:
  Joining(const std::vector<Checkpoint>& parts, Params params) : parts_(parts), params_(params) {
    for (const auto& tensor : parts.front().tensors) {
      if (tensor.name != kDimNorm || tensor.shape.size() != 1) continue;
      if (params_.dim && *params_.dim != tensor.shape.front()) {
        throw Error("norm.weight has " + grouped(tensor.shape.front()) + " numbers; params.json says " +
                    grouped(*params_.dim));
      }
      params_.dim = tensor.shape.front();
    }
    if (!params_.dim) throw Error("neither params.json nor norm.weight gives the model's width");
  }

  /// The tensor of the first part as it is in the whole model.
  [[nodiscard]] StoredTensor joined(const StoredTensor& tensor) const {
    StoredTensor whole = tensor;
    const auto axis = axis_of(tensor);
    if (!axis) return whole;
    const std::size_t count = parts_.size();
    // The other axis is whole: the model's width, or the vocabulary of a table whose width is divided.
    const auto other = tensor.name == kEmbedding && *axis == 1 ? params_.vocabulary : params_.dim;
    if (other && tensor.shape[1 - *axis] != *other) {
      fail(tensor, "its axis " + std::to_string(1 - *axis) + " should be the model's " + grouped(*other));
    }
    whole.shape[*axis] = checked_mul(tensor.shape[*axis], count);
    whole.elements = checked_mul(tensor.elements, count);
    whole.bytes = checked_mul(tensor.bytes, count);
    const auto wanted = wanted_of(tensor);
    if (wanted && *wanted != whole.shape[*axis]) {
      fail(tensor, "makes " + grouped(whole.shape[*axis]) + " of " + grouped(*wanted));
    }
    return whole;
  }

 private:
  [[noreturn]] void fail(const StoredTensor& tensor, const std::string& what) const {
    throw Error(printable(tensor.name) + " " + shape_text(tensor.shape) + " in " + std::to_string(parts_.size()) +
                " files: " + what);
  }

  [[nodiscard]] const Joint* joint_of(const StoredTensor& tensor) const {
    const auto found = std::find_if(kJoints.begin(), kJoints.end(), [&](const Joint& joint) {
      return tensor.name == joint.ending || (joint.ending.front() == '.' && tensor.name.ends_with(joint.ending));
    });
    return found != kJoints.end() ? &*found : nullptr;
  }

  /// Along which axis a matrix is divided; nothing when it is the same in each part.
  [[nodiscard]] std::optional<std::size_t> axis_of(const StoredTensor& tensor) const {
    if (tensor.shape.size() == 1 && (tensor.name.ends_with("norm.weight") || tensor.name == "rope.freqs")) {
      if (tensor.name != "rope.freqs" && tensor.shape.front() != *params_.dim) {
        fail(tensor, "should be the model's " + grouped(*params_.dim));
      }
      return std::nullopt;
    }
    if (tensor.shape.size() == 2) {
      if (const auto* joint = joint_of(tensor)) return joint->axis;
      // Llama 3 divides the vocabulary, Llama 1 and 2 the width.
      if (tensor.name == kEmbedding) return tensor.shape[1] == *params_.dim ? 0 : 1;
    }
    fail(tensor, "no rule says along which axis it is split");
  }

  [[nodiscard]] std::optional<std::uint64_t> wanted_of(const StoredTensor& tensor) const {
    if (tensor.name == kEmbedding) return tensor.shape[1] == *params_.dim ? params_.vocabulary : params_.dim;
    const std::string_view joined = joint_of(tensor)->joined;
    if (joined == "heads") return params_.heads ? params_.heads : params_.dim;
    if (joined == "kv") return params_.kv;
    if (joined == "vocabulary") return params_.vocabulary;
    return std::nullopt;
  }

  const std::vector<Checkpoint>& parts_;
  Params params_;
};

/// The parts hold the same tensors, in the same shapes and formats.
void compare(const Checkpoint& first, const Checkpoint& other) {
  std::unordered_map<std::string_view, const StoredTensor*> known;
  for (const auto& tensor : first.tensors) known.emplace(tensor.name, &tensor);
  const std::string where = printable(other.files.front()) + ": ";
  for (const auto& tensor : other.tensors) {
    const auto found = known.find(tensor.name);
    if (found == known.end()) {
      throw Error(where + printable(tensor.name) + " is not in " + printable(first.files.front()));
    }
    const auto& own = *found->second;
    if (own.shape != tensor.shape || own.dtype != tensor.dtype) {
      throw Error(where + printable(tensor.name) + " is " + std::string(tensor.dtype) + " " + shape_text(tensor.shape) +
                  ", " + std::string(own.dtype) + " " + shape_text(own.shape) + " in " +
                  printable(first.files.front()));
    }
    known.erase(found);
  }
  if (!known.empty()) throw Error(where + "lacks " + printable(known.begin()->first));
}

}  // namespace

bool is_meta_shard(std::string_view name) {
  if (!name.starts_with(kStem) || !name.ends_with(kEnding) || name.size() < kStem.size() + kEnding.size() + 2) {
    return false;
  }
  const auto digits = name.substr(kStem.size(), name.size() - kStem.size() - kEnding.size());
  return digits.size() <= 4 && std::all_of(digits.begin(), digits.end(), is_digit);
}

std::vector<std::string> meta_shards_of(const std::string& path) {
  const std::string folder = folder_of(path);
  const bool whole = is_folder(path);
  const std::string name = whole ? "" : path.substr(folder.size());
  if (!whole && !is_meta_shard(name)) return {};
  std::vector<std::string> names = files_in(folder, kEnding);
  std::erase_if(names, [](const auto& other) { return !is_meta_shard(other); });
  // A folder of other checkpoints too has several.
  if (whole && (names.empty() || names.size() != files_in(folder, kEnding).size())) return {};
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < names.size(); ++i) {
    paths.push_back(folder + shard_file(i));
    if (!is_file(paths.back())) {
      throw Error(printable(paths.back()) + ": missing; " + printable(names.back()) + " is there");
    }
  }
  if (!whole && name != shard_file(0) && names.size() > 1) {
    throw Error(printable(path) + ": one part of a model. Name the folder or " + shard_file(0));
  }
  return paths;
}

Checkpoint read_meta_shards(const std::string& path, const std::vector<std::string>& shards) {
  auto texts = std::make_shared<CheckpointTexts>();
  std::vector<Checkpoint> parts;
  std::uint64_t header_bytes = 0;
  for (const auto& shard : shards) {
    read_torch_file(open_source(shard), parts.emplace_back(), *texts);
    header_bytes += parts.back().header_bytes;
    if (header_bytes > kMostHeadersBytes) {
      throw Error(printable(path) + ": the limit for all pickles together is " + grouped(kMostHeadersBytes) + " bytes");
    }
    if (parts.size() > 1) compare(parts.front(), parts.back());
  }
  const std::string folder = folder_of(path);
  Checkpoint whole = parts.front();
  whole.format = CheckpointFormat::pytorch;
  whole.path = path;
  locating(shards.front(), [&] {
    const Joining joining(parts, read_params(folder + std::string(kParams)));
    for (auto& tensor : whole.tensors) tensor = joining.joined(tensor);
  });
  for (std::size_t i = 1; i < parts.size(); ++i) {
    whole.files.push_back(parts[i].files.front());
    whole.file_bytes += parts[i].file_bytes;
  }
  whole.header_bytes = header_bytes;
  whole.texts = std::move(texts);
  return whole;
}

}  // namespace paramcount
