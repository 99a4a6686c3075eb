#include "count/module_names.hpp"

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// Without the last component, which is returned; the first one leaves nothing behind.
std::string_view take_last(std::string_view& path, bool& more) {
  const auto dot = path.rfind('.');
  more = dot != std::string_view::npos;
  const auto last = more ? path.substr(dot + 1) : path;
  path = more ? path.substr(0, dot) : std::string_view{};
  return last;
}

/// Whether a component that begins at `from` of a name can be the text; `index` counts those before its end.
Named component(const TensorName& name, std::size_t from, std::string_view part, std::string_view text,
                const std::vector<Axis>& axes, std::size_t& index) {
  if (index == 0 || name.indices()[index - 1].at < from) return part == text ? Named::all : Named::none;
  const auto& place = name.indices()[--index];
  const auto open = place.at - from;
  const auto after = part.substr(open + place.size);
  if (text.size() < open + after.size() || !text.starts_with(part.substr(0, open)) || !text.ends_with(after)) {
    return Named::none;
  }
  const auto& values = axes[index];
  const auto value = whole_number(text.substr(open, text.size() - open - after.size()));
  if (!value || !values.contains(*value)) return Named::none;
  return values.size() == 1 ? Named::all : Named::some;
}

}  // namespace

Named named_by(std::string_view target, const TensorName& name, const std::vector<Axis>& axes) {
  if (target.empty()) return Named::none;
  Named result = Named::all;
  std::size_t index = name.indices().size();
  std::string_view path = name.text();
  for (bool more = true, left = true; more;) {
    if (!left) return Named::none;  // the target is longer
    const auto wanted = take_last(target, more);
    const auto part = take_last(path, left);
    const auto from = left ? path.size() + 1 : 0;
    const auto one = component(name, from, part, wanted, axes, index);
    if (one == Named::none) return one;
    if (one == Named::some) result = one;
  }
  return result;
}

bool named_by(std::string_view target, std::string_view path) {
  if (target.empty() || !path.ends_with(target)) return false;
  return path.size() == target.size() || path[path.size() - target.size() - 1] == '.';
}

std::optional<std::uint64_t> layer_of(std::string_view path) {
  std::size_t place = 0;
  const auto components = split(path, '.');
  for (const auto part : components) {
    if (place >= 2 && place + 1 < components.size()) {
      if (const auto value = whole_number(part)) return value;
    }
    ++place;
  }
  return std::nullopt;
}

NamePattern::NamePattern(const std::string& text, std::string_view where) {
  auto options = std::regex_constants::ECMAScript;
#ifdef __GLIBCXX__
  // A breadth-first search: no pattern takes exponential time.
  options |= std::regex_constants::__polynomial;
#endif
  if (text.size() > kLongestPattern) throw Error(std::string(where) + ": a regular expression of that length");
  try {
    regex_ = std::regex(text, options);
  } catch (const std::regex_error&) {
    throw Error(std::string(where) + ": not understood as a regular expression: " + printable(text));
  }
}

bool NamePattern::matches(const std::string& path) const { return std::regex_match(path, regex_); }

std::optional<std::string> NamePattern::group(const std::string& path) const {
  std::smatch found;
  if (!std::regex_match(path, found, regex_) || found.size() < 2) return std::nullopt;
  return found[1].str();
}

}  // namespace paramcount
