// What is asked over the network, who learns the token, what is kept: .github/SECURITY.md, "Over the network".
#include "remote_helper.hpp"

namespace paramcount {
namespace {

TEST_CASE("only headers are asked for, each file at most twice", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  static_cast<void>(hub.total("hf:ok/tiny"));
  auto asked = hub.server().asked();
  CHECK(paths_of(asked, "/api/").size() == 1);
  for (const char* file : {"config.json", "model.safetensors.index.json", "model-00001-of-00002.safetensors",
                           "model-00002-of-00002.safetensors"}) {
    INFO(file);
    CHECK(paths_of(asked, std::string("/cdn/ok/tiny/") + file).size() == 1);
    CHECK(paths_of(asked, std::string("/resolve/") + HubServer::kCommit + "/" + file).size() == 1);
  }
  CHECK(asked.size() == 9);
  static_cast<void>(hub.server().sent());
  write_wide(hub.served("small"), 4000);
  static_cast<void>(hub.total("hf:ok/small/model.safetensors"));
  CHECK(hub.server().sent() <= 65536);
  asked = hub.server().asked();
  CHECK(paths_of(asked, "/cdn/").size() == 1);
  CHECK(asked.back().range == "bytes=0-65535");
  // What is longer is asked for once more, to its very end.
  write_wide(hub.served("large"), 200'000);
  std::ifstream file(hub.served("large/model.safetensors"), std::ios::binary);
  std::uint64_t header = 0;
  file.read(reinterpret_cast<char*>(&header), sizeof header);
  static_cast<void>(hub.total("hf:ok/large/model.safetensors"));
  asked = hub.server().asked();
  CHECK(paths_of(asked, "/cdn/").size() == 2);
  CHECK(asked.back().range == "bytes=65536-" + std::to_string(header + 7));
  CHECK(hub.server().sent() == header + 8);
}

TEST_CASE("a server that knows no ranges is not listened to further than needed", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  fs::create_directory(hub.served("huge"));
  write_checkpoint(hub.served("huge/model.safetensors"), {{"a", "F32", {20'000'000}}});
  CHECK(hub.total("hf:norange/huge/model.safetensors") == "20000000\n");
}

TEST_CASE("the token goes to the endpoint alone", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  const std::string token = "hf_Secret123";
  const Finished ran = hub.run("hf:private/tiny --format json", "HF_TOKEN=" + token);
  CHECK(ran.code == 0);
  CHECK(ran.out.find(token) == std::string::npos);
  const auto asked = hub.server().asked();
  CHECK(!asked.empty());
  for (const auto& one : asked) {
    INFO(one.path);
    CHECK(one.authorization == (one.path.starts_with("/cdn/") ? "" : "Bearer " + token));
    CHECK(one.host.starts_with(one.path.starts_with("/cdn/") ? "localhost:" : "127.0.0.1:"));
  }
  CHECK(everything_below(hub.cache()).find(token) == std::string::npos);
  CHECK(hub.refusal("hf:private/none", "HF_TOKEN=" + token).find(token) == std::string::npos);
  // Its file, and the switch that says no.
  write_bytes(hub.served("token"), token + "\n");
  static_cast<void>(hub.server().asked());
  CHECK(hub.run("hf:private/tiny --no-cache", "HF_TOKEN_PATH=" + hub.served("token")).code == 0);
  CHECK_THAT(hub.refusal("hf:private/tiny --no-cache", "HF_HUB_DISABLE_IMPLICIT_TOKEN=1 HF_TOKEN=" + token),
             ContainsSubstring("a private one"));
  CHECK_THAT(hub.refusal("hf:ok/tiny --no-cache", "HF_TOKEN='hf_a\"\nurl = \"http://x'"),
             ContainsSubstring("HF_TOKEN: not a token: it has invalid characters"));
}

TEST_CASE("curl gets no token and no address on its command line", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  TestFolder bin;
  write_bytes(bin / "curl", "#!/bin/sh\nprintf '%s\\n' \"$@\" >>" + (bin / "words") + "\nenv >>" +
                                (bin / "environment") +
                                "\nexec /usr/bin/env -i PATH=/usr/bin:/bin:/usr/local/bin curl \"$@\"\n");
  fs::permissions(bin / "curl", fs::perms::owner_all);
  const Finished ran =
      hub.run("hf:private/tiny --get params.total", "HF_TOKEN=hf_Secret123 PATH=" + bin.path() + ":$PATH");
  INFO(ran.err);
  CHECK(ran.code == 0);
  std::ifstream words(bin / "words");
  std::string word;
  while (std::getline(words, word)) CHECK((word == "-q" || word == "--config" || word == "-"));
  CHECK(everything_below(bin.path()).find("hf_Secret123") == std::string::npos);
}

TEST_CASE("a redirect from the web leads to no other scheme and to no private place", "[remote]") {
  // A script in place of curl that always answers the same, and records its requests.
  Hub hub;
  TestFolder bin;
  const auto answer = [&](const std::string& location) {
    write_bytes(bin / "curl", "#!/bin/sh\ncat >>" + (bin / "asked") + "\nmarker=$(grep -o '[0-9a-f]\\{32\\}' " +
                                  (bin / "asked") + " | tail -1)\nprintf 'HTTP/1.1 302 X\\r\\nLocation: " + location +
                                  "\\r\\n\\r\\n\\n%s 0 302 \\n%s\\n' $marker $marker\n");
    fs::permissions(bin / "curl", fs::perms::owner_all);
  };
  const std::string path = "PATH=" + bin.path() + ":$PATH";
  const auto says = [&](const std::string& location, const std::string& what) {
    answer(location);
    INFO(location);
    CHECK_THAT(hub.refusal("https://example.com/x.gguf", path), ContainsSubstring(what));
  };
  says("http://example.com/y.gguf", "a redirect from https to http is refused");
  says("file:///etc/passwd", "only https is supported");
  says("https://127.0.0.1/y.gguf",
       "a redirect to 127.0.0.1, an address on this machine or a private network, is refused");
  says("https://[::1]:8080/y.gguf", "is refused");
  says("https://2130706433/y.gguf", "is refused");
  says("https://169.254.169.254/latest", "is refused");
  says("//localhost/y.gguf", "is refused");
  says("https://me@example.com/y.gguf", "a redirect is refused: an address with a user");
  says("https://example.com/x.gguf", "more than 5 redirects");
  std::ifstream asked(bin / "asked");
  std::string line;
  std::size_t protocols = 0;
  while (std::getline(asked, line)) {
    CHECK(line != "location");
    CHECK(line.find("netrc") == std::string::npos);
    if (line.starts_with("proto = ")) CHECK(line == "proto = \"=https\"");
    if (line.starts_with("proto = ")) ++protocols;
    if (line.starts_with("url = ")) CHECK(line == "url = \"https://example.com/x.gguf\"");
  }
  CHECK(protocols == 14);
}

TEST_CASE("what was read is kept by its commit", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  const std::string total = hub.total("hf:ok/tiny");
  static_cast<void>(hub.server().asked());
  CHECK(hub.total("hf:ok/tiny") == total);
  // A branch may have moved: one question.
  CHECK(hub.server().asked().size() == 1);
  CHECK(hub.total(std::string("hf:ok/tiny@") + HubServer::kCommit) == total);
  CHECK(hub.total("hf:ok/tiny --offline") == total);
  CHECK(hub.total("hf:ok/tiny", "HF_HUB_OFFLINE=1 PATH=/nonexistent:$(dirname $(command -v paramcount))") == total);
  CHECK(hub.server().asked().empty());
  CHECK_THAT(hub.refusal("hf:ok/tiny --offline --no-cache"), ContainsSubstring("not cached by an earlier run"));
  CHECK_THAT(hub.refusal("hf:ok/config --offline"), ContainsSubstring("not requested over the network"));
  CHECK_THAT(hub.refusal("hf:ok/config", "TRANSFORMERS_OFFLINE=1"),
             ContainsSubstring("not requested over the network"));
  CHECK(hub.server().asked().empty());
  // One that is damaged is asked for again.
  for (const auto& entry : fs::recursive_directory_iterator(hub.cache())) {
    if (entry.is_regular_file() && entry.path().string().find("headers") != std::string::npos)
      write_bytes(entry.path(), "x");
  }
  CHECK(hub.total("hf:ok/tiny") == total);
}

TEST_CASE("offline, the Hub's own cache is used", "[remote]") {
  Hub hub;
  const std::string repository = hub.served("cache/hub/models--some--one");
  fs::create_directories(repository + "/refs");
  fs::create_directories(repository + "/snapshots");
  write_bytes(repository + "/refs/main", HubServer::kCommit);
  fs::copy(kTinyLlama, repository + "/snapshots/" + HubServer::kCommit, fs::copy_options::recursive);
  const std::string home = "HF_HUB_CACHE=" + hub.served("cache/hub");
  CHECK(hub.total("hf:some/one --offline", home) == "5968\n");
  CHECK(hub.run("verify hf:some/one", home + " HF_HUB_OFFLINE=1").code == 0);
  CHECK_THAT(hub.refusal("hf:some/other --offline", home), ContainsSubstring("not requested over the network"));
  CHECK(hub.server().asked().empty());
}

TEST_CASE("without a cache nothing is written", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  static_cast<void>(hub.total("hf:ok/tiny --no-cache"));
  CHECK(!fs::exists(hub.cache()));
}

TEST_CASE("other schemes and addresses are refused by name", "[remote]") {
  Hub hub;
  const auto says = [&](const std::string& name, const std::string& what) {
    INFO(name);
    CHECK_THAT(hub.refusal("'" + name + "'"), ContainsSubstring(what));
  };
  says("file:///etc/passwd", "give the path of the file itself");
  says("http://example.com/x.gguf", "http is not supported; use https");
  says("s3://bucket/x.gguf", "only https is supported");
  says("https://example.com/page", "must point to a .gguf, a .safetensors or a config.json");
  says("https://huggingface.co/datasets/a/b", "a page of datasets, not of a model");
  says("https://user:secret@example.com/x.gguf", "a user name in it");
  says("hf:", "expected org/name");
  says("hf:a/b/../c", "a path with an empty or dots-only component");
  says("hf:a b/c", "expected org/name");
  CHECK_THAT(hub.refusal("hf:ok/tiny", "HF_ENDPOINT=gopher://x"), ContainsSubstring("HF_ENDPOINT: gopher: only https"));
}

TEST_CASE("without curl one line says how to read the file by hand", "[remote]") {
  Hub hub;
  const std::string error = hub.refusal("hf:ok/tiny", "PATH=$(dirname $(command -v paramcount))");
  CHECK_THAT(error, ContainsSubstring("needs curl, which is not installed. By hand: wget ") &&
                        ContainsSubstring("/ok/tiny/resolve/main/config.json and then paramcount config.json") &&
                        ContainsSubstring("; for weights files see 'paramcount help hub'"));
  CHECK_THAT(hub.refusal("hf:ok/tiny/model-00001-of-00002.safetensors", "PATH=$(dirname $(command -v paramcount))"),
             ContainsSubstring("By hand: wget --header Range:bytes=0-16777215 ") &&
                 ContainsSubstring("/resolve/main/model-00001-of-00002.safetensors; see 'paramcount help hub'"));
  CHECK_THAT(run_line("help hub --notes").out, ContainsSubstring("truncate -s SIZE FILE"));
}

TEST_CASE("batch uses the network only with --online", "[remote]") {
  if (no_curl()) return;
  Hub hub;
  const Finished closed = hub.run("batch <<'END'\nhf:ok/config\n{\"id\":\"a\",\"model\":\"hf:ok/config\"}\nEND");
  CHECK(closed.code == 1);
  CHECK_THAT(closed.out, ContainsSubstring("only with --online"));
  CHECK(hub.server().asked().empty());
  // Files on this machine need no network.
  const std::string store = hub.served("store");
  fs::create_directories(store + "/manifests/registry.ollama.ai/library/words");
  fs::create_directories(store + "/blobs");
  const std::string digest(64, 'a');
  write_bytes(store + "/blobs/sha256-" + digest, gguf(10));
  write_bytes(store + "/manifests/registry.ollama.ai/library/words/7b",
              R"({"schemaVersion":2,"layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:)" +
                  digest + R"(","size":1}]})");
  CHECK(hub.run("batch <<'END'\nollama:words:7b\nEND", "OLLAMA_MODELS=" + store).code == 0);
  CHECK(hub.server().asked().empty());
  const Finished open =
      hub.run("batch --online <<'END'\nhf:ok/config\nhf:ok/tiny\nhf:ok/config\nhttps://10.0.0.1/x.gguf\nEND");
  CHECK(open.code == 1);
  CHECK(std::count(open.out.begin(), open.out.end(), '\n') == 4);
  CHECK_THAT(open.out, ContainsSubstring("an address on this machine or a private network") &&
                           ContainsSubstring("hf:ok/tiny@" + std::string(HubServer::kCommit)));
}

}  // namespace
}  // namespace paramcount
