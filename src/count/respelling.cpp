#include "count/respelling.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace paramcount {
namespace {

constexpr std::size_t kMostCandidates = 64;
constexpr std::size_t kMostPrefixes = 3;

/// The name with the first occurrence replaced; nothing when there is none.
std::optional<std::string> replaced(const std::string& name, std::string_view from, std::string_view to) {
  const bool front = from.starts_with('^');
  const bool back = from.ends_with('$');
  if (front) from.remove_prefix(1);
  if (back) from.remove_suffix(1);
  if (to.starts_with('^')) to.remove_prefix(1);
  if (to.ends_with('$')) to.remove_suffix(1);
  std::size_t at = name.find(from);
  if (front) {
    at = name.starts_with(from) ? 0 : std::string::npos;
  } else if (back) {
    at = name.ends_with(from) ? name.size() - from.size() : std::string::npos;
  }
  if (at == std::string::npos || (back && at + from.size() != name.size())) return std::nullopt;
  return name.substr(0, at).append(to).append(name.substr(at + from.size()));
}

/// The prefixes that explain most, largest first.
std::vector<std::string> best(const std::map<std::string, std::set<std::string>>& explained, std::size_t least) {
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const auto& [prefix, keys] : explained) {
    if (keys.size() >= least) ranked.emplace_back(keys.size(), prefix);
  }
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::vector<std::string> prefixes;
  for (auto& [unused, prefix] : ranked) {
    if (prefixes.size() < kMostPrefixes) prefixes.push_back(std::move(prefix));
  }
  return prefixes;
}

}  // namespace

std::optional<std::string> before(const std::string& name, const std::string& ending) {
  if (!name.ends_with(ending)) return std::nullopt;
  const std::size_t at = name.size() - ending.size();
  if (at > 0 && name[at - 1] != '.') return std::nullopt;
  return name.substr(0, at);
}

Respelling::Respelling(const Spellings& spellings, const std::vector<OpenName>& open,
                       const std::vector<std::string>& lacking)
    : renames_(spellings.renames) {
  add_prefixes(open, lacking);
}

void Respelling::add_prefixes(const std::vector<OpenName>& open, const std::vector<std::string>& lacking) {
  std::map<std::string, std::set<std::string>> without;
  std::map<std::string, std::set<std::string>> with;
  const std::set<std::string> wanted(lacking.begin(), lacking.end());
  std::set<std::string> stored;
  for (const auto& name : open) stored.insert(name.key);
  const auto each_tail = [](const std::string& key, const auto& visit) {
    for (auto dot = key.find('.'); dot != std::string::npos; dot = key.find('.', dot + 1)) {
      visit(key.substr(0, dot + 1), key.substr(dot + 1));
    }
  };
  for (const auto& key : wanted) {
    each_tail(key, [&](const std::string& prefix, const std::string& tail) {
      if (stored.contains(tail)) without[prefix].insert(key);
    });
  }
  for (const auto& key : stored) {
    each_tail(key, [&](const std::string& prefix, const std::string& tail) {
      if (wanted.contains(tail)) with[prefix].insert(tail);
    });
  }
  const std::size_t least = std::max<std::size_t>(2, (wanted.size() + 9) / 10);
  added_ = best(without, least);
  stripped_ = best(with, least);
}

std::vector<std::string> Respelling::candidates(const std::string& key) const {
  std::vector<std::string> all{key};
  const auto add = [&](std::optional<std::string> made) {
    if (made && all.size() < kMostCandidates && std::find(all.begin(), all.end(), *made) == all.end()) {
      all.push_back(std::move(*made));
    }
  };
  for (const auto& rename : renames_) {
    const auto known = all.size();
    for (std::size_t i = 0; i < known; ++i) {
      add(replaced(all[i], rename.from, rename.to));
      add(replaced(all[i], rename.to, rename.from));
    }
  }
  const auto known = all.size();
  for (std::size_t i = 0; i < known; ++i) {
    for (const auto& prefix : added_) add(prefix + all[i]);
    for (const auto& prefix : stripped_) {
      if (all[i].starts_with(prefix)) add(all[i].substr(prefix.size()));
    }
  }
  all.erase(all.begin());
  return all;
}

std::pair<std::string, std::string> difference(const std::string& from, const std::string& to) {
  const auto piece = [](char c) { return c == '.'; };
  std::size_t front = 0;
  for (std::size_t i = 0; i < from.size() && i < to.size() && from[i] == to[i]; ++i) {
    if (piece(from[i])) front = i + 1;
  }
  std::size_t back = 0;
  const std::size_t most = std::min(from.size(), to.size()) - front;
  for (std::size_t i = 1; i <= most && from[from.size() - i] == to[to.size() - i]; ++i) {
    // A whole piece: what stands before it is a dot, or the other name begins here.
    const bool ends = (i == from.size() || piece(from[from.size() - i - 1]) || i + front == from.size()) &&
                      (i == to.size() || piece(to[to.size() - i - 1]) || i + front == to.size());
    if (ends || piece(from[from.size() - i])) back = i;
  }
  return {from.substr(front, from.size() - front - back), to.substr(front, to.size() - front - back)};
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : " + ") + part;
  return text;
}

}  // namespace paramcount
