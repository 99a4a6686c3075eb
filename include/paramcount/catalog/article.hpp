// A claim of the article that `paramcount explain --article` goes through, with the commands that check it: a row of
// data/article.json. It contains no figure of ours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

class Value;

struct ArticleClaim {
  static constexpr std::string_view kTable = "article";
  [[nodiscard]] static ArticleClaim read(const Value& row);

  /// What a command answers: "train gpt-3-175b", "training.days".
  struct Figure {
    std::string command;  ///< its arguments, with spaces between
    std::string key;
    std::string of;  ///< id of the model whose value it is; empty: the first
    std::string label;
  };
  struct Remark {
    std::string text;
    std::string source;
  };

  std::string id;
  std::string title;
  std::string claim;  ///< in the article's words
  std::vector<Figure> figures;
  std::vector<Remark> said;  ///< by third parties
};

}  // namespace paramcount
