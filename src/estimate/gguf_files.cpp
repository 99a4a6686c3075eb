#include "estimate/gguf_files.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/text.hpp"
#include "count/tensor_names.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// A file type of llama.cpp that is the number format.
std::optional<FileType> file_type_of(const WeightFormat& format, const Catalog& catalog) {
  if (format.file_type) return format.file_type;
  if (!format.roles.empty()) return std::nullopt;
  const auto& id = format.dtype.id;
  if (id == "fp32") return catalog.find<FileType>("f32");
  if (id == "fp16") return catalog.find<FileType>("f16");
  if (id == "bf16") return catalog.find<FileType>("bf16");
  return std::nullopt;
}

}  // namespace

const GgufFiles::Gguf& GgufFiles::gguf() const {
  if (gguf_) return *gguf_;
  gguf_.emplace();
  try {
    gguf_->inventory = expander_.expand_gguf(model_, inventory_);
    gguf_->quantisation = std::make_unique<const Quantisation>(*gguf_->inventory);
  } catch (const Error& error) {
    gguf_->inventory.reset();
    gguf_->problem = error.what();
  }
  return *gguf_;
}

const GgufInventory* GgufFiles::inventory() const { return gguf().inventory ? &*gguf().inventory : nullptr; }

/// The tensors of a GGUF that was read, each in its own type.
GgufFile GgufFiles::stored_file() const {
  GgufFile file;
  std::map<std::string, std::size_t, std::less<>> types;
  std::map<std::string, const Tensor*, std::less<>> patterns;
  for (const auto& tensor : gguf().inventory->tensors) {
    each_name(tensor, [&](const std::string& name) { patterns.emplace(name, &tensor); });
  }
  for (const auto& stored : model_.checkpoint->tensors) types.emplace(std::string(stored.dtype), types.size());
  file.types.resize(types.size());
  for (const auto& [name, at] : types) {
    if (const auto* dtype = catalog_.find_dtype(name)) file.types[at] = *dtype;
    file.types[at].id = name;
  }
  for (const auto& stored : model_.checkpoint->tensors) {
    const auto pattern = patterns.find(stored.name);
    if (pattern == patterns.end()) continue;
    GgufTensor tensor;
    tensor.name = stored.name;
    tensor.pattern = pattern->second;
    if (tensor.pattern->layer_axis >= 0 && tensor.name.starts_with("blk.")) {
      tensor.block = static_cast<std::int64_t>(std::strtoull(std::string(tensor.name.substr(4)).c_str(), nullptr, 10));
    }
    tensor.type = &file.types[types.find(stored.dtype)->second];
    tensor.bytes = {stored.bytes};
    file.tensor_bytes += tensor.bytes;
    file.tensors.push_back(std::move(tensor));
  }
  return file;
}

const GgufFiles::File& GgufFiles::file(const WeightFormat& format) const {
  if (!gguf().inventory) throw Error(gguf().problem);
  const auto [at, added] = files_.try_emplace(format.id);
  if (!added) return at->second;
  try {
    if (format.id == kStored) {
      at->second.file = stored_file();
    } else {
      const auto type = file_type_of(format, catalog_);
      if (!type) {
        throw usage_error("--dtype " + printable(format.id) +
                          ": not a llama.cpp file type; try q4_k_m, q8_0 or bf16, or another --runtime");
      }
      at->second.file =
          gguf().quantisation->file(*type, format.imatrix, [&](std::string_view id) { return catalog_.dtype(id); });
    }
    at->second.offload = std::make_unique<Offload>(*gguf().inventory, at->second.file, inventory_);
  } catch (...) {
    files_.erase(at);
    throw;
  }
  return at->second;
}

}  // namespace paramcount
