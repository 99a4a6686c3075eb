// Options for images and audio in a prompt: --images, --image-size, --audio.
#pragma once

#include <string>

#include "cli/option_set.hpp"
#include "paramcount/estimate/media.hpp"

namespace paramcount {

struct MediaOptions {
  std::string images, size, audio;
};
void add_media_options(OptionSet& set, MediaOptions& options, const char* group);
/// --image-size alone asks for one image. Models elsewhere are read with their processor's files after this asks for
/// any. Throws usage Error "--image-size ...".
[[nodiscard]] MediaRequest read_media(const MediaOptions& options);

}  // namespace paramcount
