// PyTorch files: names, shapes and numbers as their pickles say, weights separated from everything else, and nothing
// called. Formats and figures are those of torch/serialization.py and torch/_utils.py.
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "read/torch_checkpoint.hpp"
#include "refusal.hpp"
#include "test_folder.hpp"
#include "torch_writer.hpp"

namespace paramcount {
namespace {

const std::vector<NewTorchTensor> kSmall{
    {"embed.weight", {8, 4}}, {"layers.0.weight", {4, 4}, "FloatStorage"}, {"layers.0.steps", {}, "LongStorage"}};

std::string list_of(const Checkpoint& checkpoint) {
  std::string text;
  for (const auto& tensor : checkpoint.tensors) {
    text += std::string(tensor.name) + " " + std::string(tensor.dtype) + " " + std::to_string(tensor.elements) + ";";
  }
  return text;
}

/// The result of reading a file of these bytes: its tensors, or the error without the path.
std::string told(const std::string& bytes) {
  const TestFolder folder;
  const std::string path = folder / "x.pt";
  write_bytes(path, bytes);
  try {
    const Checkpoint checkpoint = read_checkpoint(path);
    CHECK(checkpoint.format == CheckpointFormat::pytorch);
    std::string text = list_of(checkpoint);
    for (const auto& tied : checkpoint.tied) text += std::string(tied.name) + "=" + std::string(tied.of) + ";";
    for (const auto& other : checkpoint.others) {
      text += "(" + std::string(other.key) + " " + std::to_string(other.elements) + ")";
    }
    for (const auto name : checkpoint.calls) text += "calls " + std::string(name);
    return text;
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    const std::string said = error.what();
    return said.substr(path.size() + 2);
  }
}
std::string told(const std::string& value, const std::vector<NewTorchTensor>& tensors) {
  return told(torch_zip(value, tensors));
}

TEST_CASE("PyTorch files of both kinds list their tensors") {
  const std::string tensors = "embed.weight BF16 32;layers.0.weight F32 16;layers.0.steps I64 1;";
  CHECK(told(torch_zip(kSmall)) == tensors);
  CHECK(told(torch_legacy(pickled(kSmall), kSmall)) == tensors);
  CHECK(told(torch_zip(pickled(kSmall), kSmall, {.sizes_follow = true})) == tensors);
  CHECK(told(torch_zip(pickled(kSmall), kSmall, {.large = true})) == tensors);
  const TestFolder folder;
  write_bytes(folder / "x.bin", torch_zip(kSmall));
  const Checkpoint checkpoint = read_checkpoint(folder / "x.bin");
  const std::string bytes = torch_zip(kSmall);
  CHECK(checkpoint.tensors[0].shape == std::vector<std::uint64_t>{8, 4});
  CHECK(checkpoint.tensors[0].offset == bytes.find("archive/data/0") + 14 + 7);
  CHECK(checkpoint.tensors[1].bytes == 64);
  CHECK(checkpoint.file_bytes == bytes.size());
}

TEST_CASE("parameters, subclasses of tensors and formats without storages of their own are tensors") {
  const NewTorchTensor tensor = placed({{"w", {2, 3}, "FloatStorage"}}).front();
  const auto wrapped = [&](const PickleWriter& value) { return told(pickled_dict({{"w", value.bytes()}}), {tensor}); };
  PickleWriter parameter;
  parameter.global("torch._utils", "_rebuild_parameter").mark().raw(pickled(tensor)).raw("\x88").ordered().raw("tR");
  CHECK(wrapped(parameter) == "w F32 6;");
  PickleWriter subclass;
  subclass.global("torch._tensor", "_rebuild_from_type_v2").mark().global("torch._utils", "_rebuild_tensor_v2");
  const std::string own = pickled(tensor);
  const std::string function = "ctorch._utils\n_rebuild_tensor_v2\n";
  subclass.global("x", "Tensor").raw(own.substr(function.size(), own.size() - function.size() - 1)).raw("}tR");
  CHECK(wrapped(subclass) == "w F32 6;");
  PickleWriter third;
  third.global("torch._utils", "_rebuild_tensor_v3").mark().mark().text("storage");
  third.global("torch.storage", "UntypedStorage").text("0").text("cpu").integer(6).raw("tQ").integer(0);
  third.integers({2, 3}).integers({3, 1}).raw("\x89").ordered().global("torch", "float8_e4m3fn").raw("tR");
  const std::vector<NewTorchTensor> bytes{{"w", {6}, "ByteStorage"}};
  CHECK(told(pickled_dict({{"w", third.bytes()}}), bytes) == "w F8_E4M3 6;");
}

TEST_CASE("of a source that may wait a few ranges are read, however many tensors there are") {
  std::vector<NewTorchTensor> tensors;
  for (int i = 0; i < 200; ++i) tensors.push_back({"layers." + std::to_string(i) + ".weight", {2, 2}});
  for (const std::string& bytes : {torch_zip(tensors), torch_legacy(pickled(tensors), tensors)}) {
    int ranges = 0;
    const Source source(
        "far", bytes.size(),
        [&](std::uint64_t offset, char* to, std::size_t count) {
          ++ranges;
          return bytes.copy(to, count, static_cast<std::size_t>(offset));
        },
        Source::Clock::now() + std::chrono::minutes(1));
    Checkpoint checkpoint;
    CheckpointTexts texts;
    read_torch_file(source, checkpoint, texts);
    CHECK(checkpoint.tensors.size() == 200);
    CHECK(ranges <= 8);
  }
}

TEST_CASE("tied tensors are counted once and named") {
  const auto tensors = placed({{"embed.weight", {8, 4}, "HalfStorage", "0"},
                               {"norm.weight", {4}, "HalfStorage", "1"},
                               {"lm_head.weight", {8, 4}, "HalfStorage", "0"}});
  CHECK(told(torch_zip(tensors)) == "embed.weight F16 32;norm.weight F16 4;lm_head.weight=embed.weight;");
  CHECK(told(torch_legacy(pickled(tensors), tensors)) ==
        "embed.weight F16 32;norm.weight F16 4;lm_head.weight=embed.weight;");
  // The same numbers transposed, a part of them, and two adjacent tensors.
  const auto views = placed({{"a", {4, 8}, "HalfStorage", "0", 0, {1, 4}, 40},
                             {"turned", {8, 4}, "HalfStorage", "0", 0, {4, 1}, 40},
                             {"part", {2, 4}, "HalfStorage", "0", 8, {4, 1}, 40},
                             {"beside", {8}, "HalfStorage", "0", 32, {1}, 40}});
  CHECK(told(torch_zip(views)) == "a F16 32;beside F16 8;turned=a;part=a;");
  // Columns of one matrix.
  const auto columns = placed({{"q", {4, 2}, "HalfStorage", "0", 0, {4, 1}, 16},
                               {"k", {4, 2}, "HalfStorage", "0", 2, {4, 1}, 16},
                               {"again", {4, 2}, "HalfStorage", "0", 2, {4, 1}, 16}});
  CHECK(told(torch_zip(columns)) == "q F16 8;k F16 8;again=k;");
}

TEST_CASE("tensors outside their storages are refused") {
  const auto one = [](NewTorchTensor tensor) { return told(torch_zip(placed({std::move(tensor)}))); };
  CHECK(one({"w", {4, 4}, "HalfStorage", "0", 1, {4, 1}, 16}) ==
        "w: it ends at element 1 + 16 of its storage, which has 16");
  CHECK(one({"w", {4, 4}, "HalfStorage", "0", 0, {5, 1}, 16}) ==
        "w: it ends at element 0 + 19 of its storage, which has 16");
  CHECK(one({"w", {4, 4}, "HalfStorage", "0", 0, {0, 1}, 16}) == "w: its strides reach the same element twice");
  CHECK(one({"w", {4, 4}, "HalfStorage", "0", 0, {1, 1}, 16}) == "w: its strides reach the same element twice");
  CHECK(one({"w", {4, 4}, "HalfStorage", "0", 0, {1}, 16}) == "w: its shape and strides differ in length");
  CHECK_THAT(one({"w", {2, 2}, "HalfStorage", "0", 0, {std::uint64_t{1} << 62U, 1}, 16}),
             ContainsSubstring("w: it ends"));
  CHECK_THAT(one({"w", {5, 2}, "HalfStorage", "0", 0, {std::uint64_t{1} << 62U, 1}, 16}),
             ContainsSubstring("exceed 2^64"));
  CHECK(one({"w", {0, 4}, "HalfStorage", "0", 0, {4, 1}, 1}) ==
        "holds 1 tensor without elements: the weights are in other files, as in ZeRO-3 shards");
  const auto overlapping =
      placed({{"a", {8}, "HalfStorage", "0", 0, {1}, 16}, {"b", {8}, "HalfStorage", "0", 4, {1}, 16}});
  CHECK(told(torch_zip(overlapping)) == "b overlaps a");
  // More numbers than the archive holds for them.
  auto small = placed({{"w", {4}, "FloatStorage"}});
  const std::string value = pickled(small);
  small.front().numbers = 3;
  CHECK(told(value, small) == "archive/data/0 has 12 bytes; the pickle says 16");
  CHECK_THAT(told(torch_legacy(value, small)), ContainsSubstring("storage 0"));
  small.front().key = "1";
  CHECK(told(value, small) == "archive/data/0 is missing from the archive");
  auto twice = placed({{"a", {4}, "FloatStorage", "0"}, {"b", {8}, "FloatStorage", "0"}});
  CHECK(told(torch_zip(twice)) == "storage 0 has 16 bytes and 32");
  CHECK(told(torch_zip({{"w", {4}}, {"w", {4}}})) == "w twice");
}

TEST_CASE("nothing is called: calls in a pickle are reported, and refused around weights") {
  const std::string system = PickleWriter().global("posix", "system").text("true").raw("\x85R").bytes();
  const std::string refused = "calls posix.system: not a list of tensors";
  const auto tensors = placed(kSmall);
  const std::string tensor = pickled(tensors[0]);
  CHECK(told(system, {}) == refused);
  CHECK(told(torch_legacy(system, {})) == refused);
  CHECK(told("\x80\x02" + system + ".") == refused);
  CHECK(told(pickled_dict({{"a.weight", tensor}, {"x", system}}), tensors) == refused);
  CHECK(told(pickled_dict({{"state_dict", pickled_dict({{"a.weight", tensor}, {"x", system}})}}), tensors) == refused);
  CHECK(told(pickled_dict({{"a", PickleWriter().mark().raw(tensor).raw(system).raw("t").bytes()}}), tensors) ==
        refused);
  CHECK(told(PickleWriter().global("posix", "system").raw(tensor).raw("\x85R").bytes(), tensors) == refused);
  CHECK(told("cbuiltins\ngetattr\ncx\nos\nX" + le(6, 4) + "system\x86R)R", {}) ==
        "calls what builtins.getattr returns: not a list of tensors");
  CHECK(told("(cx\nY\nNNtQ)R", {}) == "calls something without a name: not a list of tensors");
  // Beside a dictionary of weights it is named.
  CHECK(told(pickled_dict({{"state_dict", pickled_dict({{"a.weight", tensor}})}, {"x", system}}), tensors) ==
        "a.weight BF16 32;calls posix.system");
  // A whole module, as torch.save(model) writes it, and one in a training checkpoint.
  const std::string module = "cmodels.yolo\nModel\n)\x81}X" + le(6, 4) + "weight" + tensor + "sb";
  CHECK(told(module, tensors) == "calls models.yolo.Model: not a list of tensors");
  CHECK(told(pickled_dict({{"model", module}, {"optimizer", "N"}}), tensors) ==
        "calls models.yolo.Model: not a list of tensors");
  CHECK(told("(X" + le(6, 4) + "modulecmodels\nNet\nNNtQ)\x81}b", {}) == "calls models.Net: not a list of tensors");
  CHECK(told(pickled_dict({{"a", "cnumpy.core.multiarray\n_reconstruct\n)R}b"}, {"b.c", tensor}}), tensors) ==
        "calls numpy.core.multiarray._reconstruct: not a list of tensors");
  CHECK(told(pickled_dict(
                 {{"q", "ctorch._utils\n_rebuild_qtensor\n" + PickleWriter().mark().raw(tensor).raw("tR").bytes()}}),
             tensors) == "calls torch._utils._rebuild_qtensor: not a list of tensors");
}

TEST_CASE("subclasses of tensors that no storage makes are refused by their own names") {
  const auto tensors = placed(kSmall);
  const std::string subclass =
      "ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_wrapper_subclass\n"
      "ctorchao.dtypes\nAffineQuantizedTensor\n)}tR";
  CHECK(told(pickled_dict({{"q", subclass}, {"a", pickled(tensors[0])}}), tensors) ==
        "calls torchao.dtypes.AffineQuantizedTensor: not a list of tensors");
}

TEST_CASE("optimizer states and averages are separated from the weights") {
  const auto tensors = placed(
      {{"w.weight", {4, 4}}, {"state", {4, 4}, "FloatStorage"}, {"average", {4, 4}}, {"rng", {100}, "ByteStorage"}});
  const std::string weights = pickled_dict({{"w.weight", pickled(tensors[0])}});
  const std::string moment = pickled_dict({{"exp_avg", pickled(tensors[1])}});
  const std::string optimizer = pickled_dict({{"state", pickled_dict({{"0", moment}})}, {"param_groups", "]"}});
  CHECK(told(pickled_dict({{"state_dict", weights}, {"optimizer_states", "](" + optimizer + "e"}, {"epoch", "K\x03"}}),
             tensors) == "w.weight BF16 16;(optimizer_states 16)");
  CHECK(told(pickled_dict({{"module", weights},
                           {"optimizer", optimizer},
                           {"rng_state", pickled(tensors[3])},
                           {"ema", pickled_dict({{"w.weight", pickled(tensors[2])}})}}),
             tensors) == "w.weight BF16 16;(optimizer 16)(rng_state 100)(ema 16)");
  CHECK(told(pickled_dict({{"w.weight", pickled(tensors[0])}, {"optimizer", optimizer}}), tensors) ==
        "w.weight BF16 16;(optimizer 16)");
  CHECK(told(pickled_dict({{"encoder", weights}, {"decoder", pickled_dict({{"w.weight", pickled(tensors[2])}})}}),
             tensors) == "encoder.w.weight BF16 16;decoder.w.weight BF16 16;");
  CHECK(told(pickled_dict({{"model_ema", weights}}), tensors) == "w.weight BF16 16;");
  CHECK(told("](" + weights + optimizer + "e", tensors) == "0.w.weight BF16 16;(1 16)");
  CHECK(told(pickled_dict({{"g", weights}, {"opt_of_g", optimizer}}), tensors) == "g.w.weight BF16 16;(opt_of_g 16)");
  CHECK(told(optimizer, tensors) == "holds optimizer states and no weights (state)");
  CHECK(told(pickled_dict({{"optimizer_state_dict", moment}, {"ds_version", "N"}}), tensors) ==
        "holds optimizer states and no weights (optimizer_state_dict)");
  CHECK(told(pickled_dict({{"model", weights}, {"state_dict", pickled_dict({{"w.weight", pickled(tensors[2])}})}}),
             tensors) == "holds weights under model and under state_dict: which are the model's?");
  CHECK(told("}", {}) == "holds no tensors");
  // Names of weights that sound like it.
  CHECK(told(pickled_dict({{"loss.weight", pickled(tensors[0])}, {"ema", pickled(tensors[1])}}), tensors) ==
        "loss.weight BF16 16;ema F32 16;");
}

TEST_CASE("values that name each other over and over end soon") {
  const auto tensors = placed(kSmall);
  // Each of forty lists holds the one before it twice, the first a tensor: 2^40 of them, and lists that hold
  // themselves.
  std::string bomb = "](" + pickled(tensors[0]) + std::string("eq\0", 3);
  for (char i = 1; i < 40; ++i)
    bomb += std::string("](h") + static_cast<char>(i - 1) + "h" + static_cast<char>(i - 1) + "eq" + i;
  const auto start = std::chrono::steady_clock::now();
  CHECK_THAT(told(bomb + "\x85", tensors), ContainsSubstring("without exactly one value"));
  CHECK_THAT(told(pickled_dict({{"x", PickleWriter().mark().raw(bomb).raw("t").bytes()}}), tensors),
             ContainsSubstring("over and over"));
  CHECK_THAT(told(std::string("]q\0h\0a", 6), tensors), ContainsSubstring("nested more than 64 deep"));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "]";
  for (int i = 1; i < 100'000; ++i) deep += "a";
  CHECK_THAT(told(deep, {}), ContainsSubstring("nested more than 64 deep"));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("a PyTorch file cut anywhere, or with a bit turned, gives tensors or an error") {
  const std::vector<NewTorchTensor> tensors{{"a.weight", {3, 2}}, {"b", {2}, "FloatStorage"}};
  for (const std::string& whole : {torch_zip(tensors), torch_legacy(pickled(tensors), tensors)}) {
    const auto exact = read_torch_bytes(whole);
    REQUIRE(exact.elements == 8);
    for (std::size_t i = 0; i < whole.size(); ++i) CHECK(!read_torch_bytes(whole.substr(0, i)).read);
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      std::string turned = whole;
      turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ (1 << bit % 8));
      // The reader throws where tensors have more bytes than the file.
      const auto outcome = read_torch_bytes(turned);
      CHECK((outcome.read || !outcome.error.empty()));
    }
  }
}

TEST_CASE("a file that is not a list of tensors says what it is") {
  CHECK(told(zip_of({{"a.txt", "x"}})) == "a zip archive without data.pkl: not a PyTorch checkpoint");
  CHECK(told(zip_of({{"m/data.pkl", "x"}, {"m/constants.pkl", "x"}})) ==
        "a TorchScript program, not a list of tensors");
  CHECK(told("anything at all, not a checkpoint") == "byte 0: not a PyTorch checkpoint");
  CHECK(told("version https://git-lfs.github.com/spec/v1\noid sha256:0\n") ==
        "a Git LFS pointer: the file itself is not here (git lfs pull)");
  CHECK(told(PickleWriter().raw("}").done()) == "holds no tensors");
  CHECK(told(zip_of({{"m/data.pkl", "\x80\x02}.}"}})) == "byte 51: trailing bytes after the pickle");
  CHECK_THAT(told(zip_of({{"m/data.pkl", "data", 8}})), ContainsSubstring("is compressed"));
  const std::string legacy = torch_legacy(pickled(kSmall), kSmall);
  CHECK(told(legacy + "x") == "1 bytes at the end of the file belong to no tensor");
  CHECK_THAT(told(legacy.substr(0, legacy.size() - 1)), ContainsSubstring("Is it truncated?"));
}

}  // namespace
}  // namespace paramcount
