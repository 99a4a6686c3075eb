#include "read/torch_contents.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/budgets.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "read/torch_tensor.hpp"

namespace paramcount {
namespace {

using Id = Pickle::Id;
using Kind = Pickle::Kind;

/// Under which keys training programs keep a model's weights: PyTorch Lightning, fairseq, DeepSpeed, Megatron, Whisper.
constexpr std::array<std::string_view, 10> kWeightKeys{
    "state_dict", "model_state_dict", "model_state", "model",      "module",
    "net",        "network",          "weights",     "checkpoint", "params"};

struct PartKind {
  std::string_view word;  ///< in the key, by itself or at the beginning of a word
  std::string_view what;
};
/// What they store in addition. A key of several words is the first of these that it has.
constexpr std::array<PartKind, 20> kParts{{{"optim", "optimizer states"},
                                           {"scheduler", "a schedule"},
                                           {"schedulers", "a schedule"},
                                           {"scaler", "gradient scaler"},
                                           {"amp", "gradient scaler"},
                                           {"rng", "random number generator states"},
                                           {"random", "random number generator states"},
                                           {"ema", "averaged weights"},
                                           {"swa", "averaged weights"},
                                           {"shadow", "averaged weights"},
                                           {"averaged", "averaged weights"},
                                           {"callbacks", "training bookkeeping"},
                                           {"loops", "training bookkeeping"},
                                           {"loss", "training bookkeeping"},
                                           {"metric", "training bookkeeping"},
                                           {"metrics", "training bookkeeping"},
                                           {"history", "training bookkeeping"},
                                           {"criterion", "training bookkeeping"},
                                           {"sampler", "training bookkeeping"},
                                           {"iterator", "training bookkeeping"}}};
constexpr std::string_view kAveraged = "averaged weights";
constexpr std::string_view kOptimizer = "optimizer states";

/// Calls that make settings, not tensors: they may occur among weights.
constexpr std::array<std::string_view, 17> kHarmless{"torch.Size",
                                                     "torch.device",
                                                     "torch.serialization._get_layout",
                                                     "collections.Counter",
                                                     "builtins.set",
                                                     "__builtin__.set",
                                                     "builtins.complex",
                                                     "__builtin__.complex",
                                                     "_codecs.encode",
                                                     "numpy.dtype",
                                                     "numpy.core.multiarray.scalar",
                                                     "numpy._core.multiarray.scalar",
                                                     "argparse.Namespace",
                                                     "pathlib.PosixPath",
                                                     "pathlib.WindowsPath",
                                                     "datetime.datetime",
                                                     "datetime.timedelta"};
constexpr std::array<std::string_view, 2> kDictionaries{"collections.OrderedDict", "collections.defaultdict"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

std::string_view part_kind(std::string_view key) {
  const std::string text = lower(key);
  std::size_t begin = 0;
  const auto is_end = [](char c) { return c == '_' || c == '-' || c == ' ' || c == '.'; };
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (at < text.size() && !is_end(text[at])) continue;
    const auto word = std::string_view(text).substr(begin, at - begin);
    for (const auto& part : kParts) {
      if (word == part.word || (part.word == kParts.front().word && word.starts_with(part.word))) return part.what;
    }
    begin = at + 1;
  }
  return {};
}

/// One entry of a dictionary.
struct Entry {
  std::string key;
  Id value;
};

class Walk {
 public:
  explicit Walk(const Pickle& pickle) : pickle_(pickle), tensors_(pickle) {}

  TorchContents run() {
    Id root = pickle_.root();
    for (std::size_t level = 0; level < kDeepestPickle; ++level) {
      const auto next = unwrapped(root);
      if (!next) break;
      root = *next;
    }
    if (out_.weights.empty()) take_averages();
    refuse_empty();
    out_.storages = std::move(tensors_.storages());
    return std::move(out_);
  }

 private:
  struct Frame {
    Id id;
    std::string name;
    std::size_t depth;
  };

  /// Sorts a dictionary's entries into weights and everything else. Where one nested dictionary holds the weights
  /// under a usual key, that one is left to be sorted the same way, and returned.
  std::optional<Id> unwrapped(Id root) {
    const auto entries = dictionary(root);
    if (!entries) {
      walk(root, {}, true, out_.weights);
      return std::nullopt;
    }
    const bool optimizer = is_optimizer(*entries);
    std::vector<const Entry*> nested;
    std::vector<const Entry*> others;
    bool direct = false;
    const bool list = std::ranges::any_of(*entries, [&](const auto& entry) {
      return entry.key.find('.') != std::string::npos && tensors_.is_tensor(entry.value);
    });
    for (const auto& entry : *entries) {
      const bool tensor = tensors_.is_tensor(entry.value);
      // In a list of weights a key is a name: "loss.weight" is not a loss.
      const bool beside = optimizer || (!(tensor && list) && !part_kind(entry.key).empty());
      if (beside || !holds_tensors(entry.value)) {
        others.push_back(&entry);
      } else {
        nested.push_back(&entry);
        direct = direct || tensor;
      }
    }
    if (optimizer) {
      for (const auto& entry : *entries) add_part(entry.key, kOptimizer, entry.value);
      return std::nullopt;
    }
    refuse_twice(nested);
    // Around weights nothing may be called; next to a dictionary of them it is only reported.
    for (const auto* entry : others) {
      const auto what = part_kind(entry->key);
      const bool object = is_one_of(kWeightKeys, entry->key);
      if (what.empty() && (direct || nested.empty() || object)) {
        walk(entry->value, entry->key, true, out_.weights);
      } else {
        add_part(entry->key, what, entry->value);
      }
    }
    if (nested.size() == 1 && !direct && is_one_of(kWeightKeys, nested.front()->key)) return nested.front()->value;
    for (const auto* entry : nested) walk(entry->value, entry->key, true, out_.weights);
    return std::nullopt;
  }

