#include "count/respelling.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/budgets.hpp"
#include "base/folded_name.hpp"

namespace paramcount {
namespace {

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

}  // namespace

std::optional<std::string> before(const std::string& name, const std::string& ending) {
  if (!name.ends_with(ending)) return std::nullopt;
  const std::size_t at = name.size() - ending.size();
  if (at > 0 && name[at - 1] != '.') return std::nullopt;
  return name.substr(0, at);
}

Respelling::Respelling(const Spellings& spellings, const std::vector<OpenName>& open,
                       const std::vector<std::string>& lacking, std::size_t expected)
    : renames_(spellings.renames) {
  add_prefixes(open, lacking, expected);
}

void Respelling::add_prefixes(const std::vector<OpenName>& open, const std::vector<std::string>& lacking,
                              std::size_t expected) {
  if (open.size() > kMostOpenNames || lacking.size() > kMostOpenNames) return;
  const auto each_tail = [](const std::string& key, const auto& visit) {
    visit(std::string{}, key);
    const auto number = key.find(kNumber);
    // Only the part before the first number: names within a layer are their own matter.
    for (auto dot = key.find('.'); dot < number && dot != std::string::npos; dot = key.find('.', dot + 1)) {
      visit(key.substr(0, dot + 1), key.substr(dot + 1));
    }
  };
  std::set<std::string> wanted(lacking.begin(), lacking.end());
  std::set<std::string> stored;
  for (const auto& name : open) {
    stored.insert(name.key);
    for (auto& other : candidates(name.key)) stored.insert(std::move(other));
  }
  const std::size_t least = std::max<std::size_t>(3, (expected + 19) / 20);
  // The pair of prefixes that makes most names agree, then the one that does so for those left.
  while (prefixes_.size() < kMostPrefixes) {
    std::map<std::string, std::vector<std::string>> by_tail;
    for (const auto& key : wanted) {
      each_tail(key, [&](const std::string& prefix, const std::string& tail) { by_tail[tail].push_back(prefix); });
    }
    std::map<std::pair<std::string, std::string>, std::size_t> explained;
    for (const auto& key : stored) {
      each_tail(key, [&](const std::string& prefix, const std::string& tail) {
        const auto found = by_tail.find(tail);
        // An ending shared by so many names says nothing about what precedes it.
        if (found == by_tail.end() || found->second.size() > kMostPrefixesOfEnd) return;
        for (const auto& other : found->second) ++explained[{prefix, other}];
      });
    }
    const auto best = std::max_element(explained.begin(), explained.end(), [](const auto& a, const auto& b) {
      if (a.second != b.second) return a.second < b.second;
      // Of equals the shorter pair: the rest is common to both.
      return a.first.first.size() + a.first.second.size() > b.first.first.size() + b.first.second.size();
    });
    if (best == explained.end() || best->second < least) return;
    const auto& [from, to] = best->first;
    std::erase_if(stored, [&, &from = from, &to = to](const std::string& key) {
      return key.starts_with(from) && wanted.erase(to + key.substr(from.size())) > 0;
    });
    prefixes_.push_back({from, to});
  }
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
    for (const auto& [from, to] : prefixes_) {
      if (all[i].starts_with(from)) add(to + all[i].substr(from.size()));
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
    // A whole component: preceded by a dot, or the other name begins here.
    const bool ends = (i == from.size() || piece(from[from.size() - i - 1]) || i + front == from.size()) &&
                      (i == to.size() || piece(to[to.size() - i - 1]) || i + front == to.size());
    if (ends || piece(from[from.size() - i])) back = i;
  }
  return {from.substr(front, from.size() - front - back), to.substr(front, to.size() - front - back)};
}

}  // namespace paramcount
