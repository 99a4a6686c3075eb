#include "cli/training_options.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr double kMostTokens = 1e18;
constexpr std::uint64_t kMostDevices = 1'000'000'000;
constexpr double kMostDollars = 1e15;

}  // namespace

double read_tokens(const std::string& text) {
  const double tokens = parse_number(text, "--tokens", false, kMostTokens);
  if (tokens < 1) throw usage_error("--tokens " + printable(text) + ": at least 1");
  return tokens;
}

double read_devices(const std::string& text) {
  return static_cast<double>(parse_count(text, "--devices", false, kMostDevices));
}

double read_share(const std::string& text, const std::string& option) {
  if (text.ends_with('%')) return parse_number(trim(text.substr(0, text.size() - 1)), option, false, 100) / 100;
  return parse_number(text, option, false, 1);
}

double read_dollars(const std::string& text, const std::string& option) {
  std::string_view digits = trim(text);
  if (digits.starts_with('$')) digits.remove_prefix(1);
  return parse_number(digits, option, false, kMostDollars);
}

}  // namespace paramcount
