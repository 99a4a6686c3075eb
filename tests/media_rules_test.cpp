// Tokens of images whose processors cut them by rules of their own. Expected tokens are what the processors' own
// functions give for the sizes below: of transformers 5.16 (models/<name>/image_processing_<name>.py,
// processing_<name>.py), of deepseek-ai's repositories of DeepSeek-VL2 and DeepSeek-OCR, and of vLLM for Molmo, Kimi-K3
// and MiMo.
#include <array>
#include <fstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "media_helper.hpp"
#include "paramcount/base/error.hpp"
#include "process.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

constexpr const char* kKimi = R"({"vision_config": {}, "text_config": {"kv_lora_rank": 512, "qk_nope_head_dim": 128,
  "qk_rope_head_dim": 64, "v_head_dim": 128}})";

const std::vector<KnownImages>& known() {
  static const std::vector<KnownImages> rows{
      {"ovis2", R"({"text_config": {}, "vision_config": {}})", {1800, 259, 1800, 3342, 772, 3342, 1286, 259}},
      {"step3p7", R"({"text_config": {}, "vision_config": {}})", {504, 171, 338, 836, 2102, 2666, 171, 171}},
      {"phi4_multimodal", R"({})", {1681, 545, 1473, 3918, 465, 3409, 1098, 545}},
      {"phi4mm", R"({})", {1681, 545, 1473, 3918, 465, 3409, 1098, 545}},
      {"deepseek_vl_v2",
       R"({"language_config": {}, "candidate_resolutions": [[384, 384], [384, 768], [768, 384], [384,
1152], [1152, 384], [384, 1536], [1536, 384], [768, 768], [384, 1920], [1920, 384], [384,
2304], [2304, 384], [768, 1152], [1152, 768], [384, 2688], [2688, 384], [384, 3072], [3072,
384], [768, 1536], [1536, 768], [384, 3456], [3456, 384], [1152, 1152]]})",
       {1415, 421, 1429, 1807, 841, 2017, 1023, 421}},
      {"deepseek_ocr",
       R"({"language_config": {}, "vision_config": {"width": {}}, "projector_config": {}})",
       {893, 273, 493, 483, 933, 903, 273, 273}},
      {"deepseek_ocr2", R"({"text_config": {}, "vision_config": {}})", {1121, 257, 545, 545, 1121, 1121, 257, 257}},
      {"fuyu", R"({})", {936, 156, 612, 2340, 90, 1008, 391, 72}},
      {"minicpmv4_6", R"({"text_config": {}, "vision_config": {}})", {326, 66, 201, 597, 78, 652, 209, 66}},
      {"molmo", R"({})", {1196, 316, 916, 1196, 316, 1204, 740, 316}},
      {"molmo2", R"({})", {996, 424, 1222, 1203, 424, 1006, 766, 424}},
      {"kimi_k3", kKimi, {1036, 144, 648, 2691, 66, 15444, 414, 64}},
      {"mimo_v2", R"({"vision_config": {"patch_size": 16}})", {768, 100, 496, 2040, 28, 4015, 300, 49}},
      {"granite4_vision",
       R"({"downsample_rate": "4/8", "deepstack_layer_map": [[-1, 0]], "vision_feature_select_strategy":
"full", "image_grid_pinpoints": [[384, 384], [384, 768], [384, 1152], [384, 1536], [768, 384],
[768, 768], [768, 1152], [768, 1536], [1152, 384], [1152, 768], [1152, 1152], [1536, 384],
[1536, 768]], "vision_config": {"model_type": "siglip_vision_model", "image_size": 384,
"patch_size": 16}, "text_config": {"model_type": "granite"}})",
       {936, 300, 828, 1176, 252, 1188, 594, 300}},
      {"granite4_vision",
       R"({"downsample_rate": "4/8", "deepstack_layer_map": [[-1, 0]], "vision_feature_select_strategy":
"default", "image_grid_pinpoints": [[384, 384], [384, 768], [384, 1152], [384, 1536], [768,
384], [768, 768], [768, 1152], [768, 1536], [1152, 384], [1152, 768], [1152, 1152], [1536,
384], [1536, 768]], "vision_config": {"model_type": "siglip_vision_model", "image_size": 384,
"patch_size": 16}, "text_config": {"model_type": "granite"}})",
       {935, 299, 827, 1175, 251, 1187, 593, 299}},
      {"glmga", R"({"text_config": {}, "vision_config": {}})", {999, 144, 648, 2691, 32, 7500, 391, 64}},
      {"cohere_compass", R"({"text_config": {}, "vision_config": {}})", {999, 144, 648, 1222, 32, 1230, 391, 64}},
      {"gemma4_unified", R"({"text_config": {}, "vision_config": {}})", {268, 258, 255, 266, 239, 268, 268, 258}},
      {"muse_glimmer", R"({"text_config": {}, "vision_config": {}})", {974, 146, 650, 2693, 68, 4017, 393, 66}},
      {"cosmos3_edge", R"({"text_config": {}, "vision_config": {}})", {768, 100, 496, 2040, 76, 11750, 300, 64}},
      {"colqwen2", R"({"vlm_config": {}})", {999, 144, 648, 1222, 32, 1230, 391, 64}},
      {"cosmos3_omni", R"({"text_config": {}, "vision_config": {}})", {768, 100, 496, 943, 28, 972, 300, 49}},
      {"dots3_note", R"({})", {999, 144, 648, 1296, 32, 1271, 391, 64}},
      {"inkling_mm_model", R"({})", {2028, 289, 1300, 1508, 135, 7600, 825, 144}},
      {"pp_chart2table", R"({})", {258, 258, 258, 258, 258, 258, 258, 258}},
      {"diffusion_gemma",
       R"({"text_config": {"num_experts": 128, "top_k_experts": 8, "moe_intermediate_size": 704}, "vision_config": {}})",
       {268, 258, 255, 266, 239, 268, 268, 258}},
  };
  return rows;
}

