// Formats in which published checkpoints are stored, predicted for models of the catalog: the sizes of the files on the
// Hub, and sums by hand from what each writer stores.
#include <nlohmann/json.hpp>
#include <string>

#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/estimate/weights.hpp"
#include "process.hpp"

namespace paramcount {
namespace {

double bytes_of(const std::string& model, const std::string& dtype) {
  return figure_of({model, "--dtype", dtype}, "memory.weights.0.bytes");
}

std::string refusal_of(const std::string& dtype) {
  const Catalog catalog;
  try {
    static_cast<void>(weight_format(dtype, false, catalog));
  } catch (const Error& error) {
    return error.what();
  }
  return "read";
}

// Qwen3 8B: of 8,190,735,360 parameters, 36 · (2·4096 + 2·128) + 4096 are norms.
constexpr double kQwen3Norms = 36 * (2 * 4096 + 2 * 128) + 4096;
constexpr double kQwen3Matrices = 8'190'735'360 - kQwen3Norms;

TEST_CASE("MLX's formats take embedding and head too, and leave only vectors", "[packed_dtype]") {
  CHECK(bytes_of("qwen3-8b", "mlx-4bit-g128") == kQwen3Matrices * 4.25 / 8 + kQwen3Norms * 2);
  CHECK(bytes_of("qwen3-8b", "mlx-4bit-g64") == kQwen3Matrices * 4.5 / 8 + kQwen3Norms * 2);
  CHECK(bytes_of("qwen3-8b", "mlx-8bit") == kQwen3Matrices * 8.5 / 8 + kQwen3Norms * 2);
  CHECK(bytes_of("qwen3-8b", "mlx-mxfp4") == kQwen3Matrices * 4.25 / 8 + kQwen3Norms * 2);
  // Qwen/Qwen3-8B-MLX-4bit on the Hub, groups of 128: 4.35 GB.
  CHECK(bytes_of("qwen3-8b", "mlx-4bit-g128") == Approx(4.35e9).epsilon(0.001));
  CHECK(bytes_of("qwen3-8b", "mlx-nvfp4") == kQwen3Matrices * 4.5 / 8 + kQwen3Norms * 2);
  // Routers of mixtures are kept in 8 bits: 48 layers of 128 · 2048.
  const double routers = 48.0 * 128 * 2048;
  CHECK(bytes_of("qwen3-30b-a3b", "mlx-4bit") - bytes_of("qwen3-30b-a3b", "mlx-4bit-g64") == 0);
  const double with = bytes_of("qwen3-30b-a3b", "mlx-4bit");
  const double norms = 48.0 * (2 * 2048 + 2 * 128) + 2048;
  const double rest = figure_of({"qwen3-30b-a3b"}, "params.total") - routers - norms;
  CHECK(with == rest * 4.5 / 8 + routers * 8.5 / 8 + norms * 2);
}

TEST_CASE("compressed-tensors and ModelOpt leave embedding and head in bf16", "[packed_dtype]") {
  // Llama 3.1 8B: 32 layers of 218,103,808 weights in matrices; table and head of 128,256 · 4096; 65 norms.
  const double linear = 32.0 * 218'103'808;
  const double rest = 8'030'261'248 - linear;
  CHECK(bytes_of("llama-3.1-8b", "w4a16-g128") == linear / 2 + linear / 128 * 2 + 32 * 7 * 16 + rest * 2);
  CHECK(bytes_of("llama-3.1-8b", "w4a16") == bytes_of("llama-3.1-8b", "w4a16-g128"));
  CHECK(bytes_of("llama-3.1-8b", "modelopt-fp8") == linear + 32 * 7 * 8 + rest * 2);
  // Rows: 4096 of q, o and down; 1024 of k and v; 14336 of gate and up.
  const double rows = 32.0 * (3 * 4096 + 2 * 1024 + 2 * 14336);
  CHECK(bytes_of("llama-3.1-8b", "w8a8") == linear + rows * 2 + rest * 2);
  CHECK(bytes_of("llama-3.1-8b", "fp8-dynamic") == linear + rows * 2 + rest * 2);
  // Each group has a zero point as wide as its weights too, in GPTQ beside a scale in fp16.
  CHECK(bytes_of("llama-3.1-8b", "w4a16-asym-g128") == linear / 2 + linear / 128 * (2 + 0.5) + 32 * 7 * 16 + rest * 2);
  CHECK(bytes_of("llama-3.1-8b", "gptq-int3-g128") == linear * 3 / 8 + linear / 128 * (16 + 3) / 8 + rest * 2);
  CHECK(bytes_of("llama-3.1-8b", "modelopt-nvfp4") == linear / 2 + linear / 16 + 32 * 7 * 8 + rest * 2);
  // nvidia/Llama-3.1-8B-Instruct-FP8 on the Hub: 5.00 + 4.08 GB; microsoft's phi-4 by RedHatAI in w4a16: 4.93 + 4.16.
  CHECK(bytes_of("llama-3.1-8b", "modelopt-fp8") == Approx(9.08e9).epsilon(0.001));
  CHECK(bytes_of("phi-4", "w4a16-g128") == Approx(9.09e9).epsilon(0.002));
}

TEST_CASE("EXL2 and EXL3 come in any width, with a head of six bits", "[packed_dtype]") {
  const double linear = 32.0 * 218'103'808;
  const double head = 128'256.0 * 4'096;
  const double norms = 65.0 * 4'096;
  const double exl2 = linear * 4 / 8 + head * 6 / 8 + head * 2 + norms * 2;
  CHECK(bytes_of("llama-3.1-8b", "exl2-4.0") == exl2);
  CHECK(bytes_of("llama-3.1-8b", "exl2-4") == exl2);
  // turboderp/Llama-3-8B-Instruct-exl2, 4.0bpw: 4.96 GB, of which the scales of groups are a hundredth.
  CHECK(exl2 == Approx(4.96e9).epsilon(0.01));
  CHECK(bytes_of("llama-3.1-8b", "exl2-4.25") == Approx(exl2 + linear * 0.25 / 8));
  const double signs = 2 * (32.0 * (3 * 4096 + 2 * 1024 + 2 * 14336 + 6 * 4096 + 14336) + 128'256 + 4'096);
  CHECK(bytes_of("llama-3.1-8b", "exl3-4.0") == exl2 + signs);
}

TEST_CASE("names of formats are read as people write them, and a format without a rule says why", "[packed_dtype]") {
  CHECK(figure_of({"llama-3.1-8b", "--dtype", "MLX-4bit"}, "memory.weights.0.bytes") ==
        bytes_of("llama-3.1-8b", "mlx-4bit-g64"));
  CHECK(bytes_of("llama-3.1-8b", "hqq-8bit-g64") > bytes_of("llama-3.1-8b", "hqq-4bit-g64"));
  for (const std::string usual : {"hqq", "HQQ", "hqq-g64", "hqq-4bit", "hqq-int4-g64"}) {
    CHECK(bytes_of("llama-3.1-8b", usual) == bytes_of("llama-3.1-8b", "hqq-4bit-g64"));
  }
  CHECK_THAT(refusal_of("ud-q4_k_xl"), ContainsSubstring("Unsloth dynamic") && ContainsSubstring("not by a rule"));
  CHECK_THAT(refusal_of("mlx-7bit"), ContainsSubstring("no such number format"));
  CHECK_THAT(refusal_of("mlx-4bit-g48"), ContainsSubstring("no such number format"));
  CHECK_THAT(refusal_of("exl3-99"), ContainsSubstring("no such number format"));
  // No format of fewer bits is wider than the 16 of a weight as it was.
  CHECK(refusal_of("exl3-16.0") == "read");
  CHECK_THAT(refusal_of("exl3-16.01"), ContainsSubstring("no such number format"));
  CHECK_THAT(refusal_of("exl3--4"), ContainsSubstring("no such number format"));
  CHECK_THAT(refusal_of("exl3-{bits}"), ContainsSubstring("replace the braces"));
  const auto list = run_shell("paramcount list dtypes");
  CHECK_THAT(list.out, ContainsSubstring("mlx-{bits}bit-g{group}") && ContainsSubstring("exl3-{bits}"));
  CHECK(run_shell("paramcount generate names dtypes").out.find('{') == std::string::npos);
}

TEST_CASE("fit and comparisons take the formats of checkpoints", "[packed_dtype]") {
  const auto fit = run_shell("paramcount fit qwen3-8b --device rtx-4090 --dtype exl3-4.0 --context 8k");
  CHECK(fit.err.empty());
  CHECK(fit.code == 0);
  const auto two = run_shell("paramcount qwen3-8b llama-3.1-8b --dtype mlx-4bit");
  CHECK(two.err.empty());
  CHECK_THAT(two.out, ContainsSubstring("mlx-4bit-g64"));
}

}  // namespace
}  // namespace paramcount