  /// torch.optim.Optimizer.state_dict(), wherever it is nested.
  static bool is_optimizer(const std::vector<Entry>& entries) {
    return has_key(entries, "param_groups") && has_key(entries, "state");
  }

  static bool has_key(const std::vector<Entry>& entries, std::string_view key) {
    return std::ranges::any_of(entries, [&](const auto& entry) { return entry.key == key; });
  }

  static void refuse_twice(const std::vector<const Entry*>& nested) {
    const Entry* first = nullptr;
    for (const auto* entry : nested) {
      if (!is_one_of(kWeightKeys, entry->key)) continue;
      if (first != nullptr) {
        throw Error("holds weights under " + first->key + " and under " + entry->key + ": which are the model's?");
      }
      first = entry;
    }
  }

  void add_part(const std::string& key, std::string_view what, Id value) {
    TorchPart part{printable(key), what, {}};
    walk(value, key, false, part.tensors);
    if (!part.tensors.empty()) out_.parts.push_back(std::move(part));
  }

  /// A file of averaged weights alone holds those.
  void take_averages() {
    const auto averages = std::ranges::find_if(out_.parts, [](const auto& part) { return part.what == kAveraged; });
    if (averages == out_.parts.end()) return;
    const std::string start = averages->key + ".";
    out_.weights = std::move(averages->tensors);
    for (auto& tensor : out_.weights) {
      if (tensor.name.starts_with(start)) tensor.name.erase(0, start.size());
    }
    out_.parts.erase(averages);
  }

  void refuse_empty() const {
    if (out_.weights.empty()) {
      if (out_.parts.empty()) throw Error("holds no tensors");
      const auto& part = out_.parts.front();
      throw Error("holds " + (part.what.empty() ? "no weights" : std::string(part.what) + " and no weights") + " (" +
                  part.key + ")");
    }
    const bool empty = std::ranges::all_of(out_.weights, [](const auto& tensor) { return tensor.elements == 0; });
    if (empty) {
      throw Error("holds " + several(out_.weights.size(), "tensor") +
                  " without elements: the weights are in other files, as in ZeRO-3 shards");
    }
  }

  [[nodiscard]] bool is_dictionary(Id id) const {
    return pickle_.kind(id) == Kind::call ? is_one_of(kDictionaries, callee_name(pickle_, id))
                                          : pickle_.kind(id) == Kind::dict;
  }

  /// Whether a value neither is a tensor nor holds one.
  [[nodiscard]] bool is_plain_value(Id id) const {
    const Kind kind = pickle_.kind(id);
    return kind <= Kind::global;
  }

  /// The entries of a dictionary that may hold tensors; nothing when it is none.
  std::optional<std::vector<Entry>> dictionary(Id id) {
    if (!is_dictionary(id)) return std::nullopt;
    std::vector<Entry> entries;
    std::size_t place = 0;
    const auto add = [&](Id key, Id value) {
      if (!is_plain_value(value)) entries.push_back({key_text(key, place), value});
      ++place;
    };
    if (pickle_.kind(id) == Kind::call && pickle_.count(pickle_.arguments(id)) == 1) {
      // Python 2's OrderedDict: one list of pairs.
      for (const auto& cell : pickle_.cells(pickle_.at(pickle_.arguments(id), 0))) {
        const auto pair =
            pickle_.kind(cell.value) == Kind::list ? pickle_.cells(cell.value) : std::vector<Pickle::Cell>{};
        if (pair.size() == 2) add(pair[0].value, pair[1].value);
        if (pickle_.count(cell.value) == 2) add(pickle_.at(cell.value, 0), pickle_.at(cell.value, 1));
      }
    }
    for (const auto& cell : pickle_.cells(id)) {
      if (cell.key != Pickle::kNoKey) add(cell.key, cell.value);
    }
    spend(place);
    return entries;
  }

  std::string key_text(Id key, std::size_t place) {
    std::string text;
    if (pickle_.is_text(key)) {
      text = pickle_.text(key);
      if (!is_utf8(text)) throw Error("a name that is not UTF-8: " + printable(text.substr(0, kLongestKnownName)));
    } else if (const auto number = pickle_.integer(key)) {
      text = std::to_string(*number);
    } else {
      text = std::to_string(place);
    }
    names_ += text.size();
    if (names_ > kMostPickleNames) throw Error("names of more than " + grouped(kMostPickleNames) + " bytes together");
    return text;
  }

