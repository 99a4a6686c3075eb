#include "read/torch_tensor.hpp"

#include <algorithm>
#include <array>

#include "base/budgets.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

struct NumberFormat {
  std::string_view name;   ///< torch's, of a storage's class without "Storage", or of a dtype
  std::string_view dtype;  ///< safetensors'
  std::uint64_t bytes;
};
/// Classes of storages: torch/storage.py, _storage_type_to_dtype_map.
constexpr std::array<NumberFormat, 15> kStorages{{{"BFloat16", "BF16", 2},
                                                  {"Half", "F16", 2},
                                                  {"Float", "F32", 4},
                                                  {"Double", "F64", 8},
                                                  {"Long", "I64", 8},
                                                  {"Int", "I32", 4},
                                                  {"Short", "I16", 2},
                                                  {"Char", "I8", 1},
                                                  {"Byte", "U8", 1},
                                                  {"Bool", "BOOL", 1},
                                                  {"ComplexFloat", "C64", 8},
                                                  {"QInt8", "I8", 1},
                                                  {"QUInt8", "U8", 1},
                                                  {"QInt32", "I32", 4},
                                                  {"Untyped", "U8", 1}}};
/// Those without a class of storage, by their dtypes.
constexpr std::array<NumberFormat, 18> kDtypes{{{"float8_e4m3fn", "F8_E4M3", 1},
                                                {"float8_e5m2", "F8_E5M2", 1},
                                                {"float8_e4m3fnuz", "F8_E4M3FNUZ", 1},
                                                {"float8_e5m2fnuz", "F8_E5M2FNUZ", 1},
                                                {"float8_e8m0fnu", "F8_E8M0", 1},
                                                {"uint16", "U16", 2},
                                                {"uint32", "U32", 4},
                                                {"uint64", "U64", 8},
                                                {"bfloat16", "BF16", 2},
                                                {"float16", "F16", 2},
                                                {"float32", "F32", 4},
                                                {"float64", "F64", 8},
                                                {"int64", "I64", 8},
                                                {"int32", "I32", 4},
                                                {"int16", "I16", 2},
                                                {"int8", "I8", 1},
                                                {"uint8", "U8", 1},
                                                {"bool", "BOOL", 1}}};
constexpr std::string_view kClassEnding = "Storage";
/// Wrappers in each other: a parameter of a subclass of a tensor.
constexpr int kMostWrappers = 8;

template <std::size_t N>
const NumberFormat* find(const std::array<NumberFormat, N>& formats, std::string_view name) {
  const auto found = std::find_if(formats.begin(), formats.end(), [&](const auto& f) { return f.name == name; });
  return found != formats.end() ? &*found : nullptr;
}

std::uint64_t whole(const Pickle& pickle, Pickle::Id id, std::string_view what) {
  const auto number = pickle.integer(id);
  if (!number || *number < 0) throw Error("a tensor whose " + std::string(what) + " is not a whole number");
  return static_cast<std::uint64_t>(*number);
}

/// A tuple, or what torch.Size would be made of.
std::vector<std::uint64_t> numbers(const Pickle& pickle, Pickle::Id id, std::string_view what) {
  if (pickle.kind(id) == Pickle::Kind::call && pickle.name(pickle.callee(id)) == "torch.Size" &&
      pickle.count(pickle.arguments(id)) == 1) {
    id = pickle.at(pickle.arguments(id), 0);
  }
  if (pickle.kind(id) != Pickle::Kind::tuple) throw Error("a tensor whose " + std::string(what) + " is not a tuple");
  if (pickle.count(id) > kMostDimensions) throw Error("a tensor of more than 64 dimensions");
  std::vector<std::uint64_t> result;
  for (std::size_t i = 0; i < pickle.count(id); ++i) result.push_back(whole(pickle, pickle.at(id, i), what));
  return result;
}

