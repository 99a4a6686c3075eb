#include "count/unknown_packing.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "count/match_state.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// How a packing calls its largest tensor, what the weight is called in its place, and who packs so.
struct Payload {
  std::string_view ending;
  std::string_view weight;
  std::string_view format;
};

/// From the writers' code: quip-sharp, SpQR, AQLM, VPTQ, hqq, exllamav2 and 3, AutoGPTQ and AutoAWQ,
/// compressed-tensors, torchao, optimum-quanto, Marlin, gpt-oss. The last row is everyone's.
constexpr std::array<Payload, 18> kPayloads{{{".Qidxs", ".weight", "QuIP#"},
                                             {".dense_weights", ".weight", "SpQR"},
                                             {".codes", ".weight", "AQLM"},
                                             {".indices", ".weight", "VPTQ"},
                                             {".W_q", ".weight", "HQQ"},
                                             {".trellis", ".weight", "EXL3"},
                                             {".q_weight", ".weight", "EXL2"},
                                             {".qweight", ".weight", "GPTQ, AWQ or similar"},
                                             {".weight_packed", ".weight", "compressed-tensors"},
                                             {"._weight_qdata", ".weight", "torchao"},
                                             {".weight._data._data", ".weight", "Quanto"},
                                             {".weight._data", ".weight", "Quanto"},
                                             {".weight.bitmask", ".weight", "sparse bitmask"},
                                             {".bitmask", ".weight", "sparse bitmask"},
                                             {"_blocks", "", "MXFP4"},
                                             {".blocks", "", "MXFP4"},
                                             {".B", ".weight", "Marlin"},
                                             {".weight", ".weight", ""}}};

const Payload* payload_of(std::string_view key) {
  const auto* found = std::find_if(kPayloads.begin(), kPayloads.end(),
                                   [&](const Payload& payload) { return key.ends_with(payload.ending); });
  return found != kPayloads.end() ? found : nullptr;
}

/// The weight that a group of that key would be: of the table, else the weight of its module.
std::string weight_of(const std::string& key) {
  if (const auto* payload = payload_of(key)) {
    return key.substr(0, key.size() - payload->ending.size()) + std::string(payload->weight);
  }
  return key.substr(0, key.rfind('.') == std::string::npos ? 0 : key.rfind('.')) + ".weight";
}

std::string described(const StoredTensor& tensor, std::string_view format) {
  return (format.empty() ? std::string() : std::string(format) + ", ") + std::string(tensor.dtype) + ", " +
         shape_text(tensor.shape);
}

std::string format_of(const std::string& key) {
  const auto* payload = payload_of(key);
  return payload != nullptr ? std::string(payload->format) : std::string();
}

/// The first tensor of a group that is not a plain float.
const StoredTensor& packed_of(const StoredWeights& stored, const StoredWeights::Group& group) {
  const auto& members = group.names.members;
  const auto found = std::find_if(members.begin(), members.end(), [&](auto m) { return is_integer(stored.stored(m)); });
  return stored.stored(found != members.end() ? *found : members.front());
}

[[noreturn]] void refuse(const StoredTensor& tensor, std::string_view format, const std::string& why) {
  throw Error(printable(tensor.name) + ": unknown packed format (" + described(tensor, format) + ")" +
              (why.empty() ? "" : ", and " + why) + "; a total would be wrong");
}

std::uint64_t bytes_of(const StoredWeights& stored, const StoredWeights::Group& group) {
  std::uint64_t sum = 0;
  for (const auto member : group.names.members) sum += stored.stored(member).bytes;
  return sum;
}

/// The name for a group of unknown integers that are not weights.
bool is_buffer(const StoredWeights& stored, std::size_t g, const Spellings& spellings) {
  return stored.groups[g].part == StoredPart::unknown && !known_buffer(stored, g, spellings).empty();
}

/// Of tensors of a known packing that cannot all be right.
void refuse_contradictions(const StoredWeights& stored) {
  for (const auto& group : stored.groups) {
    if (group.why.empty()) continue;
    const auto& tensor = stored.stored(group.culprit);
    refuse(tensor, format_of(std::string(tensor.name)), group.why);
  }
}

[[noreturn]] void refuse_undecided(const StoredWeights& stored, const StoredWeights::Group& group) {
  for (const auto member : group.names.members) {
    const auto found = stored.readings.find(member);
    if (found == stored.readings.end()) continue;
    const auto& a = found->second.front();
    const auto& b = found->second.back();
    if (!a.padded.empty() && a.shape == b.shape) {
      refuse(
          stored.stored(member), a.format,
          "it is stored as " + shape_text(a.shape) + ", padded; the config.json next to it would say how large it is");
    }
    refuse(stored.stored(member), "",
           "it may be " + a.format + " or " + b.format + " by its shapes; the config.json next to it would say which");
  }
  throw Error(printable(group.names.key) + ": unknown packed format");
}

}  // namespace

