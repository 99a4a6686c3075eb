// paramcount kv MODEL: KV cache and recurrent state, by runtime and context length.
#include <algorithm>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/media_options.hpp"
#include "cli/memory_options.hpp"
#include "cli/model_name.hpp"
#include "cli/options.hpp"
#include "estimate/cache_table.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "report/kv_report.hpp"

namespace paramcount {
namespace {

struct KvOptions {
  OutputOptions output;
  std::string model;
  std::vector<std::string> contexts, runtimes;
  std::string batch, kv_dtype;
  MediaOptions media;
  LayoutOptions layout;
};

std::string help_of_runtimes() {
  std::string text = "Runtimes and their knobs (--runtime llama.cpp:ubatch=2048,unified):\n";
  for (const auto& profile : runtime_profiles()) {
    text += "  " + std::string(profile.name) + ": " + std::string(profile.text);
    for (const auto part : {profile.windows, profile.latent, profile.state}) text += "; " + std::string(part);
    text += "\n";
    for (const auto& knob : profile.knobs) {
      const bool number = knob.kind == RuntimeProfile::Knob::Kind::number;
      text += "    " + std::string(knob.name) + (number ? "=N: " : ": ") + knob_text(knob) + "\n";
    }
  }
  return text + "Example:\n  paramcount kv gemma-3-27b --context 8k,128k --kv-dtype q8_0 --runtime ideal,llama.cpp";
}

/// Commas separate runtimes, and a runtime's knobs too: a part without a known name belongs to the one before.
std::vector<RuntimeChoice> read_runtimes(const std::vector<std::string>& texts) {
  std::vector<std::string> names;
  for (const auto& text : texts) {
    bool first = true;
    for (const auto part : split(text, ',')) {
      if (first || find_runtime(part.substr(0, part.find(':'))) != nullptr) {
        names.emplace_back(part);
      } else {
        names.back() += "," + std::string(part);
      }
      first = false;
    }
  }
  if (names.empty()) {
    for (const auto& profile : runtime_profiles()) names.emplace_back(profile.name);
  }
  std::vector<RuntimeChoice> runtimes;
  runtimes.reserve(names.size());
  for (const auto& name : names) runtimes.push_back(parse_runtime(name));
  return runtimes;
}

}  // namespace

int run_kv(const Invocation& invocation) {
  OptionSet set("Tabulate KV cache and recurrent state by runtime and context length, and show why runtimes differ.");
  KvOptions o;
  set.word(o.model, "MODEL", "a catalog name, a config.json, a folder with one, or - for standard input");
  set.option("--context", o.contexts, "N[,N...]",
             "context lengths, tokens per sequence (k is 1,024); default 2k,8k,32k,128k");
  set.option("--batch", o.batch, "N", "batch size, sequences in the KV cache; default 1");
  set.option("--kv-dtype", o.kv_dtype, "K[:V]", "number format of the keys and values: fp16, q8_0:q4_0; default fp16");
  set.option("--runtime", o.runtimes, "R[:KNOBS]", runtime_names() + "; default all");
  add_media_options(set, o.media, "Images and audio");
  add_layout_options(set, o.layout, "Memory per device");
  add_config_options(set, invocation.session.options);
  add_output_options(set, o.output);
  set.footer(help_of_runtimes);
  if (!parse(set, invocation, "kv")) return static_cast<int>(ExitCode::answered);
  check(o.output);
  if (o.model.empty()) throw usage_error("kv: which model? Name one, or give a config.json");
  std::vector<std::uint64_t> contexts;
  for (const auto& text : o.contexts) {
    for (const auto part : split(text, ',')) contexts.push_back(read_context(std::string(part)));
  }
  if (contexts.empty()) contexts.assign(kUsualContexts.begin(), kUsualContexts.end());
  const std::uint64_t sequences = o.batch.empty() ? 1 : read_sequences(o.batch);
  const auto runtimes = read_runtimes(o.runtimes);
  const LayoutChoice layout = read_layout(o.layout);
  const MediaRequest request = read_media(o.media);
  const Catalog& catalog = open_catalog(o.output, invocation);
  const auto [keys, values] = read_cache_dtypes(o.kv_dtype.empty() ? "fp16" : o.kv_dtype, catalog);
  const Model model = find_whole_model(o.model, catalog);
  const std::string where = shown_name(model);
  auto& expander = *invocation.session.expander;
  try {
    const Inventory inventory = expander.expand(model);
    if (inventory.family.empty()) throw Error(unknown_architecture(model));
    std::optional<MediaInput> media;
    if (request.asked()) {
      media = media_input(model, inventory, request, catalog, expander);
      for (auto& context : contexts) context = checked_add(context, media->tokens());
    }
    const CacheQuestion question{contexts, runtimes, sequences, keys, values, layout, media ? &*media : nullptr};
    const auto rows = cache_table(model, inventory, question, expander);
    invocation.session.report = kv_report(model, inventory, rows, layout, parts(o.output, invocation), media);
  } catch (const Error& error) {
    throw located(where, error);
  }
  return print(invocation.session.report, o.output, invocation);
}

}  // namespace paramcount
