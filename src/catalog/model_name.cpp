#include "paramcount/catalog/model_name.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <vector>

#include "base/numbers.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "catalog/name_walk.hpp"
#include "catalog/nearest_names.hpp"
#include "paramcount/catalog/catalog.hpp"

namespace paramcount {
namespace {

constexpr std::size_t kLongestName = 256;
constexpr std::size_t kMostEndings = 4;
using Ids = std::set<std::string, NaturalLess>;

/// What endings say of how weights are stored.
struct Endings {
  std::string organisation;         ///< "nvidia/", in lower case; empty: none
  std::vector<std::string> dtypes;  ///< what --dtype may say of them, the first that is known
  std::string text;                 ///< "-gguf:q4_k_m" as it was typed
  std::string note;                 ///< what the format leaves out where it is not the first
  bool container{false};            ///< the format is what is taken where no ending says it
};

Error several_are_called(std::string_view text, const Ids& ids) {
  std::vector<std::string> shown(ids.begin(), ids.end());
  const bool more = shown.size() > 6;
  shown.resize(std::min<std::size_t>(shown.size(), 6));
  return Error(printable(text) + ": several models have this name." + did_you_mean(shown) +
               (more ? " 'paramcount list' shows all." : ""));
}

std::string_view last_part(std::string_view name) { return name.substr(name.rfind('/') + 1); }

class ModelNames {
 public:
  explicit ModelNames(const Catalog& catalog) : catalog_(catalog) {}

  /// By id or alias, however it is written.
  [[nodiscard]] std::optional<Model> by_own_name(std::string_view text) const {
    if (auto exact = catalog_.find_model(text)) return exact;
    const auto ids = called(text);
    if (ids.size() > 1) throw several_are_called(text, ids);
    return ids.empty() ? std::nullopt : catalog_.find_model(*ids.begin());
  }

  /// Also by the names of Ollama's library.
  [[nodiscard]] std::optional<Model> by_name(std::string_view text) const {
    auto model = by_own_name(text);
    return model ? model : of_ollama(text);
  }

  /// Of an organisation that publishes others' models: TheBloke/Llama-2-7B-Chat, bartowski/Qwen_Qwen3-8B.
  [[nodiscard]] std::optional<Model> by_copy(std::string_view text, bool stored_otherwise) const {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    if (!stored_otherwise && !is_publisher(text.substr(0, slash + 1))) return std::nullopt;
    const auto name = text.substr(slash + 1);
    if (auto model = by_own_name(name)) return model;
    const auto joint = name.find('_');
    if (joint == std::string_view::npos) return std::nullopt;
    return by_own_name(joined({name.substr(0, joint), "/", name.substr(joint + 1)}));
  }

  /// The same with endings: nothing where there are none, or what is before them names no model.
  [[nodiscard]] std::optional<Model> by_ending(std::string_view text) const {
    Endings endings;
    endings.organisation = lower(text.substr(0, text.find('/') + 1));
    std::string_view rest = text;
    for (std::size_t i = 0; i < kMostEndings; ++i) {
      if (!take_ending(rest, endings)) break;
      auto model = by_name(rest);
      if (!model) model = by_copy(rest, true);
      if (model) return with_endings(std::move(*model), text, endings);
    }
    return std::nullopt;
  }

