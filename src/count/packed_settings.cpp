#include "count/packed_settings.hpp"

#include <bit>

#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// "vector_lens/1": a member, or the entry of a list.
const Value* at_place(const Value& settings, std::string_view place) {
  const Value* value = &settings;
  for (const auto piece : split(place, '/')) {
    if (const auto* list = value->as<Value::List>()) {
      if (piece.size() != 1 || !is_digit(piece.front())) return nullptr;
      const auto index = static_cast<std::size_t>(piece.front() - '0');
      if (index >= list->size()) return nullptr;
      value = &(*list)[index];
    } else if (value = value->find(piece); value == nullptr) {
      return nullptr;
    }
  }
  return value;
}

/// The sum of the values at these places.
std::uint64_t given_value(const PackedFormat& format, const PackedFormat::Given& given, const Value& module) {
  // More than any axis has; the sum cannot overflow.
  constexpr std::int64_t kMost = std::int64_t{1} << 40U;
  std::uint64_t sum = 0;
  for (const auto& place : given.places) {
    const auto* value = at_place(module, place);
    const auto* number = value != nullptr ? value->as<std::int64_t>() : nullptr;
    if (number == nullptr || *number > kMost) {
      throw Error("its " + format.settings + " does not give the module's " + place);
    }
    if (*number <= 0) continue;
    const auto size = static_cast<std::uint64_t>(*number);
    sum += given.log2 ? static_cast<std::uint64_t>(std::bit_width(size) - 1) : size;
  }
  return sum;
}

}  // namespace

bool PackedSettings::have(const PackedFormat& format, std::string_view module) {
  return format.settings.empty() || modules(format.settings).contains(module);
}

const PackedSettings::Modules& PackedSettings::modules(const std::string& key) {
  const auto [found, first] = by_key_.try_emplace(key);
  const auto* object = first ? settings_.find<Value::Object>(key) : nullptr;
  if (object != nullptr) {
    for (const auto& [name, value] : *object) found->second.emplace(name, &value);
  }
  return found->second;
}

std::vector<std::uint64_t> PackedSettings::of(const PackedFormat& format, std::string_view module) {
  if (format.settings.empty()) return {};
  const auto& all = modules(format.settings);
  const auto found = all.find(module);
  if (found == all.end()) throw Error("its " + format.settings + " does not name the module");
  std::vector<std::uint64_t> values(format.variables.size());
  for (const auto& given : format.given) values[given.variable] = given_value(format, given, *found->second);
  return values;
}

std::string given_text(const PackedFormat& format, const std::vector<std::uint64_t>& given) {
  std::string text;
  for (const auto& entry : format.given) {
    if (entry.log2 || entry.places.size() != 1) continue;
    text += (text.empty() ? "" : ", ") + entry.places.front() + " " + std::to_string(given[entry.variable]);
  }
  return text;
}

}  // namespace paramcount
