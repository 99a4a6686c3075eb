#include "cli/media_options.hpp"

#include <array>
#include <utility>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "cli/remote_model.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kMostImages = 1'000'000;
constexpr std::uint64_t kMostPixels = 100'000;  ///< of a side
constexpr double kMostSeconds = 1e7;

/// "1024x768": width and height in pixels; "896" is a square.
ImageSize read_size(const std::string& text) {
  const std::string typed = lower(trim(text));
  const auto middle = typed.find('x');
  const auto side = [&](const std::string& digits) {
    return parse_count(digits, "--image-size " + printable(text), false, kMostPixels);
  };
  if (middle == std::string::npos) return {side(typed), side(typed)};
  return {side(typed.substr(0, middle)), side(typed.substr(middle + 1))};
}

/// "30s", "2m", "1h"; a bare number is seconds.
double read_seconds(const std::string& text) {
  constexpr std::array<std::pair<char, double>, 3> kUnits{{{'s', 1}, {'m', 60}, {'h', 3600}}};
  const std::string typed = lower(trim(text));
  double factor = 1;
  std::string digits = typed;
  for (const auto& [unit, seconds] : kUnits) {
    if (typed.empty() || typed.back() != unit) continue;
    factor = seconds;
    digits.pop_back();
  }
  return parse_number(trim(digits), "--audio", false, kMostSeconds / factor) * factor;
}

}  // namespace

void add_media_options(OptionSet& set, MediaOptions& o, const char* group) {
  set.option("--images", o.images, "N", "images in each prompt; their tokens are added to --context", group);
  set.option("--image-size", o.size, "WxH", "width and height of each image in pixels: 1024x768", group);
  set.option("--audio", o.audio, "TIME", "audio in each prompt: 30s, 2m; its tokens are added to --context too", group);
}

MediaRequest read_media(const MediaOptions& o) {
  MediaRequest request;
  if (!o.size.empty()) {
    request.image_size = read_size(o.size);
    request.images = 1;
  }
  if (!o.images.empty()) request.images = parse_count(o.images, "--images", false, kMostImages);
  if (!o.audio.empty()) request.seconds = read_seconds(o.audio);
  if (request.asked()) bring_processor_configs();
  return request;
}

}  // namespace paramcount
