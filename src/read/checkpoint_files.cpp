#include "read/checkpoint_files.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/json_scanner.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "read/name_set.hpp"
#include "read/shards.hpp"

namespace paramcount {
namespace {

struct Index {
  struct Entry {
    std::string_view name;
    std::size_t shard;
  };
  std::vector<Entry> entries;
  std::vector<std::string> shards;  ///< in the order they are first named
};

/// A shard is next to its index or in a folder below it, never elsewhere.
bool stays_inside(std::string_view shard) {
  if (shard.front() == '/') return false;
  const auto pieces = split(shard, '/');
  return std::none_of(pieces.begin(), pieces.end(), [](std::string_view piece) { return piece == ".."; });
}

Index scan_index(char* text, std::size_t length) {
  Index index;
  JsonScanner scanner(text, length, 0);
  std::vector<std::string_view> shards;
  struct Hash {
    std::size_t operator()(std::string_view text) const { return static_cast<std::size_t>(hash_of(text)); }
  };
  std::unordered_map<std::string_view, std::size_t, Hash> positions;
  const auto position = [&](std::string_view shard) {
    // The same shard as the entry before, nearly always.
    if (!index.entries.empty() && shards[index.entries.back().shard] == shard) return index.entries.back().shard;
    if (const auto known = positions.find(shard); known != positions.end()) return known->second;
    if (shard.empty()) scanner.fail("/weight_map: an empty file name");
    if (!stays_inside(shard)) scanner.fail("/weight_map: " + printable(shard) + " is not a file next to the index");
    if (shards.size() == kMostShards) scanner.fail("/weight_map: more than 100,000 files");
    shards.push_back(shard);
    return positions.emplace(shard, shards.size() - 1).first->second;
  };
  bool has_map = false;
  scanner.need('{');
  if (!scanner.accept('}')) {
    do {
      const std::string_view key = scanner.text();
      scanner.need(':');
      if (key != "weight_map") {
        scanner.skip();
        continue;
      }
      if (has_map) scanner.fail("weight_map twice");
      has_map = true;
      scanner.need('{');
      if (scanner.accept('}')) continue;
      do {
        const std::string_view name = scanner.text();
        scanner.need(':');
        const std::size_t shard = position(scanner.text());
        index.entries.push_back({name, shard});
      } while (scanner.accept(','));
      scanner.need('}');
    } while (scanner.accept(','));
    scanner.need('}');
  }
  scanner.finish();
  if (!has_map) scanner.fail("no weight_map: not a checkpoint index");
  index.shards.assign(shards.begin(), shards.end());
  return index;
}

/// Every name of all files is there once.
NameSet all_names(const Checkpoint& checkpoint) {
  const auto& tensors = checkpoint.tensors;
  NameSet names(tensors.size());
  std::vector<std::uint64_t> hashes;
  hashes.reserve(tensors.size());
  for (const auto& tensor : tensors) hashes.push_back(hash_of(tensor.name));
  if (const auto twice = names.add(tensors, 0, hashes); twice < tensors.size()) {
    const auto* first = names.find(tensors, tensors[twice].name, hashes[twice]);
    throw Error(printable(checkpoint.files[tensors[twice].file]) + ": " + printable(tensors[twice].name) +
                ": also in " + printable(checkpoint.files[first->file]));
  }
  return names;
}

void read_indexed(const std::string& path, const FileFormat& format, Checkpoint& out, CheckpointTexts& texts) {
  const Source source = open_source(path);
  const std::string where = printable(path);
  if (source.size() > kMostHeaderBytes) throw Error(where + ": larger than 100 MB: not a checkpoint index");
  const auto length = static_cast<std::size_t>(source.size());
  std::unique_ptr<char[]> text;
  Index index;
  try {
    text = read_padded(source, 0, length);
    index = scan_index(text.get(), length);
  } catch (const Error& error) {
    throw located(where, error);
  }
  const std::string folder = parent_of(path);
  for (const auto& shard : index.shards) {
    if (!is_file(folder + shard)) throw Error(printable(folder + shard) + ": named in the index, missing");
  }
  std::vector<std::string> paths;
  for (const auto& shard : index.shards) paths.push_back(folder + shard);
  expect_files(paths);
  out.tensors.reserve(index.entries.size());
  // One file is read once, however many ways there are to spell it.
  std::map<FileIdentity, std::uint32_t> files;
  std::vector<std::uint32_t> file_of;
  for (const auto& shard : index.shards) {
    const OpenedFile opened = open_regular(folder + shard);
    const auto [file, added] = files.emplace(opened.identity, static_cast<std::uint32_t>(out.files.size()));
    file_of.push_back(file->second);
    if (added) format.read_one(source_of(folder + shard, opened), out, texts);
  }
  NameSet names = all_names(out);
  std::vector<std::uint64_t> hashes;
  hashes.reserve(index.entries.size());
  for (const auto& entry : index.entries) hashes.push_back(hash_of(entry.name));
  std::set<std::string_view> tied;
  for (const auto& other : out.tied) tied.insert(other.name);
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const auto& entry = index.entries[i];
    names.prefetch(hashes, i);
    const auto* tensor = names.find(out.tensors, entry.name, hashes[i]);
    if (tensor == nullptr && tied.contains(entry.name)) continue;
    if (tensor == nullptr || tensor->file != file_of[entry.shard]) {
      throw Error(where + ": /weight_map: " + printable(entry.name) + " is not in " +
                  printable(index.shards[entry.shard]));
    }
  }
}

/// Names of a folder's files that may be such a checkpoint's, and the ending of the first.
std::vector<std::string> names_in(const std::string& folder, const FileFormat& format) {
  std::vector<std::string> names;
  for (const auto ending : format.endings) {
    for (auto& name : files_in(folder, ending)) {
      if (format.may_be(name)) names.push_back(std::move(name));
    }
  }
  return names;
}

/// The files of a folder without an index. Throws when there is more than one checkpoint, or a shard is missing.
std::vector<std::string> files_of_folder(const std::string& folder, const FileFormat& format) {
  const auto names = names_in(folder, format);
  for (const auto stem : format.usual_stems) {
    for (const auto ending : format.endings) {
      const std::string name = joined({stem, ending});
      if (std::find(names.begin(), names.end(), name) != names.end()) return {folder + name};
    }
  }
  if (names.size() < 2) {
    if (names.empty() || !shard_of(names.front())) {
      return names.empty() ? names : std::vector<std::string>{folder + names.front()};
    }
  }
  const std::string ending = names.front().substr(names.front().rfind('.'));
  std::optional<Shard> first;
  std::vector<std::string> paths;
  for (const auto& name : names) {
    const auto shard = shard_of(name);
    if (!shard || !name.ends_with(ending) || (first && (shard->stem != first->stem || shard->count != first->count))) {
      throw Error(printable(folder.substr(0, folder.size() - 1)) + ": several checkpoints, including " +
                  printable(names.front()) + " and " + printable(names.back()) + ". Name one of the files");
    }
    if (!first) first = shard;
    paths.push_back(folder + name);
  }
  for (std::uint64_t i = 1; i <= first->count; ++i) {
    const std::string path = folder + shard_name(first->stem, i, first->count, ending);
    if (!is_file(path)) throw Error(printable(path) + ": missing, and no index");
  }
  return paths;
}

std::string index_of_folder(const std::string& folder, const FileFormat& format) {
  const auto names = files_in(folder, format.index_ending);
  if (names.size() == 1) return folder + names.front();
  for (const auto stem : format.usual_stems) {
    const std::string name = joined({stem, format.index_ending});
    if (std::find(names.begin(), names.end(), name) != names.end()) return folder + name;
  }
  return {};
}

}  // namespace

