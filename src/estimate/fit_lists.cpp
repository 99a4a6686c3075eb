#include "paramcount/estimate/fit_lists.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "estimate/fit_speed.hpp"
#include "estimate/fitting.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/estimate/price.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kConsumerFormat = "q4_k_m";

/// Only a quote of the kind asked for: other kinds would not be comparable.
std::optional<DollarsPerHour> price_of(const Device& device, const FitRequest& request) {
  if (request.price) return request.price;
  const auto quote = quote_of_kind(device, request.speed.pricing);
  return quote ? std::optional(quote->price) : std::nullopt;
}

/// What was asked for, or the model's own end where that comes sooner.
std::uint64_t context_within(const FitRequest& request, const Inventory& inventory) {
  const auto longest = inventory.count("max_positions");
  const auto wanted = request.context.value_or(usual_context(inventory));
  return longest > 0 ? std::min(wanted, longest) : wanted;
}

/// What is behind other models in the usual order: 1 what leaves most of the device empty, 2 what is coarse.
int usual_rank(const RunnableModel& model, Bytes memory) {
  constexpr std::uint64_t kLeastBits = 4, kLeastShare = 4;
  const Fit& fit = model.fit;
  const std::uint64_t each = std::max<std::uint64_t>(1, model.params / fit.layout.devices());
  if (fit.weights.value * 8 / each < kLeastBits) return 2;
  return fit.together().value * kLeastShare < memory.value ? 1 : 0;
}

}  // namespace

bool MachinesAnswer::ok() const {
  return std::ranges::any_of(machines, [](const Machine& one) { return one.fit.has_value(); });
}

bool ModelsAnswer::ok() const {
  return std::ranges::any_of(models, [](const RunnableModel& one) { return one.fit.ok; });
}

MachinesAnswer machines_for(Model model, const FitRequest& request, const Catalog& catalog, Expander& expander) {
  MachinesAnswer answer;
  answer.inventory = expander.expand(model);
  const auto& inventory = answer.inventory;
  require_serving(model, inventory);
  answer.context = context_of(request, inventory);
  answer.cache = cache_request(request, answer.context.value, catalog);
  if (request.formats.size() > 1) throw usage_error("--dtype: give one format, or name a --device");
  const Fitting fitting(model, inventory, request, catalog, expander);
  const WeightFormat shipped = weight_format(model.dtype.empty() ? "bf16" : model.dtype, false, catalog);
  const WeightFormat small = weight_format(std::string(kConsumerFormat), true, catalog);
  catalog.each_name(Device::kTable, [&](std::string_view id, bool is_id) {
    if (!is_id) return;
    Machine machine;
    machine.device = catalog.device(id);
    if (machine.device->memory.value == 0) return;
    const bool consumer = machine.device->consumer || machine.device->unified;
    WeightFormat format = consumer ? small : shipped;
    if (!request.formats.empty()) format = request.formats.front();
    if (request.formats.empty() && model.checkpoint) format = fitting.stored_format();
    const CacheRequest cache =
        with_runtime(answer.cache,
                     request.runtime  ? *request.runtime
                     : inventory.gguf ? parse_runtime("llama.cpp")
                                      : parse_runtime(std::string(usual_runtime(machine.device.get(), &format))),
                     format, request, catalog);
    Fewest fewest;
    if (!has_kernels(*machine.device, format, cache.runtime)) {
      machine.why = machine.device->name + ": no kernels of " + cache.runtime.id + " for " + format.id;
      answer.machines.push_back(std::move(machine));
      return;
    }
    try {
      fewest = fitting.fewest_devices(machine.device, format, cache, true);
    } catch (const Error& error) {
      if (error.code() == ExitCode::usage && request.runtime) throw;
      fewest.why = error.what();
    }
    machine.fit = std::move(fewest.fit);
    machine.why = std::move(fewest.why);
    if (machine.fit) add_speed(*machine.fit, fitting, format, cache, request, inventory, catalog);
    if (auto price = price_of(*machine.device, request); price && machine.fit) {
      machine.price = DollarsPerHour{price->value * static_cast<double>(machine.fit->layout.devices())};
    }
    answer.machines.push_back(std::move(machine));
  });
  const auto rank = [](const Machine& one) {
    const bool fits = one.fit.has_value();
    const auto memory = static_cast<double>(one.device->memory.value);
    const auto devices = static_cast<double>(fits ? one.fit->layout.devices() : 1);
    return std::tuple(!fits, !one.price.has_value(), one.price ? one.price->value : devices, memory);
  };
  std::ranges::stable_sort(answer.machines, [&](const Machine& a, const Machine& b) { return rank(a) < rank(b); });
  answer.model = std::move(model);
  return answer;
}

