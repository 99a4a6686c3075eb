// What `paramcount help TOPIC` says in words: a row of data/topics.json.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

class Value;

struct HelpText {
  static constexpr std::string_view kTable = "topics";
  [[nodiscard]] static HelpText read(const Value& row);

  struct Entry {
    std::string name, text, source;
  };
  struct Section {
    std::string title;
    std::vector<Entry> entries;  ///< empty: the program says them
  };

  std::string id;
  std::string summary;
  std::string title;  ///< empty: what `paramcount list` says of that name
  std::vector<Section> sections;
  std::vector<std::string> notes;
};

}  // namespace paramcount