std::unique_ptr<char[]> read_padded(const Source& source, std::uint64_t offset, std::size_t count) {
  auto buffer = std::make_unique_for_overwrite<char[]>(count + JsonScanner::kPadding);
  source.read(offset, buffer.get(), count);
  std::fill_n(buffer.get() + count, JsonScanner::kPadding, '\0');
  return buffer;
}

Checkpoint read_checkpoint_files(const std::string& path, const FileFormat& format) {
  Checkpoint checkpoint;
  checkpoint.format = format.format;
  checkpoint.path = path;
  auto texts = std::make_shared<CheckpointTexts>();
  std::string index;
  std::vector<std::string> files{path};
  if (is_folder(path)) {
    const std::string folder = with_slash(path);
    index = index_of_folder(folder, format);
    if (index.empty()) files = files_of_folder(folder, format);
    if (files.empty()) throw Error(printable(path) + ": a folder without a " + std::string(format.name) + " file");
  } else if (path.ends_with(".json")) {
    index = path;
  }
  if (!index.empty()) {
    read_indexed(index, format, checkpoint, *texts);
  } else {
    expect_files(files);
    for (const auto& file : files) format.read_one(open_source(file), checkpoint, *texts);
    if (files.size() > 1) static_cast<void>(all_names(checkpoint));
  }
  checkpoint.texts = std::move(texts);
  return checkpoint;
}

}  // namespace paramcount
