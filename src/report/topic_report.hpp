// Tables of terms for `paramcount help`: names with their meanings.
#pragma once

#include <string>
#include <vector>

#include "paramcount/catalog/help_text.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

using Entry = HelpText::Entry;

struct Topic {
  std::string collection;  ///< what the entries are: the key of their list
  std::string title;
  using Section = HelpText::Section;
  std::vector<Section> sections;
  std::vector<std::string> notes;
};

[[nodiscard]] Report topic_report(const Topic& topic, ReportOptions wanted);

/// The keys of a report's objects and of the whole, numbers of list members written N, each once: name, label, and as
/// source an example.
[[nodiscard]] std::vector<Entry> keys_of(const std::vector<Report>& reports);

}  // namespace paramcount
