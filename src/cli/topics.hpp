// What `paramcount help TOPIC` can say, as one table.
#pragma once

#include <span>
#include <string_view>

#include "cli/command.hpp"
#include "report/topic_report.hpp"

namespace paramcount {

struct HelpTopic {
  std::string_view name;
  std::string_view summary;
  Topic (*make)(const Catalog& catalog);  ///< nullptr: what `paramcount list` says of that name
};

[[nodiscard]] std::span<const HelpTopic> topics();
/// src/cli/remote_topic.cpp
[[nodiscard]] Topic remote_topic(const Catalog& catalog);
/// src/cli/images_topic.cpp
[[nodiscard]] Topic images_topic(const Catalog& catalog);
/// src/cli/names_topic.cpp
[[nodiscard]] Topic names_topic(const Catalog& catalog);
/// src/cli/training_topic.cpp
[[nodiscard]] Topic training_topic(const Catalog& catalog);

}  // namespace paramcount
