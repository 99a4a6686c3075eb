// Tokens of images and of sound, and what towers compute. Expected tokens are what the library's own processors say:
// get_number_of_image_patches and _get_num_multimodal_tokens of transformers 5.16 (models/<name>/), run for the sizes
// below; of audio, the formulas of processing_<name>.py worked by hand.
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "count/image_resize.hpp"
#include "count/image_tiling.hpp"
#include "media_helper.hpp"
#include "paramcount/base/error.hpp"
#include "process.hpp"
#include "refusal.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

const std::vector<KnownImages>& known() {
  static const std::vector<KnownImages> rows{
      {"qwen2_vl", R"({"vision_config": {}})", {999, 144, 648, 2691, 32, 15301, 391, 64}},
      {"qwen2_5_vl", R"({"vision_config": {}})", {999, 144, 648, 2691, 32, 15301, 391, 64}},
      {"qwen3_vl", R"({"text_config": {}, "vision_config": {}})", {768, 100, 496, 2040, 76, 11750, 300, 64}},
      {"glm4v", R"({"text_config": {}, "vision_config": {}})", {999, 144, 648, 2691, 32, 6030, 391, 64}},
      {"hunyuan_vl", R"({"text_config": {}, "vision_config": {}})", {794, 274, 529, 2076, 382, 4090, 317, 274}},
      {"ernie4_5_vl_moe", R"({"text_config": {}, "vision_config": {}})", {999, 144, 648, 2691, 32, 6120, 391, 64}},
      {"minimax_m3_vl", R"({"text_config": {}, "vision_config": {}})", {540, 144, 528, 576, 32, 540, 391, 64}},
      {"paddleocr_vl", R"({"text_config": {}, "vision_config": {}})", {999, 196, 648, 2691, 198, 3519, 391, 196}},
      {"kimi_k25", R"({"text_config": {}, "vision_config": {}})", {1036, 144, 648, 2691, 66, 4200, 414, 64}},
      {"llava", R"({"vision_config": {"model_type": "pixtral"}})", {3120, 462, 2079, 2340, 228, 3136, 1271, 210}},
      {"mistral3", "{}", {1064, 156, 684, 1736, 99, 2365, 432, 72}},
      {"llava_next",
       R"({"vision_config": {"model_type": "clip_vision_model", "image_size": 336, "patch_size": 14}})",
       {2340, 1176, 1776, 1948, 936, 2352, 2340, 1176}},
      {"llava_onevision",
       R"({"vision_config": {"model_type": "siglip_vision_model", "image_size": 384, "patch_size": 14}})",
       {4725, 1485, 4050, 7269, 1053, 7332, 2929, 1485}},
      {"internvl", R"({"vision_config": {}})", {3330, 258, 770, 2306, 3330, 3330, 3330, 258}},
      {"internvl_chat",
       R"({"llm_config": {}, "vision_config": {"image_size": 448, "patch_size": 14}})",
       {3330, 258, 770, 2306, 3330, 3330, 3330, 258}},
      {"aya_vision",
       R"({"vision_config": {"model_type": "siglip_vision_model", "image_size": 364, "patch_size": 14}})",
       {2212, 172, 512, 1532, 2212, 2212, 2212, 172}},
      {"cohere2_vision",
       R"({"vision_config": {"model_type": "siglip_vision_model", "image_size": 512, "patch_size": 16}})",
       {1287, 259, 773, 3343, 773, 3343, 773, 259}},
      {"idefics3",
       R"({"vision_config": {"image_size": 364, "patch_size": 14}, "scale_factor": 2})",
       {2227, 2912, 1544, 2227, 860, 2228, 2912, 2912}},
      {"gemma4", R"({"text_config": {}, "vision_config": {}})", {268, 258, 255, 266, 239, 268, 268, 258}},
      {"llama4",
       R"({"text_config": {}, "vision_config": {"image_size": 336, "patch_size": 14}})",
       {1887, 147, 1017, 2322, 582, 1887, 727, 147}},
      {"lfm2_vl",
       R"({"vision_config": {"model_type": "siglip2_vision_model", "patch_size": 16}})",
       {1779, 102, 244, 2311, 78, 1779, 236, 66}},
      {"lighton_ocr",
       R"({"vision_config": {"model_type": "pixtral", "patch_size": 14}})",
       {999, 144, 648, 1705, 32, 2255, 391, 64}},
      // Worked with the functions that vLLM has of these models' own processors (phi3v.py), those of MiniCPM-V 4.6 in
      // transformers, and rescale() of Kimi-VL's.
      {"minicpmv", R"({"version": 2.6, "vision_config": {}})", {331, 66, 199, 595, 66, 662, 198, 66}},
      {"phi3_v", "{}", {757, 757, 469, 757, 781, 757, 757, 757}},
      {"kimi_vl", R"({"text_config": {}, "vision_config": {}})", {1036, 144, 648, 1032, 66, 1036, 414, 64}},
  };
  return rows;
}

