#include "read/ggml_type.hpp"

#include <algorithm>
#include <array>

namespace paramcount {
namespace {

/// Source: llama.cpp, ggml/include/ggml.h and ggml-common.h, August 2026. 4, 5, 31 to 33 and 36 to 38 were taken out of
/// the format.
constexpr std::array<GgmlType, 35> kTypes{{
    {0, "f32", 1, 4},         {1, "f16", 1, 2},         {2, "q4_0", 32, 18},      {3, "q4_1", 32, 20},
    {6, "q5_0", 32, 22},      {7, "q5_1", 32, 24},      {8, "q8_0", 32, 34},      {9, "q8_1", 32, 36},
    {10, "q2_k", 256, 84},    {11, "q3_k", 256, 110},   {12, "q4_k", 256, 144},   {13, "q5_k", 256, 176},
    {14, "q6_k", 256, 210},   {15, "q8_k", 256, 292},   {16, "iq2_xxs", 256, 66}, {17, "iq2_xs", 256, 74},
    {18, "iq3_xxs", 256, 98}, {19, "iq1_s", 256, 50},   {20, "iq4_nl", 32, 18},   {21, "iq3_s", 256, 110},
    {22, "iq2_s", 256, 82},   {23, "iq4_xs", 256, 136}, {24, "i8", 1, 1},         {25, "i16", 1, 2},
    {26, "i32", 1, 4},        {27, "i64", 1, 8},        {28, "f64", 1, 8},        {29, "iq1_m", 256, 56},
    {30, "bf16", 1, 2},       {34, "tq1_0", 256, 54},   {35, "tq2_0", 256, 66},   {39, "mxfp4", 32, 17},
    {40, "nvfp4", 64, 36},    {41, "q1_0", 128, 18},    {42, "q2_0", 64, 18},
}};

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

const GgmlType* find_ggml_type(std::uint32_t number) { return find(kTypes, number); }
const GgmlType* find_fork_type(std::uint32_t number) { return find(kForkTypes, number); }

}  // namespace paramcount
