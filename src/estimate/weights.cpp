#include "paramcount/estimate/weights.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "estimate/safetensors_file.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kGgufPrefix = "gguf:";
constexpr std::string_view kUsualFormat = "bf16";

/// Bytes of metadata a token of the vocabulary costs: its text with a length, a type, a score or merges. Measured on
/// ggml-vocab-llama-spm.gguf (22.6), ggml-vocab-gpt-2.gguf (35.2) and a Llama 3.1 file (61.0); templates included.
constexpr std::uint64_t kLowTokenBytes = 20;
constexpr std::uint64_t kLikelyTokenBytes = 45;
constexpr std::uint64_t kHighTokenBytes = 80;

std::optional<RoleKind> role_named(std::string_view text) {
  for (std::size_t i = 0; i < kRoleKindNames.size(); ++i) {
    const auto name = kRoleKindNames[i];
    const bool plural = text.size() == name.size() + 1 && text.starts_with(name) && text.back() == 's';
    if (text == name || plural) return static_cast<RoleKind>(i);
  }
  return std::nullopt;
}

/// "4.5", "4.5bpw", "4 bits": how many; nothing for anything else.
std::optional<double> bits_alone(std::string_view text) {
  double bits = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), bits);
  const auto unit = trim(text.substr(static_cast<std::size_t>(read.ptr - text.data())));
  const bool alone = unit.empty() || unit == "bpw" || unit == "bit" || unit == "bits" || unit == "-bit";
  return read.ec == std::errc{} && alone && bits > 0 && bits <= 32 ? std::optional(bits) : std::nullopt;
}

/// Formats with that many bits a weight, and those whose names take a number of bits.
std::vector<std::string> formats_of(double bits, const Catalog& catalog) {
  constexpr double kNear = 0.05;
  constexpr std::size_t kMost = 6;
  constexpr std::string_view kBits = "{bits}";
  std::vector<std::string> names;
  catalog.each_name(Dtype::kTable, [&](std::string_view id, bool is_id) {
    std::string name(id);
    if (const auto at = name.find(kBits); at != std::string::npos) name.replace(at, kBits.size(), shortest(bits));
    if (!is_id || names.size() == kMost || name.find('{') != std::string::npos) return;
    const auto* dtype = catalog.find_dtype(name);
    if (dtype == nullptr || (dtype->gguf_only && !catalog.find<FileType>(name))) return;
    if (name != id || std::fabs(dtype->bits_per_weight() - bits) < kNear) names.push_back(std::move(name));
  });
  return names;
}

/// Names that --dtype takes, for suggestions.
[[noreturn]] void no_such_format(const std::string& text, const Catalog& catalog) {
  if (const auto bits = bits_alone(text)) {
    std::string names;
    for (const auto& name : formats_of(*bits, catalog)) names += (names.empty() ? " Of that width: " : ", ") + name;
    throw usage_error(printable(text) + ": a number of bits is not a format, since formats include scales." + names +
                      (names.empty() ? " 'paramcount list dtypes' shows formats." : "; paramcount list dtypes"));
  }
  Suggestions suggestions(text);
  for (const auto kind : {FileType::kTable, Dtype::kTable}) {
    catalog.each_name(kind, [&](std::string_view name, bool is_id) {
      if (is_id) suggestions.consider(name);
    });
  }
  if (suggestions.best().empty() && text.size() > 1) {
    // "q4" begins several.
    std::vector<std::string> begun;
    catalog.each_name(FileType::kTable, [&](std::string_view name, bool is_id) {
      if (is_id && begun.size() < 6 && name.starts_with(text)) begun.emplace_back(name);
    });
    if (!begun.empty()) throw usage_error(printable(text) + ": no such number format." + did_you_mean(begun));
  }
  throw usage_error(printable(text) + ": no such number format." +
                    suggestions.hint(" 'paramcount list dtypes' shows them."));
}

WeightFormat of_file_type(std::string id, FileType type, bool imatrix) {
  WeightFormat format;
  format.id = std::move(id);
  format.file_type = std::move(type);
  format.imatrix = imatrix;
  return format;
}

Dtype rest_of(const Dtype& dtype, const Catalog& catalog) { return catalog.dtype(dtype.rest); }