  /// "llama": the newest model whose id begins with that word, of the lab that has most of them; of several the
  /// largest. More words ("ernie-4.5-300b", "Vicuna 13B") have to give a size: all ids that begin so have one shape.
  [[nodiscard]] std::optional<Model> newest_of(std::string_view text) const {
    std::string word = lower(text);
    for (char& c : word) c = c == ' ' || c == '_' ? '-' : c;
    if (word.size() < 2 || word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") != std::string::npos) {
      return std::nullopt;
    }
    const bool several = word.find('-') != std::string::npos;
    if (several && word.find_first_of("0123456789") == std::string::npos) return std::nullopt;
    if (!begins_any_id(word)) return std::nullopt;
    struct Called {
      std::string id, released, lab, family;
      std::uint64_t total;
    };
    std::vector<Called> called;
    std::map<std::string, std::size_t> labs;
    catalog_.each_model([&](const ModelListing& listing) {
      if (!begins_with_word(listing.id, word)) return;
      called.push_back({std::string(listing.id), std::string(listing.released), std::string(listing.lab),
                        std::string(listing.family), listing.total});
      ++labs[called.back().lab];
    });
    const std::size_t all = called.size();
    if (all < (several ? 1 : 2)) return std::nullopt;
    const auto other = [&](const Called& m) { return m.total != called[0].total || m.family != called[0].family; };
    if (several && std::any_of(called.begin(), called.end(), other)) return std::nullopt;
    const auto maker =
        std::max_element(labs.begin(), labs.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    std::erase_if(called, [&](const Called& one) { return one.lab != maker->first; });
    const std::size_t count = called.size();
    const auto newest = std::max_element(called.begin(), called.end(), [](const Called& a, const Called& b) {
      return a.released != b.released ? a.released < b.released : a.total < b.total;
    });
    if (newest->released.empty() && count > 1) return std::nullopt;
    const auto& [id, released, lab, family, total] = *newest;
    auto model = catalog_.find_model(id);
    if (model) {
      // One whose day is not known may be newer.
      const bool undated = std::any_of(called.begin(), called.end(), [](const auto& m) { return m.released.empty(); });
      const std::string newest_of = undated ? "newest with a known release date of " : "newest of ";
      model->named = printable(text) + " is read as " + id + ", the " +
                     (count == 1 ? "model" : newest_of + grouped(count) + " models") + " of " +
                     (lab.empty() ? "no known lab" : lab) + " here that " + (count == 1 ? "is" : "are") + " called so" +
                     (released.empty() ? "" : " (" + released + ")") +
                     (all == 1 ? "." : "; 'paramcount list " + word + "' shows the others.");
    }
    return model;
  }

  /// Takes the endings off, whatever is before them: for suggestions.
  [[nodiscard]] std::string_view without_endings(std::string_view text) const {
    Endings endings;
    while (take_ending(text, endings)) {
    }
    return text;
  }

  /// Throws where all but the quant of "unsloth/Qwen3-8B-GGUF:UD-Q4_K_XL" is understood.
  void refuse_unknown_quant(std::string_view text) const {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || text.find('/') > colon) return;
    Endings endings;
    std::string_view rest = text.substr(0, colon);
    const std::string_view whole = rest;
    if (!take_ending(rest, endings)) return;
    const auto model = by_ending(whole);
    if (!model) return;
    throw Error(printable(text) + ": " + printable(text.substr(colon + 1)) +
                " is not a known number format ('paramcount list dtypes' shows them). The model is " + model->id);
  }

 private:
  /// Ids of the models of that name: of names that are also written with a colon, as Ollama does, or without one; else
  /// of other whole names; else of names without their organisations.
  [[nodiscard]] Ids called(std::string_view text) const {
    Ids alike;
    Ids whole;
    Ids last;
    const bool has_slash = text.find('/') != std::string_view::npos;
    const auto has_colon = [](std::string_view name) { return name.find(':') != std::string_view::npos; };
    const auto note = [&](Ids& ids, std::string_view name) {
      if (const auto model = catalog_.find_model(name)) ids.insert(model->id);
    };
    // Nearly all names end otherwise, with or without their organisations.
    const auto is_sign = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c); };
    const char end = text.empty() ? '\0' : lower(text).back();
    const bool tells = is_sign(end);
    catalog_.each_name(Catalog::Kind::model, [&](std::string_view name, bool) {
      const char own_end = name.empty() ? '\0' : name.back();
      if (tells && own_end != end && is_sign(own_end) && !(own_end == 'f' && name.ends_with("-hf"))) return;
      if (same_name(text, name)) return note(has_colon(name) == has_colon(text) ? alike : whole, name);
      const auto slash = has_slash ? std::string_view::npos : name.find('/');
      if (slash == std::string_view::npos) return;
      const auto own = name.substr(slash + 1);
      // -hf: the same weights in the layout of transformers.
      if (same_name(text, own) || (own.ends_with("-hf") && same_name(text, own.substr(0, own.size() - 3)))) {
        note(last, name);
      }
    });
    return !alike.empty() ? alike : !whole.empty() ? whole : last;
  }

  [[nodiscard]] std::optional<Model> of_ollama(std::string_view text) const {
    if (text.find('/') != std::string_view::npos) return std::nullopt;
    std::string id = lower(text);
    if (id.ends_with(":latest")) id.resize(id.size() - 7);
    auto rule = catalog_.find<NameRule>(id);
    if (!rule || rule->kind != NameRule::Kind::ollama) {
      std::string found;
      catalog_.each_name(NameRule::kTable, [&](std::string_view name, bool) {
        if (!name.starts_with('-') && same_name(id, name)) found = name;
      });
      if (found.empty()) return std::nullopt;
      rule = catalog_.find<NameRule>(found);
    }
    auto model = catalog_.find_model(rule->model);
    if (model) {
      const bool tagged = rule->id.find(':') != std::string::npos;
      model->named =
          printable(text) + ": " + model->id + ", as Ollama's library names it" + (tagged ? "." : " (its latest).");
    }
    return model;
  }

  [[nodiscard]] bool is_publisher(std::string_view organisation) const {
    const auto rule = catalog_.find<NameRule>(organisation);
    return rule && rule->kind == NameRule::Kind::organisation;
  }

