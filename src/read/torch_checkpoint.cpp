#include "read/torch_checkpoint.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "base/budgets.hpp"
#include "base/hash.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "read/name_set.hpp"
#include "read/pickle.hpp"
#include "read/tied_tensors.hpp"
#include "read/torch_contents.hpp"
#include "read/zip_directory.hpp"

namespace paramcount {
namespace {

/// 0x1950a86a20f9469cfc6c, the first of the pickles of before 1.6.
constexpr std::string_view kMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::string_view kLfs = "version https://git-lfs";
constexpr std::int64_t kLegacyProtocol = 1001;

/// What one file lists, and where its storages are.
struct TorchFile {
  TorchContents contents;
  std::vector<std::uint64_t> offsets;  ///< of the storages in the file
  std::uint64_t header_bytes{0};
};

/// Whether each small range that is read may take long.
bool is_far(const Source& source) { return source.deadline() != Source::Clock::time_point::max(); }

TorchFile read_zip(const Source& source) {
  const ZipDirectory directory = read_zip_directory(source);
  if (directory.entries.empty()) throw Error("an empty zip archive");
  const std::string_view first = directory.entries.front().name;
  const std::string root(first.substr(0, first.find('/')));
  const ZipEntry* const pickled = directory.find(root + "/data.pkl");
  if (pickled == nullptr) throw Error("a zip archive without data.pkl: not a PyTorch checkpoint");
  if (directory.find(root + "/constants.pkl") != nullptr) {
    throw Error("a TorchScript program, not a list of tensors");
  }
  const std::uint64_t start = data_offset(source, *pickled);
  const Pickle pickle = read_pickle(source, start, start + pickled->bytes);
  if (pickle.end() != start + pickled->bytes) {
    throw Error("byte " + std::to_string(pickle.end()) + ": trailing bytes after the pickle");
  }
  TorchFile file;
  file.contents = torch_contents(pickle);
  for (const auto& storage : file.contents.storages) {
    const std::string name = root + "/data/" + std::string(storage.key);
    const ZipEntry* const entry = directory.find(name);
    if (entry == nullptr) throw Error(printable(name) + " is missing from the archive");
    if (entry->bytes < storage.bytes()) {
      throw Error(printable(name) + " has " + grouped(entry->bytes) + " bytes; the pickle says " +
                  grouped(storage.bytes()));
    }
    file.offsets.push_back(is_far(source) ? entry->header : data_offset(source, *entry));
  }
  file.header_bytes = directory.bytes + pickled->bytes;
  return file;
}

std::uint64_t read_count(const Source& source, std::uint64_t at, bool big_endian) {
  std::array<unsigned char, 8> bytes{};
  source.read(at, reinterpret_cast<char*>(bytes.data()), bytes.size());
  if (!big_endian) std::reverse(bytes.begin(), bytes.end());
  std::uint64_t value = 0;
  for (const auto byte : bytes) value = value << 8U | byte;
  return value;
}

/// What sys_info says of the machine that wrote the file.
bool is_big_endian(const Pickle& info) {
  for (const auto& cell : info.cells(info.root())) {
    if (cell.key != Pickle::kNoKey && info.text(cell.key) == "little_endian") return !info.is_true(cell.value);
  }
  return false;
}

TorchFile read_legacy(const Source& source) {
  const auto next = [&](std::uint64_t at) { return read_pickle(source, at, source.size()); };
  const Pickle magic = next(0);
  if (magic.kind(magic.root()) != Pickle::Kind::large || magic.text(magic.root()) != kMagic) {
    // A pickle of something else: what it calls says more.
    static_cast<void>(torch_contents(magic));
    throw Error("a pickle that PyTorch did not write");
  }
  const Pickle protocol = next(magic.end());
  if (protocol.integer(protocol.root()) != kLegacyProtocol) throw Error("an unknown version of PyTorch's format");
  const Pickle info = next(protocol.end());
  const Pickle object = next(info.end());
  TorchFile file;
  file.contents = torch_contents(object);
  auto& storages = file.contents.storages;
  const Pickle keys = next(object.end());
  std::map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < storages.size(); ++i) places.emplace(storages[i].key, i);
  file.offsets.resize(storages.size());
  std::uint64_t at = keys.end();
  for (const auto& cell : keys.cells(keys.root())) {
    const std::string what = "storage " + printable(keys.text(cell.value).substr(0, kLongestKnownName));
    const auto place = places.find(keys.text(cell.value));
    if (place == places.end()) throw Error(what + " is not named by the pickle, or listed twice");
    const TorchStorage& storage = storages[place->second];
    constexpr std::uint64_t kCount = 8;
    if (source.size() - at < kCount || source.size() - at - kCount < storage.bytes()) {
      throw Error(what + " extends beyond the end of the file. Is it truncated?");
    }
    if (!is_far(source)) {
      const std::uint64_t count = read_count(source, at, is_big_endian(info));
      if (count != storage.elements) {
        throw Error("byte " + std::to_string(at) + ": " + what + " has " + grouped(count) +
                    " numbers; the pickle says " + grouped(storage.elements));
      }
    }
    file.offsets[place->second] = at + kCount;
    at += kCount + storage.bytes();
    places.erase(place);
  }
  if (!places.empty()) throw Error("storage " + printable(places.begin()->first) + " is missing from the file");
  if (at != source.size())
    throw Error(grouped(source.size() - at) + " bytes at the end of the file belong to no tensor");
  file.header_bytes = keys.end() + 8 * storages.size();
  return file;
}

/// Texts that outlive what they were made of.
class Texts {
 public:
  Texts(std::size_t bytes, CheckpointTexts& texts) {
    texts.push_back(std::make_unique_for_overwrite<char[]>(bytes));
    at_ = texts.back().get();
  }
  std::string_view keep(std::string_view text) {
    char* const begin = at_;
    at_ = std::copy(text.begin(), text.end(), at_);
    return {begin, text.size()};
  }

