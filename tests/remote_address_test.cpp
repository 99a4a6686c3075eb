// Addresses of their own, of no hub: indexes of shards, and headers of GGUF files that are longer than the first guess.
#include "gguf_writer.hpp"
#include "read/gguf_guess.hpp"
#include "remote_helper.hpp"

namespace paramcount {
namespace {

TEST_CASE("the address of an index is read with the shards that it names", "[remote][remote-address]") {
  if (no_curl()) return;
  Hub hub;
  HubServer elsewhere(hub.served(""));  // not the Hub's endpoint: an address like any other
  const std::string address = elsewhere.endpoint() + "/plain/tiny/model.safetensors.index.json";
  CHECK(hub.total(address) == local_total(hub.served("tiny")));
  CHECK(hub.run("verify " + address).code == 0);
  static_cast<void>(elsewhere.asked());
  // One for the index, which is read twice, one each for the config and the two shards.
  static_cast<void>(hub.total("'" + address + "?signature=1'"));
  const auto asked = paths_of(elsewhere.asked(), "/plain/");
  CHECK(asked.size() <= 6);
  CHECK(std::count_if(asked.begin(), asked.end(), [](const auto& path) {
          return path.find("00001-of-00002.safetensors") != std::string::npos;
        }) <= 1);

  fs::create_directory(hub.served("wrong"));
  write_bytes(hub.served("wrong/model.safetensors.index.json"), R"({"metadata": {}})");
  write_bytes(hub.served("wrong/other.safetensors.index.json"), R"({"weight_map": {"a": "../../tiny/x.safetensors"}})");
  const std::string folder = elsewhere.endpoint() + "/plain/wrong/";
  CHECK_THAT(hub.refusal(folder + "model.safetensors.index.json"), ContainsSubstring("weight_map"));
  CHECK_THAT(hub.refusal(folder + "other.safetensors.index.json"), ContainsSubstring("x.safetensors"));
  CHECK_THAT(hub.refusal(folder + "none.safetensors.index.json"), ContainsSubstring("no such file"));
}

TEST_CASE("the length of a GGUF's header is guessed by its number of tokens", "[remote][remote-address]") {
  const std::string small = gguf(10).substr(0, 1U << 16U);
  CHECK(likely_gguf_header(small) < (1U << 16U));
  // A vocabulary of Llama 3's size: its header is of 7.8 MB.
  const std::string llama = gguf(128'256).substr(0, 1U << 16U);
  CHECK(likely_gguf_header(llama) > 7'800'000);
  CHECK(likely_gguf_header(llama) < 9'000'000);
  // Always bounded, and none for files that are not GGUF or are cut before the list.
  CHECK(likely_gguf_header(gguf(1'000'000).substr(0, 1U << 16U)) == 16U << 20U);
  CHECK(likely_gguf_header(llama.substr(0, 40)) == 0);
  CHECK(likely_gguf_header(llama.substr(1)) == 0);
  CHECK(likely_gguf_header("") == 0);
  GgufWriter other(3, true);
  other.texts("tokenizer.ggml.tokens", {"a", "b"});
  CHECK(likely_gguf_header(other.header()) <= 16U << 20U);
}

}  // namespace
}  // namespace paramcount
