// Two checkpoints against each other.
#include "paramcount/count/diff.hpp"
#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "paramcount/catalog/catalog.hpp"

namespace paramcount {
namespace {

using Tensors = std::vector<NewTensor>;

CheckpointDiff difference(const Tensors& first, const Tensors& second) {
  const TestFolder folder;
  static const Catalog catalog;
  write_checkpoint(folder / "a.safetensors", first);
  write_checkpoint(folder / "b.safetensors", second);
  return diff(read_checkpoint(folder / "a.safetensors"), read_checkpoint(folder / "b.safetensors"), catalog.names());
}

Tensors small(std::uint64_t vocabulary = 10, const std::string& prefix = "model.") {
  Tensors tensors{{prefix + "embed_tokens.weight", "BF16", {vocabulary, 32}}, {prefix + "norm.weight", "BF16", {32}}};
  for (int layer = 0; layer < 4; ++layer) {
    const std::string in_layer = prefix + "layers." + std::to_string(layer) + ".";
    tensors.push_back({in_layer + "mlp.up_proj.weight", "BF16", {64, 32}});
    tensors.push_back({in_layer + "mlp.down_proj.weight", "BF16", {32, 64}});
    tensors.push_back({in_layer + "input_layernorm.weight", "BF16", {32}});
  }
  return tensors;
}

TEST_CASE("a checkpoint does not differ from itself, in whatever order its tensors stand") {
  const Tensors tensors = small();
  const CheckpointDiff d = difference(tensors, Tensors(tensors.rbegin(), tensors.rend()));
  CHECK(d.none());
  CHECK(d.same == tensors.size());
  CHECK(d.first == d.second);
  CHECK(d.first_vocabulary == 0);
}

TEST_CASE("a fine-tune with more tokens differs in its tables, and by how many rows") {
  const CheckpointDiff d = difference(small(10), small(12));
  REQUIRE(d.reshaped.size() == 1);
  CHECK(d.reshaped[0].name == "model.embed_tokens.weight");
  CHECK(d.first_vocabulary == 10);
  CHECK(d.second_vocabulary == 12);
  CHECK(d.second.value - d.first.value == 64);
  CHECK(d.only_first.empty());
  CHECK(d.only_second.empty());
}

TEST_CASE("formats that changed in some layers are one line for those") {
  Tensors changed = small();
  for (auto& tensor : changed) {
    if (tensor.name == "model.layers.1.mlp.up_proj.weight" || tensor.name == "model.layers.2.mlp.up_proj.weight") {
      tensor.dtype = "F32";
    }
  }
  const CheckpointDiff d = difference(small(), changed);
  REQUIRE(d.retyped.size() == 1);
  CHECK(d.retyped[0].name == "model.layers.{1–2}.mlp.up_proj.weight");
  CHECK(d.retyped[0].copies == 2);
  CHECK(d.retyped[0].first_format == "bf16");
  CHECK(d.retyped[0].second_format == "fp32");
  CHECK(d.first == d.second);
}

TEST_CASE("another prefix is a spelling, one more tensor is a difference") {
  Tensors other = small(10, "language_model.model.");
  other.push_back({"language_model.model.extra.weight", "BF16", {3}});
  const CheckpointDiff d = difference(small(), other);
  REQUIRE(d.only_second.size() == 1);
  CHECK(d.only_second[0].name == "language_model.model.extra.weight");
  CHECK(d.only_first.empty());
  CHECK(d.same == small().size());
  CHECK_FALSE(d.spellings.empty());
}

TEST_CASE("a quantised copy has the same shapes in another format") {
  Tensors quantised;
  for (const auto& tensor : small()) {
    if (tensor.name.find("_proj") == std::string::npos) {
      quantised.push_back(tensor);
      continue;
    }
    const std::string module = tensor.name.substr(0, tensor.name.rfind('.'));
    const auto out = tensor.shape[0];
    const auto in = tensor.shape[1];
    quantised.push_back({module + ".qweight", "I32", {in, out / 8}});
    quantised.push_back({module + ".qzeros", "I32", {in / 16, out / 8}});
    quantised.push_back({module + ".scales", "F16", {in / 16, out}});
  }
  const CheckpointDiff d = difference(small(), quantised);
  CHECK(d.first == d.second);
  CHECK(d.only_first.empty());
  CHECK(d.only_second.empty());
  CHECK(d.reshaped.empty());
  REQUIRE(d.retyped.size() == 2);
  CHECK(d.retyped[0].copies == 4);
  CHECK(d.retyped[0].second_format == "int4 (awq)");
}

TEST_CASE("thousands of names without a number, and names with stars, stay distinct") {
  Tensors tensors;
  for (char a = 'a'; a <= 'z'; ++a) {
    for (char b = 'a'; b <= 'z'; ++b) {
      for (const char* end : {"x", "y", "z*", "*z"}) {
        tensors.push_back({std::string{a, '.', b, '.'} + end, "BF16", {2}});
      }
    }
  }
  CHECK(difference(tensors, Tensors(tensors.rbegin(), tensors.rend())).none());
  Tensors changed = tensors;
  std::erase_if(changed, [](const NewTensor& t) { return t.name == "q.r.z*"; });
  const CheckpointDiff d = difference(tensors, changed);
  CHECK(d.same == tensors.size() - 1);
  REQUIRE(d.only_first.size() == 1);
  CHECK(d.only_first[0].name == "q.r.z*");
  CHECK(d.only_second.empty());
}

}  // namespace
}  // namespace paramcount