  /// Takes one ending off, the longest there is. False where there is none, or it contradicts those taken before.
  bool take_ending(std::string_view& rest, Endings& endings) const {
    std::array<std::size_t, 3> starts{};
    std::size_t count = 0;
    for (auto at = rest.size(); at > 1 && count < starts.size();) {
      at = rest.find_last_of("-: ", at - 1);
      if (at == std::string_view::npos || at == 0 || rest.find('/', at) != std::string_view::npos) break;
      if (rest[at - 1] != '/') starts[count++] = at;
    }
    while (count > 0) {
      const auto at = starts[--count];
      if (!add_ending(rest.substr(at + 1), endings)) continue;
      endings.text = std::string(rest.substr(at)) + endings.text;
      rest = rest.substr(0, at);
      return true;
    }
    return false;
  }

  bool add_ending(std::string_view tail, Endings& endings) const {
    if (tail.empty()) return false;
    auto rule = catalog_.find<NameRule>("-" + lower(tail));
    if (rule && rule->kind != NameRule::Kind::ending) rule.reset();
    if (rule) {
      const auto own = std::find_if(rule->by.begin(), rule->by.end(),
                                    [&](const auto& one) { return one.first == endings.organisation; });
      if (own != rule->by.end()) rule->dtypes = {own->second};
    } else {
      // Words such as "half" and "single" are names of formats too, but not at the end of a model's name.
      if (tail.find_first_of("0123456789") == std::string_view::npos || !is_format(tail)) return false;
      rule.emplace();
      rule->dtypes = {lower(tail)};
    }
    if (rule->dtypes.empty() || (rule->container && !endings.dtypes.empty())) return true;
    if (!endings.dtypes.empty() && !endings.container) return endings.dtypes == rule->dtypes;
    endings.dtypes = std::move(rule->dtypes);
    endings.note = std::move(rule->note);
    endings.container = rule->container;
    return true;
  }

  [[nodiscard]] bool is_format(std::string_view name) const {
    return catalog_.find<FileType>(name) || catalog_.find_dtype(name) != nullptr;
  }

  [[nodiscard]] Model with_endings(Model model, std::string_view text, const Endings& endings) const {
    const auto known = std::find_if(endings.dtypes.begin(), endings.dtypes.end(),
                                    [&](const std::string& dtype) { return is_format(dtype); });
    if (known == endings.dtypes.end() && !endings.dtypes.empty()) {
      throw Error(printable(text) + ": " + endings.dtypes.front() +
                  " is not a known number format ('paramcount list dtypes' shows them). The model is " + model.id);
    }
    model.named = printable(text) + " is read as " + model.id;
    if (endings.dtypes.empty()) {
      model.named += "; the number format of " + printable(endings.text) + " is not known.";
      return model;
    }
    if (const auto* dtype = catalog_.find<FileType>(*known) ? nullptr : catalog_.find_dtype(*known);
        dtype != nullptr && !dtype->refused.empty()) {
      throw Error(printable(text) + ": " + *known + " is " + dtype->refused + ". The model is " + model.id);
    }
    model.named_dtype = *known;
    model.named += " with --dtype " + *known + "; no file was read.";
    if (endings.note.empty()) return model;
    if (endings.container) {
      model.named += " " + endings.note + ".";
    } else if (known != endings.dtypes.begin()) {
      model.named += " " + *known + ": " + endings.note + ".";
    }
    return model;
  }

  [[nodiscard]] bool begins_any_id(std::string_view word) const {
    bool found = false;
    catalog_.each_name(Catalog::Kind::model, [&](std::string_view name, bool is_id) {
      found = found || (is_id && name.starts_with(word.front()) && begins_with_word(name, word));
    });
    return found;
  }

  static bool begins_with_word(std::string_view id, std::string_view word) {
    if (!id.starts_with(word)) return false;
    if (id.size() == word.size()) return true;
    const char next = id[word.size()];
    if (!is_digit(word.back())) return next < 'a' || next > 'z';
    return next == '-';
  }

  const Catalog& catalog_;
};

}  // namespace

std::optional<Model> find_named_model(std::string_view text, const Catalog& catalog) {
  text = trim(text);
  while (text.ends_with('/')) text.remove_suffix(1);
  if (text.empty() || text.size() > kLongestName || text.find("://") != std::string_view::npos) return std::nullopt;
  const ModelNames names(catalog);
  if (auto model = names.by_name(text)) return model;
  if (auto model = names.by_copy(text, false)) {
    model->named = printable(text) + " is read as " + model->id + "; no file was read.";
    return model;
  }
  if (auto model = names.by_ending(text)) return model;
  names.refuse_unknown_quant(text);
  return names.newest_of(text);
}

Error no_such_model(std::string_view text, const Catalog& catalog) {
  std::vector<std::string> near;
  if (text.size() <= kLongestName) {
    near = nearest_names(last_part(ModelNames(catalog).without_endings(trim(text))), catalog);
  }
  return Error(printable(text) + ": no such model." +
               (near.empty() ? std::string(" 'paramcount list' shows them.") : did_you_mean(near)));
}

Model Catalog::model(std::string_view name) const {
  if (auto found = find_model(name)) return std::move(*found);
  if (auto found = find_named_model(name, *this)) return std::move(*found);
  throw no_such_model(name, *this);
}

}  // namespace paramcount
