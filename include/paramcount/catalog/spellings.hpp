// Other ways of naming one layout: what checkpoints call the tensors that a family lists under one name. Data only;
// matching names is src/count's.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace paramcount {

struct Spellings {
  /// One text in place of another, in either direction. "^" at the front means the beginning of a name, "$" at the back
  /// its end.
  struct Rename {
    std::string from, to;
  };
  /// One tensor that holds several, in either direction: parts lie one after the other in its first dimension, and an
  /// index that only the parts have is its leading one. All are ends of names.
  struct Merge {
    std::string whole;
    std::vector<std::string> parts;
  };

  std::vector<Rename> renames;
  std::vector<Merge> merges;
  /// Ends of names of what is stored and is no parameter, with what it is: "rotary table".
  std::vector<std::pair<std::string, std::string>> buffers;
  std::vector<std::string> tied;  ///< ends of names under which the input table is stored again
  std::vector<std::string> mtp;   ///< beginnings of names of multi-token-prediction modules

  [[nodiscard]] bool empty() const {
    return renames.empty() && merges.empty() && buffers.empty() && tied.empty() && mtp.empty();
  }
  /// The other's entries after these.
  void append(const Spellings& other);
};

}  // namespace paramcount
