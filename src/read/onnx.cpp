// ONNX graphs: their tensors (initializers and constants), and which of them quantised operators use as packed weights,
// scales and zero points. Field numbers: onnx/onnx: onnx/onnx.proto.
#include "read/onnx.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "read/protobuf.hpp"
#include "read/source.hpp"

namespace paramcount {
namespace {

/// TensorProto.DataType under the names that safetensors has for them, and the bits of one element.
struct DataType {
  std::string_view name;
  std::uint64_t bits;
};
constexpr std::array<DataType, 27> kTypes{
    {{"", 0},     {"F32", 32},   {"U8", 8},    {"I8", 8},      {"U16", 16},        {"I16", 16},    {"I32", 32},
     {"I64", 64}, {"STR", 0},    {"BOOL", 8},  {"F16", 16},    {"F64", 64},        {"U32", 32},    {"U64", 64},
     {"C64", 64}, {"C128", 128}, {"BF16", 16}, {"F8_E4M3", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2", 8}, {"F8_E5M2FNUZ", 8},
     {"U4", 4},   {"I4", 4},     {"F4", 4},    {"F8_E8M0", 8}, {"U2", 2},          {"I2", 2}}};

/// Where operators that compute with integers take their weights, scales and zero points: onnx/onnx docs/Operators.md;
/// microsoft/onnxruntime docs/ContribOperators.md.
struct QuantisedOp {
  std::string_view name;
  std::vector<std::size_t> scales, zeros;
};
const std::vector<QuantisedOp>& quantised_ops() {
  static const std::vector<QuantisedOp> kOps{
      {"DequantizeLinear", {1}, {2}},
      {"QuantizeLinear", {1}, {2}},
      {"MatMulNBits", {2}, {3, 4}},
      {"MatMulBnb4", {2}, {}},
      {"GatherBlockQuantized", {2}, {3}},
      {"MatMulInteger", {}, {2, 3}},
      {"ConvInteger", {}, {2, 3}},
      {"DynamicQuantizeMatMul", {2}, {3}},
      {"MatMulIntegerToFloat", {2, 3}, {4, 5}},
      {"MatMulFpQ4", {}, {2}},
      {"QLinearMatMul", {1, 4, 6}, {2, 5, 7}},
      {"QLinearConv", {1, 4, 6}, {2, 5, 7}},
      {"QGemm", {1, 4, 7}, {2, 5, 8}},
      {"QMoE", {3, 6, 9}, {11, 12, 13}},
      {"DynamicQuantizeLSTM", {8, 10}, {9, 11}},
  };
  return kOps;
}

/// A node, as far as an operator on packed weights needs it.
struct Node {
  std::string op;
  std::vector<std::string> inputs;
  std::string output;
  std::map<std::string, std::uint64_t> numbers;  ///< attributes that are one
};

class OnnxReader {
 public:
  explicit OnnxReader(const Source& source) : source_(source), in_(source) {}

  Checkpoint run() {
    read_model();
    if (!graph_) in_.fail("no graph: not an ONNX model");
    for (const auto& node : nodes_) use(node);
    checkpoint_.graph_uses.reserve(uses_.size());
    for (auto& [tensor, use] : uses_) checkpoint_.graph_uses.push_back(std::move(use));
    std::uint64_t data = 0;
    for (const auto& tensor : checkpoint_.tensors) {
      if (tensor.file == 0) data += tensor.bytes;
    }
    checkpoint_.header_bytes = source_.size() - std::min(source_.size(), data);
    checkpoint_.texts = texts_;
    return std::move(checkpoint_);
  }

 private:
  using Field = ProtobufReader::Field;

  [[nodiscard]] std::uint64_t end_of(const Field& field) const {
    if (!field.has_length) in_.fail("expected a message, got a number");
    return in_.position() + field.value;
  }

  void read_model() {
    checkpoint_.format = CheckpointFormat::onnx;
    checkpoint_.files.push_back(source_.name());
    checkpoint_.file_bytes = source_.size();
    Value::Object metadata;
    while (in_.position() < in_.size()) {
      const Field field = in_.field(in_.size());
      if (field.number == 7) {
        if (graph_) in_.fail("two graphs");
        graph_ = true;
        read_graph(end_of(field), {}, 0);
      } else if (field.number == 2 && field.has_length) {
        metadata.emplace_back("producer_name", Value(in_.text(field, kLongestOnnxName)));
      } else {
        in_.skip(field);
      }
    }
    checkpoint_.metadata = Value(std::move(metadata));
  }

  void read_graph(std::uint64_t end, const std::string& prefix, int depth) {
    if (depth > kDeepestOnnxGraph) in_.fail("graphs nested deeper than 16 levels");
    while (in_.position() < end) {
      const Field field = in_.field(end);
      switch (field.number) {
        case 1:
          read_node(end_of(field), prefix, depth);
          break;
        case 5:
          read_tensor(end_of(field), prefix, {});
          break;
        case 15:
          in_.fail("a sparse tensor, which is not supported");
        default:
          in_.skip(field);
      }
    }
  }

  void read_node(std::uint64_t end, const std::string& prefix, int depth) {
    Node node;
    while (in_.position() < end) {
      const Field field = in_.field(end);
      if (field.number == 1) {
        node.inputs.push_back(in_.text(field, kLongestOnnxName));
      } else if (field.number == 2 && node.output.empty()) {
        node.output = in_.text(field, kLongestOnnxName);
      } else if (field.number == 4) {
        node.op = in_.text(field, kLongestOnnxName);
      } else if (field.number == 5) {
        read_attribute(end_of(field), prefix, depth, node);
      } else {
        in_.skip(field);
      }
    }
    const auto& ops = quantised_ops();
    if (std::any_of(ops.begin(), ops.end(), [&](const auto& op) { return op.name == node.op; })) {
      if (nodes_.size() == kMostOnnxTensors) in_.fail("more than 1,000,000 quantised operators");
      nodes_.push_back(std::move(node));
    }
  }

  /// A tensor of its own is a constant's: the node's outputs come before its attributes.
  void read_attribute(std::uint64_t end, const std::string& prefix, int depth, Node& node) {
    std::string name;
    while (in_.position() < end) {
      const Field field = in_.field(end);
      if (field.number == 1) {
        name = in_.text(field, kLongestOnnxName);
      } else if (field.number == 3 && !field.has_length) {
        node.numbers[name] = field.value;
      } else if (field.number == 5) {
        read_tensor(end_of(field), prefix, node.output.empty() ? name : node.output);
      } else if (field.number == 6) {
        read_graph(end_of(field), prefix + name + "/", depth + 1);
      } else {
        in_.skip(field);
      }
    }
  }

  /// `constant`: the name of one that has none itself.
  void read_tensor(std::uint64_t end, const std::string& prefix, const std::string& constant) {
    StoredTensor tensor;
    std::string name;
    std::uint64_t type = 0;
    std::optional<std::uint64_t> raw;
    std::map<std::string, std::string> external;
    while (in_.position() < end) {
      const Field field = in_.field(end);
      if (field.number == 1 && field.has_length) {
        for (const std::uint64_t stop = in_.position() + field.value; in_.position() < stop;) {
          add_size(tensor, in_.varint(stop));
        }
      } else if (field.number == 1) {
        add_size(tensor, field.value);
      } else if (field.number == 2) {
        type = field.value;
      } else if (field.number == 8) {
        name = in_.text(field, kLongestOnnxName);
      } else if (field.number == 9 && field.has_length) {
        tensor.offset = in_.position();
        raw = field.value;
        in_.skip(field);
      } else if (field.number == 13) {
        read_external(end_of(field), external);
      } else {
        in_.skip(field);
      }
    }
    if (!constant.empty()) name = constant;
    keep(std::move(tensor), prefix + name, type, raw, external);
  }

  void add_size(StoredTensor& tensor, std::uint64_t value) {
    if (tensor.shape.size() == kMostDimensions) in_.fail("a shape of more than 64 dimensions");
    if (value >> 63U != 0) in_.fail("a negative size");
    tensor.shape.push_back(value);
  }

  void read_external(std::uint64_t end, std::map<std::string, std::string>& out) {
    std::string key;
    std::string value;
    while (in_.position() < end) {
      const Field field = in_.field(end);
      if (field.number == 1) {
        key = in_.text(field, kLongestOnnxName);
      } else if (field.number == 2) {
        value = in_.text(field, kLongestOnnxName);
      } else {
        in_.skip(field);
      }
    }
    if (out.size() < 16) out[key] = value;
  }

  void keep(StoredTensor tensor, std::string name, std::uint64_t type, const std::optional<std::uint64_t>& raw,
            const std::map<std::string, std::string>& external) {
    const auto fail = [&](const std::string& what) { in_.fail(printable(name.substr(0, 120)) + ": " + what); };
    if (type == 0 || type >= kTypes.size()) fail("data type " + std::to_string(type) + " is not known");
    const DataType& known = kTypes[static_cast<std::size_t>(type)];
    tensor.dtype = known.name;
    tensor.elements = 1;
    for (const auto size : tensor.shape) {
      if (__builtin_mul_overflow(tensor.elements, size, &tensor.elements))
        fail("its shape has more than 2^64 elements");
    }
    std::uint64_t bits = 0;
    if (__builtin_mul_overflow(tensor.elements, known.bits, &bits)) fail("its size exceeds 64 bits");
    tensor.bytes = bits / 8 + (bits % 8 != 0 ? 1 : 0);
    if (raw && *raw != tensor.bytes) {
      fail("has " + grouped(*raw) + " bytes, its type and shape give " + grouped(tensor.bytes));
    }
    if (!external.empty()) tensor.file = external_file(external, tensor, name);
    // A single number is a setting of an operator: of a mean, an exponent, a scale.
    if (tensor.elements <= 1 || known.bits == 0) return;
    if (checkpoint_.tensors.size() == kMostOnnxTensors) fail("more than 1,000,000 tensors");
    if (name.empty()) name = "constant";
    while (!names_.emplace(name, static_cast<std::uint32_t>(checkpoint_.tensors.size())).second) name += "'";
    text_bytes_ += name.size();
    if (text_bytes_ > kMostOnnxNames) fail("more than 64 MiB of names");
    tensor.name = texts_->emplace_back(std::move(name));
    checkpoint_.tensors.push_back(std::move(tensor));
  }

  /// The place of the external data file, and whether it contains the tensor.
  std::uint32_t external_file(const std::map<std::string, std::string>& external, StoredTensor& tensor,
                              const std::string& name) {
    const auto text = [&](const char* key) {
      const auto found = external.find(key);
      return found != external.end() ? found->second : std::string();
    };
    const auto number = [&](const char* key) {
      const std::string digits = text(key);
      const auto value = digits.empty() ? std::optional<std::uint64_t>(0) : whole_number(digits);
      if (!value) in_.fail(printable(name) + ": /" + key + ": not a number");
      return *value;
    };
    const std::string location = text("location");
    const auto pieces = split(location, '/');
    if (location.empty() || location.front() == '/' || std::find(pieces.begin(), pieces.end(), "..") != pieces.end()) {
      in_.fail(printable(name) + ": " + printable(location) + " is not a file next to the model");
    }
    if (!text("length").empty() && number("length") != tensor.bytes) {
      in_.fail(printable(name) + ": has " + grouped(number("length")) + " bytes, its type and shape give " +
               grouped(tensor.bytes));
    }
    tensor.offset = number("offset");
    const auto [known, added] = files_.emplace(location, 0);
    if (added) {
      if (files_.size() > kMostShards) in_.fail("more than 100,000 files");
      const std::string path = parent_of(source_.name()) + location;
      known->second = static_cast<std::uint32_t>(checkpoint_.files.size());
      checkpoint_.files.push_back(path);
      sizes_.push_back(is_file(path) ? std::optional(open_regular(path).bytes) : std::nullopt);
      checkpoint_.file_bytes += sizes_.back().value_or(0);
    }
    const auto& size = sizes_[known->second - 1];
    if (size && (tensor.offset > *size || tensor.bytes > *size - tensor.offset)) {
      throw Error("byte " + grouped(tensor.offset) + " of " + printable(location) + ": " + printable(name) + " has " +
                  grouped(tensor.bytes) + " bytes, beyond the end of the file at " + grouped(*size));
    }
    return known->second;
  }

  void mark(const Node& node, std::size_t input, GraphUse::Kind kind, std::vector<std::uint64_t> shape = {},
            std::uint64_t bits = 0) {
    if (input >= node.inputs.size()) return;
    const auto tensor = names_.find(node.inputs[input]);
    if (tensor == names_.end()) return;
    uses_.emplace(tensor->second, GraphUse{tensor->second, kind, std::move(shape), bits});
  }

  /// What the operator takes its inputs for.
  void use(const Node& node) {
    for (const auto& op : quantised_ops()) {
      if (op.name != node.op) continue;
      for (const auto input : op.scales) mark(node, input, GraphUse::Kind::scale);
      for (const auto input : op.zeros) mark(node, input, GraphUse::Kind::zero);
    }
    const auto number = [&](const char* name, std::uint64_t fallback) {
      const auto found = node.numbers.find(name);
      return found != node.numbers.end() ? found->second : fallback;
    };
    const auto packed = [&](std::uint64_t bits) {
      const std::uint64_t rows = number("N", 0);
      const std::uint64_t columns = number("K", 0);
      std::uint64_t weights = 0;
      if (rows == 0 || columns == 0 || bits == 0 || __builtin_mul_overflow(rows, columns, &weights)) return;
      check_packed(node, weights, bits);
      mark(node, 1, GraphUse::Kind::packed, {rows, columns}, bits);
    };
    constexpr std::uint64_t kUsualBits = 4;
    if (node.op == "MatMulNBits") packed(number("bits", kUsualBits));
    if (node.op == "MatMulBnb4") packed(kUsualBits);
    if (node.op == "GatherBlockQuantized") narrow(node, 0, number("bits", kUsualBits));
    if (node.op == "QMoE") {
      for (const std::size_t weights : {2U, 5U, 8U}) narrow(node, weights, number("expert_weight_bits", kUsualBits));
    }
  }

  /// Several in a byte of U8; types of fewer bits say it themselves.
  void narrow(const Node& node, std::size_t input, std::uint64_t bits) {
    const auto tensor = input < node.inputs.size() ? names_.find(node.inputs[input]) : names_.end();
    if (tensor == names_.end() || (bits != 2 && bits != 4 && bits != 8)) return;
    const auto& stored = checkpoint_.tensors[tensor->second];
    if (stored.dtype != "U8" || stored.shape.empty()) return;
    auto shape = stored.shape;
    if (__builtin_mul_overflow(shape.back(), 8 / bits, &shape.back())) return;
    mark(node, input, GraphUse::Kind::packed, std::move(shape), bits);
  }

  /// The weights need at least their own bits, and no more than whole blocks and bytes round them up to.
  void check_packed(const Node& node, std::uint64_t weights, std::uint64_t bits) const {
    const auto tensor = node.inputs.size() > 1 ? names_.find(node.inputs[1]) : names_.end();
    if (tensor == names_.end()) return;
    const auto& stored = checkpoint_.tensors[tensor->second];
    std::uint64_t needed = 0;
    constexpr std::uint64_t kLongestBlock = 4096;
    const bool fits = !__builtin_mul_overflow(weights, bits, &needed) && needed / 8 <= stored.bytes &&
                      stored.bytes / kLongestBlock <= needed / 8;
    if (!fits) {
      throw Error(printable(stored.name) + ": " + grouped(stored.bytes) + " bytes, where " + printable(node.op) +
                  " says " + grouped(weights) + " weights of " + std::to_string(bits) + " bits");
    }
  }

  const Source& source_;
  ProtobufReader in_;
  Checkpoint checkpoint_;
  bool graph_{false};
  std::shared_ptr<std::deque<std::string>> texts_{std::make_shared<std::deque<std::string>>()};
  std::uint64_t text_bytes_{0};
  std::unordered_map<std::string, std::uint32_t> names_;
  std::map<std::string, std::uint32_t> files_;
  std::vector<std::optional<std::uint64_t>> sizes_;  ///< of external data files; nothing: missing
  std::vector<Node> nodes_;
  std::map<std::uint32_t, GraphUse> uses_;
};

}  // namespace

Checkpoint read_onnx_graph(const Source& source) { return OnnxReader(source).run(); }

Checkpoint read_onnx(const std::string& path) {
  const Source source = open_source(path);
  try {
    Checkpoint checkpoint = read_onnx_graph(source);
    checkpoint.path = path;
    return checkpoint;
  } catch (const Error& error) {
    throw located(printable(path), error);
  }
}

}  // namespace paramcount
