// All limits on untrusted input: files, configs, families, lists and lines. Exceeding one is an error that names the
// place and the limit, unless a comment here says otherwise; .github/SECURITY.md lists each limit with its error.
// Limits that only keep pages short are where the pages are made.
#pragma once

#include <cstddef>
#include <cstdint>

namespace paramcount {

// JSON: configs, catalog files, lines of batch

inline constexpr std::size_t kMostJsonBytes = std::size_t{16} << 20U;
inline constexpr std::size_t kDeepestJson = 64;
/// Values of one text, keys and what they stand for counting as one: a thousand times what the largest config known
/// holds, and all labels of a classifier of 250,000 classes both ways.
inline constexpr std::size_t kMostJsonValues = 1'000'000;
inline constexpr std::size_t kMostUnread = 1000;  ///< unread keys of a config that are kept; the rest is not listed

// Checkpoints

inline constexpr std::uint64_t kMostHeaderBytes =
    100'000'000;  ///< of one safetensors file, as its readers; of an index
inline constexpr std::uint64_t kMostHeadersBytes = 256'000'000;  ///< of all files of a checkpoint together
inline constexpr std::size_t kMostDimensions = 64;               ///< of one tensor of safetensors
inline constexpr std::size_t kMostShards = 100'000;
inline constexpr std::size_t kMostModules = 1000;  ///< of a folder of parts
inline constexpr std::uint64_t kMostGgufHeaderBytes = std::uint64_t{128} << 20U;
inline constexpr std::uint64_t kMostGgufPairs = 100'000;
inline constexpr std::uint64_t kMostGgufTensors = 1'000'000;              ///< of all parts together
inline constexpr std::uint32_t kMostGgufDimensions = 4;                   ///< GGML_MAX_DIMS
inline constexpr std::uint64_t kLongestGgufName = UINT16_MAX;             ///< bytes of a key or of a tensor's name
inline constexpr std::uint64_t kMostGgufNames = std::uint64_t{1} << 26U;  ///< bytes of all keys and names together
inline constexpr int kDeepestGgufArray = 4;
// What is kept of a GGUF's metadata: of longer arrays and strings the type and length, without an error.
inline constexpr std::uint64_t kLongestKeptArray = 1024;  ///< items
inline constexpr std::uint64_t kMostKeptItems = 100'000;  ///< of all arrays together
inline constexpr std::uint64_t kLongestKeptText = std::uint64_t{1} << 20U;
inline constexpr std::uint64_t kMostKeptText = std::uint64_t{1} << 22U;  ///< bytes of all strings together

// Settings of a quantiser; what is beyond is not read, without an error: shapes then decide alone.
inline constexpr int kDeepestPackedSettings = 16;
inline constexpr std::size_t kMostPackedWidths = 256;  ///< pairs of bits and group size in one config

// Zip archives and the pickles of PyTorch

inline constexpr std::uint64_t kMostZipDirectoryBytes = std::uint64_t{64} << 20U;
inline constexpr std::uint64_t kMostZipEntries = 1'000'000;
inline constexpr std::uint64_t kMostPickleBytes = std::uint64_t{64} << 20U;  ///< of one pickle
inline constexpr std::size_t kMostPickleOperations = 8'000'000;  ///< of one pickle; of values, stack and memo no more
inline constexpr std::size_t kLongestPickleGlobal = 1024;        ///< bytes of a module's or a class's name
inline constexpr std::size_t kMostPickleWork = 16'000'000;       ///< values looked at, one that is named twice twice
inline constexpr std::size_t kDeepestPickle = 64;                ///< dictionaries and lists in each other
inline constexpr std::size_t kMostPickleNames = std::size_t{64} << 20U;  ///< bytes of the tensors' names together
inline constexpr std::size_t kMostPickleCalls = 100;                     ///< names of callables that are kept

// Caches of other programs

inline constexpr std::size_t kMostRefBytes = 4096;                        ///< of refs/main in the Hub's cache
inline constexpr std::size_t kMostManifestBytes = std::size_t{1} << 20U;  ///< of a manifest of Ollama
inline constexpr std::size_t kMostManifests = 10'000;                     ///< of one store of Ollama
inline constexpr std::size_t kMostCachedModels = 100'000;                 ///< of one cache

inline constexpr std::uint64_t kMostPartsHeaderBytes = 64'000'000;  ///< of all parts of a model together

inline constexpr std::size_t kMostTarEntries = 100'000;  ///< before the one that is looked for

// ONNX

inline constexpr std::uint64_t kMostOnnxFields = 50'000'000;  ///< of all messages of one file
inline constexpr std::uint64_t kMostOnnxTensors = 1'000'000;
inline constexpr std::uint64_t kLongestOnnxName = UINT16_MAX;             ///< bytes of a name
inline constexpr std::uint64_t kMostOnnxNames = std::uint64_t{1} << 26U;  ///< bytes of all names together
inline constexpr int kDeepestOnnxGraph = 16;                              ///< graphs in the nodes of graphs

// Names of tensors

inline constexpr std::size_t kMostNumbers = 16;         ///< of one name that count as indices; the rest is text
inline constexpr std::size_t kLongestKnownName = 1024;  ///< bytes; beyond, a name has no role of its own

// Lists of tensors

inline constexpr std::uint64_t kMostListedTensors = 20'000'000;  ///< one by one, in verify
inline constexpr std::uint64_t kMostRows = 250'000;              ///< tensors that `tensors --all` lists
inline constexpr std::size_t kMostOpenNames = 5000;    ///< kinds of names; beyond, other spellings are not tried
inline constexpr std::size_t kMostCandidates = 64;     ///< other spellings of one name
inline constexpr std::size_t kMostPrefixes = 4;        ///< prefixes that a file's names may have or lack
inline constexpr std::size_t kMostPrefixesOfEnd = 64;  ///< names of one end; beyond, their prefixes are not compared
inline constexpr std::size_t kMostSuggested = 1000;    ///< names; beyond, verify suggests no renaming
inline constexpr std::uint64_t kMostMissing = 10'000;  ///< tensors that a config may have more than the files
inline constexpr std::uint64_t kMostQuantised = 1'000'000;  ///< tensors that are quantised
inline constexpr std::uint64_t kMostPaths = 1'000'000;  ///< modules of one tensor that target_modules is matched with
inline constexpr std::size_t kLongestPattern = 10'000;  ///< bytes of a regular expression

// Families and configs evaluated

inline constexpr std::int64_t kMostOfDim = std::int64_t{1} << 40U;  ///< of a dimension that counts or measures
inline constexpr std::uint64_t kMostLayers = 1'000'000;
inline constexpr std::size_t kMostRuns = 100'000;        ///< of layers that differ; each is a row of `layers`
inline constexpr std::uint64_t kMostBlocks = 10'000;     ///< block_count of a GGUF
inline constexpr std::size_t kMostIndices = 32;          ///< of a family
inline constexpr int kMostFamilyParts = 64;              ///< families nested in a family, in total
inline constexpr int kDeepestGroup = 16;                 ///< groups of rows in groups of rows
inline constexpr std::size_t kMostFamilyRows = 100'000;  ///< of one family, with those it inherits
inline constexpr std::size_t kMostFamilyText = std::size_t{16} << 20U;  ///< bytes of their names and conditions
inline constexpr std::size_t kMostFamilyChanges = 20'000'000;  ///< texts of `rename` and `drop` looked for in names
inline constexpr std::size_t kMostOfOneGgufName = 2000;        ///< rows and kinds of copies that become one GGUF tensor
inline constexpr std::size_t kMostGroups = 10'000;             ///< kinds of copies of one row
inline constexpr std::uint64_t kMostSteps = 2'000'000;   ///< combinations of indices that one row is evaluated for
inline constexpr std::uint64_t kMostMemo = 100'000;      ///< values of one index remembered; beyond, evaluated again
inline constexpr std::size_t kLongestExpression = 8192;  ///< characters
inline constexpr int kDeepestExpression = 64;
/// Steps of evaluating one model: nodes of expressions, combinations of indices, values compared or copied.
inline constexpr std::uint64_t kMostWork = 20'000'000;
inline constexpr int kDeepestPart = 16;                 ///< families nested in nested families
inline constexpr int kDeepestEvaluation = 1000;         ///< what one expression needs, and what that needs ...
inline constexpr int kLongestChain = 200;               ///< dimensions that need dimensions that need ...
inline constexpr std::size_t kMostListItems = 100'000;  ///< of a list that a dimension receives
inline constexpr int kDeepestList = 64;

// Training

inline constexpr std::uint64_t kMostTrainedLayers = 100'000;  ///< whose activations are listed

// Models read over the network (src/remote)

inline constexpr std::size_t kRemoteGuess = std::size_t{1} << 16U;  ///< bytes of a file that are asked for first
inline constexpr std::uint64_t kMostRemoteBytes = 1'000'000'000;    ///< brought for one model, all files together
inline constexpr std::size_t kMostRemoteRequests = 25'000;          ///< for one model, redirects not counted
inline constexpr std::size_t kMostRemoteShards = 10'000;            ///< files of one checkpoint
inline constexpr std::size_t kMostRemoteFiles = 100'000;            ///< that a repository may list
inline constexpr int kMostRemoteSeconds = 1800;                     ///< for one model
inline constexpr int kMostRedirects = 5;                            ///< of one request
inline constexpr int kMostTries = 4;                                ///< of one request
inline constexpr int kMostPause = 60;                               ///< seconds that a server may ask to wait for
inline constexpr int kMostTransferSeconds = 300;                    ///< of one transfer, however it trickles
inline constexpr int kRemoteTimeout = 10;  ///< seconds without 1,000 bytes in each; HF_HUB_DOWNLOAD_TIMEOUT sets others
inline constexpr std::size_t kMostTransfers = 8;          ///< at a time
inline constexpr std::ptrdiff_t kMostCurls = 16;          ///< at a time, of all threads of batch together
inline constexpr std::size_t kMostHttpHead = 64U << 10U;  ///< bytes of the lines before an answer's body
inline constexpr std::size_t kLongestUrl = 8192;
inline constexpr std::size_t kMostToken = 4096;

// Programs asked by `--device here`

inline constexpr int kMostProgramSeconds = 3;  ///< for each; then it is killed and reported as silent
inline constexpr std::size_t kMostProgramBytes = std::size_t{64} << 10U;  ///< of its output; the same
inline constexpr std::size_t kMostHostDevices = 1024;                     ///< that it may list; the same

// Options and batch

inline constexpr std::size_t kMostConfigTomlBytes = std::size_t{64} << 10U;
inline constexpr std::uint64_t kMostJobs = 256;
inline constexpr std::size_t kLongestBatchName = 4096;  ///< bytes of a line that names a model
inline constexpr std::size_t kMostBatchPiece = 64;      ///< lines that a thread answers before it passes them on
// What batch remembers of answers, and buffers between a fast writer and a slow reader. When full, reading waits.
inline constexpr std::size_t kMostKeptAnswers = 8192;                  ///< of all threads together
inline constexpr std::size_t kLargestKeptAnswer = 8192;                ///< bytes of an answer and of what it depends on
inline constexpr std::size_t kMostLineBytes = std::size_t{32} << 20U;  ///< of lines that are not answered
inline constexpr std::size_t kMostAnswerBytes = std::size_t{16} << 20U;  ///< of answers that wait for their turn

}  // namespace paramcount
