#include "paramcount/catalog/device_name.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "catalog/host_device.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"

namespace paramcount {
namespace {

/// Words that people and drivers put around a name and that do not distinguish devices.
constexpr std::array<std::string_view, 26> kAround{
    "nvidia", "geforce",     "tesla",   "amd",      "radeon",      "instinct", "intel", "apple", "google",
    "cloud",  "gpu",         "gpus",    "graphics", "accelerator", "card",     "tm",    "r",     "generation",
    "server", "workstation", "edition", "hbm2",     "hbm2e",       "hbm3",     "hbm3e", "chip"};

/// What follows "Mac" in the name of a computer.
constexpr std::array<std::string_view, 4> kMacs{"pro", "air", "mini", "studio"};

constexpr std::uint64_t kMostDevices = 1'000'000'000;
constexpr std::size_t kMostShown = 6;

/// A name without what does not count, and the gigabytes it names.
struct Words {
  std::string all;   ///< "a10040gb" of "A100 40GB"
  std::string name;  ///< "a100"
  std::optional<std::uint64_t> gigabytes;
};

Words words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto is_letter = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c & 0x80) != 0; };
  for (const char c : lower(text) + " ") {
    if (is_letter(c)) {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  Words result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    // "MacBook Pro", "Mac mini": the computer around the chip.
    const bool mac = words[i] == "macbook" || words[i] == "mac" || words[i] == "imac";
    if (mac && i + 1 < words.size() && std::find(kMacs.begin(), kMacs.end(), words[i + 1]) != kMacs.end()) ++i;
    if (mac) continue;
    if (std::find(kAround.begin(), kAround.end(), words[i]) != kAround.end()) continue;
    result.all += words[i];
    // "80gb", or "80" before "gb".
    const std::string_view one = words[i];
    const auto letters = one.find_first_not_of("0123456789");
    const bool apart = letters == std::string_view::npos && i + 1 < words.size();
    const std::string_view unit = apart ? std::string_view(words[i + 1]) : one.substr(std::min(letters, one.size()));
    const auto number = whole_number(one.substr(0, letters));
    if (number && (unit == "gb" || unit == "gib" || unit == "g")) {
      result.gigabytes = number;
      if (apart) result.all += words[++i];
    } else {
      result.name += one;
    }
  }
  return result;
}

/// Gigabytes as people say them: of the label, not of what the driver reports.
bool comes_in(const Device& device, std::uint64_t gigabytes) {
  if (device.sizes.empty()) {
    const auto label = trim(std::string_view(device.memory_label));
    return whole_number(label.substr(0, label.find(' '))) == gigabytes;
  }
  return std::any_of(device.sizes.begin(), device.sizes.end(),
                     [&](const MemorySize& size) { return size.memory.value == gigabytes << 30U; });
}

std::string sizes_of(const Device& device) {
  if (device.sizes.empty()) return device.memory_label.empty() ? "no known size" : device.memory_label;
  std::string text;
  for (std::size_t i = 0; i < device.sizes.size(); ++i) {
    if (i > 0) text += i + 1 == device.sizes.size() ? " or " : ", ";
    text += std::to_string(device.sizes[i].memory.value >> 30U);
  }
  return text + " GB";
}

/// Looking names of the catalog up by their words.
class Names {
 public:
  explicit Names(const Catalog& catalog) : catalog_(catalog) {}

  /// Ids of the devices with a name that `fits`, as people sort them.
  template <class Fits>
  [[nodiscard]] std::set<std::string, NaturalLess> that(const Fits& fits) const {
    std::set<std::string, NaturalLess> ids;
    catalog_.each_name(Device::kTable, [&](std::string_view name, bool) {
      if (fits(words_of(name))) ids.insert(catalog_.find_device(name)->id);
    });
    return ids;
  }

