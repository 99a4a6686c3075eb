// One PyTorch file: a zip archive (since 1.6) or concatenated pickles and storages (before). Only the directory and the
// pickle are read; what the pickle names is neither looked up nor called (read/pickle.hpp). Source:
// torch/serialization.py (_save, _legacy_save), caffe2/serialize/inline_container.cc.
#pragma once

#include "paramcount/read/checkpoint.hpp"
#include "read/checkpoint_files.hpp"
#include "read/source.hpp"

namespace paramcount {

/// Adds its weights, under their names in the dictionary that holds them. Tensors that share their numbers are one, the
/// others are tied names. Of a source that may wait the headers of single storages are not looked at. Throws Error that
/// names the file.
void read_torch_file(const Source& source, Checkpoint& out, CheckpointTexts& texts);

}  // namespace paramcount
