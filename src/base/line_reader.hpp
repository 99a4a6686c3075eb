// Reads standard input in chunks of whole lines, each no longer than one read returned, so that a filter answers what
// it has received before it waits for more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace paramcount {

class LineReader {
 public:
  /// Of a line longer than `longest` bytes the first `longest` + 1 are kept, so that nothing takes it for whole.
  LineReader(int descriptor, std::size_t longest) : descriptor_(descriptor), longest_(longest) {}

  struct Lines {
    std::string text;        ///< every line with its newline; the last of the input may lack it
    std::uint64_t first{1};  ///< number of its first line, from 1
  };
  /// False at the end of the input. Throws Error "standard input: ...".
  [[nodiscard]] bool next(Lines& lines);

 private:
  void take(const char* bytes, std::size_t count);

  int descriptor_;
  std::size_t longest_;
  std::string text_;     ///< of one read and what was left of the one before
  std::size_t next_{0};  ///< where the lines begin that were not returned yet
  std::size_t line_{0};  ///< where the last, unfinished line begins
  std::uint64_t next_line_{1};
  bool ended_{false};
  std::vector<char> buffer_;  ///< of one read
};

}  // namespace paramcount