  /// By ids and aliases, else by the names for people.
  [[nodiscard]] std::set<std::string, NaturalLess> called(const std::string& words) const {
    auto ids = that([&](const Words& name) { return name.all == words; });
    if (!ids.empty() || words.empty()) return ids;
    catalog_.each_name(Device::kTable, [&](std::string_view name, bool is_id) {
      if (is_id && words_of(catalog_.find_device(name)->name).all == words) ids.emplace(name);
    });
    return ids;
  }

 private:
  const Catalog& catalog_;
};

std::size_t shared_prefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

/// Those that begin as the text does; else the nearest in spelling, the longest common beginning first.
std::string hint(const Words& said, std::string_view text, const Catalog& catalog) {
  constexpr std::string_view kOtherwise = " 'paramcount list devices' shows them.";
  if (said.name.empty() && said.gigabytes) {
    const std::string size = std::to_string(*said.gigabytes);
    return " A size alone is memory=" + size + "GiB; add bandwidth=GB/s for speeds";
  }
  if (said.name == "cpu") return " For a machine without a GPU, give its numbers: memory=64GiB,bandwidth=80GB/s";
  if (said.name.size() >= 2) {
    const auto ids = Names(catalog).that([&](const Words& name) { return name.all.starts_with(said.name); });
    if (!ids.empty()) {
      std::vector<std::string> shown(ids.begin(), ids.end());
      shown.resize(std::min(shown.size(), kMostShown));
      return did_you_mean(shown) + (shown.size() < ids.size() ? std::string(kOtherwise) : "");
    }
  }
  Suggestions near(text, 2 * kMostShown);
  catalog.each_name(Device::kTable, [&](std::string_view name, bool is_id) {
    if (is_id) near.consider(name);
  });
  if (near.best().empty()) {
    catalog.each_name(Device::kTable, [&](std::string_view name, bool) { near.consider(name); });
  }
  auto names = near.best();
  if (names.empty()) return std::string(kOtherwise);
  const std::string typed = words_of(text).all;
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
    return shared_prefix(words_of(a).all, typed) > shared_prefix(words_of(b).all, typed);
  });
  names.resize(std::min<std::size_t>(names.size(), 3));
  return did_you_mean(names);
}

/// The result of looking up a name: one device, or why not.
struct Found {
  SharedDevice device;
  std::string problem;  ///< "" when nothing is called so
};

Found several(const std::set<std::string, NaturalLess>& ids) {
  return {nullptr, "several devices have this name." + did_you_mean({ids.begin(), ids.end()})};
}

/// Of devices called so, the one that comes in that size; else of those whose names begin so.
Found of_gigabytes(const std::set<std::string, NaturalLess>& ids, const Words& said, const Catalog& catalog) {
  const std::uint64_t gigabytes = *said.gigabytes;
  const auto in_size = [&](const std::set<std::string, NaturalLess>& among) {
    std::set<std::string, NaturalLess> kept;
    for (const auto& id : among) {
      if (comes_in(*catalog.find_device(id), gigabytes)) kept.insert(id);
    }
    return kept;
  };
  auto kept = in_size(ids);
  if (kept.empty()) kept = in_size(Names(catalog).that([&](const Words& w) { return w.all.starts_with(said.name); }));
  if (kept.size() > 1) return several(kept);
  const SharedDevice device = catalog.find_device(kept.empty() ? *ids.begin() : *kept.begin());
  if (kept.empty()) {
    return {nullptr,
            device->name + " is not sold with " + std::to_string(gigabytes) + " GB, but with " + sizes_of(*device)};
  }
  for (const auto& size : device->sizes) {
    if (size.memory.value == gigabytes << 30U) return {std::make_shared<const Device>(of_size(*device, size)), ""};
  }
  return {device, ""};
}

