// paramcount list [TEXT]: lists the catalog.
#include <algorithm>
#include <array>

#include "base/numbers.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/params.hpp"
#include "report/catalog_lists.hpp"
#include "report/list_report.hpp"

namespace paramcount {
namespace {

struct ListOptions {
  OutputOptions output;
  std::string text, within, family, least, most, modality, licence, since, by, sort = "name";
};

constexpr std::array<std::string_view, 5> kSorts{"params", "active", "released", "context", "name"};
constexpr std::array<std::string_view, 5> kGroups{"", "lab", "family", "licence", "modality"};
constexpr std::array<Label ListedModel::*, 5> kGroupFacts{nullptr, &ListedModel::lab, &ListedModel::family,
                                                          &ListedModel::licence, &ListedModel::modality};
constexpr std::array<std::string_view, 3> kModalities{"text", "vision", "audio"};

/// Beginnings of licences that let everybody use, change and pass on the weights for any purpose, by the Open Source
/// Initiative's list, Creative Commons and the OpenMDW.
constexpr std::array<std::string_view, 11> kOpenLicences{"apache-2.0", "mit",       "bsd-2-clause", "bsd-3-clause",
                                                         "cc0-",       "cc-by-4.0", "cc-by-3.0",    "cc-by-sa-",
                                                         "isc",        "unlicense", "openmdw-"};

bool contains(std::string_view text, std::string_view lower_part) {
  return lower(text).find(lower_part) != std::string::npos;
}

bool starts_with_any(std::string_view text, const std::array<std::string_view, 11>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(), [&](auto b) { return text.starts_with(b); });
}

/// "2026", "2026-03" or "2026-03-15".
void check_date(const std::string& text) {
  constexpr std::string_view kForm = "dddd-dd-dd";
  bool fits = text.size() == 4 || text.size() == 7 || text.size() == 10;
  for (std::size_t i = 0; fits && i < text.size(); ++i) {
    fits = kForm[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == '-';
  }
  if (!fits) throw usage_error("--since " + printable(text) + ": expected 2026, 2026-03 or 2026-03-15.");
}

/// What the options need of a model besides its name and size.
class FactFilter {
 public:
  explicit FactFilter(const ListOptions& o) : licence_(lower(o.licence)), since_(o.since) {
    for (const auto word : split(lower(o.modality), '+')) {
      if (!o.modality.empty()) check_word("--modality", word, kModalities);
      modality_.emplace_back(word);
    }
    if (o.modality.empty()) modality_.clear();
    if (!since_.empty()) check_date(since_);
  }

  /// Not that it is known to be: a model without the fact is left out.
  bool takes(const ModelListing& model) {
    if (!modality_.empty()) {
      const auto has = split(model.modality, '+');
      for (const auto& word : modality_) {
        if (std::find(has.begin(), has.end(), word) == has.end()) return false;
      }
    }
    if (!licence_.empty()) {
      const std::string own = lower(model.licence);
      if (licence_ == "open" ? !starts_with_any(own, kOpenLicences) : own.find(licence_) == std::string::npos)
        return false;
    }
    if (since_.empty()) return true;
    // A month or a year has all its days.
    const std::size_t both = std::min(since_.size(), model.released.size());
    if (both == 0) ++undated_;
    return both > 0 && model.released.substr(0, both) >= std::string_view(since_).substr(0, both);
  }

  [[nodiscard]] std::size_t undated() const { return undated_; }

 private:
  std::string licence_, since_;
  std::vector<std::string> modality_;
  std::size_t undated_{0};
};

/// The largest or newest first; equal ones by name, in which order they come.
void sort(std::vector<ListedModel>& models, const std::string& by) {
  const auto order = [&](auto key) {
    std::stable_sort(models.begin(), models.end(),
                     [&](const ListedModel& a, const ListedModel& b) { return key(b) < key(a); });
  };
  if (by == "params") {
    order([](const ListedModel& m) { return m.total; });
  } else if (by == "active") {
    order([](const ListedModel& m) { return m.active; });
  } else if (by == "context") {
    order([](const ListedModel& m) { return m.context; });
  } else if (by == "released") {
    order([](const ListedModel& m) { return m.released.view(); });
  }
}

std::vector<ListedModel> listed_models(const ListOptions& o, FactFilter& facts, const Catalog& catalog,
                                       Expander& expander) {
  const std::string text = lower(o.text);
  const std::string family = lower(o.family);
  const double least = o.least.empty() ? 0 : parse_number(o.least, "--min", false, 1e18);
  const double most = o.most.empty() ? 0 : parse_number(o.most, "--max", false, 1e18);
  std::vector<ListedModel> models;
  constexpr std::size_t kUsual = 2048;
  models.reserve(kUsual);
  catalog.each_model([&](const ModelListing& listing) {
    if (!text.empty() && !contains(listing.id, text) && !contains(listing.name, text) &&
        !contains(listing.family, text))
      return;
    if (!family.empty() && lower(listing.family) != family) return;
    if (!facts.takes(listing)) return;
    // What the built-in catalog says stays.
    const auto kept = [&](std::string_view said) { return listing.model ? Label(said) : Label::literal(said); };
    ListedModel model{kept(listing.id),  kept(listing.name),    kept(listing.family),   kept(listing.released),
                      kept(listing.lab), kept(listing.licence), kept(listing.modality), kept(listing.unverified),
                      listing.total,     listing.active,        listing.context};
    if (listing.model && listing.model->disclosed) {
      try {
        const Inventory inventory = expander.expand(*listing.model);
        const ParamCounts counts = count_params(inventory);
        model.total = counts.total.value;
        model.active = counts.active.value;
        model.context = inventory.count("max_positions");
      } catch (const Error& error) {
        throw located(printable(listing.model->origin), error);
      }
    }
    const auto total = static_cast<double>(model.total);
    if ((least > 0 && total < least) || (most > 0 && (total > most || model.total == 0))) return;
    models.push_back(std::move(model));
  });
  return models;
}

std::string description() {
  std::string text = "List what the catalog holds: models, or with the word:";
  const char* between = " ";
  for (const auto& list : catalog_lists()) {
    text += joined({between, list.word, list.what.empty() ? "" : " (", list.what, list.what.empty() ? "" : ")"});
    between = ", ";
  }
  return text + ".";
}

}  // namespace

int run_list(const Invocation& invocation) {
  OptionSet set(description());
  ListOptions o;
  set.word(o.text, "TEXT", "list only entries with this in their id, name or family; or the name of a table");
  set.word(o.within, "[TEXT]", "with a table: list only entries with this in their name");
  set.option("--family", o.family, "F", "list only models of this family");
  set.option("--min", o.least, "P", "list only models with at least this many parameters (7B)");
  set.option("--max", o.most, "P", "list only models with at most this many parameters");
  set.option("--modality", o.modality, "M", "list only models that take text, vision or audio (vision+audio: both)");
  set.option("--licence", o.licence, "L",
             "list only models with this in their licence's name; open: Apache, MIT and similar");
  set.option("--since", o.since, "DATE", "list only models released on or after this date (2026, 2026-03, 2026-03-15)");
  set.option("--sort", o.sort, "KEY", "sort by params, active, released, context or name");
  set.option("--by", o.by, "KEY", "make one table per lab, family, licence or modality");
  add_output_options(set, o.output);
  set.footer(
      "Examples:\n"
      "  paramcount list qwen --max 10B --sort params\n"
      "  paramcount list --modality vision --licence open --since 2026 --by lab\n"
      "  paramcount list devices nvidia");
  if (!parse(set, invocation, "list")) return static_cast<int>(ExitCode::answered);
  check(o.output);
  check_word("--sort", o.sort, kSorts);
  check_word("--by", o.by, kGroups);
  FactFilter facts(o);
  const Catalog& catalog = open_catalog(o.output, invocation);
  auto& report = invocation.session.report;
  if (o.text == "models" || o.text == "model") o.text.clear();
  if (o.text.empty()) o.text.swap(o.within);
  const CatalogList* const list = find_catalog_list(o.text);
  if (!o.within.empty() && list == nullptr) throw usage_error(printable(o.within) + ": one argument too many");
  if (list != nullptr) {
    report = list->make({catalog, list->word, o.within, parts(o.output, invocation)});
  } else {
    if (!o.family.empty() && catalog.find_family(o.family) == nullptr) static_cast<void>(catalog.family(o.family));
    auto models = listed_models(o, facts, catalog, *invocation.session.expander);
    if (models.empty()) {
      Suggestions suggestions(o.text);
      catalog.each_name(Catalog::Kind::model, [&](std::string_view name, bool is_id) {
        if (is_id) suggestions.consider(name);
      });
      for (const auto& known : catalog_lists()) suggestions.consider(known.word);
      throw Error((o.text.empty() ? "list" : "list " + printable(o.text)) + ": no such models." + suggestions.hint());
    }
    sort(models, o.sort);
    const auto group = static_cast<std::size_t>(std::find(kGroups.begin(), kGroups.end(), o.by) - kGroups.begin());
    report = list_models_report(std::move(models), kGroupFacts[group], facts.undated(), parts(o.output, invocation));
  }
  return print(report, o.output, invocation);
}

}  // namespace paramcount
