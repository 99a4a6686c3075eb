// A llama.cpp file type, such as Q4_K_M: the block type that the quantiser gives each tensor. The rules are in
// data/file_types.json; paramcount/count/gguf.hpp applies them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

class Value;

/// The quantiser's tensor categories, by name.
enum class TensorCategory : std::uint8_t {
  any,  ///< in rules only: all categories
  output,
  token_embd,
  attn_v,  ///< fused query-key-value and MLA's kv_b too
  attn_k,
  attn_q,
  attn_output,
  ffn_down,
  ffn_gate,
  ffn_up,
  other,
};
inline constexpr std::array<std::string_view, 11> kTensorCategoryNames{"any",      "output", "token_embd",  "attn_v",
                                                                       "attn_k",   "attn_q", "attn_output", "ffn_down",
                                                                       "ffn_gate", "ffn_up", "other"};

/// What a rule may ask. n counts the blocks (of attn_v: the tensors); i is the block (of attn_v: the running number).
enum class RuleCondition : std::uint8_t {
  falcon,
  not_falcon,
  odd_row,          ///< the row length is no multiple of the block of the file type's own type
  gqa_4,            ///< at least 4 query heads for one of keys and values
  experts_4,        ///< at least 4 experts
  experts_8,        ///< exactly 8, as Mixtral has
  more_bits,        ///< the first and last eighth, and every third between
  first_eighth,     ///< i < n/8
  first_sixteenth,  ///< i < n/16
  counted_eighth,   ///< i < n/8, i being the running number even in mixtures of experts
  middle,           ///< n/8 <= i < 7n/8
  first_2,
  first_4,
  is_70b,  ///< what llama.cpp calls a 70B model, by architecture and number of layers
  imatrix,
  no_imatrix,
  is_3d,  ///< stacked matrices
};
inline constexpr std::array<std::string_view, 17> kRuleConditionNames{
    "falcon",    "not falcon", "odd row",    "gqa >= 4",          "experts >= 4", "experts == 8",
    "more bits", "first 1/8",  "first 1/16", "counted first 1/8", "middle 3/4",   "first 2",
    "first 4",   "70b",        "imatrix",    "no imatrix",        "3-d"};

struct FileType {
  static constexpr std::string_view kTable = "file_types";
  [[nodiscard]] static FileType read(const Value& row);

  struct Rule {
    TensorCategory category{};
    std::string type;                       ///< a block type of data/dtypes.json
    std::vector<RuleCondition> conditions;  ///< all of them
  };
  /// Its increase in perplexity, if llama.cpp publishes it.
  struct Perplexity {
    double more{0};  ///< over the unquantised model
    std::string model;
    std::string source;
  };

  std::string id;
  std::vector<std::string> aliases;
  std::uint64_t number{0};  ///< general.file_type of a GGUF
  std::string type;         ///< of every tensor without a rule
  std::vector<Rule> rules;  ///< the first match applies
  std::optional<Perplexity> perplexity;
  std::string source;
};

}  // namespace paramcount
