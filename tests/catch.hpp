// Catch2, version 2 or 3, which prints quantities as their numbers.
#pragma once

#include <string>

#include "paramcount/base/units.hpp"

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
#else
#include <catch2/catch.hpp>
inline auto ContainsSubstring(const std::string& text) { return Catch::Matchers::Contains(text); }
#endif

template <class Tag, class Rep>
struct Catch::StringMaker<paramcount::Quantity<Tag, Rep>> {
  static std::string convert(const paramcount::Quantity<Tag, Rep>& quantity) { return std::to_string(quantity.value); }
};