TEST_CASE("an image that a processor cuts by a rule of its own makes as many tokens as it says", "[media]") {
  Prompt prompt;
  for (const auto& row : known()) check_images(prompt, row);
  // Limits of Kimi-K3's own processor: 74 x 74 patches of 1,024 x 1,024 pixels, four to a token.
  CHECK(prompt.of("kimi_k3", kKimi, image(1024, 1024)).tokens() == 1369);
}

TEST_CASE("of equal grids round a square image the first of a Python set counts", "[media]") {
  Prompt prompt;
  const auto tokens = [&](std::uint64_t width, std::uint64_t height) {
    return prompt.of("muse_glimmer", R"({"text_config": {}, "vision_config": {}})", image(width, height)).tokens();
  };
  // smart_resize of models/muse_glimmer/image_processing_muse_glimmer.py, run; two marks each.
  const std::array<std::uint64_t, 8> sides{40, 100, 500, 777, 1000, 1234, 2000, 5000};
  const std::array<std::uint64_t, 8> expected{3, 18, 291, 786, 1298, 2027, 4098, 4098};
  for (std::size_t i = 0; i < sides.size(); ++i) CHECK(tokens(sides[i], sides[i]) == expected[i]);
  CHECK(tokens(975, 2428) == 3047);
  CHECK(tokens(1516, 2474) == 4052);
  CHECK(tokens(2481, 54) == 180);
  CHECK(tokens(786, 2938) == 2942);
}

