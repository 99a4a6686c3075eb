#include "cli/topics.hpp"

#include <array>

#include "base/numbers.hpp"
#include "cli/names.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "paramcount/report/render.hpp"

namespace paramcount {
namespace {

Topic conventions(const Catalog&) {
  Topic topic{"conventions", "Conventions: what the numbers mean", {}, {}};
  topic.sections.push_back(
      {"Parameters",
       {{"total",
         "trainable tensors of the class the config names, tied ones once: vision, audio and projector in; buffers, "
         "multi-token prediction and scales out, each a key of its own",
         ""},
        {"active", "what one token uses: of routed experts experts_per_token / n_experts, all else whole", ""},
        {"active_without_embedding", "active without the input table and learned positions; a tied table stays", ""},
        {"non_embedding", "total without input table, positions and head",
         "Kaplan et al. 2020, arXiv:2001.08361, section 2.1"},
        {"matmul", "weights of roles that multiply, a tied head included", ""}}});
  topic.sections.push_back(
      {"Training",
       {{"6nd", "FLOPs are 6 × active parameters × tokens; attention over the context is left out",
         "Kaplan et al. 2020, arXiv:2001.08361; Hoffmann et al. 2022, arXiv:2203.15556"},
        {"tokens", "as published, or 20 for each parameter", "Hoffmann et al. 2022, arXiv:2203.15556"},
        {"MFU", "the share of the dense peak that does the work, 0 to 1: as published, or " + fixed(kDefaultMfu, 2),
         ""}}});
  auto& caches = topic.sections.emplace_back(Topic::Section{"Caches (--runtime)", {}});
  for (const auto& profile : runtime_profiles()) {
    std::string text(profile.text);
    for (const auto more : {profile.windows, profile.latent, profile.state}) {
      if (!more.empty()) text += "; " + std::string(more);
    }
    caches.entries.push_back({std::string(profile.name), std::move(text), std::string(profile.source)});
  }
  topic.sections.push_back({"Figures",
                            {{"GB, GiB", "10^9 bytes, 2^30 bytes; never one for the other (--units)", ""},
                             {"~", "rests on an assumed constant or on a model of the hardware", ""},
                             {"–", "there is no such number", ""},
                             {"digits", "counts are exact; --precise shows all digits of every figure", ""}}});
  return topic;
}

Topic keys(const Catalog&) {
  Topic topic{"keys", "Keys of --get, --assert, JSON and CSV", {}, {}};
  for (const auto& command : commands()) {
    auto entries = keys_of_command(command);
    if (entries.empty()) continue;
    std::string title = "paramcount";
    if (!command.name.empty()) title += " " + std::string(command.name);
    for (auto& entry : entries) {
      if (!entry.source.empty()) entry.source.insert(0, "such as ");
    }
    topic.sections.push_back({std::move(title), std::move(entries)});
  }
  topic.notes.push_back("N counts from 0. A model that has no such value prints an empty line.");
  return topic;
}

Topic catalog_topic(const Catalog& catalog) {
  Topic topic{"catalog", "The catalog", {}, {}};
  auto& contents = topic.sections.emplace_back(Topic::Section{"What it holds", {}});
  const auto count = [&](const char* name, Catalog::Kind kind, const char* text) {
    std::uint64_t ids = 0;
    std::uint64_t aliases = 0;
    catalog.each_name(kind, [&](std::string_view, bool is_id) { ++(is_id ? ids : aliases); });
    std::string line = grouped(ids) + std::string(" ") + text;
    if (aliases > 0) line += ", with " + grouped(aliases) + " other spellings";
    contents.entries.push_back({name, std::move(line), ""});
  };
  count("models", Catalog::Kind::model, "published models: dimensions, training, what the makers say");
  count("families", Catalog::Kind::family, "architectures: the tensors, as a checkpoint lists them");
  count("devices", Catalog::Kind::device, "accelerators: memory, bandwidth, peak, prices");
  count("dtypes", Catalog::Kind::dtype, "number formats: bits and scales");
  count("file_types", Catalog::Kind::file_type, "llama.cpp file types: which tensor takes which format");
  topic.sections.push_back(
      {"Yours on top",
       {{"--catalog DIR", "a folder laid out like data/: models/, families/, devices.json, dtypes.json; the last wins",
         ""},
        {"PARAMCOUNT_CATALOG", "the same from the environment", ""},
        {"$XDG_CONFIG_HOME/paramcount", "the same, without saying so; ~/.config/paramcount where that is not set", ""},
        {"config.toml", "in that folder: defaults for options, such as format = \"json\", or below [kv] of one command",
         ""},
        {"PARAMCOUNT_FORMAT, ...",
         "defaults from the environment: PARAMCOUNT_ and the option in capitals. The command line wins over the "
         "environment, the environment over config.toml; --no-config leaves both out",
         ""}}});
  return topic;
}

Topic output_formats(const Catalog&) {
  Topic topic{"formats", "Formats of --format", {{"", {}}}, {}};
  for (const auto& format : formats())
    topic.sections.front().entries.push_back({std::string(format.name), std::string(format.description), ""});
  topic.notes.push_back("Of tensors, layers, kv and explain, CSV and TSV have a line for each row of the list.");
  topic.notes.push_back("JSON: integers are exact, units stand in the key; data/schema describes each command's.");
  return topic;
}

Topic exit_codes(const Catalog&) {
  const auto code = [](ExitCode exit) { return std::to_string(static_cast<int>(exit)); };
  return {"exit_codes",
          "Exit codes",
          {{"",
            {{code(ExitCode::answered), "answered", ""},
             {code(ExitCode::could_not), "could not answer: unknown model, wrong file, not disclosed", ""},
             {code(ExitCode::usage), "usage: an option, a value or a key that does not exist", ""},
             {code(ExitCode::no), "answered, and the answer is no: an --assert is false", ""}}}},
          {"Data goes to standard output, words to standard error. An error never prints half an answer."}};
}

constexpr std::array<HelpTopic, 7> kTopics{{
    {"catalog", "what is built in, and how to add to it; defaults for options", catalog_topic},
    {"conventions", "what the numbers mean", conventions},
    {"devices", "accelerators of --device", nullptr},
    {"dtypes", "number formats of --dtype", nullptr},
    {"exit-codes", "what the exit code says", exit_codes},
    {"formats", "what --format can be", output_formats},
    {"keys", "names of values for --get, --assert, JSON and CSV", keys},
}};

}  // namespace

std::span<const HelpTopic> topics() { return kTopics; }

}  // namespace paramcount