WeightFormat by_role(const std::string& text, const Catalog& catalog) {
  WeightFormat format;
  std::string spelled;
  bool has_default = false;
  for (const auto entry : split(text, ',')) {
    const auto at = entry.find('=');
    const std::string role = lower(trim(entry.substr(0, at)));
    const std::string name(at == std::string_view::npos ? std::string_view{} : trim(entry.substr(at + 1)));
    if (role.empty() || name.empty()) {
      throw usage_error(printable(text) + ": expected role=format, such as experts=mxfp4,default=bf16");
    }
    const auto* dtype = catalog.find_dtype(name);
    if (dtype == nullptr) {
      if (catalog.find<FileType>(name)) {
        throw usage_error(printable(name) + ": a file type covers every tensor; name a number format for a role");
      }
      no_such_format(name, catalog);
    }
    spelled += (spelled.empty() ? "" : ",") + role + "=" + dtype->id;
    if (role == "default") {
      if (has_default) throw usage_error(printable(text) + ": default given twice");
      has_default = true;
      format.dtype = *dtype;
      continue;
    }
    const auto kind = role_named(role);
    if (!kind) {
      Suggestions suggestions(role);
      for (const auto known : kRoleKindNames) suggestions.consider(known);
      suggestions.consider("default");
      throw usage_error(printable(role) + ": no such role." + suggestions.hint());
    }
    for (const auto& [known, unused] : format.roles) {
      if (known == *kind) throw usage_error(printable(text) + ": " + printable(role) + " twice");
    }
    format.roles.emplace_back(*kind, *dtype);
  }
  if (!has_default) {
    format.dtype = catalog.dtype(kUsualFormat);
    spelled += ",default=" + format.dtype.id;
  }
  if (!format.dtype.leaves.empty()) format.rest = rest_of(format.dtype, catalog);
  format.id = std::move(spelled);
  return format;
}

/// Adds up shares, one for each number format: there are few.
class Shares {
 public:
  void add(const std::string& dtype, std::uint64_t tensors, std::uint64_t elements, Bytes bytes) {
    auto& share = of(dtype);
    share.tensors = checked_add(share.tensors, tensors);
    share.elements = checked_add(share.elements, elements);
    share.bytes += bytes;
  }

  void take(WeightMemory& memory) {
    std::uint64_t elements = 0;
    for (const auto& share : shares_) {
      elements = checked_add(elements, share.elements);
      memory.bytes += share.bytes;
    }
    memory.shares = std::move(shares_);
    std::sort(memory.shares.begin(), memory.shares.end(),
              [](const auto& a, const auto& b) { return a.bytes != b.bytes ? a.bytes > b.bytes : a.dtype < b.dtype; });
    if (elements > 0) {
      memory.bits_per_weight = 8.0 * static_cast<double>(memory.bytes.value) / static_cast<double>(elements);
    }
  }

 private:
  WeightMemory::Share& of(const std::string& dtype) {
    for (auto& share : shares_) {
      if (share.dtype == dtype) return share;
    }
    return shares_.emplace_back(WeightMemory::Share{dtype, 0, 0, {}});
  }

  std::vector<WeightMemory::Share> shares_;
};

}  // namespace

const Dtype& WeightFormat::of(Role role) const {
  if (role.suffix == RoleSuffix::none) {
    for (const auto& [kind, own] : roles) {
      if (kind == role.kind) return own;
    }
  }
  return rest && dtype.leaves_alone(role) ? *rest : dtype;
}

const Dtype& WeightFormat::narrowest() const {
  const Dtype* narrowest = &dtype;
  for (const auto& [role, own] : roles) {
    if (own.bits_per_weight() < narrowest->bits_per_weight()) narrowest = &own;
  }
  return *narrowest;
}