TEST_CASE("models whose image is always as long say so without a size", "[media]") {
  Prompt prompt;
  const MediaRequest two{2, {}, 0};
  CHECK(prompt.of("aria", R"({"text_config": {}, "vision_config": {}})", image(640, 480)).tokens() == 256);
  CHECK(prompt.of("instructblip", R"({"text_config": {}, "vision_config": {}})", two).tokens() == 2 * 32);
  CHECK(prompt.of("kosmos_2_5", R"({"text_config": {}, "vision_config": {}})", two).tokens() == 2 * 2050);
  CHECK(prompt.of("pix2struct", R"({"text_config": {}, "vision_config": {}})", two).uses.front().cross() == 2 * 2048);
  CHECK(prompt.of("git", R"({"vision_config": {}})", two).tokens() == 2 * 197);
  CHECK(prompt.of("t5gemma2", R"({"encoder": {}, "decoder": {}})", two).uses.front().cross() == 2 * 260);
  CHECK(prompt.of("siglip2", R"({"text_config": {}, "vision_config": {}})", two).uses.front().each.positions == 256);
  CHECK(prompt.of("kosmos_2", R"({"text_config": {}, "vision_config": {}})", two).tokens() == 2 * 66);
  CHECK(prompt.of("idefics", R"({"vision_config": {}})", two).tokens() == 2 * 3);
  const auto florence = prompt.of("florence2", R"({"text_config": {}, "vision_config": {}})", two);
  CHECK(florence.tokens() == 0);
  CHECK(florence.uses.front().cross() == 2 * 577);  // image_seq_length of microsoft/Florence-2's processor
}

TEST_CASE("a processor whose settings are needed says so", "[media]") {
  const TestFolder folder;
  const auto write = [&](const char* name, const char* text) { std::ofstream(folder / name) << text; };
  write("config.json", R"({"model_type": "glm_image"})");
  const auto said = [&](const char* size) {
    const auto ran = run_words({folder.path(), "--image-size", size, "--get", "media.image.tokens"});
    return ran.out + ran.err;
  };
  CHECK_THAT(said("1024x768"), ContainsSubstring("its patch_size is in no preprocessor_config.json"));
  // smart_resize of models/glm_image/image_processing_glm_image.py: half of 2,048 at most, multiples of 16.
  write("preprocessor_config.json",
        R"({"patch_size": 16, "merge_size": 1, "size": {"shortest_edge": 262144, "longest_edge": 4194304}})");
  CHECK(said("1024x768") == "768\n");
  CHECK(said("500x1000") == "512\n");
  CHECK(said("1920x1080") == "2040\n");
  CHECK(said("3000x4000") == "3072\n");
  CHECK_THAT(said("40x900"), ContainsSubstring("its sides differ by more than 4 times"));
  write("preprocessor_config.json",
        R"({"patch_size": 14, "merge_size": 2, "size": {"shortest_edge": 3136, "longest_edge": 1003520}})");
  CHECK_THAT(said("1837x770"), ContainsSubstring("where rounding decides"));
}

TEST_CASE("models that read frames of a video take as many as it has", "[media]") {
  Prompt prompt;
  const auto video = [](std::uint64_t frames) { return MediaRequest{frames, {}, 0}; };
  // 32 queries a frame, four frames: models/instructblipvideo/processing_instructblipvideo.py.
  CHECK(prompt.of("instructblipvideo", R"({"text_config": {}, "vision_config": {}})", video(4)).tokens() == 128);
  CHECK_THROWS_WITH(prompt.of("instructblipvideo", R"({"text_config": {}, "vision_config": {}})", video(1)),
                    ContainsSubstring("four frames"));
  CHECK_THROWS_WITH(prompt.of("xclip", "{}", video(3)), ContainsSubstring("num_frames"));
  CHECK(prompt.of("xclip", "{}", video(8)).tokens() == 0);
}

TEST_CASE("DeepSeek-VL2 cuts no image of three", "[media]") {
  Prompt prompt;
  const char* config = R"({"language_config": {}, "candidate_resolutions": [[384, 384], [768, 384], [384, 768]]})";
  // 14 lines of 14 and an end, once for the whole and once for its one piece, and a mark between.
  CHECK(prompt.of("deepseek_vl_v2", config, image(800, 400, 3)).tokens() == 3 * (2 * 14 * 15 + 1));
  CHECK(prompt.of("deepseek_vl_v2", config, image(800, 400, 2)).tokens() == 2 * (14 * 15 + 1 + 14 * 29));
}

