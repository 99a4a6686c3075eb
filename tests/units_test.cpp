#include "paramcount/base/units.hpp"

#include <concepts>

#include "catch.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

template <class A, class B>
concept Addable = requires(A a, B b) {
  a + b;
};
template <class A, class B>
concept Multipliable = requires(A a, B b) {
  a* b;
};
template <class A, class B>
concept Dividable = requires(A a, B b) {
  a / b;
};

static_assert(Addable<Bytes, Bytes>);
static_assert(!Addable<Bytes, Params>);
static_assert(!Addable<Flops, FlopsPerSecond>);
static_assert(!Multipliable<Params, Tokens>);
static_assert(Dividable<Flops, FlopsPerSecond>);
static_assert(!Dividable<FlopsPerSecond, Flops>);
static_assert(Multipliable<DollarsPerHour, Seconds>);
static_assert(!std::convertible_to<std::uint64_t, Params>);

TEST_CASE("a sum that passes 64 bits is an error, not a number") {
  CHECK_THROWS_AS((Params{UINT64_MAX} + Params{1}), Error);
  CHECK_THROWS_AS((Params{1} - Params{2}), Error);
  CHECK_THROWS_AS(checked_mul(std::uint64_t{1} << 32U, std::uint64_t{1} << 32U), Error);
  CHECK(checked_mul(1ULL << 31U, 1ULL << 32U) == 1ULL << 63U);
}

TEST_CASE("a fraction of a count is exact although the product passes 64 bits") {
  CHECK(checked_fraction(653'908'770'816, 8, 256) == 20'434'649'088);
  CHECK(checked_fraction(UINT64_MAX, 3, 4) == UINT64_MAX / 4 * 3 + 2);
}

TEST_CASE("an hour of a device at its price costs the price") {
  CHECK((DollarsPerHour{2.99} * Seconds{3600}).value == Approx(2.99));
  CHECK((Flops{7200} / FlopsPerSecond{2}).value == 3600);
}

}  // namespace
}  // namespace paramcount
