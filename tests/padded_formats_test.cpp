// Weights that are stored filled up to whole blocks or words: their size is the config's, where it fits what is stored.
#include "packed_helper.hpp"

namespace paramcount {
namespace {

// turboderp-org/exllamav3 modules/quant/exl3.py: both axes are filled up to a multiple of 128.
Pack exl3(N bits) {
  return [=](const std::string& m, N out, N in) {
    const N rows = up(in, 128) * 128;
    const N columns = up(out, 128) * 128;
    return Tensors{{m + ".trellis", "I16", {rows / 16, columns / 16, 16 * bits}},
                   {m + ".suh", "F16", {rows}},
                   {m + ".svh", "F16", {columns}},
                   {m + ".mcg", "I32", {}}};
  };
}

// turboderp-org/exllamav2 conversion/adaptivegptq.py, pack(): columns are filled up to a multiple of 32.
Pack exl2() {
  return [=](const std::string& m, N out, N in) {
    const N columns = up(out, 32) * 32;
    const N groups = up(in, 128);
    return Tensors{{m + ".q_weight", "I32", {in * 4 / 32, columns}},
                   {m + ".q_invperm", "I32", {in}},
                   {m + ".q_scale", "I32", {groups, columns / 8}},
                   {m + ".q_scale_max", "F16", {groups}},
                   {m + ".q_groups", "I16", {2 * groups}}};
  };
}

TEST_CASE("padded weights have the size that the config gives them, or none") {
  constexpr N kOddWidth = 144, kOddInner = 328;
  constexpr N kOdd = 2 * (4 * kOddWidth * kOddWidth + 3 * kOddWidth * kOddInner);
  for (const auto& pack : {exl3(1), exl3(3), exl3(8), exl2()}) {
    const Tensors tensors = model(pack, kOddWidth, kOddInner);
    INFO(tensors[3].name);
    const Read read = paramcount::read(tensors, config("", kOddWidth, kOddInner));
    CHECK(read.total == kOdd + 2 * kVocab * kOddWidth + 5 * kOddWidth);
    CHECK(read.reconciles);
    CHECK(read.inventory.stored->by_family == 0);
    CHECK_THAT(refused(tensors, ""), ContainsSubstring("padded; the config.json next to it would say how large it is"));
    CHECK_THAT(refused(tensors, config("", kOddWidth, kOddInner + 128)),
               ContainsSubstring("no interpretation of its shapes gives the 456×144 that the config implies"));
  }
}

TEST_CASE("ten numbers in a word, the last of them perhaps not all used: groups of a size that exists") {
  const Pack hqq = [](const std::string& m, N out, N in) {
    return Tensors{{m + ".W_q", "I32", {up(64, 10), out * in / 64}},
                   {m + ".scale", "F16", {1, out * in / 64}},
                   {m + ".zero", "F16", {1, out * in / 64}}};
  };
  const Read read = paramcount::read(model(hqq), config(""));
  CHECK(read.total == kTotal);
  CHECK(read.reconciles);
  CHECK(paramcount::read(model(hqq), "").total == kTotal);
}

}  // namespace
}  // namespace paramcount