TEST_CASE("a processor's settings next to its parts count too", "[media]") {
  const TestFolder folder;
  const auto write = [&](const char* name, const char* text) { std::ofstream(folder / name) << text; };
  write("config.json", R"({"model_type": "molmo2"})");
  const auto tokens = [&] {
    const auto ran = run_words({folder.path(), "--image-size", "1024x768", "--get", "media.image.tokens"});
    INFO(ran.err);
    return ran.out;
  };
  CHECK(tokens() == "996\n");
  write("processor_config.json", R"({"use_single_crop_col_tokens": false})");
  CHECK(tokens() == "982\n");  // without the ends of 14 lines
  write("processor_config.json", R"({"use_single_crop_col_tokens": false, "image_processor": {"max_crops": 1}})");
  write("preprocessor_config.json", R"({"max_crops": 12})");
  CHECK(tokens() == "410\n");  // 14 lines of 14 twice, with ends once, and four marks
}

TEST_CASE("seconds of audio make as many tokens as MiMo's processor says", "[media]") {
  Prompt prompt;
  // preprocess_audio of vLLM's transformers_utils/processors/mimo_v2_omni.py: 24,000 samples a second, 240 to a frame,
  // one frame more; halved twice, then four to a token.
  const auto tokens = [&](double seconds) {
    return prompt.of("mimo_v2", R"({"audio_config": {}})", {0, {}, seconds}).tokens();
  };
  CHECK(tokens(30) == 188);
  CHECK(tokens(1) == 7);
  CHECK_THROWS_WITH(prompt.of("mimo_v2", "{}", {0, {}, 1}), ContainsSubstring("takes no audio"));
}

TEST_CASE("seconds of audio make as many tokens as the processors of GLM-ASR, Inkling and VibeVoice say", "[media]") {
  Prompt prompt;
  const auto tokens = [&](const char* family, double seconds) {
    return prompt.of(family, R"({"text_config": {}, "audio_config": {}, "vision_config": {}})", {0, {}, seconds})
        .tokens();
  };
  // _get_audio_token_length of models/glmasr/processing_glmasr.py for 3,000, 6,000 and 63,000 frames.
  CHECK(tokens("glmasr", 30) == 375);
  CHECK(tokens("glmasr", 60) == 750);
  CHECK(tokens("glmasr", 1000) == 7875);  // 21 windows at most
  // 20 a second: models/inkling/feature_extraction_inkling.py.
  CHECK(tokens("inkling_mm_model", 30) == 600);
  CHECK(tokens("inkling_mm_model", 1.01) == 21);
  // A token for 3,200 of 24,000 samples a second: models/vibevoice_asr/processing_vibevoice_asr.py.
  CHECK(tokens("vibevoice_asr", 60) == 450);
}

TEST_CASE("seconds of audio make as many tokens as Dots 3, Voxtral Realtime and Cohere Transcribe say", "[media]") {
  Prompt prompt;
  // compute_audio_token_length of models/dots3_note/feature_extraction_dots3_note.py: 1,280 samples each.
  const auto dots = [&](double seconds) { return prompt.of("dots3_note", "{}", {0, {}, seconds}).tokens(); };
  CHECK(dots(1) == 13);
  CHECK(dots(30) == 375);
  CHECK(dots(90.01) == 1126);
  // 12.5 a second, 32 before and 6 + 1 + 10 after: tokens/tokenizers/audio.py of mistral-common.
  const auto voxtral = [&](double seconds) {
    return prompt.of("voxtral_realtime", R"({"text_config": {}, "audio_config": {}})", {0, {}, seconds}).tokens();
  };
  CHECK(voxtral(30) == 424);
  CHECK(voxtral(1) == 62);
  // 1,000 frames, which three convolutions halve; pieces of at most 35 seconds.
  CHECK(prompt.of("cohere_asr", "{}", {0, {}, 10}).uses.front().cross() == 125);
  CHECK_THROWS_WITH(prompt.of("cohere_asr", "{}", {0, {}, 60}), ContainsSubstring("max_audio_clip_s"));
}

