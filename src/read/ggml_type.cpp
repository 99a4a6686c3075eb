#include "read/ggml_type.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "catalog/embedded.hpp"
#include "catalog/pack.hpp"

namespace paramcount {
namespace {

/// Single numbers. Source: llama.cpp, ggml/include/ggml.h.
constexpr std::array<GgmlType, 8> kNumbers{{{0, "f32", 1, 4},
                                            {1, "f16", 1, 2},
                                            {24, "i8", 1, 1},
                                            {25, "i16", 1, 2},
                                            {26, "i32", 1, 4},
                                            {27, "i64", 1, 8},
                                            {28, "f64", 1, 8},
                                            {30, "bf16", 1, 2}}};

/// Sources: ik_llama.cpp of August 2026, ggml/include/ggml.h (numbers), gguf-py/gguf/constants.py (blocks),
/// ggml/src/ggml.c (row_meta_size; ggml_nbytes: 32 bytes of scale after a tensor in I2_S).
/// 31 to 33 are those that llama.cpp had until 2024.
constexpr std::array<GgmlType, 48> kForkTypes{
    {{31, "q4_0_4_4", 32, 18, 0, 0},     {32, "q4_0_4_8", 32, 18, 0, 0},     {33, "q4_0_8_8", 32, 18, 0, 0},
     {36, "i2_s", 4, 1, 0, 32},          {133, "q6_0", 32, 26, 0, 0},        {134, "iq1_bn", 64, 13, 2, 0},
     {135, "iq2_bn", 64, 16, 4, 0},      {137, "iq2_k", 256, 76, 0, 0},      {138, "iq3_k", 256, 110, 0, 0},
     {139, "iq4_k", 256, 144, 0, 0},     {140, "iq5_k", 256, 176, 0, 0},     {141, "iq6_k", 256, 212, 0, 0},
     {144, "iq4_ks", 256, 136, 4, 0},    {145, "iq2_ks", 256, 70, 2, 0},     {146, "iq4_kss", 256, 128, 4, 0},
     {152, "iq5_ks", 256, 168, 4, 0},    {153, "iq2_kt", 256, 68, 4, 0},     {154, "iq3_kt", 256, 100, 4, 0},
     {155, "iq4_kt", 256, 128, 4, 0},    {156, "iq3_ks", 256, 102, 2, 0},    {157, "iq2_kl", 256, 86, 2, 0},
     {158, "iq1_kt", 256, 56, 4, 0},     {202, "q4_0_r8", 32, 18, 0, 0},     {206, "q5_0_r4", 32, 22, 0, 0},
     {208, "q8_0_r8", 32, 34, 0, 0},     {210, "q2_k_r4", 256, 84, 0, 0},    {211, "q3_k_r4", 256, 110, 0, 0},
     {212, "q4_k_r4", 256, 144, 0, 0},   {213, "q5_k_r4", 256, 176, 0, 0},   {214, "q6_k_r4", 256, 210, 0, 0},
     {216, "iq2_xxs_r4", 256, 66, 0, 0}, {217, "iq2_xs_r4", 256, 74, 0, 0},  {218, "iq3_xxs_r4", 256, 98, 0, 0},
     {219, "iq1_s_r4", 32, 6, 2, 0},     {220, "iq4_nl_r4", 32, 18, 0, 0},   {221, "iq3_s_r4", 256, 110, 0, 0},
     {222, "iq2_s_r4", 256, 82, 0, 0},   {223, "iq4_xs_r8", 256, 136, 0, 0}, {229, "iq1_m_r4", 32, 7, 2, 0},
     {230, "bf16_r16", 1, 2, 0, 0},      {233, "q6_0_r4", 32, 26, 0, 0},     {335, "iq2_bn_r4", 64, 16, 4, 0},
     {337, "iq2_k_r4", 256, 76, 0, 0},   {338, "iq3_k_r4", 256, 110, 0, 0},  {339, "iq4_k_r4", 256, 144, 0, 0},
     {340, "iq5_k_r4", 256, 176, 0, 0},  {344, "iq4_ks_r4", 256, 136, 4, 0}, {352, "iq5_ks_r4", 256, 168, 4, 0}}};

/// With the blocks of data/dtypes.json, of the built-in catalog. llama.cpp took 4, 5, 31 to 33 and 36 to 38 out of the
/// format.
const std::vector<GgmlType>& own_types() {
  static const std::vector<GgmlType> kTypes = [] {
    std::vector<GgmlType> types(kNumbers.begin(), kNumbers.end());
    for (const auto& entry : embedded(table("ggml_types")).entries) {
      const Value row = unpack(embedded_text(entry.data, entry.data_size));
      const auto number = [&](std::size_t at) {
        return static_cast<std::uint32_t>(*(*row.as<Value::List>())[at].as<std::int64_t>());
      };
      types.push_back({number(0), embedded_text(entry.id, entry.id_size), number(1), number(2)});
    }
    std::sort(types.begin(), types.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
    return types;
  }();
  return kTypes;
}

const GgmlType* find(const auto& types, std::uint32_t number) {
  const auto at = std::lower_bound(types.begin(), types.end(), number,
                                   [](const GgmlType& type, std::uint32_t wanted) { return type.number < wanted; });
  return at != types.end() && at->number == number ? &*at : nullptr;
}

}  // namespace

bool GgmlType::bytes_of(const StoredTensor& tensor, std::uint64_t& out) const {
  const auto row = tensor.shape.empty() ? 1 : tensor.shape.back();
  if (row % block != 0) return false;
  const auto rows = row > 0 ? tensor.elements / row : 0;
  std::uint64_t beside = 0;
  return !__builtin_mul_overflow(tensor.elements / block, bytes, &out) &&
         !__builtin_mul_overflow(rows, row_bytes, &beside) && !__builtin_add_overflow(out, beside, &out) &&
         !__builtin_add_overflow(out, tensor_bytes, &out);
}

const GgmlType* find_ggml_type(std::uint32_t number) { return find(own_types(), number); }
const GgmlType* find_fork_type(std::uint32_t number) { return find(kForkTypes, number); }

}  // namespace paramcount
