#include "read/shards.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace paramcount {
namespace {

constexpr std::size_t kDigits = 5;
constexpr std::string_view kOf = "-of-";

std::string padded(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < kDigits ? kDigits - digits.size() : 0, '0') + digits;
}

}  // namespace

std::optional<Shard> shard_of(std::string_view name) {
  const auto of = name.rfind(kOf);
  if (of == std::string_view::npos || of < kDigits + 1) return std::nullopt;
  const auto number = name.substr(of - kDigits, kDigits);
  const auto count = name.substr(of + kOf.size(), kDigits);
  const auto digits = [](std::string_view text) {
    return text.size() == kDigits && std::all_of(text.begin(), text.end(), is_digit);
  };
  const bool ends = name.substr(std::min(name.size(), of + kOf.size() + kDigits)).starts_with('.');
  if (name[of - kDigits - 1] != '-' || !digits(number) || !digits(count) || !ends) return std::nullopt;
  Shard shard{std::string(name.substr(0, of - kDigits - 1)), *whole_number(number), *whole_number(count)};
  if (shard.number == 0 || shard.number > shard.count) return std::nullopt;
  return shard;
}

std::string shard_name(const std::string& stem, std::uint64_t number, std::uint64_t count, std::string_view ending) {
  return stem + "-" + padded(number) + std::string(kOf) + padded(count) + std::string(ending);
}

}  // namespace paramcount
