# The libraries the program stands on: the system's packages first, a pinned download where one is missing.
include(FetchContent)
set(FMT_INSTALL OFF)

macro(paramcount_download name url hash)
  if(NOT PARAMCOUNT_FETCH)
    message(FATAL_ERROR "${name} is not installed, and PARAMCOUNT_FETCH is off")
  endif()
  message(STATUS "${name} is not installed: downloading ${url}")
  FetchContent_Declare(${name} URL ${url} URL_HASH SHA256=${hash})
  FetchContent_MakeAvailable(${name})
endmacro()

find_package(Threads REQUIRED)

find_package(CLI11 2.1 CONFIG QUIET)
if(NOT CLI11_FOUND)
  paramcount_download(CLI11 https://github.com/CLIUtils/CLI11/archive/v2.4.1.tar.gz
    73b7ec52261ce8fe980a29df6b4ceb66243bb0b779451dbd3d014cfec9fdbb58)
endif()

find_package(fmt 9 CONFIG QUIET)
if(NOT fmt_FOUND)
  paramcount_download(fmt https://github.com/fmtlib/fmt/archive/9.1.0.tar.gz
    5dea48d1fcddc3ec571ce2058e13910a0d4a6bab4cc09a809d8b1dd1c88ae6f2)
endif()

find_package(nlohmann_json 3.10 CONFIG QUIET)
if(NOT nlohmann_json_FOUND)
  paramcount_download(nlohmann_json https://github.com/nlohmann/json/releases/download/v3.11.3/json.tar.xz
    d6c65aca6b1ed68e7a182f4757257b107ae403032760ed6ef121c9d55e81757d)
endif()

# Version 3 or 2: tests/catch.hpp hides the difference.
if(BUILD_TESTING OR PARAMCOUNT_BENCH)
  find_package(Catch2 3 CONFIG QUIET)
  if(NOT Catch2_FOUND)
    find_package(Catch2 2.13 CONFIG QUIET)
  endif()
  if(NOT Catch2_FOUND)
    paramcount_download(Catch2 https://github.com/catchorg/Catch2/archive/v3.7.1.tar.gz
      c991b247a1a0d7bb9c39aa35faf0fe9e19764213f28ffba3109388e62ee0269c)
    list(APPEND CMAKE_MODULE_PATH ${Catch2_SOURCE_DIR}/extras)
  endif()
endif()
