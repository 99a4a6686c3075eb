// What `paramcount help TOPIC` can say: the words are in data/topics.json, topics.cpp adds what the program knows
// itself.
#pragma once

#include <functional>
#include <span>
#include <string>

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

}  // namespace paramcount
