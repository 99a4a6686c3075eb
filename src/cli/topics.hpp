// What `paramcount help TOPIC` can say: the words are in data/topics.json, topics.cpp adds what the program knows
// itself.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/command.hpp"
#include "report/topic_report.hpp"

namespace paramcount {

struct HelpTopic {
  std::string name;
  std::string summary;
  std::function<Topic(const Catalog& catalog)> make;  ///< nullptr: what `paramcount list` says of that name
};

/// Of the built-in catalog.
[[nodiscard]] std::span<const HelpTopic> topics();
/// That one, without reading the others; nothing where there is none.
[[nodiscard]] std::optional<HelpTopic> find_topic(std::string_view name);

}  // namespace paramcount
