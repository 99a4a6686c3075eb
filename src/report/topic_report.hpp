// Tables of words, for `paramcount help`: names with what they mean.
#pragma once

#include <string>
#include <vector>

#include "paramcount/report/report.hpp"

namespace paramcount {

struct Entry {
  std::string name, text, source;
};

struct Topic {
  std::string collection;  ///< what the entries are: the key of their list
  std::string title;
  struct Section {
    std::string title;
    std::vector<Entry> entries;
  };
  std::vector<Section> sections;
  std::vector<std::string> notes;
};

[[nodiscard]] Report topic_report(const Topic& topic, ReportOptions wanted);

/// The keys of a report's objects and of the whole, numbers of list members written N, each once: name, label, and as
/// source an example.
[[nodiscard]] std::vector<Entry> keys_of(const std::vector<Report>& reports);

}  // namespace paramcount