TEST_CASE("MiniCPM-o takes audio in chunks of one second", "[media]") {
  Prompt prompt;
  // get_audio_placeholder of openbmb/MiniCPM-o-2_6: 750 and 300 of 30 seconds, and two marks for each.
  const auto tokens = [&](const char* config) { return prompt.of("minicpmo", config, {0, {}, 30}).tokens(); };
  CHECK(tokens(R"({"version": 2.6, "vision_config": {}, "audio_config": {}})") == 810);
  CHECK(tokens(R"({"version": 2.6, "vision_config": {}, "audio_config": {}, "audio_pool_step": 5})") == 360);
}

TEST_CASE("an encoder without a language model makes no tokens, and its FLOPs are shown", "[media]") {
  Prompt prompt;
  // open_clip, docs/model_profile.csv: 8.82 GFLOPs of an image in ViT-B-32.
  const auto clip = prompt.of("clip", R"({"text_config": {}, "vision_config": {}})", {1, {}, 0});
  CHECK(clip.tokens() == 0);
  CHECK(clip.uses.front().tower->value / 1e9 == Approx(8.82).epsilon(0.005));
  // 35.42 in ViT-B-16-SigLIP, whose head asks all positions with one query.
  const auto siglip = prompt.of("siglip", R"({"text_config": {}, "vision_config": {}})", {1, {}, 0});
  CHECK(siglip.tokens() == 0);
  CHECK(siglip.uses.front().tower->value / 1e9 == Approx(35.42).epsilon(0.005));
  // Two FLOPs for each of 86 million weights at 197 positions, and 1.4 GFLOPs of attention; of AIMv2 309 million at 256
  // and 6.4.
  const auto flava = prompt.of("flava", "{}", {1, {}, 0});
  CHECK(flava.uses.front().tower->value / 1e9 == Approx(35.1).epsilon(0.01));
  const auto aimv2 = prompt.of("aimv2", "{}", {1, {}, 0});
  CHECK(aimv2.uses.front().tower->value / 1e9 == Approx(164.5).epsilon(0.01));
  // Ten seconds are 1,000 frames, which three convolutions halve: _get_subsampling_output_length of models/parakeet.
  const auto parakeet = prompt.of("parakeet_ctc", "{}", {0, {}, 10});
  CHECK(parakeet.tokens() == 0);
  CHECK(parakeet.uses.front().each.positions == 125);
  // Weights of the 24 layers alone are two FLOPs for each of the encoder's 600 million parameters and frame.
  CHECK(parakeet.uses.front().tower->value / 125 / 2 == Approx(608e6).epsilon(0.1));
}

TEST_CASE("LLaVA-OneVision shrinks its patches where they are more than 1.1 times what it takes, by the side",
          "[media]") {
  Prompt prompt;
  // get_image_features of models/llava_onevision, anyres_max_9: two rows of five tiles of 27 by 27 are 7,290 patches,
  // 1.054 times nine tiles by the side, and stay. A line end for each of 54 rows, and the whole image once more.
  const char* siglip =
      R"({"vision_config": {"model_type": "siglip_vision_model", "image_size": 384, "patch_size": 14}})";
  CHECK(prompt.of("llava_onevision", siglip, image(5 * 384, 2 * 384)).tokens() == 54 * 135 + 54 + 729);
}

TEST_CASE("frames of sound are 25 ms every 10 ms, and a Conformer attends by distance too", "[media]") {
  Prompt prompt;
  // models/phi4_multimodal/feature_extraction_phi4_multimodal.py: of 160,000 samples (160,000 - 400)/160 + 1 = 998
  // frames, eight to a token.
  CHECK(prompt.of("phi4_multimodal", "{}", {0, {}, 10}).tokens() == 125);
  // Scores by content and their sum with the values are 125 · 125 each, scores by distance 125 · (2·125 - 1), in each
  // of 24 layers (arXiv:1901.02860, section 3.3); two of the first kind count as one.
  CHECK(prompt.of("parakeet_ctc", "{}", {0, {}, 10}).uses.front().each.attended ==
        24U * (2 * 125 * 125 + 125 * (2 * 125 - 1)) / 2);
}

}  // namespace
}  // namespace paramcount