  /// What a value holds, with the keys or the numbers that lead to it; of calls only if they are reported.
  std::vector<Entry> inside(Id id, bool into_calls) {
    if (auto entries = dictionary(id)) return std::move(*entries);
    std::vector<Entry> result;
    std::size_t place = 0;
    const auto add = [&](Id value) {
      if (!is_plain_value(value)) result.push_back({std::to_string(place), value});
      ++place;
    };
    for (std::size_t i = 0; i < pickle_.count(id); ++i) add(pickle_.at(id, i));
    if (pickle_.kind(id) == Kind::list) {
      for (const auto& cell : pickle_.cells(id)) add(cell.value);
    }
    if (pickle_.kind(id) == Kind::call && into_calls) {
      add(pickle_.arguments(id));
      for (const auto& cell : pickle_.cells(id)) add(cell.value);
    }
    spend(place);
    return result;
  }

  bool holds_tensors(Id id) {
    std::vector<std::pair<Id, std::size_t>> waiting{{id, 0}};
    while (!waiting.empty()) {
      const auto [value, depth] = waiting.back();
      waiting.pop_back();
      spend(1);
      if (tensors_.is_tensor(value)) return true;
      if (depth == kDeepestPickle) throw Error("nested more than 64 deep");
      const auto entries = inside(value, true);
      for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry)
        waiting.emplace_back(entry->value, depth + 1);
    }
    return false;
  }

  /// All tensors of a value. Strict: nothing else than tensors and settings may be called.
  void walk(Id id, const std::string& name, bool strict, std::vector<TorchTensor>& out) {
    std::vector<Frame> waiting{{id, name, 0}};
    while (!waiting.empty()) {
      const Frame frame = std::move(waiting.back());
      waiting.pop_back();
      spend(1);
      if (frame.depth == kDeepestPickle) throw Error("nested more than 64 deep");
      if (auto tensor = tensor_at(frame)) {
        if (out.size() >= pickle_.size()) throw Error("refers to its tensors over and over");
        tensor->name = frame.name.empty() ? "tensor" : frame.name;
        out.push_back(std::move(*tensor));
        continue;
      }
      const bool call = pickle_.kind(frame.id) == Kind::call && !is_dictionary(frame.id);
      if (call) check_call(called_name(frame.id), strict);
      if (strict && pickle_.kind(frame.id) == Kind::persistent) {
        throw Error(printable(frame.name) + ": a storage that is not a tensor");
      }
      const auto entries = inside(frame.id, !strict);
      if (strict && is_dictionary(frame.id) && is_optimizer(entries)) {
        add_part(frame.name, kOptimizer, frame.id);
        continue;
      }
      for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        waiting.push_back({entry->value, child_name(frame.name, entry->key), frame.depth + 1});
      }
    }
  }

  std::string child_name(const std::string& name, const std::string& key) {
    names_ += name.size() + key.size();
    if (names_ > kMostPickleNames) throw Error("names of more than " + grouped(kMostPickleNames) + " bytes together");
    return name.empty() ? key : name + "." + key;
  }

  std::optional<TorchTensor> tensor_at(const Frame& frame) const {
    try {
      return tensors_.tensor_of(frame.id);
    } catch (const Error& error) {
      throw frame.name.empty() ? error : located(printable(frame.name), error);
    }
  }

  /// Of a tensor's subclass its own name, not that of the function that all of them are rebuilt by.
  [[nodiscard]] std::string called_name(Id call) const {
    std::string name = callee_name(pickle_, call);
    const Id arguments = pickle_.arguments(call);
    if (name.starts_with("torch._tensor._rebuild_from_type") && pickle_.count(arguments) > 1) {
      if (std::string own = pickle_.name(pickle_.at(arguments, 1)); !own.empty()) return own;
    }
    return name;
  }

  void check_call(const std::string& name, bool strict) {
    if (is_one_of(kHarmless, name)) return;
    if (strict) throw Error("calls " + printable(name) + ": not a list of tensors");
    if (called_.insert(name).second && out_.calls.size() < kMostPickleCalls) out_.calls.push_back(printable(name));
  }

  /// Values that are named several times cost as often: of a few that name each other a writer could make any number.
  void spend(std::size_t values) {
    constexpr std::size_t kFew = 10'000;
    constexpr std::size_t kOften = 16;
    work_ += values;
    if (work_ > std::min(kMostPickleWork, kOften * pickle_.length() + kFew)) {
      throw Error("it refers to the same values over and over");
    }
  }

  const Pickle& pickle_;
  TorchTensors tensors_;
  TorchContents out_;
  std::set<std::string> called_;
  std::size_t work_{0};
  std::size_t names_{0};
};

}  // namespace

TorchContents torch_contents(const Pickle& pickle) { return Walk(pickle).run(); }

}  // namespace paramcount
