// Options that are given: by the command line and by defaults, for answers that have a use for them and for others.
#include <string>
#include <vector>

#include "catch.hpp"
#include "paramcount/run.hpp"
#include "process.hpp"

namespace paramcount {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("an option that has no part in the answer is refused, not dropped") {
  const auto said = [](const std::string& line) {
    const Finished ran = run_line(line);
    CHECK(ran.code == 2);
    CHECK(ran.out.empty());
    return ran.err;
  };
  const std::string budgets = "paramcount: --device, --mfu, --price: only with one of --compute, --params, --tokens ";
  CHECK(said("scale gpt-2 --device h100") == budgets + "and --budget\n");
  CHECK(said("scale gpt-2 --price 2") == budgets + "and --budget\n");
  CHECK(said("scale gpt-2 --law hoffmann-20") ==
        "paramcount: --law hoffmann-20: predicts no loss; list laws shows which do\n");
  CHECK(said("gpt-2 --set n_layers=5 --baseline gpt-2") ==
        "paramcount: --baseline, --base: before and after are of one model, without its adapters\n");
  CHECK(said("fit gpt-2 --device rtx-4090 --ram-bandwidth 50") ==
        "paramcount: --ram-bandwidth: nothing is kept in host memory without --ram, --ngl or --n-cpu-moe\n");
  CHECK(said("fit gpt-2 --grid france") == "paramcount: --grid: for which device? Name it with --device\n");
  CHECK(said("fit --device h100 --grid france") == "paramcount: --price, --buy, --grid: need a model; name one\n");
}

TEST_CASE("scale shows the loss by the law that --law names") {
  // Kaplan et al. 2020, arXiv:2001.08361, equation 1.5 with table 4's constants, N without embeddings:
  // ((6.4e13 / 85,056,000)^(0.076 / 0.103) + 1.8e13 / 2,488,796,160)^0.103 is 2.88065.
  const std::string page = run_line("scale gpt-2 --law kaplan --precise").out;
  const std::string loss = run_line("scale gpt-2 --get scaling.kaplan.loss").out;
  CHECK(loss.starts_with("2.88064"));
  CHECK(page.find("~" + loss.substr(0, loss.size() - 1)) != std::string::npos);
}

TEST_CASE("an error about an option that only a default gave says where it comes from") {
  Environment environment;
  environment.defaults = {{"device", "rtx-4090"}, {"dtype", "int4"}};
  const auto said = [&](const std::vector<std::string>& arguments) {
    Finished ran;
    ran.code = run(arguments, environment, ran.out, ran.err);
    CHECK(ran.code == 2);
    return ran.err;
  };
  CHECK(has(said({"gpt-2", "--set", "n_layers=5"}), ". PARAMCOUNT_DEVICE sets --device; --no-config ignores it\n"));
  CHECK(has(said({"train", "gpt-2"}), ". PARAMCOUNT_DTYPE sets --dtype; --no-config ignores it\n"));
  CHECK_FALSE(has(said({"gpt-2", "--set", "n_layers=5", "--device", "h100"}), "sets --device"));
}

}  // namespace
}  // namespace paramcount