void refuse_unknown(StoredWeights& stored, const Spellings& spellings, bool family_decides) {
  refuse_contradictions(stored);
  for (std::size_t g = 0; g < stored.groups.size(); ++g) {
    auto& group = stored.groups[g];
    if (is_buffer(stored, g, spellings)) group.part = StoredPart::integer;
    if (group.part != StoredPart::unknown || (group.undecided && family_decides)) continue;
    if (group.undecided) refuse_undecided(stored, group);
    const auto& tensor = packed_of(stored, group);
    refuse(tensor, format_of(std::string(tensor.name)), "");
  }
}

namespace {

/// Finds the groups of unknown packing that are weights, by the name of the weight.
class Naming {
 public:
  Naming(StoredWeights& stored, const Inventory& family, const Spellings& spellings)
      : stored_(stored), spellings_(spellings), payload_(stored.groups.size()) {
    for (const auto& tensor : family.tensors) {
      expected_.emplace(fold_pattern(tensor.name, tensor.axes).key, tensor.role.is_buffer());
    }
  }

  void run() {
    for (std::size_t g = 0; g < payload_.size(); ++g) {
      const auto known = expected_.find(key(g));
      if (!is_unknown(g)) continue;
      if (is_buffer(stored_, g, spellings_) || (known != expected_.end() && known->second)) {
        stored_.groups[g].part = StoredPart::integer;
      }
    }
    // Those identified by name; then the largest of each module that has none of them.
    for (const bool by_name : {true, false}) {
      choose(by_name);
      mark_rest();
    }
    for (std::size_t g = 0; g < payload_.size(); ++g) {
      if (payload_[g]) rename(g);
    }
  }

 private:
  [[nodiscard]] const std::string& key(std::size_t g) const { return stored_.groups[g].names.key; }
  [[nodiscard]] bool is_unknown(std::size_t g) const {
    return stored_.groups[g].part == StoredPart::unknown && !stored_.groups[g].undecided;
  }

  void choose(bool by_name) {
    for (std::size_t g = 0; g < payload_.size(); ++g) {
      if (!is_unknown(g) || payload_[g] || (payload_of(key(g)) != nullptr) != by_name) continue;
      const auto [at, first] = weights_.emplace(weight_of(key(g)), g);
      const bool larger = first || bytes_of(stored_, stored_.groups[g]) > bytes_of(stored_, stored_.groups[at->second]);
      if (!larger) continue;
      payload_[at->second] = false;
      payload_[g] = true;
      at->second = g;
    }
  }

  /// Tensors named after a module with such a weight, or after the weight itself, except the module's bias.
  void mark_rest() {
    for (std::size_t g = 0; g < payload_.size(); ++g) {
      if (payload_[g] || (!is_unknown(g) && expected_.contains(key(g)))) continue;
      const std::string& name = key(g);
      for (std::size_t at = name.size(); at-- > 0;) {
        if (name[at] != '.' && name[at] != '_') continue;
        const std::string base = name.substr(0, at);
        const bool of_module = name[at] == '.' && weights_.contains(base + ".weight");
        if (!of_module && !weights_.contains(base)) continue;
        const bool bias = name.substr(at + 1) == "bias" && !base.ends_with(".weight");
        auto& part = stored_.groups[g].part;
        if (!bias && may_be_weight(part) && !stored_.groups[g].undecided) part = StoredPart::rest;
        break;
      }
    }
  }

  void rename(std::size_t g) {
    auto& group = stored_.groups[g];
    const std::string format = format_of(group.names.key);
    group.format = (format.empty() ? "packed" : format) + ", not understood";
    group.names.key = weight_of(group.names.key);
    for (const auto member : group.names.members) {
      if (is_integer(stored_.stored(member))) stored_.set_logical(member, {});
    }
  }

  StoredWeights& stored_;
  const Spellings& spellings_;
  std::map<std::string, bool, std::less<>> expected_;        ///< names of the family's; whether it is a buffer
  std::map<std::string, std::size_t, std::less<>> weights_;  ///< names of weights; the group that holds them
  std::vector<bool> payload_;
};

}  // namespace

void name_unknown(StoredWeights& stored, const Inventory& family, const Spellings& spellings) {
  refuse_contradictions(stored);
  const bool any = std::any_of(stored.groups.begin(), stored.groups.end(),
                               [](const auto& group) { return group.part == StoredPart::unknown; });
  if (any) Naming(stored, family, spellings).run();
}