ModelsAnswer models_for(const FitRequest& request, const ModelsFilter& filter, const Catalog& catalog,
                        Expander& expander) {
  ModelsAnswer answer;
  answer.device = request.device;
  answer.context = request.context;
  answer.sort = filter.sort;
  // Formats are read once for all models.
  std::map<std::string, std::vector<WeightFormat>, std::less<>> formats;
  catalog.each_model([&](const ModelListing& listing) {
    if (listing.family.empty()) return;
    if (!filter.family.empty() && listing.family != filter.family) return;
    const auto within = [&](std::uint64_t total) {
      return (!filter.least || total >= *filter.least) && (!filter.most || total <= *filter.most);
    };
    if (listing.total > 0 && !within(listing.total)) return;
    const Model model = catalog.model(listing.id);
    const Inventory inventory = expander.expand(model);
    // Those of a folder are not counted before.
    const std::uint64_t total = listing.total > 0 ? listing.total : count_params(inventory).total.value;
    if (!within(total)) return;
    if (inventory.state.empty() || !inventory.state_known || inventory.draft) {
      ++answer.left_out;
      return;
    }
    const Fitting fitting(model, inventory, request, catalog, expander);
    CacheRequest cache = cache_request(request, context_within(request, inventory), catalog);
    cache.runtime = fitting.runtime(request.formats.empty() ? nullptr : &request.formats.front());
    const std::string runtime(cache.runtime.profile->name);
    std::vector<WeightFormat> own;
    if (request.formats.empty() && !model.dtype.empty()) own = fitting.formats(cache.runtime, catalog);
    auto at = formats.find(runtime);
    if (at == formats.end()) {
      at = formats.emplace(runtime, request.formats.empty() ? fitting.formats(cache.runtime, catalog) : request.formats)
               .first;
    }
    const auto& tried = own.empty() ? at->second : own;
    auto fit = fitting.most_bits(tried, cache, catalog);
    answer.cache = cache;
    if (!fit) {
      ++answer.left_out;
      return;
    }
    if (fit->ok) {
      const auto format =
          std::ranges::find_if(tried, [&](const WeightFormat& one) { return fitting.shown_id(one) == fit->dtype; });
      add_speed(*fit, fitting, *format, with_runtime(cache, cache.runtime, *format, request, catalog), request,
                inventory, catalog, SpeedDepth::generation);
    }
    answer.models.push_back({std::string(listing.id), std::string(listing.name), std::string(listing.family),
                             std::string(listing.released), total, std::move(*fit)});
  });
  const auto before = [&](const RunnableModel& a, const RunnableModel& b) {
    if (a.fit.ok != b.fit.ok) return a.fit.ok;
    if (filter.sort == "name") return a.id < b.id;
    if (filter.sort == "released") return a.released > b.released;
    if (filter.sort == "context") return a.fit.max_context > b.fit.max_context;
    if (filter.sort == "spare") return a.fit.spare() > b.fit.spare();
    if (filter.sort == "params" || !a.fit.ok) return a.params > b.params;
    const auto rank = [&](const RunnableModel& one) { return -usual_rank(one, answer.device->gpu_memory()); };
    const auto year = [](const RunnableModel& one) { return std::string_view(one.released).substr(0, 4); };
    return std::tuple(rank(a), year(a), a.params) > std::tuple(rank(b), year(b), b.params);
  };
  std::ranges::stable_sort(answer.models, before);
  return answer;
}

}  // namespace paramcount