WeightFormat weight_format(const std::string& text, bool imatrix, const Catalog& catalog) {
  const std::string name = lower(trim(text));
  if (name.find('=') != std::string::npos) return by_role(name, catalog);
  if (name.starts_with(kGgufPrefix)) {
    const std::string own = name.substr(kGgufPrefix.size());
    auto type = catalog.find<FileType>(own);
    if (!type) {
      Suggestions suggestions(own);
      catalog.each_name(FileType::kTable, [&](std::string_view known, bool) { suggestions.consider(known); });
      throw usage_error(printable(name) + ": no such llama.cpp file type." + suggestions.hint());
    }
    const auto* dtype = catalog.find_dtype(type->id);
    const bool ambiguous = dtype != nullptr && !dtype->gguf_only;
    std::string id = (ambiguous ? std::string(kGgufPrefix) : std::string{}) + type->id;
    return of_file_type(std::move(id), std::move(*type), imatrix);
  }
  const auto* dtype = catalog.find_dtype(name);
  if (dtype == nullptr || dtype->gguf_only) {
    if (auto type = catalog.find<FileType>(name)) {
      std::string id = type->id;
      return of_file_type(std::move(id), std::move(*type), imatrix);
    }
    if (dtype != nullptr) {
      throw usage_error(printable(name) + ": a block type inside GGUF files, not a file type. Try " +
                        "role=" + dtype->id);
    }
    no_such_format(name, catalog);
  }
  if (dtype->id.find('{') != std::string::npos) {
    throw usage_error(printable(name) + ": replace the braces with numbers");
  }
  if (!dtype->refused.empty()) throw usage_error(printable(name) + ": " + dtype->refused);
  WeightFormat format;
  format.id = dtype->id;
  format.dtype = *dtype;
  for (const auto& [role, own] : dtype->roles) format.roles.emplace_back(role, catalog.dtype(own));
  if (!format.dtype.leaves.empty()) format.rest = rest_of(format.dtype, catalog);
  return format;
}

WeightMemory weigh(const Inventory& inventory, const WeightFormat& format) {
  WeightMemory memory;
  memory.id = format.id;
  Shares shares;
  for (const auto& tensor : inventory.tensors) {
    if (!tensor.counts()) continue;
    const Dtype& dtype = format.of(tensor.role);
    shares.add(dtype.id, tensor.copies, tensor.params().value,
               Bytes{checked_mul(dtype.bytes_of(tensor.shape).value, tensor.copies)});
  }
  shares.take(memory);
  memory.safetensors = safetensors_file(inventory, format);
  return memory;
}

std::vector<WeightMemory> weigh(const Inventory& inventory, const std::vector<const Dtype*>& dtypes) {
  WeightMemory::Share all;
  for (const auto& tensor : inventory.tensors) {
    if (!tensor.counts()) continue;
    all.tensors = checked_add(all.tensors, tensor.copies);
    all.elements = checked_add(all.elements, tensor.params().value);
  }
  std::vector<WeightMemory> result(dtypes.size());
  for (std::size_t i = 0; i < dtypes.size(); ++i) {
    const Dtype& dtype = *dtypes[i];
    result[i].id = dtype.id;
    if (all.tensors == 0) continue;
    Bytes bytes;
    if (const auto each = dtype.whole_bytes_each()) {
      bytes = {checked_mul(all.elements, *each)};
    } else {
      for (const auto& tensor : inventory.tensors) {
        if (!tensor.counts()) continue;
        bytes += Bytes{checked_mul(dtype.bytes_of(tensor.shape).value, tensor.copies)};
      }
    }
    Shares one;
    one.add(dtype.id, all.tensors, all.elements, bytes);
    one.take(result[i]);
  }
  return result;
}

WeightMemory weigh(const GgufInventory& inventory, const GgufFile& file, const WeightFormat& format) {
  WeightMemory memory;
  memory.id = format.id;
  Shares shares;
  for (const auto& tensor : file.tensors) {
    shares.add(tensor.type->id, 1, tensor.pattern->elements(), tensor.bytes);
  }
  shares.take(memory);
  memory.imatrix_missing = file.imatrix_missing;
  WeightMemory::Header header;
  header.tensors = file.tensors.size();
  header.padding = file.data_bytes - file.tensor_bytes;
  header.infos = file.info_bytes;
  header.low = {checked_mul(inventory.vocab_size, kLowTokenBytes)};
  header.likely = {checked_mul(inventory.vocab_size, kLikelyTokenBytes)};
  header.high = {checked_mul(inventory.vocab_size, kHighTokenBytes)};
  memory.header = header;
  return memory;
}

}  // namespace paramcount
