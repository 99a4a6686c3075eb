#include <cstdio>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"

int main() {
  const paramcount::Catalog catalog;
  paramcount::Expander expander(catalog.families());
  const auto inventory = expander.expand(catalog.model("llama-3.1-8b"));
  std::printf("%llu\n", static_cast<unsigned long long>(paramcount::count_params(inventory).total.value));
}
