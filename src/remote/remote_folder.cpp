#include "remote/remote_folder.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <mutex>
#include <optional>

#include "base/budgets.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "read/gguf_guess.hpp"
#include "read/safetensors.hpp"
#include "remote/settings.hpp"
#include "remote/url.hpp"

namespace paramcount {
namespace {

/// Files that are brought together.
constexpr std::size_t kTogether = 64;
/// What a GGUF of which more is needed has at least; where that is not enough, twice as much each time.
constexpr std::uint64_t kGgufStep = std::uint64_t{1} << 20U;
/// A gap that is brought too: asking anew takes longer.
constexpr std::uint64_t kNear = std::uint64_t{1} << 20U;

/// Bytes of a file that are here.
struct Window {
  std::uint64_t offset{0};
  std::string bytes;
  std::uint64_t used{0};  ///< of them, as far as a reader looked

  [[nodiscard]] std::uint64_t end() const { return offset + bytes.size(); }
};

/// What is known of one file.
struct State {
  /// The first begins where the file does. Others are of files whose readers jump: a zip archive is read from its end.
  std::vector<Window> windows{1};
  std::optional<std::uint64_t> size;
  std::string url;        ///< where it is in the end; empty: not asked yet
  bool whole{false};      ///< its server knows no ranges
  std::uint64_t kept{0};  ///< bytes that are on disk
  std::string problem;
  std::string cut;  ///< what was said of an answer that ended too early
  int cuts{0};      ///< how many did

