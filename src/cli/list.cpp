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
  std::string text, family, least, most, sort = "name";
};

constexpr std::array<std::string_view, 5> kSorts{"params", "active", "released", "context", "name"};

bool contains(std::string_view text, std::string_view lower_part) {
  return lower(text).find(lower_part) != std::string::npos;
}

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

std::vector<ListedModel> listed_models(const ListOptions& o, const Catalog& catalog, Expander& expander) {
  const std::string text = lower(o.text);
  const std::string family = lower(o.family);
  const double least = o.least.empty() ? 0 : parse_number(o.least, "--min", false, 1e18);
  const double most = o.most.empty() ? 0 : parse_number(o.most, "--max", false, 1e18);
  std::vector<ListedModel> models;
  catalog.each_model([&](const ModelListing& listing) {
    if (!text.empty() && !contains(listing.id, text) && !contains(listing.name, text) &&
        !contains(listing.family, text))
      return;
    if (!family.empty() && lower(listing.family) != family) return;
    // What the built-in catalog says stays.
    const auto kept = [&](std::string_view said) { return listing.model ? Label(said) : Label::literal(said); };
    ListedModel model{kept(listing.id), kept(listing.name), kept(listing.family), kept(listing.released),
                      listing.total,    listing.active,     listing.context};
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

Report table_report(const std::string& what, const Catalog& catalog, const ReportOptions& wanted) {
  if (what == "runs") return list_runs_report(catalog.runs(), wanted);
  if (what == "optimizers") return list_optimizers_report(catalog.optimizers());
  if (what == "grids") return list_grids_report(catalog.grids());
  if (what == "laws") return list_laws_report(catalog.laws());
  if (what == "equivalents") return list_equivalents_report(catalog.equivalents(), wanted);
  if (what == "devices") {
    std::vector<Device> devices;
    for (const auto& id : ids(catalog, Catalog::Kind::device)) devices.push_back(*catalog.device(id));
    return list_devices_report(devices, wanted.style);
  }
  if (what == "dtypes") {
    std::vector<Dtype> dtypes;
    for (const auto& id : ids(catalog, Catalog::Kind::dtype)) dtypes.push_back(catalog.dtype(id));
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
    return list_dtypes_report(dtypes, types);
  }
  std::vector<ListedFamily> families;
  for (const auto& id : ids(catalog, Catalog::Kind::family)) {
    const auto& family = catalog.family(id);
    families.push_back({family.id, family.title, family.model_types});
  }
  return list_families_report(families);
}

}  // namespace

int run_list(const Invocation& invocation) {
  OptionSet set(
      "List what the catalog holds: models, or with the word: devices, dtypes, families, runs (published trainings), "
      "optimizers, grids, laws (of scaling), equivalents.");
  ListOptions o;
  set.word(o.text, "TEXT", "only what has this in its id, name or family; or one of the words above");
  set.option("--family", o.family, "F", "only models of this family");
  set.option("--min", o.least, "P", "only models of at least so many parameters (7B)");
  set.option("--max", o.most, "P", "only models of at most so many parameters");
  set.option("--sort", o.sort, "KEY", "params, active, released, context or name");
  add_output_options(set, o.output);
  set.footer(
      "Examples:\n"
      "  paramcount list qwen --max 10B --sort params\n"
      "  paramcount list devices");
  if (!parse(set, invocation, "list")) return static_cast<int>(ExitCode::answered);
  check(o.output);
  if (std::find(kSorts.begin(), kSorts.end(), o.sort) == kSorts.end()) {
    Suggestions suggestions(o.sort);
    for (const auto key : kSorts) suggestions.consider(key);
    throw usage_error("--sort " + printable(o.sort) + ": expected params, active, released, context or name." +
                      suggestions.hint());
  }
  const Catalog& catalog = open_catalog(o.output, invocation);
  auto& report = invocation.session.report;
  if (std::find(kOtherLists.begin(), kOtherLists.end(), o.text) != kOtherLists.end()) {
    report = table_report(o.text, catalog, parts(o.output, invocation));
  } else {
    if (!o.family.empty() && catalog.find_family(o.family) == nullptr) static_cast<void>(catalog.family(o.family));
    auto models = listed_models(o, catalog, *invocation.session.expander);
    if (models.empty()) {
      Suggestions suggestions(o.text);
      catalog.each_name(Catalog::Kind::model, [&](std::string_view name, bool is_id) {
        if (is_id) suggestions.consider(name);
      });
      throw Error((o.text.empty() ? "list" : "list " + printable(o.text)) + ": no such models." + suggestions.hint());
    }
    sort(models, o.sort);
    report = list_models_report(models, parts(o.output, invocation));
  }
  return print(report, o.output, invocation);
}

}  // namespace paramcount