Found find_one(std::string_view text, const Catalog& catalog) {
  if (auto exact = catalog.find_device(text)) return {std::move(exact), ""};
  // After a colon the gigabytes may stand alone: m4-max:64.
  const auto colon = text.rfind(':');
  const bool bare = colon != std::string_view::npos && whole_number(trim(text.substr(colon + 1)));
  const Words said = words_of(bare ? joined({text, "GB"}) : std::string(text));
  const Names names(catalog);
  if (const auto whole = names.called(said.all); whole.size() > 1) {
    return several(whole);
  } else if (whole.size() == 1) {
    return {catalog.find_device(*whole.begin()), ""};
  }
  if (!said.gigabytes) return {};
  const auto ids = names.called(said.name);
  return ids.empty() ? Found{} : of_gigabytes(ids, said, catalog);
}

/// "2x4090", "2 x RTX 4090", "8×H100", "8 H100", "H100 x8" taken apart; `loose` without an x between.
struct Counted {
  std::string_view digits, name;
  bool loose{false};
};

std::optional<Counted> counted(std::string_view text) {
  constexpr std::array<std::string_view, 4> kTimes{"x", "X", "*", "×"};
  const auto digits = text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
  if (!digits.empty()) {
    const auto rest = text.substr(digits.size());
    const auto after = trim(rest);
    for (const auto times : kTimes) {
      if (after.starts_with(times)) return Counted{digits, trim(after.substr(times.size())), false};
    }
    if (rest.starts_with(' ') && !after.empty()) return Counted{digits, after, true};
  }
  const auto last = text.find_last_not_of("0123456789");
  if (last == std::string_view::npos || last + 1 == text.size()) return std::nullopt;
  const auto before = trim(text.substr(0, last + 1));
  for (const auto times : kTimes) {
    if (!before.ends_with(times)) continue;
    const auto name = before.substr(0, before.size() - times.size());
    if (name.ends_with(' ')) return Counted{text.substr(last + 1), trim(name), false};
  }
  return std::nullopt;
}

}  // namespace

NamedDevice find_device(std::string_view text, const Catalog& catalog) {
  text = trim(text);
  if (text.find('=') != std::string_view::npos) return {std::make_shared<const Device>(parse_device(text)), {}};
  if (lower(text) == "here") return device_here(catalog);
  const auto fail = [&](const std::string& what) { return usage_error("--device " + printable(text) + ": " + what); };
  Found found = find_one(text, catalog);
  if (found.device) return {std::move(found.device), {}};
  std::string_view name = text;
  if (const auto parts = found.problem.empty() ? counted(text) : std::nullopt) {
    Found one = find_one(parts->name, catalog);
    const auto count = whole_number(parts->digits);
    if (one.device || !parts->loose) {
      if (!count || *count == 0 || *count > kMostDevices) throw fail("expected 1 to 1,000,000,000 of them");
      if (one.device) return {std::move(one.device), count};
      found = std::move(one);
      name = parts->name;
    }
  }
  if (!found.problem.empty()) throw fail(found.problem);
  throw fail("no such device." + hint(words_of(name), name, catalog));
}

std::vector<std::string> devices_called(std::string_view text, const Catalog& catalog) {
  const Words said = words_of(text);
  if (said.all.size() < 2) return {};
  const Names names(catalog);
  auto ids = names.called(said.all);
  if (ids.empty()) ids = names.that([&](const Words& name) { return name.all.starts_with(said.all); });
  return {ids.begin(), ids.end()};
}

SharedDevice match_device(std::string_view reported, const Catalog& catalog) {
  return find_one(reported, catalog).device;
}

SharedDevice find_one_device(std::string_view text, const Catalog& catalog) {
  NamedDevice named = find_device(text, catalog);
  if (named.count.value_or(1) != 1) throw usage_error("--device " + printable(text) + ": name one device here");
  return std::move(named.device);
}

SharedDevice Catalog::device(std::string_view name) const {
  if (auto found = find_device(name)) return found;
  throw usage_error("--device " + printable(name) + ": no such device." + hint(words_of(name), name, *this));
}

}  // namespace paramcount
