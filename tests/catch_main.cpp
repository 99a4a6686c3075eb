// For packages of Catch2 2 without a main() of their own.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
