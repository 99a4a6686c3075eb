#include "commands.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.hpp"
#include "cli/batch_lines.hpp"
#include "cli/command.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/run.hpp"

namespace paramcount {
namespace {

using Json = nlohmann::json;

/// A folder in memory that is emptied before each run.
class Folder {
 public:
  Folder() {
    std::string name =
        std::filesystem::is_directory("/dev/shm") ? "/dev/shm/paramcount-fuzz-XXXXXX" : "/tmp/paramcount-fuzz-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void clear() {
    for (const auto& name : written_) ::unlink((path_ + "/" + name).c_str());
    written_.clear();
  }
  /// The bytes and a hole behind them.
  void write(const std::string& name, std::string_view bytes, std::uint64_t hole = 0) {
    const auto slash = name.find('/');
    if (slash != std::string::npos) ::mkdir((path_ + "/" + name.substr(0, slash)).c_str(), 0700);
    const int file = ::open((path_ + "/" + name).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || ::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
    if (hole > 0) static_cast<void>(::ftruncate(file, static_cast<off_t>(bytes.size() + hole)));
    ::close(file);
    written_.push_back(name);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::vector<std::string> written_;
};

Folder& folder() {
  static Folder the_folder;
  return the_folder;
}

/// Runs a command in that folder and judges what comes of it.
void run_and_judge(Judged run, const Environment& environment) {
  const int before = ::open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (::chdir(folder().path().c_str()) != 0) std::abort();
  run.code = paramcount::run(run.arguments, environment, run.out, run.err);
  if (::fchdir(before) != 0) std::abort();
  ::close(before);
  judge(run);
}

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(kPart);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + kPart.size());
  }
}

std::string_view part(const std::vector<std::string_view>& parts, std::size_t i) {
  return i < parts.size() ? parts[i] : std::string_view{};
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  for (const auto word : split(line, ' ')) words.emplace_back(word);
  return words;
}

[[noreturn]] void wrong(const Judged& run, std::string_view what) {
  std::string told = "WRONG: ";
  told += what;
  for (const auto& argument : run.arguments) told += " '" + printable(argument) + "'";
  std::fprintf(stderr, "%s\ncode %d\nstderr %s\nstdout %s\n", told.c_str(), run.code, printable(run.err).c_str(),
               printable(run.out.substr(0, 4000)).c_str());
  std::abort();
}

/// The output without what the renderer itself puts between texts.
std::string texts_of(std::string out, std::string_view format) {
  const auto may_be = [&](std::string_view one) { return format.empty() || format == one; };
  if (may_be("text")) {
    for (const char* color : {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m"}) {
      if (out.find('\x1b') != std::string::npos) replace_all(out, color, "");
    }
  }
  std::string texts;
  texts.reserve(out.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool line_end = out[i] == '\n' || (may_be("csv") && out.compare(i, 2, "\r\n") == 0);
    texts += line_end || (may_be("tsv") && out[i] == '\t') ? ' ' : out[i];
  }
  return texts;
}

/// Roles add up to the total; what is read of each token is a part of it.
void judge_sums(const Judged& run, const Json& object) {
  const auto params = object.find("params");
  if (params == object.end() || !params->is_object() || !params->contains("by_role")) return;
  if (!(*params)["total"].is_number_unsigned()) return;
  std::uint64_t sum = 0;
  for (const auto& share : (*params)["by_role"]) sum += share.get<std::uint64_t>();
  const auto total = (*params)["total"].get<std::uint64_t>();
  if (sum != total) wrong(run, "the roles do not add up to the total");
  if (params->contains("active") && (*params)["active"].is_number_unsigned() && (*params)["active"] > total) {
    wrong(run, "more is active than there is");
  }
}

void judge_json(const Judged& run, std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) wrong(run, "no JSON");
  if (json.contains("models") && json["models"].is_array()) {
    for (const auto& model : json["models"]) judge_sums(run, model);
  }
  judge_sums(run, json);
}

}  // namespace

void judge(const Judged& run) {
  if (run.code < 0 || run.code > 3) wrong(run, "no such exit code");
  if (run.code != 0 && run.out.empty() && run.err.empty()) wrong(run, "failed without a word");
  if (!run.err.empty() && run.err.back() != '\n') wrong(run, "an error without a line end");
  std::string_view said = run.err;
  while (!said.empty()) {
    const auto end = said.find('\n');
    const auto line = said.substr(0, end);
    if (line.size() > 300) wrong(run, "a long error");
    if (!line.starts_with("paramcount: ") || !is_printable(line)) wrong(run, "an error that is no line of text");
    said.remove_prefix(end + 1);
  }
  if (!is_printable(texts_of(run.out, run.format))) wrong(run, "hidden characters");
  if (run.out.empty()) return;
  if (run.format == "json") judge_json(run, run.out);
  if (run.format != "jsonl") return;
  for (const auto line : split(std::string_view(run.out).substr(0, run.out.size() - 1), '\n')) judge_json(run, line);
}