TEST_CASE("an image makes as many tokens as the model's own processor says", "[media]") {
  Prompt prompt;
  for (const auto& row : known()) check_images(prompt, row);
}

TEST_CASE("models that see every image in one size say so without one", "[media]") {
  Prompt prompt;
  const MediaRequest four{4, {}, 0};
  CHECK(prompt.named("llava-1.5-7b", four).tokens() == 4 * 576);  // docs of LLaVA 1.5: 576 of 336 × 336
  CHECK(prompt.named("gemma-3-4b", four).tokens() == 4 * 260);    // 256 and the markers around them
  CHECK(prompt.named("chameleon-7b", four).tokens() == 4 * 1026);
  CHECK(prompt
            .of("paligemma", R"({"vision_config": {"model_type": "siglip_vision_model", "patch_size": 14,
    "image_size": 448}})",
                four)
            .tokens() == 4 * 1024);
}

TEST_CASE("seconds of audio make as many tokens as the processor's formula says", "[media]") {
  Prompt prompt;
  const auto tokens = [&](const char* family, const char* config, double seconds) {
    return prompt.of(family, config, {0, {}, seconds}).tokens();
  };
  CHECK(tokens("qwen2_audio", "{}", 30) == 750);  // 25 a second
  CHECK(tokens("qwen2_audio", "{}", 12) == 300);
  CHECK(tokens("qwen2_audio", "{}", 100) == 750);  // no more than 30 seconds are heard
  CHECK(tokens("qwen2_5_omni", R"({"enable_audio_output": false})", 60) == 1500);
  CHECK(tokens("qwen3_omni_moe", R"({"enable_audio_output": false})", 30) == 390);  // 13 a second
  CHECK(tokens("voxtral", "{}", 31) == 750);                                        // 375 for each 30 seconds
  CHECK(figure_of({"voxtral-mini-3b", "--audio", "1h"}, "media.tokens") == 120 * 375);
  CHECK(tokens("granite_speech", "{}", 30) == 300);  // 100 blocks of 15 frames, 3 each
}

TEST_CASE("a tower's work is its weights and its attention over the patches", "[media]") {
  Prompt prompt;
  // open_clip, docs/model_profile.csv: 381.92 GFLOPs of an image in ViT-L-14-336; LLaVA's projector comes on top.
  const auto llava = prompt.named("llava-1.5-7b", {1, {}, 0});
  const double projector = 2.0 * 576 * (1024.0 * 4096 + 4096.0 * 4096);
  CHECK((llava.uses.front().tower->value - projector) / 1e9 == Approx(381.92).epsilon(0.001));
  // Qwen2-VL: every patch sees all others. By hand: 32 blocks of 12·1,280², patches of 1,176 numbers, the merger.
  const auto qwen = prompt.named("qwen2-vl-7b", image(1024, 768));
  const double patches = 3996;
  const double weights =
      2 * patches * (32 * 12 * 1280.0 * 1280 + 1280.0 * 1176) + 2 * 999.0 * (5120.0 * 5120 + 5120.0 * 3584);
  CHECK(qwen.uses.front().tower->value == weights + 4 * 1280.0 * 32 * patches * patches);
  CHECK(qwen.language.value == Approx(2 * 999 * 6525288448.0).epsilon(1e-3));
  // Whisper reads 30 seconds as 1,500 positions, whatever it hears; the decoder attends to them.
  const auto whisper = prompt.named("whisper-large-v3", {0, {}, 12});
  CHECK(whisper.tokens() == 0);
  CHECK(whisper.uses.front().each.cross == 1500);
  CHECK(whisper.uses.front().each.attended == 32ULL * 1500 * 1500);
  // Llama 4 sees two tiles of 336 and the whole as sequences of their own: 576 patches and a class token, 34 layers.
  CHECK(prompt.named("llama-4-scout", image(672, 336)).uses.front().each.attended == 34ULL * 3 * 577 * 577);
  // Of Gemma 3's 260 tokens four surround the 256 that the projector makes.
  CHECK(prompt.named("gemma-3-4b", {1, {}, 0}).uses.front().each.projected == 256);
}

