// Writes seeds for the fuzzers of PyTorch files: torch_seeds FOLDER makes FOLDER/zip, FOLDER/pickle and FOLDER/torch.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "torch_writer.hpp"

int main(int count, char** words) {
  using namespace paramcount;
  if (count != 2) {
    std::cerr << "usage: torch_seeds FOLDER\n";
    return 2;
  }
  const std::string folder = words[1];
  int number = 0;
  const auto write = [&](const std::string& target, const std::string& bytes) {
    std::filesystem::create_directories(folder + "/" + target);
    std::ofstream(folder + "/" + target + "/" + std::to_string(++number), std::ios::binary) << bytes;
  };
  const std::vector<NewZipEntry> entries{{"a", "first"}, {"b/c", "second"}};
  write("zip", zip_of(entries));
  write("zip", zip_of(entries, {.sizes_follow = true}));
  write("zip", zip_of(entries, {.large = true}));
  write("zip", zip_of({{"x", "packed", 8}, {"y", "hidden", 0, 1}}, {.comment = "a comment"}));
  const auto tensors = placed({{"embed.weight", {4, 2}},
                               {"layers.0.weight", {2, 2}, "FloatStorage"},
                               {"layers.0.part", {2}, "FloatStorage", "1", 2, {1}, 4},
                               {"lm_head.weight", {4, 2}, "BFloat16Storage", "0"},
                               {"turned", {2, 2}, "ByteStorage", "4", 0, {1, 2}, 4}});
  const std::string weights = pickled(tensors);
  const std::string optimizer = pickled_dict({{"state", "}"},
                                              {"param_groups", "](" + pickled(tensors[1]) +
                                                                   "K\x03"
                                                                   "e"}});
  const std::string training = pickled_dict({{"state_dict", weights}, {"optimizer", optimizer}, {"epoch", "K\x02"}});
  PickleWriter parameter;
  parameter.global("torch._utils", "_rebuild_parameter")
      .mark()
      .raw(pickled(tensors[0]))
      .raw("\x88")
      .ordered()
      .raw("tR");
  PickleWriter third;
  third.global("torch._utils", "_rebuild_tensor_v3").mark().mark().text("storage");
  third.global("torch.storage", "UntypedStorage").text("4").text("cpu").integer(4).raw("tQ").integer(0);
  third.integers({2, 2}).integers({2, 1}).raw("\x89").ordered().global("torch", "float8_e4m3fn").raw("tR");
  const std::string module = "cx\nModel\n)\x81}X" + le(6, 4) + "weight" + pickled(tensors[0]) + "sb";
  for (const std::string& value :
       {weights, optimizer, training, pickled_dict({{"w", parameter.bytes()}, {"v", third.bytes()}}), module,
        pickled_dict({{"state_dict", weights}, {"args", "cx\nArgs\n)\x81}b"}}),
        std::string("cposix\nsystem\nU\x04true\x85R"),
        std::string("]q\0h\0ah\0\x94\x8c\x01x\x8c\x01y\x93)\x81}\x92", 20)}) {
    write("pickle", "\x80\x02" + value + ".");
    write("torch", torch_zip(value, tensors));
    write("torch", torch_legacy(value, tensors));
  }
  write("torch", torch_zip(weights, tensors, {.sizes_follow = true}));
  write("torch", torch_zip(weights, tensors, {.large = true}));
  return 0;
}