/// How far the tensor reaches; no number of it may be another's.
void measure(TorchTensor& tensor) {
  if (tensor.shape.size() != tensor.strides.size()) throw Error("its shape and strides differ in length");
  tensor.elements = 1;
  for (const auto size : tensor.shape) {
    if (__builtin_mul_overflow(tensor.elements, size, &tensor.elements)) {
      // A zero among them makes it empty all the same.
      if (std::find(tensor.shape.begin(), tensor.shape.end(), 0U) == tensor.shape.end()) {
        throw Error("its shape has more than 2^64 elements");
      }
      tensor.elements = 0;
      break;
    }
  }
  if (tensor.elements == 0) return;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> axes;  // by stride
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    if (tensor.shape[i] > 1) axes.emplace_back(tensor.strides[i], tensor.shape[i]);
  }
  std::sort(axes.begin(), axes.end());
  std::uint64_t extent = 1;
  for (const auto& [stride, size] : axes) {
    if (stride < extent) throw Error("its strides reach the same element twice");
    std::uint64_t reach = 0;
    if (__builtin_mul_overflow(stride, size - 1, &reach) || __builtin_add_overflow(extent, reach, &extent)) {
      throw Error("its strides exceed 2^64");
    }
  }
  tensor.extent = extent;
}

bool rebuilds_storage(std::string_view name) {
  return name == "torch._utils._rebuild_tensor" || name == "torch._utils._rebuild_tensor_v2" ||
         name == "torch._utils._rebuild_tensor_v3";
}

}  // namespace

std::string callee_name(const Pickle& pickle, Pickle::Id call) {
  const Pickle::Id callee = pickle.callee(call);
  if (pickle.kind(callee) == Pickle::Kind::global) return pickle.name(callee);
  if (pickle.kind(callee) == Pickle::Kind::persistent) {
    // ('module', class, file, source) of before PyTorch 1.6.
    const Pickle::Id key = pickle.key(callee);
    if (pickle.count(key) > 1 && pickle.kind(pickle.at(key, 1)) == Pickle::Kind::global) {
      return pickle.name(pickle.at(key, 1));
    }
  }
  if (pickle.kind(callee) == Pickle::Kind::call && pickle.kind(pickle.callee(callee)) == Pickle::Kind::global) {
    return "what " + pickle.name(pickle.callee(callee)) + " returns";
  }
  return "something without a name";
}

TorchTensors::TorchTensors(const Pickle& pickle) : pickle_(pickle) {
  for (std::size_t i = 0; i < pickle.size(); ++i) {
    const auto id = static_cast<Pickle::Id>(i);
    if (pickle.kind(id) != Pickle::Kind::persistent) continue;
    const Pickle::Id key = pickle.key(id);
    if (pickle.count(key) < 5 || pickle.text(pickle.at(key, 0)) != "storage") continue;
    const std::string kind = pickle.name(pickle.at(key, 1));
    const std::string_view text = pickle.text(pickle.at(key, 2));
    const std::string what = "storage " + printable(text.substr(0, kLongestKnownName));
    if (pickle.kind(pickle.at(key, 1)) != Pickle::Kind::global || !pickle.is_text(pickle.at(key, 2))) {
      throw Error("a storage without a class or a name");
    }
    std::string_view name = std::string_view(kind).substr(kind.rfind('.') + 1);
    const auto* format = kind.starts_with("torch.") && name.ends_with(kClassEnding)
                             ? find(kStorages, name.substr(0, name.size() - kClassEnding.size()))
                             : nullptr;
    if (format == nullptr) throw Error(what + " is a " + printable(kind) + ", which is not known");
    TorchStorage storage{text, whole(pickle, pickle.at(key, 4), "storage's size"), format->bytes};
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(storage.elements, format->bytes, &bytes)) throw Error(what + " passes 64 bits");
    if (pickle.count(key) > 5 && pickle.kind(pickle.at(key, 5)) != Pickle::Kind::none) {
      throw Error(what + " is part of another, as before PyTorch 0.4");
    }
    const auto [place, added] = by_key_.emplace(text, static_cast<std::uint32_t>(storages_.size()));
    if (added) {
      storages_.push_back(storage);
    } else if (storages_[place->second].bytes() != bytes) {
      throw Error(what + " has " + grouped(storages_[place->second].bytes()) + " bytes and " + grouped(bytes));
    }
  }
}

