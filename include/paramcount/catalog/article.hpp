// A claim of the article that `paramcount explain --article` walks, with the commands that check it: a row of
// data/article.json. It holds no figure of ours.
#pragma once

#include <string>
#include <vector>

namespace paramcount {

struct ArticleClaim {
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
  std::vector<Remark> said;  ///< by others
};

}  // namespace paramcount
