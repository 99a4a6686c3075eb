#include "read/pickle.hpp"

#include <algorithm>
#include <array>

#include "base/budgets.hpp"
#include "base/numbers.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// Operations that are known and not read, by Python's names for them.
struct Unread {
  unsigned char operation;
  std::string_view name;
};
constexpr std::array<Unread, 17> kUnread{{{'i', "INST"},
                                          {'o', "OBJ"},
                                          {'P', "PERSID"},
                                          {0x82, "EXT1"},
                                          {0x83, "EXT2"},
                                          {0x84, "EXT4"},
                                          {0x97, "NEXT_BUFFER"},
                                          {0x98, "READONLY_BUFFER"},
                                          {'S', "STRING"},
                                          {'V', "UNICODE"},
                                          {'I', "INT"},
                                          {'L', "LONG"},
                                          {'F', "FLOAT"},
                                          {'d', "DICT"},
                                          {'l', "LIST"},
                                          {'g', "GET"},
                                          {'p', "PUT"}}};
constexpr std::uint64_t kChunk = std::uint64_t{1} << 16U;
constexpr std::uint32_t kNothing = Pickle::kNothing;

}  // namespace

class PickleReader {
 public:
  using Kind = Pickle::Kind;
  using Id = Pickle::Id;

  PickleReader(const Source& source, std::uint64_t offset, std::uint64_t limit)
      : source_(source), offset_(offset), limit_(std::min(limit, source.size())) {}