namespace {

constexpr std::array<std::string_view, 8> kFormats{"text", "json", "csv", "jsonl", "tsv", "html", "latex", "markdown"};

/// How a run prints: three bits of format, then a bit each.
struct Look {
  std::string_view format;
  Surface surface;
  bool whole;  ///< files are completed: lengths are right and weights are there
};

Look look_of(unsigned byte) {
  Look look{kFormats[byte & 7U], {}, (byte & 0x40U) == 0};
  look.surface.terminal = (byte & 8U) != 0;
  look.surface.color = (byte & 16U) != 0;
  look.surface.utf8 = (byte & 32U) == 0;
  if ((byte & 128U) != 0) look.surface.width = 40;
  return look;
}

void run_and_judge(std::vector<std::string> arguments, const Look& look,
                   const std::vector<std::string>& catalogs = {}) {
  Judged run;
  arguments.insert(arguments.end(), {"--format", std::string(look.format)});
  run.arguments = std::move(arguments);
  run.format = look.format;
  Environment environment;
  environment.surface = look.surface;
  environment.catalogs = catalogs;
  run_and_judge(std::move(run), environment);
}

/// The header as a whole file of safetensors: its length before it, and as much data as it speaks of.
void write_safetensors(const std::string& name, std::string_view header) {
  std::string bytes;
  for (unsigned shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(std::uint64_t{header.size()} >> shift);
  bytes += header;
  std::uint64_t most = 0;
  for (auto at = header.find("offsets\""); at != std::string_view::npos; at = header.find("offsets\"", at + 1)) {
    const auto list = header.substr(at, 60);
    const auto comma = list.find(',');
    if (comma == std::string_view::npos) continue;
    auto rest = list.substr(comma + 1);
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    std::uint64_t end = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), end);
    most = std::max(most, end);
  }
  folder().write(name, bytes, std::min<std::uint64_t>(most, std::uint64_t{1} << 45U));
}

void write_part(const std::string& name, std::string_view bytes, bool whole) {
  constexpr std::uint64_t kWeights = std::uint64_t{1} << 40U;
  if (whole && name.ends_with(".safetensors")) return write_safetensors(name, bytes);
  folder().write(name, bytes, whole && name.ends_with(".gguf") ? kWeights : 0);
}

struct FileKind {
  std::array<std::string_view, 3> files;
  std::string_view named;  ///< what the command is given; "." is the folder
};

constexpr std::array<FileKind, 16> kKinds{{
    {{"config.json"}, "config.json"},
    {{"one.safetensors"}, "one.safetensors"},
    {{"one.gguf"}, "one.gguf"},
    {{"model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}, "."},
    {{"config.json", "model.safetensors"}, "."},
    {{"adapter_config.json", "adapter_model.safetensors"}, "."},
    {{"modules.json", "config.json", "1_Dense/config.json"}, "."},
    {{"params.json"}, "params.json"},
    {{"model_index.json", "unet/config.json", "text_encoder/config.json"}, "."},
    {{"a-00001-of-00002.gguf", "a-00002-of-00002.gguf"}, "a-00001-of-00002.gguf"},
    {{"any"}, "any"},
    {{"config.json", "one.gguf"}, "one.gguf"},
    {{"adapter_config.json"}, "adapter_config.json"},
    {{"config.json", "draft/config.json"}, "."},
    {{"model.safetensors.index.json", "model.safetensors"}, "model.safetensors.index.json"},
    {{"one.safetensors", "two.safetensors"}, "one.safetensors"},
}};

/// @ is the path, = the last file, which may be the same.
constexpr std::array<std::string_view, 31> kCommandLines{
    "@",
    "tensors @",
    "layers @",
    "verify @",
    "metadata @",
    "kv @",
    "train @",
    "scan .",
    "explain @",
    "diff @ =",
    "@ --explain",
    "@ =",
    "tensors @ --all",
    "verify @ --all",
    "verify gpt-2 @",
    "@ --sum --rows",
    "@ --decode --device h100-sxm --runtime llama.cpp",
    "train @ --lora 8:all-linear",
    "@ --dtype q4_k_m,awq,bf16",
    "@ --strict --precise",
    "scale @",
    "@ --runtime vllm --context 4k --batch 3",
    "kv @ --context 1k,8k --tp 2",
    "@ --base gpt-2",
    "@ --get params.total",
    "@ --as LlamaForCausalLM",
    "tensors @ --dtype q4_k_m",
    "@ --sparsity 2:4 --set n_layers=2",
    "fit @ --device h100-sxm --devices 2",
    "fit @ --device rtx-4090 --ram 64GiB --dtype q4_k_m",
    "fit @ --dtype bf16 --context 32k",
};

std::vector<std::string> arguments_of(std::string_view command, const std::string& first, const std::string& last) {
  auto words = words_of(command);
  for (auto& word : words) {
    if (word == "@") word = first;
    if (word == "=") word = last;
  }
  return words;
}

/// A line of `batch`, answered by a thread that has answered others.
void fuzz_batch_line(std::string_view bytes) {
  const CommonOptions common;
  static LineAnswerer answerer({}, common, {}, {.files = false, .kept_answers = 64});
  Judged run;
  run.format = "jsonl";
  run.arguments = {"batch"};
  const auto line = bytes.substr(0, bytes.find('\n'));
  run.code = answerer.answer_line(line, 1, run.out) ? 0 : 1;
  judge(run);
}

}  // namespace

void fuzz_command(std::string_view bytes) {
  constexpr std::size_t kChoices = 3;
  if (bytes.size() < kChoices) return;
  const auto choice = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(bytes[i])); };
  const unsigned which = choice(0) % (kKinds.size() + 1);
  if (which == kKinds.size()) return fuzz_batch_line(bytes.substr(kChoices));
  const FileKind& kind = kKinds[which];
  const Look look = look_of(choice(2));
  const auto parts = parts_of(bytes.substr(kChoices));
  folder().clear();
  std::string last;
  for (std::size_t i = 0; i < kind.files.size() && (i == 0 || i < parts.size()); ++i) {
    if (kind.files[i].empty()) break;
    last = kind.files[i];
    write_part(last, part(parts, i), look.whole);
  }
  run_and_judge(arguments_of(kCommandLines[choice(1) % kCommandLines.size()], std::string(kind.named), last), look);
}

