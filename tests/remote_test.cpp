// Models read over the network, from a loopback server that answers as hubs do: tests/hub_server.hpp.
#include "remote_helper.hpp"
#include "torch_writer.hpp"

namespace paramcount {
namespace {

TEST_CASE("a model of the Hub counts as its folder does", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  const Finished local = run_shell("paramcount " + hub.served("tiny") + " --format json");
  const Finished remote = hub.run("hf:ok/tiny --format json");
  INFO(remote.err);
  CHECK(remote.code == 0);
  // All but the place it was read from.
  const auto without = [](std::string text, const std::string& place) {
    for (auto at = text.find(place); at != std::string::npos; at = text.find(place))
      text.replace(at, place.size(), "HERE");
    return text;
  };
  const std::string named = "hf:ok/tiny@" + std::string(HubServer::kCommit);
  CHECK(remote.out.find("\"source\": \"" + named) != std::string::npos);
  CHECK(without(remote.out, named) == without(local.out, hub.served("tiny")));
}

TEST_CASE("every way to write a model of the Hub finds it", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  const std::string total = local_total(hub.served("tiny"));
  const std::string page = hub.server().endpoint() + "/ok/tiny";
  const std::string commit = HubServer::kCommit;
  const std::vector<std::string> names{
      "hf:ok/tiny",
      "HF:ok/tiny",
      "hf://ok/tiny",
      "hf.co/ok/tiny",
      "huggingface.co/ok/tiny/",
      "https://huggingface.co/ok/tiny",
      "https://hf.co/ok/tiny",
      "hf:ok/tiny@" + commit,
      "hf:ok/tiny#main",
      "hf:ok/tiny@refs/pr/1",
      page,
      page + "/tree/main",
      page + "/tree/" + commit,
      "'https://huggingface.co/ok/tiny/resolve/main/model.safetensors.index.json?download=true'",
      page + "/blob/main/model.safetensors.index.json",
      "hf:ok/tiny/model.safetensors.index.json",
      "hf:ok/tiny@" + commit + "/model.safetensors.index.json"};
  for (const auto& name : names) {
    INFO(name);
    CHECK(hub.total(name) == total);
  }
  CHECK(hub.total("hf:ok/config") == local_total(hub.served("config")));
  CHECK(hub.total("hf:ok/config/config.json") == local_total(hub.served("config")));
}

TEST_CASE("each answer of a hub is the right count or one line that says why not", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  const std::string total = local_total(hub.served("tiny"));
  for (const char* org : {"ok", "direct", "renamed", "norange", "limited", "once"}) {
    INFO(org);
    CHECK(hub.total(std::string("hf:") + org + "/tiny") == total);
  }
  CHECK(hub.total("hf:gated/tiny", "HF_TOKEN=hf_good") == total);
  CHECK(hub.total("hf:private/tiny", "HF_TOKEN=hf_good") == total);
  const auto says = [&](const std::string& name, const std::string& what, const std::string& variables = {}) {
    INFO(name);
    CHECK_THAT(hub.refusal(name, variables), ContainsSubstring("paramcount: " + name) && ContainsSubstring(what));
  };
  says("hf:gated/tiny", "gated: accept its conditions at");
  says("hf:gated/tiny", "no access yet", "HF_TOKEN=hf_denied");
  says("hf:private/tiny", "no such repository, or a private one");
  says("hf:missing/tiny", "no such repository, or a private one");
  says("hf:missing/tiny", "no such repository for the token's user", "HF_TOKEN=hf_good");
  says("hf:ok/tiny@v9", "no revision v9 in it");
  says("hf:ok/tiny/x.gguf", "no file or folder x.gguf in it");
  says("hf:ok/tiny:Q4_K_M", "no GGUF in it. --dtype Q4_K_M counts the model in that format");
  says("hf:broken/tiny", "is having problems (503)");
  says("hf:loop/tiny", "more than 5 redirects");
  says("hf:html/tiny", "responded with a web page");
  says("hf:liar/tiny", "it lists a file named ../x");
  says("hf:slow/tiny", "no answer within 1 seconds", "HF_HUB_DOWNLOAD_TIMEOUT=1");
  says("hf:other/tiny", "a different range than requested");
  says("hf:ok/tiny", "could not connect", "HF_ENDPOINT=http://127.0.0.1:9");
}

TEST_CASE("an answer that is cut gives what it holds, or says what is missing", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  write_wide(hub.served("small"), 4000);
  const std::string total = local_total(hub.served("small/model.safetensors"));
  // The header is in the half that arrives.
  CHECK(hub.total("hf:short/small/model.safetensors") == total);
  CHECK(hub.total("hf:cut/small/model.safetensors") == total);
  write_wide(hub.served("large"), 200'000);
  CHECK(hub.total("hf:ok/large/model.safetensors") == local_total(hub.served("large/model.safetensors")));
  for (const std::string org : {"short", "cut"}) {
    const Finished ran = hub.run("hf:" + org + "/large/model.safetensors --get params.total");
    INFO(ran.err);
    CHECK((ran.code == 1 ? ran.err.find("truncated response") != std::string::npos
                         : ran.out == local_total(hub.served("large/model.safetensors"))));
  }
  CHECK_THAT(hub.refusal("hf:growing/large/model.safetensors"), ContainsSubstring("changed while it was being read"));
}

TEST_CASE("a repository of GGUF files gives the one that its tag names", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  fs::create_directories(hub.served("quants/Q8_0"));
  for (const char* name : {"m-IQ4_XS.gguf", "m-Q4_K_M.gguf", "Q8_0/m-Q8_0-00001-of-00001.gguf", "mmproj-m-F16.gguf"}) {
    write_bytes(hub.served(std::string("quants/") + name), gguf(10));
  }
  const auto source = [&](const std::string& name) {
    const Finished ran = hub.run(name + " --get source");
    INFO(ran.err);
    CHECK(ran.code == 0);
    return ran.out.substr(std::min(ran.out.size(), ran.out.find('@') + 41));
  };
  CHECK(source("hf:ok/quants") == "/m-Q4_K_M.gguf\n");
  CHECK(source("hf:ok/quants:iq4_xs") == "/m-IQ4_XS.gguf\n");
  CHECK(source("hf:ok/quants:Q8_0") == "/Q8_0/m-Q8_0-00001-of-00001.gguf\n");
  CHECK(source("hf.co/ok/quants:Q4_K_M") == "/m-Q4_K_M.gguf\n");
  CHECK_THAT(hub.refusal("hf:ok/quants:Q5_K_M"),
             ContainsSubstring("no GGUF file of Q5_K_M here. Available: Q8_0/m-Q8_0-00001-of-00001.gguf and 2 more"));
}

TEST_CASE("of a GGUF as much is asked for as its header needs", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  fs::create_directory(hub.served("words"));
  write_bytes(hub.served("words/a.gguf"), gguf(10));
  write_bytes(hub.served("words/b.gguf"), gguf(200'000));
  static_cast<void>(hub.total("hf:ok/words/a.gguf"));
  auto asked = hub.server().asked();
  CHECK(paths_of(asked, "/cdn/").size() == 1);
  CHECK(asked.back().range == "bytes=0-65535");
  CHECK(hub.total("hf:ok/words/b.gguf") == local_total(hub.served("words/b.gguf")));
  asked = hub.server().asked();
  CHECK(paths_of(asked, "/cdn/").size() == 2);
  CHECK(asked.back().range.starts_with("bytes=65536-"));
}

TEST_CASE("of a PyTorch file the list of its tensors is asked for, and no more", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  std::vector<NewTorchTensor> tensors;
  for (int i = 0; i < 100; ++i) tensors.push_back({"layers." + std::to_string(i) + ".weight", {250, 200}});
  fs::create_directory(hub.served("old"));
  write_bytes(hub.served("old/pytorch_model.bin"), torch_zip(tensors));
  CHECK(hub.total("hf:ok/old") == "5000000\n");
  CHECK(hub.server().sent() < 200'000);
  CHECK(paths_of(hub.server().asked(), "/cdn/").size() <= 3);
  CHECK(hub.total("hf:ok/old") == "5000000\n");
  CHECK(hub.server().asked().size() == 1);
}

TEST_CASE("a terminal shows the progress", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  const Finished ran = run_on_terminal("env -u http_proxy HF_HUB_DOWNLOAD_TIMEOUT=1 XDG_CACHE_HOME=" + hub.cache() +
                                           " HF_ENDPOINT=" + hub.server().endpoint() + " paramcount hf:slow/tiny",
                                       120);
  CHECK(ran.code == 1);
  CHECK_THAT(ran.out, ContainsSubstring("\x1B[Khf:slow/tiny@") && ContainsSubstring(" kB"));
}

TEST_CASE("ModelScope, Ollama's registry and plain addresses are read too", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  const std::string total = local_total(hub.served("tiny"));
  CHECK(hub.total("ms:ok/tiny") == total);
  CHECK(hub.total("https://www.modelscope.cn/models/ok/tiny") == total);
  static_cast<void>(hub.server().asked());
  CHECK(hub.total("ms:ok/tiny") == total);
  CHECK(hub.server().asked().size() == 1);
  CHECK_THAT(hub.refusal("ms:ok/none"), ContainsSubstring("no such model, revision or file"));

  fs::create_directory(hub.served("words"));
  write_bytes(hub.served("words/7b.gguf"), gguf(10));
  static_cast<void>(hub.server().asked());
  write_bytes(hub.served("words/latest.gguf"), gguf(20));
  CHECK(hub.total("ollama:words:7b") == local_total(hub.served("words/7b.gguf")));
  auto asked = hub.server().asked();
  CHECK(asked.size() == 2);
  CHECK(asked.front().path == "/v2/library/words/manifests/7b");
  CHECK(hub.total("ollama:words") == local_total(hub.served("words/latest.gguf")));
  CHECK(hub.total("https://ollama.com/library/words:7b") == local_total(hub.served("words/7b.gguf")));
  CHECK(hub.total("ollama:words:7b --offline") == local_total(hub.served("words/7b.gguf")));
  CHECK_THAT(hub.refusal("ollama:words:70b"), ContainsSubstring("no such model or tag"));

  TestFolder elsewhere;
  HubServer plain(hub.served("."));
  const std::string address = plain.endpoint() + "/plain/words/7b.gguf";
  CHECK(hub.total("'" + address + "?sig=abc'") == local_total(hub.served("words/7b.gguf")));
  CHECK(plain.asked().back().path == "/plain/words/7b.gguf?sig=abc");
  CHECK(hub.refusal("'" + plain.endpoint() + "/plain/none.gguf?sig=abc'").find("sig=abc") == std::string::npos);
}

TEST_CASE("verify, diff, metadata, fit and comparisons take models of the Hub", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  const Finished verified = hub.run("verify hf:ok/tiny");
  CHECK(verified.code == 0);
  CHECK(verified.out.starts_with("tiny against hf:ok/tiny@"));
  CHECK(hub.run("verify " + hub.served("config/config.json") + " hf:ok/tiny").code == 3);
  CHECK(hub.run("diff hf:ok/tiny " + hub.served("tiny")).code == 0);
  CHECK(hub.run("diff hf:ok/tiny tests/golden/files/checkpoints/tiny-changed.safetensors").code == 3);
  CHECK(hub.run("metadata hf:ok/tiny").code == 0);
  CHECK(hub.run("fit hf:ok/tiny --device h100-sxm").code == 0);
  CHECK(hub.run("kv hf:ok/tiny").code == 0);
  CHECK(hub.run("hf:ok/tiny hf:ok/config " + hub.served("tiny")).code == 0);
  const Finished scanned = hub.run("scan hf:ok/tiny --format csv");
  CHECK(scanned.code == 0);
  CHECK_THAT(scanned.out, ContainsSubstring("5968"));
}

}  // namespace
}  // namespace paramcount
