// What names and addresses of models elsewhere mean: no network.
#include "remote/remote_name.hpp"
#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "remote/url.hpp"

namespace paramcount {
namespace {

TEST_CASE("a name is taken apart", "[remote]") {
  struct Case {
    const char* name;
    const char* repo;
    const char* revision;
    const char* path;
    const char* tag;
  };
  for (const Case& one : std::vector<Case>{
           {"hf:a/b", "a/b", "", "", ""},
           {"hf:gpt2", "gpt2", "", "", ""},
           {"hf:a/b:Q4_K_M", "a/b", "", "", "Q4_K_M"},
           {"hf:a/b@v1:Q8_0", "a/b", "v1", "", "Q8_0"},
           {"hf:a/b@v1/x/y.gguf", "a/b", "v1", "x/y.gguf", ""},
           {"hf:a/b#dev", "a/b", "dev", "", ""},
           {"hf:a/b@refs/pr/7/config.json", "a/b", "refs/pr/7", "config.json", ""},
           {"hf.co/a/b.c-d_e", "a/b.c-d_e", "", "", ""},
           {"https://huggingface.co/a/b/blob/main/x%20y.gguf", "a/b", "main", "x y.gguf", ""},
           {"https://huggingface.co/a/b/tree/refs%2Fpr%2F1", "a/b", "refs/pr/1", "", ""},
           {"https://huggingface.co/a/b?show_file_info=x-Q4_0.gguf", "a/b", "", "x-Q4_0.gguf", ""},
           {"https://huggingface.co/gpt2/resolve/main/config.json", "gpt2", "main", "config.json", ""},
           {"https://huggingface.co/a/b/discussions/3", "a/b", "", "", ""},
       }) {
    INFO(one.name);
    CHECK(is_remote(one.name));
    const RemoteName name = parse_remote_name(one.name);
    CHECK(name.kind == RemoteName::Kind::hub);
    CHECK(name.repo == one.repo);
    CHECK(name.revision == one.revision);
    CHECK(name.path == one.path);
    CHECK(name.tag == one.tag);
  }
  CHECK(parse_remote_name("ollama:llama3.1:70b").repo == "library/llama3.1");
  CHECK(parse_remote_name("ollama:llama3.1:70b").revision == "70b");
  CHECK(parse_remote_name("ollama:me/x").repo == "me/x");
  CHECK(parse_remote_name("ollama:registry.example.com/me/x:1").endpoint == "https://registry.example.com");
  CHECK(parse_remote_name("ms:a/b@v1").revision == "v1");
  for (const char* name : {"llama-3.1-8b", "a/b", "./hf", "x.gguf", "C:\\x", "llama3:8b", "/https://x"}) {
    INFO(name);
    CHECK(!is_remote(name));
  }
  for (const char* name :
       {"hf:/", "hf:a/b:", "hf:a/b/..", "hf:a/\x1B[2J", "https://a:b@c/x.gguf", "https:///x.gguf", "hf:a/b@../../x",
        "https://[::1/x.gguf", "https://x:99999999/y.gguf", "ollama:a/b/c/d", "ollama:", "hf:a\nb/c"}) {
    INFO(name);
    CHECK_THROWS_AS(parse_remote_name(name), Error);
  }
}

TEST_CASE("addresses of this machine and of private networks are known in every spelling", "[remote]") {
  for (const char* host : {"127.0.0.1",
                           "127.1",
                           "2130706433",
                           "0x7f000001",
                           "0177.0.0.1",
                           "localhost",
                           "LOCALHOST.",
                           "a.localhost",
                           "10.1.2.3",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.0.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "0.0.0.0",
                           "0",
                           "224.0.0.1",
                           "[::1]",
                           "[::]",
                           "[fe80::1]",
                           "[fd00::1]",
                           "[::ffff:127.0.0.1]",
                           "[::ffff:10.0.0.1]",
                           "[64:ff9b::7f00:1]",
                           "printer.local",
                           "metadata.google.internal"}) {
    INFO(host);
    CHECK(is_private_host(parse_url(std::string("https://") + host + "/").host));
  }
  for (const char* host :
       {"huggingface.co", "8.8.8.8", "172.32.0.1", "[2606:4700::1111]", "localhost.example.com", "10.example.com"}) {
    INFO(host);
    CHECK(!is_private_host(parse_url(std::string("https://") + host + "/").host));
  }
}

TEST_CASE("a redirect is read against where it was given", "[remote]") {
  const Url base = parse_url("https://a.example:8443/x/y?z");
  CHECK(resolve(base, "/q").text() == "https://a.example:8443/q");
  CHECK(resolve(base, "q?r=http://b").text() == "https://a.example:8443/x/q?r=http://b");
  CHECK(resolve(base, "//b.example/q").text() == "https://b.example/q");
  CHECK(resolve(base, "https://b.example").origin() == "https://b.example:443");
  CHECK(parse_url("https://a.example/").origin() != parse_url("http://a.example/").origin());
  for (const char* place :
       {"file:///etc/passwd", "ftp://b/", "javascript:x", "https://u@b/", "https://b/\"x", "gopher://b"}) {
    INFO(place);
    CHECK_THROWS_AS(resolve(base, place), Error);
  }
}

}  // namespace
}  // namespace paramcount
