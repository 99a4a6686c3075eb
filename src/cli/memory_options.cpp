#include "cli/memory_options.hpp"

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
    // What is wrong in a catalog's file is told with its place already.
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

std::uint64_t read_sequences(const std::string& text) { return parse_count(text, "--batch", false, kMostSequences); }

}  // namespace paramcount