void fuzz_catalog(std::string_view bytes) {
  static constexpr std::array<std::string_view, 14> kFiles{
      "families/fuzz.json", "models/fuzz.json",  "devices.json",     "dtypes.json",     "equivalents.json",
      "file_types.json",    "grids.json",        "laws.json",        "optimizers.json", "runs.json",
      "spellings.json",     "config_kinds.json", "config_keys.json", "packed.json"};
  static constexpr std::array<std::string_view, 15> kAsked{"config.json",
                                                           "tensors config.json",
                                                           "fuzz",
                                                           "tensors fuzz --all",
                                                           "layers config.json",
                                                           "kv config.json",
                                                           "train fuzz",
                                                           "list",
                                                           "list families",
                                                           "explain config.json",
                                                           "train gpt-2 --device fuzz --optimizer fuzz",
                                                           "gpt-2 --dtype fuzz --decode --device fuzz",
                                                           "list runs",
                                                           "help dtypes",
                                                           "scale gpt-2 --law fuzz --device fuzz --grid fuzz"};
  constexpr std::size_t kChoices = 3;
  if (bytes.size() < kChoices) return;
  const auto choice = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
  const auto parts = parts_of(bytes.substr(kChoices));
  folder().clear();
  folder().write("catalog/" + std::string("keep"), "");
  const std::string file(kFiles[choice(0) % kFiles.size()]);
  if (const auto slash = file.find('/'); slash != std::string::npos) {
    ::mkdir((folder().path() + "/catalog/" + file.substr(0, slash)).c_str(), 0700);
  }
  folder().write("catalog/" + file, part(parts, 0));
  folder().write("config.json", parts.size() > 1 ? parts[1] : R"({"model_type": "fuzz", "n": 3})");
  auto words = words_of(kAsked[choice(1) % kAsked.size()]);
  if (file.size() % 3 == 0 && words.front() == "list") words = {"list", file.substr(0, file.find('.'))};
  run_and_judge(words, look_of(static_cast<unsigned>(choice(2))), {folder().path() + "/catalog"});
}

void fuzz_options(std::string_view bytes) {
  const auto parts = parts_of(bytes);
  std::vector<std::string> arguments;
  for (const auto line : split(part(parts, 0), '\n')) {
    std::string argument(line);
    // Neither the machine's own files nor standard input; a batch of nothing has tests of its own.
    std::replace(argument.begin(), argument.end(), '/', '|');
    if (argument == "-" || argument == ".." || argument == "batch") argument = "gpt-2";
    argument.erase(std::remove(argument.begin(), argument.end(), '\0'), argument.end());
    arguments.push_back(std::move(argument));
    if (arguments.size() == 12) break;
  }
  folder().clear();
  folder().write("config.json", R"({"model_type": "gpt2", "n_layer": 2})");
  Environment environment;
  if (!part(parts, 1).empty()) {
    folder().write("config.toml", parts[1]);
    environment.config = "config.toml";
  }
  for (const auto line : split(part(parts, 2), '\n')) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || equals + 1 == line.size()) continue;
    environment.defaults.emplace_back(lower(line.substr(0, equals)), line.substr(equals + 1));
  }
  run_and_judge({std::move(arguments), {}, 0, {}, {}}, environment);
}

}  // namespace paramcount
