#include "torch_writer.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <stdexcept>

#include "paramcount/base/error.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "read/torch_checkpoint.hpp"

namespace paramcount {
namespace {

std::uint32_t crc_of(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

std::uint64_t product(const std::vector<std::uint64_t>& shape) {
  std::uint64_t result = 1;
  for (const auto size : shape) result *= size;
  return result;
}

}  // namespace

std::string le(std::uint64_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(i < 8 ? value >> (8 * i) & 0xFFU : 0);
  return text;
}

PickleWriter& PickleWriter::global(std::string_view module, std::string_view name) {
  return raw("c").raw(module).raw("\n").raw(name).raw("\n");
}

PickleWriter& PickleWriter::text(std::string_view text) { return raw("X").raw(le(text.size(), 4)).raw(text); }

PickleWriter& PickleWriter::integer(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  if (value >= 0 && value < 256) return raw("K").raw(le(bits, 1));
  if (value >= 0 && value < 65536) return raw("M").raw(le(bits, 2));
  if (value >= INT32_MIN && value <= INT32_MAX) return raw("J").raw(le(bits, 4));
  return raw("\x8a\x08").raw(le(bits, 8));
}

PickleWriter& PickleWriter::integers(const std::vector<std::uint64_t>& values) {
  mark();
  for (const auto value : values) integer(static_cast<std::int64_t>(value));
  return raw("t");
}

std::uint64_t bytes_of_class(std::string_view storage_class) {
  const std::map<std::string_view, std::uint64_t> bytes{
      {"BFloat16Storage", 2}, {"HalfStorage", 2}, {"FloatStorage", 4}, {"DoubleStorage", 8}, {"LongStorage", 8},
      {"IntStorage", 4},      {"CharStorage", 1}, {"ByteStorage", 1},  {"BoolStorage", 1},   {"UntypedStorage", 1}};
  return bytes.at(storage_class);
}

std::vector<NewTorchTensor> placed(std::vector<NewTorchTensor> tensors) {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    auto& tensor = tensors[i];
    if (tensor.key.empty()) tensor.key = std::to_string(i);
    if (tensor.numbers == 0) tensor.numbers = product(tensor.shape);
    if (tensor.strides.empty()) {
      std::uint64_t stride = 1;
      for (auto size = tensor.shape.rbegin(); size != tensor.shape.rend(); ++size) {
        tensor.strides.insert(tensor.strides.begin(), stride);
        stride *= *size;
      }
    }
  }
  return tensors;
}

std::string pickled(const NewTorchTensor& tensor) {
  PickleWriter out;
  out.global("torch._utils", "_rebuild_tensor_v2").mark();
  out.mark().text("storage").global("torch", tensor.storage_class).text(tensor.key).text("cpu");
  out.integer(static_cast<std::int64_t>(tensor.numbers)).raw("tQ");
  out.integer(static_cast<std::int64_t>(tensor.first)).integers(tensor.shape).integers(tensor.strides);
  out.raw("\x89").ordered().raw("tR");
  return out.bytes();
}

std::string pickled_dict(const std::vector<std::pair<std::string, std::string>>& entries) {
  PickleWriter out;
  out.ordered().mark();
  for (const auto& [key, value] : entries) out.text(key).raw(value);
  return out.raw("u").bytes();
}

std::string pickled(const std::vector<NewTorchTensor>& tensors) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (const auto& tensor : placed(tensors)) entries.emplace_back(tensor.name, pickled(tensor));
  return pickled_dict(entries);
}

