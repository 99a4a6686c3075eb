// Parses --runtime; the table of runtimes is in runtimes/runtimes.hpp.
#include "paramcount/estimate/runtime.hpp"

#include <algorithm>

#include "base/numbers.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "estimate/runtimes/runtimes.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kMostTokens = std::uint64_t{1} << 40U;

/// " Did you mean ..." or, where nothing is near, `otherwise` and all the names.
template <class Named>
std::string known_names(std::string_view typed, const Named& all, const std::string& otherwise) {
  Suggestions suggestions(typed);
  std::string names;
  for (const auto& one : all) {
    suggestions.consider(one.name);
    names += (names.empty() ? "" : ", ") + std::string(one.name);
  }
  return suggestions.hint(names.empty() ? " It has none" : otherwise + names);
}

std::uint64_t read_tokens_of(std::string_view value, const std::string& where) {
  const auto tokens = parse_count(value, where, true, kMostTokens);
  if (tokens == 0) throw usage_error(where + " " + printable(value) + ": at least 1");
  return tokens;
}

/// Reads knob[=value] into the choice.
void read_knob(std::string_view text, RuntimeChoice& choice) {
  const auto equals = text.find('=');
  std::string name = lower(trim(text.substr(0, equals)));
  std::replace(name.begin(), name.end(), '_', '-');
  const std::string where = "--runtime " + std::string(choice.profile->name) + ":" + printable(name);
  const auto& knobs = choice.profile->knobs;
  const auto knob = std::find_if(knobs.begin(), knobs.end(), [&](const auto& known) { return known.name == name; });
  if (knob == knobs.end()) {
    throw usage_error(where + ": no such knob." + known_names(name, knobs, " It has "));
  }
  const bool number = knob->kind == RuntimeProfile::Knob::Kind::number;
  if (number != (equals != std::string_view::npos)) {
    throw usage_error(where + (number ? ": expected a value: " : ": takes no value: ") + knob_text(*knob));
  }
  const std::string_view value = number ? trim(text.substr(equals + 1)) : std::string_view{};
  choice.id += joined({choice.knobs.empty() ? ":" : ",", name, number ? "=" : "", value});
  choice.knobs.emplace_back(knob->name, number ? read_tokens_of(value, where) : 1);
}

}  // namespace

std::span<const RuntimeProfile> runtime_profiles() {
  static const auto kProfiles = [] {
    std::array<RuntimeProfile, kRuntimes.size()> profiles;
    std::transform(kRuntimes.begin(), kRuntimes.end(), profiles.begin(), [](const auto row) { return row(); });
    return profiles;
  }();
  return kProfiles;
}

std::string runtime_names() {
  std::string names;
  for (const auto& profile : runtime_profiles()) {
    if (!names.empty()) names += ", ";
    names += profile.name;
  }
  return names;
}

const RuntimeProfile* find_runtime(std::string_view text) {
  const std::string name = lower(trim(text));
  for (const auto& profile : runtime_profiles()) {
    const auto& aliases = profile.aliases;
    if (profile.name == name || std::find(aliases.begin(), aliases.end(), name) != aliases.end()) return &profile;
  }
  return nullptr;
}

std::string knob_text(const RuntimeProfile::Knob& knob) {
  return std::string(knob.text) + (knob.usual > 0 ? "; " + std::to_string(knob.usual) : "");
}

std::uint64_t RuntimeChoice::knob(std::string_view name) const {
  const auto set = std::find_if(knobs.rbegin(), knobs.rend(), [&](const auto& knob) { return knob.first == name; });
  if (set != knobs.rend()) return set->second;
  for (const auto& knob : profile->knobs) {
    if (knob.name == name) return knob.usual;
  }
  throw Error(std::string(profile->name) + ": no knob " + std::string(name));
}

RuntimeChoice parse_runtime(const std::string& text) {
  const auto colon = text.find(':');
  const std::string_view name = std::string_view(text).substr(0, colon);
  RuntimeChoice choice;
  choice.profile = find_runtime(name);
  if (choice.profile == nullptr) {
    const std::string typed = lower(trim(name));
    throw usage_error("--runtime " + printable(typed) + ": no such runtime." +
                      known_names(typed, runtime_profiles(), " Known are "));
  }
  choice.id = choice.profile->name;
  if (colon == std::string::npos) return choice;
  for (const auto part : split(std::string_view(text).substr(colon + 1), ',')) read_knob(part, choice);
  return choice;
}

}  // namespace paramcount