  [[nodiscard]] std::uint64_t used() const {
    std::uint64_t sum = 0;
    for (const auto& window : windows) sum += std::min<std::uint64_t>(window.used, window.bytes.size());
    return sum;
  }
};

struct Want {
  std::size_t file;
  std::size_t window;
  std::uint64_t end;  ///< how far the window is to reach
};

class Folder {
 public:
  Folder(RemoteListing listing, KeptAnswers kept, RemoteOptions options)
      : listing_(std::move(listing)),
        kept_(std::move(kept)),
        options_(std::move(options)),
        states_(listing_.files.size()) {}
  ~Folder() {
    if (listing_.commit.empty()) return;
    for (std::size_t i = 0; i < states_.size(); ++i) {
      const auto& state = states_[i];
      if (!state.size || (state.used() <= state.kept && *state.size > 0)) continue;
      KeptFile kept{*state.size, {}};
      for (const auto& window : state.windows) {
        const auto end = std::min<std::uint64_t>(window.used, window.bytes.size());
        kept.windows.push_back({window.offset, window.bytes.substr(0, static_cast<std::size_t>(end))});
      }
      kept_.keep_file(listing_.commit, listing_.files[i].path, kept);
    }
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::uint64_t size(std::size_t file) {
    const std::lock_guard lock(mutex_);
    begin(file);
    return *states_[file].size;
  }

  std::size_t read(std::size_t file, std::uint64_t offset, char* to, std::size_t count) {
    const std::lock_guard lock(mutex_);
    begin(file);
    State& state = states_[file];
    if (offset >= *state.size) return 0;
    count = static_cast<std::size_t>(std::min<std::uint64_t>(count, *state.size - offset));
    auto holds = [&](const Window& one) { return one.offset <= offset && offset < one.end(); };
    auto window = std::ranges::find_if(state.windows, holds);
    if (window == state.windows.end()) {
      bring_window(file, offset, count);
      window = std::ranges::find_if(state.windows, holds);
    }
    count = static_cast<std::size_t>(std::min<std::uint64_t>(count, window->end() - offset));
    std::memcpy(to, window->bytes.data() + (offset - window->offset), count);
    window->used = std::max(window->used, offset - window->offset + count);
    return count;
  }

  void expect(const std::vector<std::size_t>& files) {
    const std::lock_guard lock(mutex_);
    expected_ = files;
  }

 private:
  /// Its first bytes and its size, with those of the files that will be read after it.
  void begin(std::size_t file) {
    if (!states_[file].size && states_[file].problem.empty()) {
      std::vector<std::size_t> files{file};
      for (const auto next : expected_) {
        if (files.size() == kTogether) break;
        if (next != file && !states_[next].size && states_[next].problem.empty()) files.push_back(next);
      }
      std::erase_if(files, [&](std::size_t one) { return take_kept(one); });
      bring_first(files);
    }
    if (!states_[file].problem.empty()) throw Error(states_[file].problem);
    if (!states_[file].size) throw Error("no answer");
  }

  bool take_kept(std::size_t file) {
    if (listing_.commit.empty()) return false;
    auto kept = kept_.file(listing_.commit, listing_.files[file].path);
    if (!kept) return false;
    State& state = states_[file];
    state.size = kept->size;
    state.windows.clear();
    for (auto& window : kept->windows) state.windows.push_back({window.offset, std::move(window.bytes), 0});
    for (auto& window : state.windows) window.used = window.bytes.size();
    state.kept = state.used();
    return true;
  }

  void bring_first(const std::vector<std::size_t>& files) {
    weights_ += static_cast<std::size_t>(
        std::ranges::count_if(files, [&](std::size_t file) { return !listing_.files[file].path.ends_with(".json"); }));
    if (weights_ > kMostRemoteShards) throw Error("more than 10,000 files of one checkpoint");
    std::vector<Want> wants;
    for (const auto file : files) {
      // All of a JSON text is read.
      wants.push_back({file, 0, listing_.files[file].path.ends_with(".json") ? kMostJsonBytes : kRemoteGuess});
    }
    bring(wants);
    // A safetensors file says how long its header is.
    wants.clear();
    for (const auto file : files) {
      std::string& bytes = states_[file].windows.front().bytes;
      const auto& size = states_[file].size;
      if (!size || !listing_.files[file].path.ends_with(".safetensors") || bytes.size() < kHeaderStart) continue;
      char first[kHeaderStart];
      std::memcpy(first, bytes.data(), sizeof first);
      try {
        const std::uint64_t end = kHeaderStart + header_length(first, *size);
        if (bytes.size() > end) bytes.resize(static_cast<std::size_t>(end));
        if (bytes.size() < end) wants.push_back({file, 0, end});
      } catch (const Error&) {
        // Its reader will say so.
      }
    }
    bring(wants);
  }

  /// Makes a window hold the byte at `offset`, of which a reader wants `count`. Throws Error when it cannot be had.
  void bring_window(std::size_t file, std::uint64_t offset, std::size_t count) {
    State& state = states_[file];
    const bool gguf = state.windows.front().bytes.starts_with("GGUF");
    const auto before = std::ranges::find_if(
        state.windows, [&](const Window& one) { return one.end() <= offset && offset - one.end() < kNear; });
    const auto place = static_cast<std::size_t>(before - state.windows.begin());
    std::uint64_t end = offset + std::max<std::uint64_t>(count, kRemoteGuess);
    if (before == state.windows.end()) {
      if (state.whole)
        throw Error("its server does not support range requests, and what is needed is far into the file");
      state.windows.push_back({offset, {}, 0});
    } else {
      // A GGUF is read in small pieces.
      end = gguf ? std::max({before->offset + kGgufStep, before->offset + 2 * before->bytes.size(), offset + 1,
                             before->offset == 0 ? likely_gguf_header(before->bytes) : 0})
                 : offset + count;
    }
    while (state.windows[place].end() <= offset) {
      if (state.problem.empty() && state.cuts == kMostTries) {
        state.problem = state.cut + "; " + grouped(state.windows[place].bytes.size()) + " of " +
                        grouped(end - state.windows[place].offset) + " bytes arrived";
      }
      if (!state.problem.empty()) throw Error(state.problem);
      bring({{file, place, std::min(end, *state.size)}});
    }
  }

  void bring(const std::vector<Want>& wants) {
    if (wants.empty()) return;
    std::vector<HttpRequest> requests;
    for (const auto& want : wants) {
      const State& state = states_[want.file];
      if (options_.offline) {
        throw Error("not requested over the network (--offline or HF_HUB_OFFLINE), and not cached by an earlier run");
      }
      const std::uint64_t from = state.whole ? 0 : state.windows[want.window].end();
      requests.push_back({state.url.empty() ? listing_.files[want.file].url : state.url,
                          from,
                          static_cast<std::size_t>(want.end - from),
                          {},
                          state.url.empty() ? listing_.token : std::string()});
    }
    requests_ += requests.size();
    if (requests_ > kMostRemoteRequests) throw Error("more than 25,000 requests for one model");
    const auto answers = get(requests, {remote_timeout(), [&](std::uint64_t bytes) { tell(bytes, wants.size()); }});
    for (std::size_t i = 0; i < wants.size(); ++i) take(wants[i], requests[i], answers[i]);
  }

  void tell(std::uint64_t bytes, std::size_t files) {
    bytes_ += bytes;
    if (bytes_ > kMostRemoteBytes) throw Error("more than 1,000,000,000 bytes for one model");
    if (options_.progress) {
      options_.progress(listing_.name + ": " + several(files, "file") + ", " + grouped(bytes_ / 1000) + " kB");
    }
  }

  void take(const Want& want, const HttpRequest& request, const HttpAnswer& answer) {
    State& state = states_[want.file];
    Window& window = state.windows[want.window];
    const bool signed_url = !state.url.empty();
    try {
      if (!answer.problem.empty()) throw Error(answer.problem);
      if (answer.status == 206) {
        take_range(state, window, *request.offset, answer);
      } else if (answer.status == 200) {
        take_whole(state, window, answer);
      } else if (answer.status == 416) {
        state.size = whole_number(answer.field("content-range").substr(answer.field("content-range").find('/') + 1));
        if (state.size.value_or(1) != window.end()) throw Error("the server says the file has no such bytes");
      } else if (signed_url && (answer.status == 401 || answer.status == 403)) {
        // An address with a signature that is too old: back to where it was given.
        state.url.clear();
        return;
      } else {
        throw Error(listing_.explain(answer));
      }
      state.url = answer.url;
      // One that hardly moves is not asked again: it has had its time.
      if (window.end() >= std::min(want.end, *state.size)) return;
      state.cut = answer.cut.empty() ? parse_url(answer.url).place() + ": truncated responses" : answer.cut;
      state.cuts = answer.slow ? kMostTries : state.cuts + 1;
    } catch (const Error& error) {
      state.problem = error.what();
    }
  }

  void take_range(State& state, Window& window, std::uint64_t offset, const HttpAnswer& answer) {
    // "bytes 0-65535/4976698672"
    const std::string text = answer.field("content-range");
    const auto space = text.find(' ');
    const auto dash = text.find('-');
    const auto slash = text.find('/');
    const auto from = dash == std::string::npos || space == std::string::npos || dash < space
                          ? std::nullopt
                          : whole_number(std::string_view(text).substr(space + 1, dash - space - 1));
    const auto size =
        slash == std::string::npos ? std::nullopt : whole_number(std::string_view(text).substr(slash + 1));
    if (from != offset || !size)
      throw Error("the server sent a different range than requested: " + printable(text.substr(0, 80)));
    accept_size(state, *size);
    refuse_page(answer);
    window.bytes += answer.body;
    if (window.end() > *size) throw Error("the server sent more bytes than the file has");
  }

  void take_whole(State& state, Window& window, const HttpAnswer& answer) {
    refuse_page(answer);
    auto size = whole_number(answer.field("content-length"));
    if (!size && !answer.stopped) size = answer.body.size();
    if (!size) throw Error("the server does not give the file's length or support range requests");
    if (window.offset == 0 && (state.whole || window.bytes.empty())) {
      accept_size(state, *size);
      if (answer.body.size() > window.bytes.size()) window.bytes = answer.body;
    } else if (window.offset > 0) {
      throw Error("its server does not support range requests, and what is needed is far into the file");
    }
    state.whole = true;
  }

  static void accept_size(State& state, std::uint64_t size) {
    if (state.size && *state.size != size) throw Error("the file changed while it was being read");
    state.size = size;
  }

  static void refuse_page(const HttpAnswer& answer) {
    if (!lower(answer.field("content-type")).starts_with("text/html")) return;
    throw Error(parse_url(answer.url).place() + " responded with a web page: does this network require a sign-in?");
  }

  RemoteListing listing_;
  KeptAnswers kept_;
  RemoteOptions options_;
  std::vector<State> states_;
  std::vector<std::size_t> expected_;
  std::uint64_t bytes_{0};
  std::size_t requests_{0};
  std::size_t weights_{0};  ///< files of weights that were asked for
  std::mutex mutex_;
};

}  // namespace

std::shared_ptr<const AttachedFolder> remote_folder(RemoteListing listing, KeptAnswers kept,
                                                    const RemoteOptions& options) {
  auto out = std::make_shared<AttachedFolder>();
  out->name = listing.name;
  out->deadline = std::chrono::steady_clock::now() + std::chrono::seconds(kMostRemoteSeconds);
  for (const auto& file : listing.files) out->files.push_back(file.path);
  const auto folder = std::make_shared<Folder>(std::move(listing), std::move(kept), options);
  out->size = [folder](std::size_t file) { return folder->size(file); };
  out->read = [folder](std::size_t file, std::uint64_t offset, char* to, std::size_t count) {
    return folder->read(file, offset, to, count);
  };
  out->expect = [folder](const std::vector<std::size_t>& files) { folder->expect(files); };
  return out;
}

HttpAnswer ask(const HttpRequest& request, const RemoteOptions& options) {
  std::uint64_t all = 0;
  auto answers = get(
      {request}, {remote_timeout(), [&](std::uint64_t bytes) {
                    all += bytes;
                    if (options.progress)
                      options.progress("asking " + parse_url(request.url).place() + ": " + grouped(all / 1000) + " kB");
                  }});
  HttpAnswer& answer = answers.front();
  if (!answer.problem.empty()) throw Error(answer.problem);
  if (answer.status == 200 && lower(answer.field("content-type")).starts_with("text/html")) {
    throw Error(parse_url(answer.url).place() + " responded with a web page: does this network require a sign-in?");
  }
  if (answer.status == 200 && answer.stopped)
    throw Error(parse_url(answer.url).place() + ": a response of more than 16 MiB");
  return std::move(answer);
}

std::string unusual_answer(const HttpAnswer& answer) {
  const std::string place = parse_url(answer.url).place();
  if (answer.status == 429) {
    const std::string after = answer.field("retry-after");
    const bool number = whole_number(after).has_value();
    return place + " is rate-limiting requests (429)" +
           (number && after != "0" ? "; retry in " + printable(after) + " seconds" : "");
  }
  if (answer.status >= 500) return place + " is having problems (" + std::to_string(answer.status) + ")";
  return place + " answers " + std::to_string(answer.status);
}

}  // namespace paramcount
