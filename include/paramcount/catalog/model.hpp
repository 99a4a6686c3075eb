// A model as named or read: its family, the raw config, dimensions that override it, and what its makers published. It
// contains no counts except published ones.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/published_training.hpp"
#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

/// The number of parameters as the makers state it, for comparison only. Every field is absent unless a source does.
struct PublishedCount {
  std::optional<std::uint64_t> total;
  std::string total_is;  ///< "exact", "rounded", or what the figure includes
  std::optional<std::uint64_t> active;
  std::string source;
};

/// A published result on a benchmark: a fact shown with the counts, never predicted.
struct Benchmark {
  std::string name;
  double score{0};      ///< percent
  std::string setting;  ///< "5-shot"
  std::string source;
};

/// Whether the list of such keys names that one.
[[nodiscard]] bool marks_unverified(std::string_view unverified, std::string_view key);

/// Its makers' API price, for comparison only.
struct ApiPrice {
  double usd_per_million{0};  ///< tokens, read or written
  std::string as_of;          ///< ISO date
  std::string source;
};

struct Model;

/// A model that belongs to another and has its own folder or file: a module of a sentence-transformers model, a
/// component of a diffusers pipeline, a draft head.
struct ModelPart {
  std::string path;   ///< from the folder of the whole: "2_Dense"
  std::string kind;   ///< its class by the index of the whole, without its modules: "Dense"; may be empty
  bool apart{false};  ///< stored next to the model but not among its parameters: a draft head
  std::shared_ptr<const Model> model;  ///< empty: it cannot be counted
  std::string problem;                 ///< why not
};

/// The processor settings next to a config.json, for images and audio; null where a file is missing.
struct ProcessorFiles {
  Value preprocessor;  ///< preprocessor_config.json
  Value processor;     ///< processor_config.json
};

struct Model {
  std::string id;
  std::string name;
  std::vector<std::string> aliases;
  std::string origin;       ///< "catalog", or the path it was read from
  std::string family;       ///< family id or model_type; empty: of a checkpoint, for its tensors to say
  Value config;             ///< raw config.json keys; of a PEFT adapter those of its adapter_config.json
  std::string named;        ///< how the given name was interpreted, if it is not the model's own; else empty
  std::string named_dtype;  ///< the format of the weights that the name says, as --dtype says it; may be empty
  std::string counted_as;  ///< "LlamaForCausalLM; the config names MyModel": a class was given in place of the config's
  std::vector<std::pair<std::string, Value>> dims;  ///< override the family's expressions
  std::shared_ptr<const Checkpoint> checkpoint;     ///< what was read: its tensors are the model's
  std::shared_ptr<const Model> base;                ///< of an adapter: its base model, if known
  std::string config_file;                          ///< of a checkpoint: the config.json next to it; may be empty
  std::string config_problem;                       ///< why that was not used; empty: it was
  std::shared_ptr<const ProcessorFiles> processor;  ///< read while its folder was there; else read when asked for
  std::vector<ModelPart> parts;
  std::string index_class;            ///< of a model of parts alone: the class its index names; may be empty
  bool only_parts{false};             ///< all its tensors are those of its parts: a pipeline
  std::vector<std::string> left_out;  ///< weights in its folder that are not counted: "original/consolidated.00.pth"
  std::string dtype;     ///< the format its weights are published in, in the syntax of --dtype; empty: a usual format
  std::string released;  ///< ISO date
  std::string licence;
  std::string modality;  ///< "text+vision"
  std::string lab;       ///< who made it: "Meta"
  std::string same_as;   ///< the model whose dimensions it has; empty: it has its own
  std::string source;
  std::string unverified;  ///< keys of its entry whose source was not opened, joined by commas; "all" for every one
  std::string note;
  PublishedCount published;
  PublishedTraining training;  ///< the run of the catalog that has the model's id
  std::vector<Benchmark> benchmarks;
  std::optional<ApiPrice> api_price;

  /// What its files hold; what no files were read of is a model.
  [[nodiscard]] CheckpointKind kind() const { return checkpoint ? checkpoint->kind : CheckpointKind::model; }

  bool disclosed = true;
  std::string statement;  ///< of an undisclosed model: what is and is not published
  std::string as_of;
};

/// The packed inventory (count/inventory_pack.hpp) of the built-in model of that id; nothing when there is none.
using PackedLookup = std::function<std::optional<std::string_view>(const Model& model)>;

}  // namespace paramcount
