// An architecture as data: its tensors, its dimensions as expressions over config keys, its KV cache and recurrent
// state. The contents of a data/families/*.json file, with parents merged in and groups expanded; data/README.md
// documents it. Evaluation is in paramcount/count/expand.hpp.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/role.hpp"
#include "paramcount/catalog/spellings.hpp"

namespace paramcount {

struct Family {
  /// A name and the text of the expression that defines it.
  struct Definition {
    std::string name;
    std::string expression;
  };
  /// One row of `tensors` or `state`; an empty condition always holds.
  struct Row {
    std::string role;  ///< tensors: a Role; state: kv, window, cross, recurrent, conv, borrowed or borrowed_window
    std::string name;  ///< with its indices in braces: "h.{layer}.mlp.c_fc.weight"
    std::vector<std::string> shape;
    std::string condition;
  };
  /// A nested scope, such as the vision tower of a multimodal model.
  struct Part {
    std::string name;
    std::string family;  ///< expression yielding a family id or a model_type
    std::string config;  ///< expression yielding the part's config object
    std::string condition;
    std::string prefix;
    std::string role;  ///< when not empty, the role kind of every tensor of the part
    std::vector<std::pair<std::string, std::string>> rename;  ///< leading text, first match
    std::vector<Definition> dims;                             ///< arguments, evaluated in the parent's scope
  };
  /// Tensors that a token passes through more than once, as blocks shared by several layers: times/of times each.
  struct Repeat {
    std::string prefix;  ///< of the tensors' names; the first match applies
    std::string times;   ///< expressions
    std::string of;
  };
  struct Requirement {
    std::string condition;
    std::string message;
  };
  /// Where the transformers 5 class stores a tensor differently from what its name suggests: adapters attach to what
  /// the class stores (paramcount/count/class_parameters.hpp).
  struct ClassLayout {
    std::vector<std::string> fused;       ///< wholes of `spellings.merges` that are one 3-D parameter of the class
    std::vector<std::string> parameters;  ///< name suffixes: weights outside any nn.Linear, such as a router's
    std::vector<std::string> transposed;  ///< name suffixes: weights of a Conv1D, [inputs, outputs]
    std::vector<std::pair<std::string, std::string>> rename;  ///< text in a name, and what the class has there
  };
  /// How llama.cpp's converter writes the model: paramcount/count/gguf.hpp.
  struct Gguf {
    std::string arch;              ///< general.architecture; empty: the converter does not support the architecture
    std::string part;              ///< the part that is written, when it is not the whole
    std::vector<Definition> keys;  ///< dimension and metadata key, without the architecture's prefix
    struct Name {
      std::string tensor;
      std::string target;  ///< empty: not written as it is
      bool known{true};    ///< false: the converter does not support models that have it
    };
    std::vector<Name> names;
    std::vector<Row> tensors;  ///< tensors that the checkpoint does not have
    std::optional<std::vector<Row>>
        state;                     ///< llama.cpp's KV cache and recurrent state, where they differ from `state`
    bool mtp{false};               ///< multi-token-prediction modules are written too
    bool ignores_windows{false};   ///< llama.cpp caches the whole context in window layers
    bool router_in_half{false};    ///< routers are converted like other matrices, not kept in fp32
    bool heads_everywhere{false};  ///< the head counts also apply to layers without attention
    bool head_twice{false};        ///< a tied head is a second copy of the input embedding in host memory too
    std::uint64_t large_blocks{
        0};                     ///< number of blocks at which llama.cpp considers it a 70B and gives attn_v more bits
    bool large_grouped{false};  ///< the same, but only with fewer KV heads than query heads
  };

  std::string id;
  std::string title;
  std::string source;
  std::string file;  ///< a user's own that it was read from; empty: built in
  std::vector<std::string> model_types;
  /// The model classes (a config's `architectures`) that it describes, never a parent's; empty: whatever class it is.
  std::vector<std::string> classes;
  std::vector<std::string> inert;  ///< keys of its configs that are not read and cannot change a count, parents' too
  Value::Object keys;  ///< every config key the family reads, with the value the class uses when it is absent
  std::vector<std::pair<std::string, std::vector<std::string>>> aliases;  ///< other spellings of a key
  std::vector<Definition> dims;
  std::vector<Definition> indices;
  std::vector<std::string> layers;  ///< the indices that count transformer layers
  std::vector<Part> parts;
  std::vector<Row> tensors;
  std::vector<Row> state;
  std::string mtp;  ///< condition: the tensor belongs to a multi-token-prediction module
  std::vector<Requirement> requirements;
  std::vector<Repeat> repeats;
  std::optional<Gguf> gguf;
  Spellings spellings;
  ClassLayout class_layout;
  bool unverified{false};  ///< `"checked": false`: never checked against an independent count or listing
  bool draft{
      false};  ///< `"kind": "draft"`: proposes tokens for another model, which checks them (speculative decoding)
  bool validated{false};  ///< when the program was built; other families are validated on first use
};

/// Finds a family by its id or by a config's model_type; throws Error when there is none.
using FamilyLookup = std::function<const Family&(std::string_view name)>;

}  // namespace paramcount
