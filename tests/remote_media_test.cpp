// Settings of a remote model's processor: read if images or audio are given, and only then.
#include "remote_helper.hpp"

namespace paramcount {
namespace {

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

/// A model of Qwen2-VL in a folder of the hub, with these files next to its config.
void serve(Hub& hub, const std::string& name, const std::vector<std::pair<std::string, std::string>>& files) {
  fs::create_directory(hub.served(name));
  write(hub.served(name + "/config.json"), R"({"model_type": "qwen2_vl", "vision_config": {}})");
  for (const auto& [file, text] : files) write(hub.served(name + "/" + file), text);
}

std::string said(Hub& hub, const std::string& arguments) {
  const Finished ran = hub.run(arguments);
  INFO(ran.err);
  CHECK(ran.code == 0);
  return ran.out;
}

// smart_resize of transformers, models/qwen2_vl/image_processing_qwen2_vl.py, for 768 x 1024: at most 200,704 pixels
// are 364 x 504, at most 12,845,056 are 756 x 1036; a token for each 28 x 28 of them.
TEST_CASE("a processor's settings come with a model of the Hub when images are asked for", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  serve(hub, "vl", {{"preprocessor_config.json", R"({"min_pixels": 3136, "max_pixels": 200704})"}});
  const std::string image = " --no-cache --image-size 1024x768";
  CHECK(said(hub, "hf:ok/vl --no-cache --get params.total") != "");
  CHECK(paths_of(hub.server().asked(), "preprocessor_config.json").empty());
  CHECK(said(hub, "hf:ok/vl --get media.image.tokens" + image) == "234\n");
  auto asked = hub.server().asked();
  CHECK(paths_of(asked, "/ok/vl/resolve").size() == 2);
  CHECK(paths_of(asked, "ok/vl/resolve/" + std::string(HubServer::kCommit) + "/preprocessor_config.json").size() == 1);
  // The same model twice, and every command that takes images.
  CHECK(said(hub, "hf:ok/vl hf:ok/vl --get media.image.tokens" + image).find("234") != std::string::npos);
  CHECK(said(hub, "kv hf:ok/vl --get media.image.tokens" + image) == "234\n");
  CHECK(said(hub, "fit hf:ok/vl --device h100-sxm --get media.image.tokens" + image) == "234\n");
}

TEST_CASE("a model of the Hub without a processor's settings says so in a note", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  serve(hub, "bare", {});
  const std::string arguments = "hf:ok/bare --no-cache --image-size 1024x768";
  CHECK(said(hub, arguments + " --get media.image.tokens") == "999\n");
  CHECK(said(hub, arguments + " --notes").find("no preprocessor_config.json was read") != std::string::npos);
  CHECK(paths_of(hub.server().asked(), "processor_config.json").empty());
}

TEST_CASE("settings nested in processor_config.json go before preprocessor_config.json", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  serve(
      hub, "nested",
      {{"preprocessor_config.json", R"({"min_pixels": 3136, "max_pixels": 12845056})"},
       {"processor_config.json",
        R"({"processor_class": "Qwen2VLProcessor", "image_processor": {"min_pixels": 3136, "max_pixels": 200704}})"}});
  const std::string arguments = "hf:ok/nested --image-size 1024x768 --get media.image.tokens";
  CHECK(said(hub, arguments) == "234\n");
  // Kept by its commit, it is read again without the network.
  static_cast<void>(hub.server().asked());
  CHECK(said(hub, arguments + " --offline") == "234\n");
  CHECK(hub.server().asked().empty());
  write(hub.served("nested/processor_config.json"), "[]");
  CHECK_THAT(hub.refusal("hf:ok/nested --no-cache --image-size 1024x768"),
             ContainsSubstring("processor_config.json") && ContainsSubstring("expected an object"));
}

}  // namespace
}  // namespace paramcount