TEST_CASE("images come on top of the text in the cache, and only there where the model attends to its own tokens",
          "[media]") {
  CHECK(figure_of({"qwen2-vl-7b", "--images", "4", "--image-size", "1024x768", "--context", "8k"},
                  "memory.kv_cache.context") == 8192 + 4 * 999);
  CHECK(figure_of(
            {"kv", "qwen2-vl-7b", "--images", "4", "--image-size", "1024x768", "--context", "8k", "--runtime", "ideal"},
            "kv.0.context") == 8192 + 4 * 999);
  CHECK(figure_of({"fit", "qwen2-vl-7b", "--images", "4", "--image-size", "1024x768", "--context", "8k", "--device",
                   "h100", "--dtype", "bf16"},
                  "fit.context") == 8192 + 4 * 999);
  // Llama 3.2 Vision: 4 tiles of 1,601 positions in 8 layers of 8 heads of 128, keys and values, in two bytes.
  const double cross = 4.0 * 1601 * 8 * 2 * 8 * 128 * 2;
  const double without = figure_of({"llama-3.2-11b-vision", "--context", "8k"}, "memory.kv_cache.bytes");
  const double with = figure_of({"llama-3.2-11b-vision", "--context", "8k", "--images", "1"}, "memory.kv_cache.bytes");
  CHECK(with - without == Approx(cross + (without / 8192)));  // and one token that stands for the image
  CHECK(figure_of({"llama-3.2-11b-vision", "--images", "2"}, "memory.kv_cache.encoder_bytes") == 2 * cross);
  // Whisper's decoder keeps 1,500 positions of what it hears, however long its own context is.
  const double each = 32.0 * 2 * 1280 * 2;
  CHECK(figure_of({"whisper-large-v3", "--audio", "9s", "--context", "100"}, "memory.kv_cache.bytes") ==
        each * (100 + 1500));
}

TEST_CASE("a model that takes no images, or has no known rule, says so", "[media]") {
  const auto line = [](const char* words) { return run_line(words).err; };
  CHECK(line("llama-3.1-8b --images 1") ==
        "paramcount: llama-3.1-8b: takes no images: family llama has no tower for them\n");
  CHECK(line("llava-1.5-7b --audio 30s").find("takes no audio") != std::string::npos);
  Prompt prompt;
  CHECK_THROWS_WITH(prompt.of("detr", "{}", image(640, 480)),
                    ContainsSubstring("no rule of image tokens for family detr"));
  CHECK(line("qwen2-vl-7b --images 1").find("--image-size 1024x768") != std::string::npos);
  CHECK(line("qwen2-vl-7b --image-size 1x").find("--image-size 1x") != std::string::npos);
  CHECK(line("qwen2-vl-7b --image-size 9000x20").find("200 times") != std::string::npos);
  CHECK(line("fit --device h100 --images 1").find("need a model") != std::string::npos);
}

TEST_CASE("a preprocessor_config.json next to the config sets its own limits", "[media]") {
  const TestFolder folder;
  std::ofstream(folder / "config.json") << R"({"model_type": "qwen2_vl", "vision_config": {}})";
  const auto tokens = [&] { return figure_of({folder.path(), "--image-size", "1024x768"}, "media.image.tokens"); };
  CHECK(tokens() == 999);
  const auto page = run_words({folder.path(), "--image-size", "1024x768", "--notes"}).out;
  CHECK(page.find("no preprocessor_config.json was read with the config") != std::string::npos);
  std::ofstream(folder / "preprocessor_config.json") << R"({"min_pixels": 3136, "max_pixels": 200704})";
  CHECK(tokens() == 234);  // smart_resize(768, 1024, 28, 3136, 200704) = (364, 504)
  std::ofstream(folder / "preprocessor_config.json") << R"({"size": {"shortest_edge": 3136, "longest_edge": 0}})";
  CHECK(run_words({folder.path(), "--image-size", "1024x768"}).err.find("max_pixels of its image processor is 0") !=
        std::string::npos);
}

TEST_CASE("slices may be one more than the area asks for where their grid is nearer to the image") {
  // openbmb/MiniCPM-V, slice_image: of a side of 448 1,000 × 333 pixels ask for two slices; three side by side fit.
  const auto number = [](std::string_view name) -> std::int64_t { return name == "tile" ? 448 : 9; };
  const ResizedImage image = slices(333, 1000, number);
  CHECK(image.tiles_across == 3);
  CHECK(image.tiles_down == 1);
}

}  // namespace
}  // namespace paramcount
