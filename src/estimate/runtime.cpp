// The runtimes that are known, and reading what --runtime says.
#include <algorithm>

#include "base/numbers.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/kv_cache.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kMostTokens = std::uint64_t{1} << 40U;

constexpr std::array<RuntimeProfile, 4> kProfiles{{
    {Runtime::ideal,
     "ideal",
     "the least the architecture has to keep, without padding",
     "min(window, context) tokens of window layers",
     "MLA's latent",
     "state in fp32",
     "the architecture",
     {}},
    {Runtime::llama_cpp,
     "llama.cpp",
     "cells rounded up to 256",
     "window + ubatch of window layers, rounded up, or the whole context where the architecture's windows are ignored",
     "MLA's latent",
     "state in fp32",
     "llama.cpp, August 2026: src/llama-kv-cache.cpp, llama-kv-cache-iswa.cpp, llama-memory-recurrent.cpp",
     {{{"ubatch", true, "tokens computed at once (--ubatch-size); 512"},
       {"batch", true, "tokens submitted at once (--batch-size); 2048"},
       {"ctx", true, "tokens of all sequences (--ctx-size); context × batch"},
       {"unified", false, "one buffer for all sequences (--kv-unified)"},
       {"swa-full", false, "window layers keep the whole context (--swa-full)"},
       {"no-flash", false, "without flash attention: values padded to the widest layer"}}}},
    {Runtime::vllm,
     "vllm",
     "pages of 16 tokens",
     "window - 1 + the tokens scheduled at once (8,192) and a page more of window layers",
     "MLA's latent",
     "state in the cache's format, without the padding of pages in hybrids",
     "vLLM: vllm/v1/kv_cache_interface.py @001cabc1",
     {{{"block", true, "tokens of a page (--block-size); 16"},
       {"batched", true, "tokens scheduled at once (--max-num-batched-tokens); 8192"}}}},
    {Runtime::transformers,
     "transformers",
     "DynamicCache, every token of full layers",
     "window - 1 tokens of window layers",
     "MLA expanded to keys and values of all heads",
     "state in the cache's format",
     "transformers 5.2: cache_utils.py, models/deepseek_v3/modeling_deepseek_v3.py",
     {{{"static", false, "StaticCache: window layers keep min(window, context)"}}}},
}};

void set_knob(RuntimeChoice& choice, std::string_view name, std::string_view value, const std::string& where) {
  const auto count = [&] {
    const auto tokens = parse_count(std::string(value), where, true, kMostTokens);
    if (tokens == 0) throw usage_error(where + " " + printable(value) + ": at least 1");
    return tokens;
  };
  if (name == "ubatch") choice.ubatch = count();
  if (name == "batch") choice.batch = count();
  if (name == "ctx") choice.total = count();
  if (name == "unified") choice.unified = true;
  if (name == "swa-full") choice.swa_full = true;
  if (name == "no-flash") choice.flash = false;
  if (name == "block") choice.block = count();
  if (name == "batched") choice.batched = count();
  if (name == "static") choice.is_static = true;
}

}  // namespace

const std::array<RuntimeProfile, 4>& runtime_profiles() { return kProfiles; }

const RuntimeProfile& profile_of(Runtime runtime) { return kProfiles[static_cast<std::size_t>(runtime)]; }

RuntimeChoice parse_runtime(const std::string& text) {
  const auto colon = text.find(':');
  const std::string name = lower(trim(std::string_view(text).substr(0, colon)));
  const auto* profile = std::find_if(kProfiles.begin(), kProfiles.end(), [&](const auto& known) {
    return known.name == name || (known.runtime == Runtime::llama_cpp && (name == "llamacpp" || name == "llama-cpp"));
  });
  if (profile == kProfiles.end()) {
    Suggestions suggestions(name);
    std::string all;
    for (const auto& known : kProfiles) {
      suggestions.consider(known.name);
      all += (all.empty() ? "" : ", ") + std::string(known.name);
    }
    const auto hint = suggestions.hint();
    throw usage_error("--runtime " + printable(name) + ": no such runtime." +
                      (hint.empty() ? " Known are " + all : hint));
  }
  RuntimeChoice choice;
  choice.runtime = profile->runtime;
  choice.id = profile->name;
  if (colon == std::string::npos) return choice;
  std::string knobs;
  for (const auto part : split(std::string_view(text).substr(colon + 1), ',')) {
    const auto equals = part.find('=');
    std::string knob = lower(trim(part.substr(0, equals)));
    std::replace(knob.begin(), knob.end(), '_', '-');
    const auto* known = std::find_if(profile->knobs.begin(), profile->knobs.end(),
                                     [&](const auto& k) { return !k.name.empty() && k.name == knob; });
    const std::string where = "--runtime " + std::string(profile->name) + ":" + printable(knob);
    if (known == profile->knobs.end()) {
      Suggestions suggestions(knob);
      std::string all;
      for (const auto& k : profile->knobs) {
        if (k.name.empty()) continue;
        suggestions.consider(k.name);
        all += (all.empty() ? "" : ", ") + std::string(k.name);
      }
      const auto hint = suggestions.hint();
      throw usage_error(where + ": no such knob." +
                        (!hint.empty() ? hint
                         : all.empty() ? " It has none"
                                       : " It has " + all));
    }
    const bool has_value = equals != std::string_view::npos;
    if (has_value != known->has_value) {
      throw usage_error(where + (known->has_value ? ": expected a value: " : ": takes no value: ") +
                        std::string(known->text));
    }
    const std::string value(has_value ? trim(part.substr(equals + 1)) : std::string_view{});
    set_knob(choice, known->name, value, where);
    knobs += (knobs.empty() ? ":" : ",") + knob + (has_value ? "=" + value : "");
  }
  choice.id += knobs;
  return choice;
}

}  // namespace paramcount