namespace {

/// Whether the shape is the reading's except for padding.
bool is_padded(const std::vector<std::uint64_t>& shape, const LogicalShape& reading) {
  if (shape.size() != reading.shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] > reading.shape[i] || reading.shape[i] - shape[i] >= reading.padded[i]) return false;
  }
  return true;
}

bool is_reading(const LogicalShape& reading, const std::vector<std::uint64_t>& shape) {
  if (!reading.padded.empty()) return is_padded(shape, reading);
  if (!reading.shape.empty()) return reading.shape == shape;
  return reading.elements == checked_product(shape);
}

/// Of several readings the one that has the family's shape.
void decide(StoredWeights& stored, std::uint32_t member, const std::vector<std::uint64_t>& shape,
            std::uint64_t elements) {
  for (const auto& reading : stored.readings.at(member)) {
    if (!is_reading(reading, shape)) continue;
    stored.set_logical(member, {shape, elements, reading.format});
    return;
  }
  refuse(stored.stored(member), "",
         "no interpretation of its shapes gives the " + shape_text(shape) + " that the config implies");
}

/// Whether a tensor of several readings may have that shape; of one without readings nothing is known.
bool may_be(const StoredWeights& stored, std::uint32_t tensor, const std::vector<std::uint64_t>& shape) {
  const auto found = stored.readings.find(tensor);
  return found != stored.readings.end() &&
         std::any_of(found->second.begin(), found->second.end(), [&](const auto& r) { return is_reading(r, shape); });
}

}  // namespace

std::vector<std::uint64_t> padded_part(const StoredWeights& stored, const std::vector<std::uint32_t>& tensors,
                                       const std::vector<std::uint64_t>& whole, std::size_t parts) {
  using Shape = std::vector<std::uint64_t>;
  Shape best;
  std::uint64_t weights = 0;
  // Parts that follow each other row by row first: so the others of their kind lie.
  for (const bool by_rows : {true, false}) {
    for (std::size_t side = 0; side < whole.size(); ++side) {
      if (whole[side] % parts != 0) continue;
      Shape equal = whole;
      equal[side] /= parts;
      for (const auto& shape : {equal, turned(equal)}) {
        Shape rows = shape;
        rows.front() = checked_mul(rows.front(), parts);
        if ((rows == whole || rows == turned(whole)) != by_rows) continue;
        if (!std::all_of(tensors.begin(), tensors.end(), [&](auto t) { return may_be(stored, t, shape); })) continue;
        const auto size = checked_product(shape);
        if (weights != 0 && size != weights) return {};
        weights = size;
        if (best.empty()) best = shape;
      }
    }
  }
  return best;
}

void shape_unknown(StoredWeights& stored, const Inventory& family, const Matching& matching) {
  // Half a bit to a byte and its scale, for each weight.
  constexpr std::uint64_t kMostWeights = 16;
  std::vector<std::uint32_t> shaped;
  for (const auto& match : matching.matches) {
    const auto& group = stored.groups[match.group];
    if (group.part != StoredPart::unknown) continue;
    const auto& expected = family.tensors[match.expected];
    const auto& shape = match.wanted.empty() && match.kind == Match::Kind::same ? expected.shape : match.wanted;
    const auto elements = checked_product(shape);
    for (const auto m : match.members) {
      const auto member = group.names.members[m];
      const auto& tensor = stored.stored(member);
      if (!stored.is_open(member)) continue;
      if (shape.empty()) refuse(tensor, format_of(std::string(tensor.name)), "the family splits it differently");
      if (group.undecided) {
        decide(stored, member, shape, elements);
        continue;
      }
      if (tensor.bytes > elements + elements / 8 || tensor.bytes < elements / kMostWeights) {
        refuse(tensor, format_of(std::string(tensor.name)),
               "no packing of " + shape_text(shape) + ", as the config implies");
      }
      stored.set_logical(member, {shape, elements});
      shaped.push_back(member);
    }
  }
  for (const auto& group : stored.groups) {
    if (group.part != StoredPart::unknown) continue;
    for (const auto member : group.names.members) {
      const auto& tensor = stored.stored(member);
      if (!stored.is_open(member)) continue;
      if (!is_integer(tensor)) {
        // A bias that the family lacks: as it is stored.
        const auto reading = stored.readings.find(member);
        if (reading != stored.readings.end()) stored.set_logical(member, LogicalShape(reading->second.front()));
        continue;
      }
      if (group.undecided) refuse_undecided(stored, group);
      refuse(tensor, format_of(std::string(tensor.name)), "the family has no such weight");
    }
  }
  if (shaped.empty()) return;
  const auto& first = stored.stored(*std::min_element(shaped.begin(), shaped.end()));
  stored.by_family = shaped.size();
  stored.by_family_first = printable(first.name) + " (" + described(first, format_of(std::string(first.name))) + ")";
}

}  // namespace paramcount
