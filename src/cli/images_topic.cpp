// paramcount help images: what becomes of images and sound in a prompt.
#include "cli/topics.hpp"

namespace paramcount {

Topic images_topic(const Catalog& /*catalog*/) {
  Topic topic{"images", "Images and sound in a prompt (--images, --image-size, --audio)", {}, {}};
  topic.sections.push_back(
      {"From an image to tokens",
       {{"patches",
         "the model's processor resizes the image and cuts it in squares of 14 or 16 pixels; the vision tower works on "
         "all of them",
         ""},
        {"merging",
         "neighbours become one token: in Qwen2-VL 1,024 × 768 pixels are 74 × 54 patches and 37 × 27 tokens", ""},
        {"one size", "LLaVA 1.5, Gemma 3 and others resize every image alike: always 576, always 256 tokens", ""},
        {"tiles",
         "InternVL, Llama 4, Idefics 3 and others cut a large image in tiles that the tower sees one by one, with a "
         "small copy of the whole",
         ""},
        {"cross-attention",
         "Llama 3.2 Vision keeps an image beside the context: keys and values of four tiles, however large it is", ""},
        {"marks", "tokens that the processor puts round and between are counted, those of a chat template are not",
         ""}}});
  topic.sections.push_back(
      {"From sound to tokens",
       {{"frames",
         "100 a second; convolutions and the projector join some: Qwen2-Audio makes 25 tokens a second, Qwen3-Omni 13",
         ""},
        {"windows", "Whisper's encoder and its kin read 30 seconds at once, filled up: 1,500 positions of any clip",
         ""}}});
  topic.sections.push_back(
      {"What they cost",
       {{"context", "their tokens stand in every sequence, on top of --context and --prompt: KV cache and reading", ""},
        {"tower",
         "2 FLOPs for each weight and position, and for attention 4 for each element of a query that meets a key: "
         "twice the side is 4 times the positions and 16 times the attention",
         ""}}});
  topic.notes.push_back(
      "The rules are in data/media_tokens.json, each with the processor's code that it follows; "
      "preprocessor_config.json and processor_config.json beside a config.json, on disk or on the Hub, set limits of "
      "their own. A model without a rule is refused.");
  return topic;
}

}  // namespace paramcount