std::string zip_of(const std::vector<NewZipEntry>& entries, const ZipOptions& options) {
  std::string out;
  std::string directory;
  const std::string ones = le(0xFFFFFFFFU, 4);
  for (const auto& entry : entries) {
    const auto flags = static_cast<std::uint16_t>(entry.flags | (options.sizes_follow ? 8U : 0U));
    const auto offset = out.size();
    const std::string crc = le(crc_of(entry.data), 4);
    const std::string size = options.large ? ones : le(entry.data.size(), 4);
    const std::string wide = le(entry.data.size(), 8);
    std::string extra;
    if (options.large) extra += le(1, 2) + le(16, 2) + wide + wide;
    // PyTorch moves the data to a multiple of 64 bytes.
    extra += "FB" + le(3, 2) + "ZZZ";
    const std::string local_extra = options.sizes_follow ? "FB" + le(3, 2) + "ZZZ" : extra;
    out += "PK\x03\x04" + le(45, 2) + le(flags, 2) + le(entry.method, 2) + le(0, 4);
    out += options.sizes_follow ? le(0, 12) : crc + size + size;
    out += le(entry.name.size(), 2) + le(local_extra.size(), 2) + entry.name + local_extra + entry.data;
    if (options.sizes_follow) out += "PK\x07\x08" + crc + wide + wide;
    std::string central;
    if (options.large) central = le(1, 2) + le(24, 2) + wide + wide + le(offset, 8);
    directory +=
        "PK\x01\x02" + le(45, 2) + le(45, 2) + le(flags, 2) + le(entry.method, 2) + le(0, 4) + crc + size + size;
    directory += le(entry.name.size(), 2) + le(central.size(), 2) + le(0, 2) + le(0, 2) + le(0, 2) + le(0, 4);
    directory += (options.large ? ones : le(offset, 4)) + entry.name + central;
  }
  const auto start = out.size();
  out += directory;
  if (options.large) {
    const auto end = out.size();
    out += "PK\x06\x06" + le(44, 8) + le(45, 2) + le(45, 2) + le(0, 4) + le(0, 4) + le(entries.size(), 8) +
           le(entries.size(), 8) + le(directory.size(), 8) + le(start, 8);
    out += "PK\x06\x07" + le(0, 4) + le(end, 8) + le(1, 4);
    out += "PK\x05\x06" + le(0, 4) + le(0xFFFF, 2) + le(0xFFFF, 2) + ones + ones;
  } else {
    out += "PK\x05\x06" + le(0, 4) + le(entries.size(), 2) + le(entries.size(), 2) + le(directory.size(), 4) +
           le(start, 4);
  }
  return out + le(options.comment.size(), 2) + options.comment;
}

std::string torch_zip(const std::string& value, const std::vector<NewTorchTensor>& tensors, const ZipOptions& options) {
  std::vector<NewZipEntry> entries{{"archive/data.pkl", "\x80\x02" + value + "."}, {"archive/byteorder", "little"}};
  std::map<std::string, bool> done;
  for (const auto& tensor : placed(tensors)) {
    if (done[tensor.key]) continue;
    done[tensor.key] = true;
    entries.push_back(
        {"archive/data/" + tensor.key, std::string(tensor.numbers * bytes_of_class(tensor.storage_class), '\0')});
  }
  entries.push_back({"archive/version", "3\n"});
  return zip_of(entries, options);
}

std::string torch_zip(const std::vector<NewTorchTensor>& tensors) { return torch_zip(pickled(tensors), tensors); }

std::string torch_legacy(const std::string& value, const std::vector<NewTorchTensor>& tensors) {
  std::string out = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
  out += PickleWriter().integer(1001).done();
  PickleWriter info;
  info.raw("}").mark().text("protocol_version").integer(1001).text("little_endian").raw("\x88").raw("u");
  out += info.done() + PickleWriter().raw(value).done();
  PickleWriter keys;
  keys.raw("]").mark();
  std::string data;
  std::map<std::string, bool> done;
  for (const auto& tensor : placed(tensors)) {
    if (done[tensor.key]) continue;
    done[tensor.key] = true;
    keys.text(tensor.key);
    data += le(tensor.numbers, 8) + std::string(tensor.numbers * bytes_of_class(tensor.storage_class), '\0');
  }
  return out + keys.raw("e").done() + data;
}

Outcome read_torch_bytes(const std::string& bytes) {
  const Source source("file", bytes.size(), [&](std::uint64_t offset, char* to, std::size_t count) -> std::size_t {
    if (offset >= bytes.size()) return 0;
    count = std::min<std::size_t>(count, bytes.size() - static_cast<std::size_t>(offset));
    std::memcpy(to, bytes.data() + offset, count);
    return count;
  });
  Outcome outcome;
  Checkpoint checkpoint;
  CheckpointTexts texts;
  try {
    read_torch_file(source, checkpoint, texts);
    outcome.read = true;
    std::uint64_t stored = 0;
    for (const auto& tensor : checkpoint.tensors) {
      outcome.elements += tensor.elements;
      stored += tensor.bytes;
      if (tensor.elements > 0 && (tensor.offset > bytes.size() || bytes.size() - tensor.offset < tensor.elements)) {
        throw std::logic_error("a tensor outside the file");
      }
    }
    if (stored > bytes.size()) throw std::logic_error("more bytes than the file has");
  } catch (const Error& error) {
    outcome.error = error.what();
  }
  return outcome;
}

}  // namespace paramcount
