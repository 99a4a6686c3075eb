#include "cli/memory_options.hpp"

#include <array>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

template <class Read>
auto naming(const std::string& option, const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    // Errors in a catalog's file already name their place.
    if (error.code() != ExitCode::usage) throw;
    throw usage_error(option + " " + error.what());
  }
}

}  // namespace

std::vector<WeightFormat> read_formats(const std::vector<std::string>& texts, bool imatrix, const Catalog& catalog) {
  std::vector<WeightFormat> formats;
  for (const auto& text : texts) {
    std::vector<std::string> names;
    if (text.find('=') != std::string::npos) {
      names.push_back(text);
    } else {
      for (const auto name : split(text, ',')) names.emplace_back(name);
    }
    for (const auto& name : names) {
      formats.push_back(naming("--dtype", [&] { return weight_format(name, imatrix, catalog); }));
    }
  }
  return formats;
}

std::pair<Dtype, Dtype> read_cache_dtypes(const std::string& text, const Catalog& catalog) {
  const auto parts = split(text, ':');
  if (parts.size() > 2) throw usage_error("--kv-dtype " + printable(text) + ": expected K or K:V, such as q8_0:q4_0");
  const auto one = [&](std::string_view name) {
    return naming("--kv-dtype", [&] { return catalog.dtype(trim(name)); });
  };
  Dtype keys = one(parts.front());
  Dtype values = parts.size() == 2 ? one(parts.back()) : keys;
  return {std::move(keys), std::move(values)};
}

std::uint64_t read_context(const std::string& text) { return parse_count(text, "--context", true, kMostContext); }

void add_layout_options(OptionSet& set, LayoutOptions& o, const char* group) {
  set.option("--tp", o.tp, "N", "tensor parallel: devices that every layer is split across", group);
  set.option("--pp", o.pp, "N", "pipeline parallel: stages that the layers are split into", group);
  set.option("--ep", o.ep, "N", "expert parallel: devices that whole experts are distributed over", group);
  set.option("--dp", o.dp, "N", "data parallel: replicas of everything but the experts", group);
}

LayoutChoice read_layout(const LayoutOptions& o) {
  constexpr std::uint64_t kMostDevices = 4096;
  const auto read = [&](const std::string& text, const char* option) -> std::optional<std::uint64_t> {
    if (text.empty()) return std::nullopt;
    return parse_count(text, option, false, kMostDevices);
  };
  return {read(o.tp, "--tp"), read(o.pp, "--pp"), read(o.ep, "--ep"), read(o.dp, "--dp")};
}

Bytes read_bytes(const std::string& text, const std::string& option) {
  static constexpr std::array<std::pair<std::string_view, double>, 6> kUnits{
      {{"GiB", 0x1p30}, {"GB", 1e9}, {"MiB", 0x1p20}, {"MB", 1e6}, {"TiB", 0x1p40}, {"TB", 1e12}}};
  constexpr double kMost = 1e18;
  const auto fail = [&](const std::string& what) { return usage_error(option + " " + printable(text) + ": " + what); };
  const std::string typed = lower(trim(text));
  for (const auto& [unit, factor] : kUnits) {
    const std::string end = lower(unit);
    if (!typed.ends_with(end)) continue;
    const auto digits = trim(std::string_view(typed).substr(0, typed.size() - end.size()));
    if (digits.empty() || digits.back() < '0' || digits.back() > '9') break;
    if (digits.front() == '-') throw fail("must be above 0");
    return {static_cast<std::uint64_t>(parse_number(digits, option, false, kMost / factor) * factor)};
  }
  throw fail("expected an amount with its unit, such as 64GiB or 24GB");
}

std::uint64_t read_sequences(const std::string& text) { return parse_count(text, "--batch", false, kMostSequences); }

}  // namespace paramcount
