#include "count/inventory_pack.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "catalog/pack.hpp"

namespace paramcount {
namespace {

void put_axes(std::string& out, const std::vector<Axis>& axes, int layer_axis) {
  pack_number(out, axes.size());
  for (const auto& axis : axes) {
    pack_text(out, axis.index);
    pack_number(out, axis.ranges.size());
    for (const auto& range : axis.ranges) {
      pack_number(out, range.first);
      pack_number(out, range.last);
    }
  }
  const int layer_place = layer_axis + 1;  // 0: none
  pack_number(out, static_cast<std::uint64_t>(layer_place));
}

void put_shape(std::string& out, const std::vector<std::uint64_t>& shape) {
  pack_number(out, shape.size());
  for (const auto size : shape) pack_number(out, size);
}

/// As what it begins with like the name before it, and the rest: names of a layer differ at their ends.
void put_name(std::string& out, std::string_view name, std::string_view before) {
  const auto end = std::mismatch(name.begin(), name.end(), before.begin(), before.end()).first;
  const auto shared = static_cast<std::size_t>(end - name.begin());
  pack_number(out, shared);
  pack_text(out, name.substr(shared));
}

void put_states(std::string& out, const std::vector<State>& states) {
  pack_number(out, states.size());
  for (const auto& state : states) {
    pack_number(out, static_cast<std::uint64_t>(state.kind));
    pack_text(out, state.name);
    put_shape(out, state.shape);
    put_axes(out, state.axes, state.layer_axis);
    pack_number(out, state.copies);
    pack_number(out, state.window);
    pack_number(out, state.every);
  }
}

/// FNV-1a over family, config and dims as packed.
std::uint64_t content_key(const Model& model) {
  std::string bytes;
  pack_text(bytes, model.family);
  pack_value(bytes, model.config);
  for (const auto& [name, value] : model.dims) {
    pack_text(bytes, name);
    pack_value(bytes, value);
  }
  std::uint64_t key = 0xCBF29CE484222325U;
  for (const char byte : bytes) key = (key ^ static_cast<unsigned char>(byte)) * 0x100000001B3U;
  return key;
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : in_(bytes) {}

  std::uint64_t key() { return in_.number(); }

  Inventory inventory() {
    Inventory inventory;
    inventory.family = in_.text();
    inventory.tensors.resize(in_.size());
    const Tensor none;
    const Tensor* before = &none;
    for (auto& tensor : inventory.tensors) {
      read(tensor, *before);
      before = &tensor;
    }
    read(inventory.state);
    read(inventory.borrowed);
    inventory.repeats.resize(in_.size());
    for (auto& repeat : inventory.repeats) {
      repeat.prefix = in_.text();
      repeat.times = in_.number();
      repeat.of = in_.number();
    }
    inventory.dims.resize(in_.size());
    for (auto& [name, value] : inventory.dims) {
      name = in_.text();
      value = in_.value();
    }
    inventory.layer_count = in_.number();
    inventory.scale_rows = in_.number();
    inventory.scale_columns = in_.number();
    return inventory;
  }

 private:
  void read(Tensor& tensor, const Tensor& before) {
    tensor.role.kind = static_cast<RoleKind>(in_.number());
    tensor.role.suffix = static_cast<RoleSuffix>(in_.number());
    std::string name = before.name.text().substr(0, in_.number());
    name += in_.text();
    tensor.name = TensorName::of_pattern(std::move(name));
    shape(tensor.shape);
    if (in_.number() != 0) {
      tensor.axes = before.axes;
      tensor.layer_axis = before.layer_axis;
    } else {
      tensor.layer_axis = axes(tensor.axes);
    }
    tensor.copies = in_.number();
    tensor.mtp = in_.number() != 0;
    tensor.active_numerator = in_.number();
    tensor.active_denominator = in_.number();
  }

  void read(std::vector<State>& states) {
    states.resize(in_.size());
    for (auto& state : states) {
      state.kind = static_cast<StateKind>(in_.number());
      state.name = in_.text();
      shape(state.shape);
      state.layer_axis = axes(state.axes);
      state.copies = in_.number();
      state.window = in_.number();
      state.every = in_.number();
    }
  }

  void shape(std::vector<std::uint64_t>& shape) {
    shape.resize(in_.size());
    for (auto& size : shape) size = in_.number();
  }

  int axes(std::vector<Axis>& axes) {
    axes.resize(in_.size());
    for (auto& axis : axes) {
      axis.index = in_.text();
      axis.ranges.resize(in_.size());
      for (auto& range : axis.ranges) {
        range.first = in_.number();
        range.last = in_.number();
      }
    }
    return static_cast<int>(in_.number()) - 1;
  }

  Unpacker in_;
};

}  // namespace

std::string pack_inventory(const Model& model, const Inventory& inventory) {
  std::string out;
  pack_number(out, content_key(model));
  pack_text(out, inventory.family);
  pack_number(out, inventory.tensors.size());
  const Tensor none;
  const Tensor* before = &none;
  for (const auto& tensor : inventory.tensors) {
    pack_number(out, static_cast<std::uint64_t>(tensor.role.kind));
    pack_number(out, static_cast<std::uint64_t>(tensor.role.suffix));
    put_name(out, tensor.name.text(), before->name.text());
    put_shape(out, tensor.shape);
    const bool same_axes = tensor.axes == before->axes && tensor.layer_axis == before->layer_axis;
    pack_number(out, same_axes ? 1 : 0);
    if (!same_axes) put_axes(out, tensor.axes, tensor.layer_axis);
    before = &tensor;
    pack_number(out, tensor.copies);
    pack_number(out, tensor.mtp ? 1 : 0);
    pack_number(out, tensor.active_numerator);
    pack_number(out, tensor.active_denominator);
  }
  put_states(out, inventory.state);
  put_states(out, inventory.borrowed);
  pack_number(out, inventory.repeats.size());
  for (const auto& repeat : inventory.repeats) {
    pack_text(out, repeat.prefix);
    pack_number(out, repeat.times);
    pack_number(out, repeat.of);
  }
  pack_number(out, inventory.dims.size());
  for (const auto& [name, value] : inventory.dims) {
    pack_text(out, name);
    pack_value(out, value);
  }
  pack_number(out, inventory.layer_count);
  pack_number(out, inventory.scale_rows);
  pack_number(out, inventory.scale_columns);
  return out;
}

std::optional<Inventory> unpack_inventory(const Model& model, std::string_view bytes) {
  Reader reader(bytes);
  if (reader.key() != content_key(model)) return std::nullopt;
  return reader.inventory();
}

}  // namespace paramcount
