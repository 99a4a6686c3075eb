// paramcount list [TEXT]: what the catalog holds.
#include <algorithm>
#include <array>

#include "base/numbers.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/params.hpp"
#include "report/list_report.hpp"
#include "report/training_lists.hpp"

namespace paramcount {
namespace {

struct ListOptions {
  OutputOptions output;
  std::string text, within, family, least, most, modality, licence, since, by, sort = "name";
};

constexpr std::array<std::string_view, 5> kSorts{"params", "active", "released", "context", "name"};
constexpr std::array<std::string_view, 5> kGroups{"", "lab", "family", "licence", "modality"};  ///< as ListBy
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

/// Refuses a word that is none of the known ones, and suggests the nearest.
template <std::size_t N>
void check_word(const std::string& option, const std::string& word, const std::array<std::string_view, N>& known) {
  if (std::find(known.begin(), known.end(), word) != known.end()) return;
  Suggestions suggestions(word);
  std::string all;
  for (const auto one : known) {
    if (one.empty()) continue;
    suggestions.consider(one);
    all += (all.empty() ? "" : one == known.back() ? " or " : ", ") + std::string(one);
  }
  throw usage_error(option + " " + printable(word) + ": expected " + all + "." + suggestions.hint());
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

/// What the options ask of a model beside its name and size.
class FactFilter {
 public:
  explicit FactFilter(const ListOptions& o) : licence_(lower(o.licence)), since_(o.since) {
    for (const auto word : split(lower(o.modality), '+')) {
      if (!o.modality.empty()) check_word("--modality", std::string(word), kModalities);
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

/// Ids of a table, sorted as people sort.
std::vector<std::string> ids(const Catalog& catalog, Catalog::Kind kind) {
  std::vector<std::string> result;
  catalog.each_name(kind, [&](std::string_view name, bool is_id) {
    if (is_id) result.emplace_back(name);
  });
  std::sort(result.begin(), result.end(), natural_less);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

/// The words that list something other than models.
constexpr std::array<std::string_view, 8> kOtherLists{"devices",    "dtypes", "families", "runs",
                                                      "optimizers", "grids",  "laws",     "equivalents"};
/// Other words for the same lists, and for that of models.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kListWords{{{"models", ""},
                                                                                    {"model", ""},
                                                                                    {"gpus", "devices"},
                                                                                    {"gpu", "devices"},
                                                                                    {"cards", "devices"},
                                                                                    {"accelerators", "devices"},
                                                                                    {"hardware", "devices"},
                                                                                    {"device", "devices"},
                                                                                    {"quants", "dtypes"},
                                                                                    {"quant", "dtypes"},
                                                                                    {"quantizations", "dtypes"},
                                                                                    {"formats", "dtypes"},
                                                                                    {"dtype", "dtypes"},
                                                                                    {"family", "families"}}};

bool is_other_list(std::string_view word) {
  return std::find(kOtherLists.begin(), kOtherLists.end(), word) != kOtherLists.end();
}

/// Only rows that have the text in one of their names; throws Error where none has.
template <class Rows, class Names>
Rows rows_with(Rows rows, const ListOptions& o, const Names& names) {
  const std::string text = lower(o.within);
  std::erase_if(rows, [&](const auto& row) {
    const std::vector<std::string> all = names(row);
    return std::none_of(all.begin(), all.end(), [&](const std::string& name) { return contains(name, text); });
  });
  if (rows.empty()) {
    throw Error(joined({"list ", o.text, " ", printable(o.within), ": no ", o.text, " with that in their names"}));
  }
  return rows;
}

template <class Rows>
Rows rows_with(Rows rows, const ListOptions& o) {
  return rows_with(std::move(rows), o, [](const auto& row) { return std::vector<std::string>{row.id}; });
}

Report table_report(const ListOptions& o, const Catalog& catalog, const ReportOptions& wanted) {
  const std::string& what = o.text;
  if (what == "runs") return list_runs_report(rows_with(catalog.runs(), o), wanted);
  if (what == "optimizers") return list_optimizers_report(rows_with(catalog.optimizers(), o));
  if (what == "grids") return list_grids_report(rows_with(catalog.grids(), o));
  if (what == "laws") return list_laws_report(rows_with(catalog.laws(), o));
  if (what == "equivalents") return list_equivalents_report(rows_with(catalog.equivalents(), o), wanted);
  if (what == "devices") {
    std::vector<Device> devices;
    for (const auto& id : ids(catalog, Catalog::Kind::device)) devices.push_back(*catalog.device(id));
    const auto names = [](const Device& one) { return std::vector<std::string>{one.id, one.name, one.maker}; };
    return list_devices_report(rows_with(std::move(devices), o, names), wanted.style);
  }
  if (what == "dtypes") {
    std::vector<Dtype> dtypes;
    for (const auto& id : ids(catalog, Catalog::Kind::dtype)) dtypes.push_back(catalog.dtype(id));
    std::erase_if(dtypes, [](const Dtype& dtype) { return !dtype.refused.empty(); });
    std::sort(dtypes.begin(), dtypes.end(), [](const Dtype& a, const Dtype& b) {
      return a.bits_per_weight() != b.bits_per_weight() ? a.bits_per_weight() > b.bits_per_weight() : a.id < b.id;
    });
    std::vector<FileType> types;
    for (const auto& id : ids(catalog, Catalog::Kind::file_type)) types.push_back(*catalog.find_file_type(id));
    std::sort(types.begin(), types.end(), [&](const FileType& a, const FileType& b) {
      const double left = catalog.dtype(a.type).bits_per_weight();
      const double right = catalog.dtype(b.type).bits_per_weight();
      return left != right ? left > right : a.id < b.id;
    });
    if (o.within.empty()) return list_dtypes_report(dtypes, types);
    const std::string text = lower(o.within);
    const auto lacks = [&](const auto& one) {
      return !contains(one.id, text) && std::none_of(one.aliases.begin(), one.aliases.end(),
                                                     [&](const std::string& name) { return contains(name, text); });
    };
    std::erase_if(dtypes, lacks);
    std::erase_if(types, lacks);
    if (dtypes.empty() && types.empty()) {
      throw Error("list dtypes " + printable(o.within) + ": no number formats with that in their names");
    }
    return list_dtypes_report(dtypes, types);
  }
  std::vector<ListedFamily> families;
  for (const auto& id : ids(catalog, Catalog::Kind::family)) {
    const auto& family = catalog.family(id);
    families.push_back({family.id, family.title, family.model_types});
  }
  const auto names = [](const ListedFamily& one) {
    std::vector<std::string> all = one.model_types;
    all.push_back(one.id);
    all.push_back(one.title);
    return all;
  };
  return list_families_report(rows_with(std::move(families), o, names));
}

}  // namespace

int run_list(const Invocation& invocation) {
  OptionSet set(
      "List what the catalog holds: models, or with the word: devices, dtypes, families, runs (published trainings), "
      "optimizers, grids, laws (of scaling), equivalents.");
  ListOptions o;
  set.word(o.text, "TEXT", "only what has this in its id, name or family; or one of the words above");
  set.word(o.within, "[TEXT]", "of such a list: only what has this in its name");
  set.option("--family", o.family, "F", "only models of this family");
  set.option("--min", o.least, "P", "only models of at least so many parameters (7B)");
  set.option("--max", o.most, "P", "only models of at most so many parameters");
  set.option("--modality", o.modality, "M", "only models that take text, vision or audio (vision+audio: both)");
  set.option("--licence", o.licence, "L",
             "only models whose licence has this in its name; open: Apache, MIT and the like");
  set.option("--since", o.since, "DATE", "only models released then or later (2026, 2026-03, 2026-03-15)");
  set.option("--sort", o.sort, "KEY", "params, active, released, context or name");
  set.option("--by", o.by, "KEY", "a table for each lab, family, licence or modality");
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
  const auto word =
      std::find_if(kListWords.begin(), kListWords.end(), [&](const auto& w) { return w.first == o.text; });
  if (word != kListWords.end()) o.text = word->second;
  if (o.text.empty()) o.text.swap(o.within);
  if (!o.within.empty() && !is_other_list(o.text)) throw usage_error(printable(o.within) + ": one argument too many");
  if (is_other_list(o.text)) {
    report = table_report(o, catalog, parts(o.output, invocation));
  } else {
    if (!o.family.empty() && catalog.find_family(o.family) == nullptr) static_cast<void>(catalog.family(o.family));
    auto models = listed_models(o, facts, catalog, *invocation.session.expander);
    if (models.empty()) {
      Suggestions suggestions(o.text);
      catalog.each_name(Catalog::Kind::model, [&](std::string_view name, bool is_id) {
        if (is_id) suggestions.consider(name);
      });
      for (const auto list : kOtherLists) suggestions.consider(list);
      throw Error((o.text.empty() ? "list" : "list " + printable(o.text)) + ": no such models." + suggestions.hint());
    }
    sort(models, o.sort);
    const auto group = std::find(kGroups.begin(), kGroups.end(), o.by) - kGroups.begin();
    report =
        list_models_report(std::move(models), static_cast<ListBy>(group), facts.undated(), parts(o.output, invocation));
  }
  return print(report, o.output, invocation);
}

}  // namespace paramcount