std::uint32_t TorchTensors::storage_of(Pickle::Id id, std::string_view& dtype, std::uint64_t& bytes) const {
  if (pickle_.kind(id) != Pickle::Kind::persistent || pickle_.count(pickle_.key(id)) < 5) {
    throw Error("a tensor without a storage");
  }
  const Pickle::Id key = pickle_.key(id);
  const auto found = by_key_.find(pickle_.text(pickle_.at(key, 2)));
  const std::string kind = pickle_.name(pickle_.at(key, 1));
  const std::string_view name = std::string_view(kind).substr(kind.rfind('.') + 1);
  if (found == by_key_.end() || !name.ends_with(kClassEnding)) throw Error("a tensor without a storage");
  const auto* format = find(kStorages, name.substr(0, name.size() - kClassEnding.size()));
  if (format == nullptr) throw Error("a tensor without a storage");
  dtype = format->dtype;
  bytes = format->bytes;
  return found->second;
}

std::optional<TorchTensors::Rebuilt> TorchTensors::rebuilt(Pickle::Id id) const {
  Rebuilt result;
  for (int wrappers = 0; wrappers < kMostWrappers; ++wrappers) {
    if (result.function.empty()) {
      if (pickle_.kind(id) != Pickle::Kind::call) return std::nullopt;
      result = {callee_name(pickle_, id), pickle_.arguments(id)};
    }
    const std::string_view name = result.function;
    const std::size_t count = pickle_.count(result.arguments);
    if (rebuilds_storage(name)) return result;
    if ((name == "torch._utils._rebuild_parameter" || name == "torch._utils._rebuild_parameter_with_state") &&
        count > 0) {
      id = pickle_.at(result.arguments, 0);
      result.function.clear();
    } else if ((name == "torch._tensor._rebuild_from_type_v2" || name == "torch._tensor._rebuild_from_type") &&
               count > 2) {
      // (function, class, its arguments, state)
      result = {pickle_.name(pickle_.at(result.arguments, 0)), pickle_.at(result.arguments, 2)};
      if (result.function.empty()) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<TorchTensor> TorchTensors::tensor_of(Pickle::Id id) const {
  const auto found = rebuilt(id);
  if (!found) return std::nullopt;
  const auto& [name, arguments] = *found;
  const bool third = name.ends_with("_v3");
  if (pickle_.count(arguments) < (third ? 7U : 4U)) throw Error("a tensor without shape and strides");
  TorchTensor tensor;
  tensor.storage = storage_of(pickle_.at(arguments, 0), tensor.dtype, tensor.element_bytes);
  if (third) {
    const std::string dtype = pickle_.name(pickle_.at(arguments, 6));
    const auto* format = dtype.starts_with("torch.") ? find(kDtypes, std::string_view(dtype).substr(6)) : nullptr;
    if (format == nullptr) throw Error("number format " + printable(dtype) + " is not known");
    tensor.dtype = format->dtype;
    tensor.element_bytes = format->bytes;
  }
  tensor.first = whole(pickle_, pickle_.at(arguments, 1), "offset");
  tensor.shape = numbers(pickle_, pickle_.at(arguments, 2), "shape");
  tensor.strides = numbers(pickle_, pickle_.at(arguments, 3), "stride");
  measure(tensor);
  const std::uint64_t room = storages_[tensor.storage].bytes() / tensor.element_bytes;
  if (tensor.elements > 0 && (tensor.first > room || room - tensor.first < tensor.extent)) {
    throw Error("it ends at element " + grouped(tensor.first) + " + " + grouped(tensor.extent) +
                " of its storage, which has " + grouped(room));
  }
  return tensor;
}

}  // namespace paramcount