 private:
  char* at_;
};

std::size_t text_bytes(const TorchContents& contents) {
  std::size_t bytes = 1;
  for (const auto& tensor : contents.weights) bytes += tensor.name.size();
  for (const auto& part : contents.parts) bytes += part.key.size();
  for (const auto& name : contents.calls) bytes += name.size();
  return bytes;
}

void add_parts(const TorchContents& contents, Texts& texts, Checkpoint& out) {
  using Region = std::tuple<std::uint32_t, std::uint64_t, std::uint64_t>;
  std::set<Region> seen;
  const auto is_new = [&](const TorchTensor& tensor) {
    return seen.emplace(tensor.storage, tensor.first, tensor.extent).second;
  };
  if (!contents.parts.empty()) {
    for (const auto& tensor : contents.weights) static_cast<void>(is_new(tensor));
  }
  for (const auto& part : contents.parts) {
    OtherTensors others{texts.keep(part.key), part.what};
    for (const auto& tensor : part.tensors) {
      if (!is_new(tensor)) continue;
      ++others.tensors;
      others.elements = checked_add(others.elements, tensor.elements);
      others.bytes = checked_add(others.bytes, checked_mul(tensor.elements, tensor.element_bytes));
    }
    if (others.tensors > 0) out.others.push_back(others);
  }
  for (const auto& name : contents.calls) out.calls.push_back(texts.keep(name));
}

void add_tensors(TorchFile& file, Checkpoint& out, CheckpointTexts& kept) {
  const TorchContents& contents = file.contents;
  const auto tied = tied_tensors(contents.weights, contents.storages);
  Texts texts(text_bytes(contents), kept);
  std::vector<std::uint64_t> hashes;
  std::vector<StoredTensor> all;
  for (const auto& tensor : contents.weights) {
    StoredTensor& stored = all.emplace_back();
    stored.name = texts.keep(tensor.name);
    stored.dtype = tensor.dtype;
    stored.shape = tensor.shape;
    stored.elements = tensor.elements;
    stored.bytes = checked_mul(tensor.elements, tensor.element_bytes);
    stored.offset = checked_add(file.offsets[tensor.storage], checked_mul(tensor.first, tensor.element_bytes));
    stored.file = static_cast<std::uint32_t>(out.files.size());
    hashes.push_back(hash_of(stored.name));
  }
  NameSet known(all.size());
  if (const auto twice = known.add(all, 0, hashes); twice < all.size()) {
    throw Error(printable(all[twice].name) + " twice");
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (tied[i] == i) {
      out.tensors.push_back(std::move(all[i]));
    } else {
      out.tied.push_back({all[i].name, all[tied[i]].name});
    }
  }
  add_parts(contents, texts, out);
}

}  // namespace

void read_torch_file(const Source& source, Checkpoint& out, CheckpointTexts& texts) {
  try {
    const std::string start = first_bytes(source, kLfs.size());
    if (start == kLfs) throw Error("a Git LFS pointer: the file itself is not here (git lfs pull)");
    const bool zip = start.starts_with("PK\x03\x04");
    if (!zip && start.front() != '\x80') throw Error("byte 0: not a PyTorch checkpoint");
    TorchFile file = zip ? read_zip(source) : read_legacy(source);
    if (out.header_bytes + file.header_bytes > kMostHeadersBytes) {
      throw Error("pickles of all files together may have " + grouped(kMostHeadersBytes) + " bytes");
    }
    add_tensors(file, out, texts);
    out.header_bytes += file.header_bytes;
    out.file_bytes += source.size();
    out.files.push_back(source.name());
  } catch (const Error& error) {
    throw located(printable(source.name()), error);
  }
}

}  // namespace paramcount
