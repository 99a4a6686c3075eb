// Words that people bring from other programs and from common speech, as commands, devices and number formats.
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "process.hpp"

namespace paramcount {
namespace {

TEST_CASE("words that are commands elsewhere name the command that does it here", "[words]") {
  for (const auto& [line, said] :
       std::vector<std::pair<std::string, std::string>>{{"compare llama-3.1-8b qwen3-8b", "paramcount MODEL MODEL"},
                                                        {"llama-3.1-8b vs qwen3-8b", "paramcount MODEL MODEL"},
                                                        {"vram llama-3.1-8b", "paramcount fit MODEL"},
                                                        {"Benchmark llama-3.1-8b", "paramcount fit MODEL --device D"},
                                                        {"cost llama-3.1-8b", "paramcount train MODEL"},
                                                        {"quantize llama-3.1-8b", "paramcount MODEL --dtype"},
                                                        {"search qwen", "paramcount list"},
                                                        {"gpus", "paramcount list devices"},
                                                        {"cache", "paramcount scan --caches"},
                                                        {"version", "paramcount --version"}}) {
    INFO(line);
    const auto run = run_line(line);
    CHECK(run.code == 1);
    CHECK_THAT(run.err, ContainsSubstring(": no such model or command. ") && ContainsSubstring(said));
  }
  CHECK_THAT(run_line("conventions").err, ContainsSubstring("paramcount help conventions"));
  CHECK_THAT(run_line("--width 80 fit llama-3.1-8b").err, ContainsSubstring("A command comes first: paramcount fit"));
  // A part of such a word is none.
  CHECK_THAT(run_line("bench-").err, !ContainsSubstring("or command"));
}

TEST_CASE("a number of bits is not a format, and the formats of that width are listed", "[words]") {
  for (const std::string text : {"4.5", "4.5bpw", "3", "5 bits"}) {
    INFO(text);
    const auto run = run_words({"llama-3.1-8b", "--dtype", text});
    CHECK(run.code == 2);
    CHECK_THAT(run.err, ContainsSubstring("a number of bits is not a format"));
  }
  const auto run = run_words({"llama-3.1-8b", "--dtype", "4.5"});
  CHECK_THAT(run.err, ContainsSubstring("exl3-4.5") && ContainsSubstring("exl2-4.5"));
  CHECK(run_line("llama-3.1-8b --dtype exl3-4.5").code == 0);
  CHECK_THAT(run_line("llama-3.1-8b --dtype 99").err, !ContainsSubstring("bits alone"));
  CHECK(run_line("llama-3.1-8b --dtype bnb-4bit").out == run_line("llama-3.1-8b --dtype nf4").out);
}

TEST_CASE("an option of another command is named as such, and an incomplete format lists its completions", "[words]") {
  CHECK_THAT(run_line("train --params 1B").err,
             ContainsSubstring("It is one of") && ContainsSubstring("'paramcount scale'"));
  CHECK_THAT(run_line("llama-3.1-8b --sort params").err, ContainsSubstring("'paramcount list'"));
  CHECK_THAT(run_line("train llama-3.1-8b --qlora").err, ContainsSubstring("It is --lora 16 --dtype nf4 here."));
  CHECK_THAT(run_line("llama-3.1-8b --dtype q4").err, ContainsSubstring("q4_k_m"));
  CHECK_THAT(run_line("llama-3.1-8b --dtpye q4").err, ContainsSubstring("Did you mean --dtype"));
}

TEST_CASE("a size alone, a computer's name and a processor explain how to name a device", "[words]") {
  CHECK_THAT(run_words({"fit", "llama-3.1-8b", "--device", "24GB"}).err, ContainsSubstring("memory=24GiB"));
  CHECK_THAT(run_words({"fit", "llama-3.1-8b", "--device", "cpu"}).err, ContainsSubstring("memory=64GiB,bandwidth="));
  const auto mac = run_words({"fit", "llama-3.1-8b", "--device", "MacBook Air M2 16GB"});
  CHECK(mac.code == 0);
  CHECK(mac.out == run_line("fit llama-3.1-8b --device m2:16GB").out);
  CHECK(run_words({"fit", "llama-3.1-8b", "--device", "Mac Studio M3 Ultra"}).code == 0);
  CHECK(run_words({"fit", "llama-3.1-8b", "--device", "Mac mini M4 Pro"}).out ==
        run_line("fit llama-3.1-8b --device m4-pro").out);
}

}  // namespace
}  // namespace paramcount
