#include "cli/topics.hpp"

#include <algorithm>
#include <array>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "cli/names.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "paramcount/estimate/runtime.hpp"
#include "paramcount/estimate/training_layout.hpp"
#include "paramcount/estimate/training_peak.hpp"
#include "paramcount/report/render.hpp"

namespace paramcount {
namespace {

/// The entries of a section, by its title, that the program says.
std::vector<Entry>& entries_of(Topic& topic, std::string_view title) {
  const auto at = std::find_if(topic.sections.begin(), topic.sections.end(),
                               [&](const Topic::Section& section) { return section.title == title; });
  if (at != topic.sections.end()) return at->entries;
  return topic.sections.emplace_back(Topic::Section{std::string(title), {}}).entries;
}

/// Puts a figure in place of "{name}".
void put(Topic& topic, std::string_view name, const std::string& figure) {
  for (auto& section : topic.sections) {
    for (auto& entry : section.entries) replace_all(entry.text, joined({"{", name, "}"}), figure);
  }
}

void add_caches(Topic& topic, const Catalog&) {
  put(topic, "default_mfu", fixed(kDefaultMfu, 2));
  auto& entries = entries_of(topic, "KV caches (--runtime)");
  for (const auto& profile : runtime_profiles()) {
    std::string text(profile.text);
    for (const auto more : {profile.windows, profile.latent, profile.state}) {
      if (!more.empty()) text += "; " + std::string(more);
    }
    entries.push_back({std::string(profile.name), std::move(text), std::string(profile.source)});
  }
}

void add_keys(Topic& topic, const Catalog&) {
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
}

void add_counts(Topic& topic, const Catalog& catalog) {
  auto& contents = entries_of(topic, "What it holds");
  const auto count = [&](std::string_view table, const char* text) {
    std::uint64_t ids = 0;
    std::uint64_t aliases = 0;
    catalog.each_name(table, [&](std::string_view, bool is_id) { ++(is_id ? ids : aliases); });
    std::string line = grouped(ids) + std::string(" ") + text;
    if (aliases > 0) line += ", with " + grouped(aliases) + " other names";
    contents.push_back({std::string(table), std::move(line), ""});
  };
  count(Catalog::Kind::model, "published models: dimensions, training, published counts");
  count(Catalog::Kind::family, "architectures: the tensors of their checkpoints");
  count(Device::kTable, "accelerators: memory, bandwidth, peak, prices");
  count(Dtype::kTable, "number formats: bits and scales");
  count(FileType::kTable, "llama.cpp file types: which tensor gets which format");
}

void add_formats(Topic& topic, const Catalog&) {
  auto& entries = entries_of(topic, "");
  for (const auto& format : formats()) {
    entries.push_back({std::string(format.name), std::string(format.description), ""});
  }
}

void count_names(Topic& topic, const Catalog& catalog) {
  std::uint64_t ollama = 0;
  catalog.each_name(NameRule::kTable, [&](std::string_view name, bool) {
    if (!name.starts_with('-') && !name.ends_with('/')) ++ollama;
  });
  put(topic, "ollama_names", grouped(ollama));
}

void add_frameworks(Topic& topic, const Catalog&) {
  put(topic, "reserved", shortest(kReservedOverAllocated));
  auto& entries = entries_of(topic, "Frameworks (--framework)");
  for (const auto& framework : training_frameworks()) {
    const auto bytes = [](double value) { return shortest(value); };
    entries.push_back(
        {std::string(framework.id),
         std::string(framework.text) + ": " + std::string(framework.optimizer) + ", " + bytes(framework.plain_logit) +
             " B a logit" +
             (framework.split_logit != framework.plain_logit ? " (" + bytes(framework.split_logit) + " under tp)"
                                                             : "") +
             ", fused " + bytes(framework.fused_logit) +
             (framework.zero > 0 ? ", ZeRO-" + grouped(framework.zero) : "") +
             (framework.late_gradients ? ", gradients grow as activations are freed" : "") + "; within " +
             fixed(100 * framework.spread, 0) + " %",
         std::string(framework.source)});
  }
}

/// What the program knows itself of a topic.
struct Addition {
  std::string_view topic;
  void (*add)(Topic& topic, const Catalog& catalog);
};
constexpr auto kAdditions = std::to_array<Addition>({{"catalog", add_counts},
                                                     {"conventions", add_caches},
                                                     {"formats", add_formats},
                                                     {"keys", add_keys},
                                                     {"names", count_names},
                                                     {"training", add_frameworks}});

Topic topic_of(const HelpText& text, const Catalog& catalog) {
  Topic topic{text.id, text.title, text.sections, text.notes};
  std::replace(topic.collection.begin(), topic.collection.end(), '-', '_');
  for (const auto& addition : kAdditions) {
    if (addition.topic == text.id) addition.add(topic, catalog);
  }
  return topic;
}

HelpTopic told(HelpText text) {
  HelpTopic topic{text.id, text.summary, nullptr};
  if (text.title.empty()) return topic;
  topic.make = [text = std::move(text)](const Catalog& catalog) { return topic_of(text, catalog); };
  return topic;
}

}  // namespace

std::span<const HelpTopic> topics() {
  static const std::vector<HelpTopic> kTopics = [] {
    std::vector<HelpTopic> topics;
    for (auto& text : Catalog().all<HelpText>()) topics.push_back(told(std::move(text)));
    return topics;
  }();
  return kTopics;
}

std::optional<HelpTopic> find_topic(std::string_view name) {
  auto text = Catalog().find<HelpText>(name);
  if (!text || text->id != name) return std::nullopt;
  return told(std::move(*text));
}

}  // namespace paramcount
