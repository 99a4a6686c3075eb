// Counts every config of the truth files and compares: totals, buffers, and names and shapes tensor by tensor. Prints a
// table by architecture, then each row that is not exact. Usage: paramcount_truth [--kind KIND] FILE.jsonl...
// `paramcount_truth --types FILE` says which of the model types a file lists have a family.
// Exit 0 only when every row of the kind is exact. Listings may differ as known_differences.json beside the first file
// says, and in no other way: a known difference that no longer occurs fails too. Without a kind, rows whose model type
// has no family are counted apart, and every known difference must belong to a row.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "read/hf_config.hpp"

namespace {

using nlohmann::json;
using paramcount::Inventory;

struct Tally {
  int exact{0}, wrong{0}, refused{0}, unknown{0}, listed{0}, listings{0};
};

/// A row of known_differences.json: how the library's class names tensors where the family names them as published
/// files do. Each pair is a text of the class and its replacement; `#` in the former is a number.
struct KnownDifference {
  std::vector<std::pair<std::string, std::string>> spelling;
  bool seen{false};
};

/// "h.*.attn.c_attn.weight 768 2304" -> copies
using Listing = std::map<std::string, std::uint64_t>;

Listing listing_of(const json& tensors) {
  Listing listing;
  for (const auto& tensor : tensors) {
    std::string key = tensor[0];
    for (const auto& size : tensor[1]) key += " " + std::to_string(size.get<std::uint64_t>());
    listing[key] += tensor[2].get<std::uint64_t>();
  }
  return listing;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The part before an index or a number in a component of a name: `expert_` of "expert_{expert}" and of "expert_3".
using Stems = std::set<std::string, std::less<>>;

std::string folded_piece(const std::string& piece, const Stems& stems) {
  const auto index = piece.find('{');
  if (index != std::string::npos) return piece.substr(0, index) + "*";
  if (is_number(piece)) return "*";
  const auto number = piece.find_last_not_of("0123456789") + 1;
  return number < piece.size() && stems.contains(piece.substr(0, number)) ? piece.substr(0, number) + "*" : piece;
}

/// Indices and numbers between dots, and those after one of the stems, as `*`.
std::string folded(const std::string& name, const Stems& stems = {}) {
  std::string result;
  for (std::size_t start = 0; start <= name.size();) {
    const auto end = std::min(name.find('.', start), name.size());
    result += (start > 0 ? "." : "") + folded_piece(name.substr(start, end - start), stems);
    start = end + 1;
  }
  return result;
}

/// The stems that a family writes an index after.
Stems stems_of(const Inventory& inventory) {
  Stems stems;
  for (const auto& tensor : inventory.tensors) {
    const std::string name = tensor.name.text();
    for (auto at = name.find('{'); at != std::string::npos; at = name.find('{', at + 1)) {
      const auto dot = name.rfind('.', at);
      const auto start = dot == std::string::npos ? 0 : dot + 1;
      if (start < at) stems.insert(name.substr(start, at - start));
    }
  }
  return stems;
}

/// A listing of the truth, whose numbers between dots are folded, with those after the stems folded too.
json with_stems(const json& tensors, const Stems& stems) {
  if (stems.empty()) return tensors;
  json result = tensors;
  for (auto& tensor : result) tensor[0] = folded(tensor[0], stems);
  return result;
}

/// Library classes of version 5 keep the experts of a layer in one tensor, checkpoints each by itself: the truth's
/// fused tensors, split.
Listing with_split_experts(const json& tensors) {
  json split = json::array();
  for (const auto& tensor : tensors) {
    const std::string name = tensor[0];
    const auto at = name.find(".experts.") + 1;
    const auto& shape = tensor[1];
    const bool down = name.ends_with("experts.down_proj");
    if (at == 0 || shape.size() != 3 ||
        !(down || name.ends_with("experts.gate_up_proj") || name.ends_with("experts.up_proj"))) {
      split.push_back(tensor);
      continue;
    }
    const std::string base = name.substr(0, at) + "experts.*.";
    const auto copies = tensor[2].get<std::uint64_t>() * shape[0].get<std::uint64_t>();
    if (name.ends_with("gate_up_proj")) {
      for (const char* half : {"gate_proj.weight", "up_proj.weight"}) {
        split.push_back({base + half, {shape[1].get<std::uint64_t>() / 2, shape[2]}, copies});
      }
    } else {
      split.push_back({base + (down ? "down_proj.weight" : "up_proj.weight"), {shape[1], shape[2]}, copies});
    }
  }
  return listing_of(split);
}

Listing listing_of(const Inventory& inventory) {
  Listing listing;
  for (const auto& tensor : inventory.tensors) {
    if (tensor.role.is_buffer() || tensor.mtp) continue;
    std::string key = folded(tensor.name.text());
    for (const auto size : tensor.shape) key += " " + std::to_string(size);
    listing[key] += tensor.copies;
  }
  return listing;
}

/// The listing with a leading part of every name left out, as classes without their base model's prefix have it.
Listing without_prefix(const Listing& listing, const std::string& prefix) {
  Listing result;
  for (const auto& [key, copies] : listing) result[key.starts_with(prefix) ? key.substr(prefix.size()) : key] += copies;
  return result;
}

/// `name` with every `from` replaced, in which `#` matches digits.
std::string respelled(const std::string& name, const std::string& from, const std::string& to) {
  std::string result;
  for (std::size_t at = 0; at < name.size();) {
    std::size_t end = at;
    const bool found = std::all_of(from.begin(), from.end(), [&](char c) {
      if (c != '#') return end < name.size() && name[end++] == c;
      const auto begin = end;
      while (end < name.size() && name[end] >= '0' && name[end] <= '9') ++end;
      return end > begin;
    });
    result += found ? to : name.substr(at, 1);
    at = found ? end : at + 1;
  }
  return result;
}

Listing respelled(const Listing& listing, const KnownDifference& known) {
  Listing result;
  for (const auto& [key, copies] : listing) {
    std::string name = key;
    for (const auto& [from, to] : known.spelling) name = respelled(name, from, to);
    result[name] += copies;
  }
  return result;
}

std::string first_difference(const Listing& ours, const Listing& truth) {
  for (const auto& [key, copies] : truth) {
    const auto found = ours.find(key);
    if (found == ours.end()) return "lacks " + key;
    if (found->second != copies) return fmt::format("{}: {} copies, {} in truth", key, found->second, copies);
  }
  for (const auto& [key, copies] : ours) {
    if (!truth.contains(key)) return "has " + key;
  }
  return {};
}

/// Bare classes leave the base model's prefix out; some call it otherwise.
bool same_but_for_prefix(const Listing& ours, const Listing& truth) {
  std::set<std::string> prefixes{""};
  for (const auto& [key, copies] : ours) prefixes.insert(key.substr(0, key.find('.') + 1));
  for (const auto& ours_prefix : prefixes) {
    for (const char* truth_prefix : {"", "model."}) {
      if (without_prefix(ours, ours_prefix) == without_prefix(truth, truth_prefix)) return true;
    }
  }
  return false;
}

class Checker {
 public:
  explicit Checker(std::string kind) : kind_(std::move(kind)), expander_(catalog_.families()) {}

  void file(const std::string& path) {
    std::ifstream in(path);
    if (!in) throw paramcount::Error(path + ": cannot be read");
    for (std::string line; std::getline(in, line);) row(json::parse(line));
  }

  void known_differences(const std::string& path) {
    std::ifstream in(path);
    if (!in) throw paramcount::Error(path + ": cannot be read");
    for (const auto& row : json::parse(in)) {
      auto& known = known_[row.at("model")];
      for (const auto& pair : row.at("spelling")) known.spelling.emplace_back(pair.at(0), pair.at(1));
      if (row.at("why").get<std::string>().empty()) throw paramcount::Error(path + ": a difference without a reason");
    }
  }

  /// How many of the model types a file lists have a family, and which have none.
  void types(const std::string& path) {
    std::ifstream in(path);
    if (!in) throw paramcount::Error(path + ": cannot be read");
    int listed = 0;
    int supported = 0;
    std::string left;
    for (std::string type; std::getline(in, type);) {
      ++listed;
      if (catalog_.find_family(type) != nullptr) {
        ++supported;
      } else {
        left += " " + type;
      }
    }
    fmt::print("model types with a family: {} of {} listed; without:{}\n", supported, listed, left);
  }

  int report() {
    fmt::print("{:24}{:>8}{:>8}{:>9}{:>10}{:>9}\n", "family", "exact", "wrong", "refused", "listings", "unknown");
    Tally all;
    for (const auto& [family, t] : tallies_) {
      print(family, t);
      all.exact += t.exact;
      all.wrong += t.wrong;
      all.refused += t.refused;
      all.listed += t.listed;
      all.listings += t.listings;
      all.unknown += t.unknown;
    }
    print("all", all);
    for (const auto& [model, known] : known_) {
      if (kind_.empty() && !known.seen) fail("known    {}: no row of that name", model);
    }
    for (const auto& line : details_) fmt::print("{}\n", line);
    return failures_ == 0 ? 0 : 1;
  }

 private:
  static void print(const std::string& family, const Tally& t) {
    fmt::print("{:24}{:8}{:8}{:9}{:>10}{:9}\n", family, t.exact, t.wrong, t.refused,
               fmt::format("{}/{}", t.listed, t.listings), t.unknown);
  }

  template <class... Values>
  void fail(fmt::format_string<Values...> text, Values&&... values) {
    ++failures_;
    details_.push_back(fmt::format(text, std::forward<Values>(values)...));
  }

  void row(const json& row) {
    if (!kind_.empty() && row.at("kind") != kind_) return;
    const std::string name = row.at("name");
    const std::string type = row.at("config").value("model_type", "?");
    auto& tally = tallies_[type];
    if (kind_.empty() && type != "?" && catalog_.find_family(type) == nullptr) {
      ++tally.unknown;
      return;
    }
    try {
      const auto model = paramcount::model_of_config(paramcount::parse_json(row.at("config").dump()), name, catalog_);
      const Inventory inventory = expander_.expand(model);
      const auto counts = paramcount::count_params(inventory);
      const auto total = row.at("total").get<std::uint64_t>();
      const bool exact = counts.total.value == total;
      ++(exact ? tally.exact : tally.wrong);
      if (!exact) {
        const auto difference = static_cast<std::int64_t>(counts.total.value - total);
        fail("wrong    {} ({}): {}, truth {} ({:+})", name, type, counts.total.value, total, difference);
      }
      if (row.contains("buffers") && row.at("buffers") != counts.buffers.value) {
        fail("buffers  {} ({}): {}, truth {}", name, type, counts.buffers.value, row.at("buffers").dump());
      }
      if (row.contains("tensors")) listing(name, type, inventory, row, tally);
    } catch (const paramcount::Error& error) {
      ++tally.refused;
      fail("refused  {} ({}): {}", name, type, error.what());
    }
  }

  void listing(const std::string& name, const std::string& type, const Inventory& inventory, const json& row,
               Tally& tally) {
    ++tally.listings;
    const Listing ours = listing_of(inventory);
    const json tensors = with_stems(row.at("tensors"), stems_of(inventory));
    const Listing plain = listing_of(tensors);
    const Listing split = with_split_experts(tensors);
    const bool same = same_but_for_prefix(ours, plain) || same_but_for_prefix(ours, split);
    if (same) ++tally.listed;
    const auto known = known_.find(name);
    if (known == known_.end()) {
      if (!same) fail("listing  {} ({}): {}", name, type, first_difference(ours, plain));
      return;
    }
    known->second.seen = true;
    if (same) {
      fail("listing  {} ({}): a known difference that no longer occurs", name, type);
    } else if (!same_but_for_prefix(ours, respelled(plain, known->second)) &&
               !same_but_for_prefix(ours, respelled(split, known->second))) {
      fail("listing  {} ({}): {}, which is not the known difference", name, type,
           first_difference(ours, respelled(split, known->second)));
    } else {
      details_.push_back(fmt::format("known    {} ({}): {}", name, type, first_difference(ours, plain)));
    }
  }

  std::string kind_;
  paramcount::Catalog catalog_;
  paramcount::Expander expander_;
  std::map<std::string, Tally> tallies_;
  std::map<std::string, KnownDifference> known_;
  std::vector<std::string> details_;
  int failures_{0};
};

}  // namespace

int main(int argc, char** argv) {
  try {
    std::vector<std::string> files(argv + 1, argv + argc);
    std::string kind;
    if (files.size() > 1 && files[0] == "--kind") {
      kind = files[1];
      files.erase(files.begin(), files.begin() + 2);
    }
    Checker checker(kind);
    if (files.size() == 2 && files[0] == "--types") {
      checker.types(files[1]);
      return 0;
    }
    if (files.empty()) throw paramcount::Error("no file given");
    checker.known_differences(std::filesystem::path(files[0]).replace_filename("known_differences.json").string());
    for (const auto& file : files) checker.file(file);
    return checker.report();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "paramcount_truth: %s\n", error.what());
    return 2;
  }
}
