// Pickles: what is read of them, that nothing in them is called, and that no byte costs more than it is long.
#include "read/pickle.hpp"

#include <cstring>
#include <string>

#include "base/budgets.hpp"
#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "torch_writer.hpp"

namespace paramcount {
namespace {

using Kind = Pickle::Kind;

Pickle parsed(const std::string& bytes) {
  const Source source("file", bytes.size(), [&](std::uint64_t offset, char* to, std::size_t count) -> std::size_t {
    if (offset >= bytes.size()) return 0;
    count = std::min<std::size_t>(count, bytes.size() - static_cast<std::size_t>(offset));
    std::memcpy(to, bytes.data() + offset, count);
    return count;
  });
  return read_pickle(source, 0, bytes.size());
}

/// A value as Python would write it, calls as name(arguments).
std::string shown(const Pickle& pickle, Pickle::Id id) {
  const auto list = [&](bool pairs) {
    std::string text;
    for (const auto& cell : pickle.cells(id)) {
      if (!text.empty()) text += ",";
      if (pairs && cell.key != Pickle::kNoKey) text += shown(pickle, cell.key) + ":";
      text += shown(pickle, cell.value);
    }
    return text;
  };
  switch (pickle.kind(id)) {
    case Kind::none:
      return "None";
    case Kind::boolean:
      return pickle.is_true(id) ? "True" : "False";
    case Kind::integer:
      return std::to_string(*pickle.integer(id));
    case Kind::large:
      return "large";
    case Kind::real:
      return "real";
    case Kind::text:
      return "'" + std::string(pickle.text(id)) + "'";
    case Kind::bytes:
      return "b'" + std::string(pickle.text(id)) + "'";
    case Kind::global:
      return pickle.name(id);
    case Kind::tuple: {
      std::string text = "(";
      for (std::size_t i = 0; i < pickle.count(id); ++i) text += shown(pickle, pickle.at(id, i)) + ",";
      return text + ")";
    }
    case Kind::list:
      return "[" + list(false) + "]";
    case Kind::dict:
      return "{" + list(true) + "}";
    case Kind::call:
      return shown(pickle, pickle.callee(id)) + shown(pickle, pickle.arguments(id)) + "{" + list(true) + "}";
    case Kind::persistent:
      return "persistent " + shown(pickle, pickle.key(id));
  }
  return "?";
}

std::string told(const std::string& operations) {
  try {
    const Pickle pickle = parsed("\x80\x02" + operations + ".");
    return shown(pickle, pickle.root());
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.what();
  }
}

TEST_CASE("every operation that is read makes the value that pickletools says") {
  CHECK(told("N") == "None");
  CHECK(told("\x88") == "True");
  CHECK(told("\x89") == "False");
  CHECK(told("K\xff") == "255");
  CHECK(told("M\xff\xff") == "65535");
  CHECK(told("J\xff\xff\xff\xff") == "-1");
  CHECK(told(std::string("\x8a\x00", 2)) == "0");
  CHECK(told("\x8a\x01\xff") == "-1");
  CHECK(told("\x8a\x08" + le(UINT64_MAX / 2, 8)) == "9223372036854775807");
  CHECK(told("\x8a\x09" + std::string(9, 'x')) == "large");
  CHECK(told(std::string("\x8b\x02\0\0\0\x00\x01", 7)) == "256");
  CHECK(told("G" + std::string(8, '\0')) == "real");
  CHECK(told("U\x02hi") == "'hi'");
  CHECK(told("T" + le(2, 4) + "hi") == "'hi'");
  CHECK(told("X" + le(2, 4) + "hi") == "'hi'");
  CHECK(told("\x8c\x02hi") == "'hi'");
  CHECK(told("\x8d" + le(2, 8) + "hi") == "'hi'");
  CHECK(told("C\x02hi") == "b'hi'");
  CHECK(told("B" + le(2, 4) + "hi") == "b'hi'");
  CHECK(told("\x8e" + le(2, 8) + "hi") == "b'hi'");
  CHECK(told("\x96" + le(2, 8) + "hi") == "b'hi'");
  CHECK(told(")") == "()");
  CHECK(told("N\x85") == "(None,)");
  CHECK(told("K\x01K\x02\x86") == "(1,2,)");
  CHECK(told("K\x01K\x02K\x03\x87") == "(1,2,3,)");
  CHECK(told("(K\x01K\x02t") == "(1,2,)");
  CHECK(told("]K\x01"
             "a(K\x02K\x03"
             "e") == "[1,2,3]");
  CHECK(told("\x8f(K\x02K\x03\x90") == "[2,3]");
  CHECK(told("(K\x02K\x03\x91") == "[2,3]");
  CHECK(told("}K\x01K\x02s(K\x03K\x04u") == "{1:2,3:4}");
  CHECK(told("cposix\nsystem\n") == "posix.system");
  CHECK(told("\x8c\x05posix\x8c\x06system\x93") == "posix.system");
  CHECK(told("cposix\nsystem\nU\x02hi\x85R") == "posix.system('hi',){}");
  CHECK(told("cx\nY\n)\x81}K\x01K\x02sb") == "x.Y(){}");
  CHECK(told("cx\nY\n)}\x92(K\x01K\x02u") == "x.Y(){1:2}");
  CHECK(told("K\x05Q") == "persistent 5");
  CHECK(told(std::string("]q\0h\0\x86", 6)) == "([],[],)");
  CHECK(told("]r" + le(0, 4) + "j" + le(0, 4) + "\x86") == "([],[],)");
  CHECK(told(std::string("]\x94h\0\x86", 5)) == "([],[],)");
  CHECK(told("K\x01K\x02"
             "0") == "1");
  CHECK(told("K\x01(K\x02K\x03"
             "1") == "1");
  CHECK(told("K\x01"
             "2\x86") == "(1,1,)");
  CHECK(told("\x95" + le(1, 8) + "N") == "None");
}

TEST_CASE("other operations are refused by Python's names for them") {
  CHECK(told("(i") == "byte 3: pickle operation 0x69 (INST) is not supported");
  CHECK(told("(o") == "byte 3: pickle operation 0x6f (OBJ) is not supported");
  CHECK(told("P1\n") == "byte 2: pickle operation 0x50 (PERSID) is not supported");
  CHECK(told("\x82\x01") == "byte 2: pickle operation 0x82 (EXT1) is not supported");
  CHECK(told("\x97") == "byte 2: pickle operation 0x97 (NEXT_BUFFER) is not supported");
  CHECK(told("I1\n") == "byte 2: pickle operation 0x49 (INT) is not supported");
  CHECK(told("\xee") == "byte 2: pickle operation 0xee is not supported");
  CHECK(told("\x80\x06N") == "byte 2: pickle protocol 6; supported: 2 to 5");
}

TEST_CASE("pickles that take what is not there are refused") {
  for (const char* operations : {"",
                                 "0",
                                 "1",
                                 "2",
                                 "b",
                                 "Nb",
                                 "R",
                                 "NR",
                                 "Q",
                                 "t",
                                 "\x85",
                                 "N\x86",
                                 "a",
                                 "Na",
                                 "]s",
                                 "}K\x01u",
                                 "e",
                                 "(e",
                                 "u",
                                 "(u",
                                 "N(K\x01"
                                 "e",
                                 ")K\x01"
                                 "a",
                                 "}(K\x01u",
                                 "]K\x01K\x02s",
                                 "h\x01",
                                 "q\x01",
                                 "(q\x01",
                                 "NN",
                                 "(N",
                                 "\x93",
                                 "N\x8c\x01x\x93",
                                 "(\x85",
                                 "((t",
                                 "NQQ0"}) {
    const std::string said = told(operations);
    INFO(operations << ": " << said);
    CHECK_THAT(said, ContainsSubstring("byte "));
  }
}

TEST_CASE("lengths, the memo and nesting cost no more than the pickle is long") {
  CHECK_THAT(told("X" + le(UINT32_MAX, 4)), ContainsSubstring("truncated"));
  CHECK_THAT(told("\x8d" + le(UINT64_MAX, 8)), ContainsSubstring("truncated"));
  CHECK_THAT(told("\x8b" + le(UINT32_MAX, 4)), ContainsSubstring("truncated"));
  CHECK_THAT(told("Nr" + le(UINT32_MAX, 4)), ContainsSubstring("memoises value 4,294,967,295"));
  CHECK_THAT(told("j" + le(UINT32_MAX, 4)), ContainsSubstring("was not memoised"));
  CHECK_THAT(told("c" + std::string(2000, 'x') + "\n\n"), ContainsSubstring("more than 1,024 bytes"));
  CHECK_THAT(told("c" + std::string(200, 'x')), ContainsSubstring("truncated"));
  // Lists in each other, a million deep: made and dropped without a call for each.
  constexpr std::size_t kMany = 1'000'000;
  std::string deep = std::string(kMany, ']');
  for (std::size_t i = 1; i < kMany; ++i) deep += 'a';
  const Pickle pickle = parsed("\x80\x02" + deep + ".");
  CHECK(pickle.size() == kMany);
  CHECK_THAT(told(std::string(kMostPickleOperations + 10, 'N')), ContainsSubstring("8,000,000 operations"));
  CHECK_THAT(told(std::string(100'000, '(')), ContainsSubstring("without exactly one value"));
}

TEST_CASE("a pickle larger than what is believed is refused without being read") {
  std::uint64_t read = 0;
  const std::string start =
      "\x80\x02"
      "B" +
      le(UINT32_MAX, 4);
  const std::uint64_t size = std::uint64_t{1} << 40U;
  const Source source("file", size, [&](std::uint64_t offset, char* to, std::size_t count) -> std::size_t {
    std::memset(to, 0, count);
    if (offset < start.size()) std::memcpy(to, start.data() + offset, std::min(count, start.size() - offset));
    read += count;
    return count;
  });
  CHECK_THROWS_WITH(read_pickle(source, 0, size), ContainsSubstring("a pickle of more than 67,108,864 bytes"));
  CHECK(read <= std::uint64_t{1} << 16U);
}

}  // namespace
}  // namespace paramcount
