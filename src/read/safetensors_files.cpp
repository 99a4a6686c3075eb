// The files of safetensors checkpoints.
#include <array>

#include "base/budgets.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "read/checkpoint_files.hpp"
#include "read/safetensors.hpp"

namespace paramcount {
namespace {

void read_one(const Source& source, Checkpoint& out, CheckpointTexts& texts) {
  try {
    char first[kHeaderStart];
    if (source.size() < sizeof first) {
      throw Error("byte " + std::to_string(source.size()) + ": too short for a safetensors file");
    }
    source.read(0, first, sizeof first);
    const auto length = static_cast<std::size_t>(header_length(first, source.size()));
    if (out.header_bytes + length > kMostHeadersBytes) {
      throw Error("byte 0: header of " + grouped(length) + " bytes; the limit for all files together is " +
                  grouped(kMostHeadersBytes));
    }
    texts.push_back(read_padded(source, kHeaderStart, length));
    scan_header(texts.back().get(), length, source.size(), static_cast<std::uint32_t>(out.files.size()), out.tensors,
                out.metadata);
    out.header_bytes += kHeaderStart + length;
    out.file_bytes += source.size();
    out.files.push_back(source.name());
  } catch (const Error& error) {
    throw located(printable(source.name()), error);
  }
}

constexpr std::array<std::string_view, 1> kEndings{".safetensors"};
constexpr std::array<std::string_view, 2> kUsualStems{"model", "diffusion_pytorch_model"};

bool may_be_weights(std::string_view /*name*/) { return true; }

constexpr FileFormat kSafetensors{CheckpointFormat::safetensors,
                                  "safetensors",
                                  kEndings,
                                  ".safetensors.index.json",
                                  kUsualStems,
                                  may_be_weights,
                                  read_one};

}  // namespace

Checkpoint read_safetensors(const std::string& path) { return read_checkpoint_files(path, kSafetensors); }

}  // namespace paramcount