  Pickle run() {
    for (std::size_t operations = 0; !step(operations); ++operations) {
      if (operations == kMostPickleOperations) fail("more than " + grouped(kMostPickleOperations) + " operations");
    }
    if (stack_.size() != 1 || !marks_.empty()) fail("a pickle without exactly one value");
    out_.root_ = stack_.back();
    out_.end_ = offset_ + at_;
    out_.length_ = static_cast<std::size_t>(at_);
    return std::move(out_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error("byte " + std::to_string(offset_ + start_) + ": " + what);
  }

  /// That many bytes are left from the reader's position.
  void need(std::uint64_t count) {
    const std::uint64_t have = out_.bytes_.size();
    if (have - at_ >= count) return;
    const std::uint64_t whole = limit_ > offset_ ? limit_ - offset_ : 0;
    if (whole < at_ || whole - at_ < count) fail("the pickle is truncated");
    if (at_ + count > kMostPickleBytes) fail("a pickle of more than " + grouped(kMostPickleBytes) + " bytes");
    // Twice as much each time: a pickle of any length is read in a few ranges.
    const std::uint64_t want = std::min({std::max({at_ + count, 2 * have, kChunk}), whole, kMostPickleBytes});
    out_.bytes_.resize(static_cast<std::size_t>(want));
    source_.read(offset_ + have, out_.bytes_.data() + have, static_cast<std::size_t>(want - have));
  }

  std::uint64_t number(std::size_t bytes) {
    need(bytes);
    std::uint64_t value = 0;
    for (std::size_t i = bytes; i-- > 0;) {
      value = value << 8U | static_cast<unsigned char>(out_.bytes_[static_cast<std::size_t>(at_) + i]);
    }
    at_ += bytes;
    return value;
  }

  void push(Kind kind, std::uint32_t a = 0, std::uint32_t b = 0, std::uint32_t c = 0, std::uint32_t d = 0) {
    stack_.push_back(static_cast<Id>(out_.nodes_.size()));
    out_.nodes_.push_back({kind, a, b, c, d});
  }
  void push_integer(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    push(Kind::integer, static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(bits >> 32U));
  }
  void push_text(Kind kind, std::uint64_t length) {
    need(length);
    push(kind, static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(length));
    at_ += length;
  }
  void push_empty(Kind kind) { push(kind, kNothing, kNothing); }

  /// The values on the stack above the last mark.
  [[nodiscard]] std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  Id pop() {
    if (stack_.size() <= floor()) fail("pops from an empty stack");
    const Id id = stack_.back();
    stack_.pop_back();
    return id;
  }
  Id top() {
    if (stack_.size() <= floor()) fail("pops from an empty stack");
    return stack_.back();
  }
  /// Takes the last mark away; returns where its values begin.
  std::size_t pop_mark() {
    if (marks_.empty()) fail("no mark on the stack");
    const std::size_t from = marks_.back();
    marks_.pop_back();
    return from;
  }

  /// A tuple of the values from `from` on.
  void tuple(std::size_t from) {
    const auto first = static_cast<std::uint32_t>(out_.children_.size());
    out_.children_.insert(out_.children_.end(), stack_.begin() + static_cast<std::ptrdiff_t>(from), stack_.end());
    const auto count = static_cast<std::uint32_t>(stack_.size() - from);
    stack_.resize(from);
    push(Kind::tuple, first, count);
  }
  void tuple_of(std::size_t count) {
    if (stack_.size() < floor() + count) fail("pops from an empty stack");
    tuple(stack_.size() - count);
  }

  void add(Id to, Pickle::Cell cell) {
    auto& node = out_.nodes_[to];
    const bool call = node.kind == Kind::call;
    if (node.kind != (cell.key == Pickle::kNoKey ? Kind::list : Kind::dict) && !call) {
      fail("appends to something that is not a container");
    }
    auto& first = call ? node.c : node.a;
    auto& last = call ? node.d : node.b;
    const auto place = static_cast<std::uint32_t>(out_.cells_.size());
    out_.cells_.push_back({cell});
    if (first == kNothing) {
      first = place;
    } else {
      out_.cells_[last].next = place;
    }
    last = place;
  }
  /// The values from `from` on go into the one below them, as keys and values or one by one.
  void add_all(std::size_t from, bool pairs) {
    if (from == 0 || from <= floor()) fail("appends to an empty stack");
    const std::size_t count = stack_.size() - from;
    if (pairs && count % 2 != 0) fail("a key without a value");
    for (std::size_t i = from; i < stack_.size(); i += pairs ? 2 : 1) {
      add(stack_[from - 1], pairs ? Pickle::Cell{stack_[i], stack_[i + 1]} : Pickle::Cell{Pickle::kNoKey, stack_[i]});
    }
    stack_.resize(from);
  }

  void global() {
    std::array<std::uint32_t, 4> places{};
    for (std::size_t i = 0; i < places.size(); i += 2) {
      const auto begin = at_;
      for (need(1); out_.bytes_[static_cast<std::size_t>(at_)] != '\n'; need(1)) {
        if (++at_ - begin > kLongestPickleGlobal) fail("a global with a name of more than 1,024 bytes");
      }
      places[i] = static_cast<std::uint32_t>(begin);
      places[i + 1] = static_cast<std::uint32_t>(at_++ - begin);
    }
    push(Kind::global, places[0], places[1], places[2], places[3]);
  }
  void stack_global() {
    const Id name = pop();
    const Id module = pop();
    const auto& own = out_.nodes_[name];
    const auto& in = out_.nodes_[module];
    if (own.kind != Kind::text || in.kind != Kind::text) fail("a global whose name is not a string");
    if (own.b > kLongestPickleGlobal || in.b > kLongestPickleGlobal) {
      fail("a global with a name of more than 1,024 bytes");
    }
    push(Kind::global, in.a, in.b, own.a, own.b);
  }

  void call(bool keywords) {
    if (keywords) static_cast<void>(pop());
    const Id arguments = pop();
    const Id callee = pop();
    push(Kind::call, callee, arguments, kNothing, kNothing);
  }

  /// A writer numbers its memo from 0 on, so that no number is larger than the operations before it.
  void remember(std::uint64_t place, std::size_t operations) {
    if (place > operations) fail("memoises value " + grouped(place) + ": out of order");
    if (place >= memo_.size()) memo_.resize(static_cast<std::size_t>(place) + 1, kNothing);
    Id& remembered = memo_[static_cast<std::size_t>(place)];
    if (remembered == kNothing) ++remembered_;
    remembered = top();
  }
  void recall(std::uint64_t place) {
    if (place >= memo_.size() || memo_[static_cast<std::size_t>(place)] == kNothing) {
      fail("recalls value " + grouped(place) + ", which was not memoised");
    }
    stack_.push_back(memo_[static_cast<std::size_t>(place)]);
  }

  void large(std::uint64_t length) {
    constexpr std::uint64_t kBytes = 8;
    if (length > kBytes) return push_text(Kind::large, length);
    const auto bits = number(static_cast<std::size_t>(length));
    const auto unused = static_cast<unsigned>(64 - 8 * length);
    push_integer(length == 0 ? 0 : static_cast<std::int64_t>(bits << unused) >> unused);
  }

  /// One operation; whether it was the last.
  bool step(std::size_t operations) {
    start_ = at_;
    const auto operation = static_cast<unsigned char>(number(1));
    switch (operation) {
      case 0x80:  // PROTO
        if (const auto version = number(1); version < 2 || version > 5) {
          fail("pickle protocol " + std::to_string(version) + "; supported: 2 to 5");
        }
        break;
      case 0x95:  // FRAME
        static_cast<void>(number(8));
        break;
      case '.':  // STOP
        return true;
      case '(':  // MARK
        marks_.push_back(stack_.size());
        break;
      case '0':  // POP
        if (!marks_.empty() && stack_.size() == marks_.back()) {
          marks_.pop_back();
        } else {
          static_cast<void>(pop());
        }
        break;
      case '1':  // POP_MARK
        stack_.resize(pop_mark());
        break;
      case '2': {  // DUP
        const Id id = top();
        stack_.push_back(id);
        break;
      }
      case 'N':  // NONE
        push(Kind::none);
        break;
      case 0x88:  // NEWTRUE
      case 0x89:  // NEWFALSE
        push(Kind::boolean, operation == 0x88 ? 1 : 0);
        break;
      case 'K':  // BININT1
        push_integer(static_cast<std::int64_t>(number(1)));
        break;
      case 'M':  // BININT2
        push_integer(static_cast<std::int64_t>(number(2)));
        break;
      case 'J':  // BININT
        push_integer(static_cast<std::int32_t>(static_cast<std::uint32_t>(number(4))));
        break;
      case 0x8A:  // LONG1
        large(number(1));
        break;
      case 0x8B:  // LONG4
        large(number(4));
        break;
      case 'G':  // BINFLOAT
        static_cast<void>(number(8));
        push(Kind::real);
        break;
      case 'U':   // SHORT_BINSTRING
      case 0x8C:  // SHORT_BINUNICODE
        push_text(Kind::text, number(1));
        break;
      case 'T':  // BINSTRING
      case 'X':  // BINUNICODE
        push_text(Kind::text, number(4));
        break;
      case 0x8D:  // BINUNICODE8
        push_text(Kind::text, number(8));
        break;
      case 'C':  // SHORT_BINBYTES
        push_text(Kind::bytes, number(1));
        break;
      case 'B':  // BINBYTES
        push_text(Kind::bytes, number(4));
        break;
      case 0x8E:  // BINBYTES8
      case 0x96:  // BYTEARRAY8
        push_text(Kind::bytes, number(8));
        break;
      default:
        structure(operation, operations);
    }
    return false;
  }

  void structure(unsigned char operation, std::size_t operations) {
    switch (operation) {
      case ')':  // EMPTY_TUPLE
        return tuple_of(0);
      case 0x85:  // TUPLE1
      case 0x86:  // TUPLE2
      case 0x87:  // TUPLE3
        return tuple_of(operation - 0x84U);
      case 't':  // TUPLE
        return tuple(pop_mark());
      case '}':  // EMPTY_DICT
        return push_empty(Kind::dict);
      case ']':   // EMPTY_LIST
      case 0x8F:  // EMPTY_SET
        return push_empty(Kind::list);
      case 's':  // SETITEM
      case 'a':  // APPEND
        if (stack_.size() < floor() + (operation == 's' ? 3 : 2)) fail("pops from an empty stack");
        return add_all(stack_.size() - (operation == 's' ? 2 : 1), operation == 's');
      case 'u':   // SETITEMS
      case 'e':   // APPENDS
      case 0x90:  // ADDITEMS
        return add_all(pop_mark(), operation == 'u');
      case 0x91: {  // FROZENSET
        const std::size_t from = pop_mark();
        const std::vector<Id> values(stack_.begin() + static_cast<std::ptrdiff_t>(from), stack_.end());
        stack_.resize(from);
        push_empty(Kind::list);
        for (const Id value : values) add(stack_.back(), {Pickle::kNoKey, value});
        return;
      }
      case 'c':  // GLOBAL
        return global();
      case 0x93:  // STACK_GLOBAL
        return stack_global();
      case 'R':   // REDUCE
      case 0x81:  // NEWOBJ
      case 0x92:  // NEWOBJ_EX
        return call(operation == 0x92);
      case 'b':  // BUILD
        static_cast<void>(pop());
        static_cast<void>(top());
        return;
      case 'Q':  // BINPERSID
        return push(Kind::persistent, pop());
      case 'q':  // BINPUT
        return remember(number(1), operations);
      case 'r':  // LONG_BINPUT
        return remember(number(4), operations);
      case 0x94:  // MEMOIZE
        return remember(remembered_, operations);
      case 'h':  // BINGET
        return recall(number(1));
      case 'j':  // LONG_BINGET
        return recall(number(4));
      default:
        refuse(operation);
    }
  }

  [[noreturn]] void refuse(unsigned char operation) const {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text = "pickle operation 0x";
    text += kDigits[operation >> 4U];
    text += kDigits[operation & 15U];
    for (const auto& unread : kUnread) {
      if (unread.operation == operation) text += " (" + std::string(unread.name) + ")";
    }
    fail(text + " is not supported");
  }

  const Source& source_;
  std::uint64_t offset_;  ///< of the pickle in the source
  std::uint64_t limit_;
  std::uint64_t at_{0};     ///< in the pickle
  std::uint64_t start_{0};  ///< of the operation
  Pickle out_;
  std::vector<Id> stack_;
  std::vector<std::size_t> marks_;  ///< how high the stack was
  std::vector<Id> memo_;
  std::uint64_t remembered_{0};  ///< places of the memo that are taken
};

Pickle read_pickle(const Source& source, std::uint64_t offset, std::uint64_t limit) {
  return PickleReader(source, offset, limit).run();
}

}  // namespace paramcount
