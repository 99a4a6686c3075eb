// Input read line by line, in pieces.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "base/budgets.hpp"
#include "base/line_reader.hpp"
#include "catch.hpp"

namespace paramcount {
namespace {

TEST_CASE("lines are handed out in small pieces, with their numbers, and a long line keeps no memory") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  std::string input;
  for (int i = 0; i < 1000; ++i) input += std::to_string(i) + "\n";
  input += "the last";
  REQUIRE(::write(ends[1], input.data(), input.size()) == static_cast<ssize_t>(input.size()));
  ::close(ends[1]);
  LineReader reader(ends[0], 100);
  std::string together;
  std::uint64_t next = 1;
  for (LineReader::Lines lines; reader.next(lines);) {
    const auto count = static_cast<std::uint64_t>(std::count(lines.text.begin(), lines.text.end(), '\n'));
    CHECK(lines.first == next);
    CHECK(count <= kMostBatchPiece);
    next += count;
    together += lines.text;
  }
  CHECK(together == input);
  ::close(ends[0]);
}

}  // namespace
}  // namespace paramcount
