# Held to CMakeLists.txt by the test `recipes`; not run by the project itself.
from pathlib import Path

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout


class Paramcount(ConanFile):
    name = "paramcount"
    version = "0.1.0"
    description = "Counts a language model: parameters, memory, training cost"
    license = "MIT"
    package_type = "static-library"
    settings = "os", "compiler", "build_type", "arch"

    def export_sources(self):
        root = Path(self.recipe_folder).parent
        for name in ("CMakeLists.txt", "LICENSE", "README.md", "CHANGELOG.md", "src/*", "include/*", "data/*", "tests/*"):
            self.copy_sources(root, name)

    def copy_sources(self, root, pattern):
        from conan.tools.files import copy

        copy(self, pattern, src=str(root), dst=self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        self.requires("cli11/[>=2.1 <3]")
        self.requires("fmt/[>=9 <12]")
        self.requires("nlohmann_json/[>=3.10 <4]")

    def build_requirements(self):
        self.test_requires("catch2/[>=2.13 <4]")

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.variables["PARAMCOUNT_FETCH"] = False
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()

    def package_info(self):
        self.cpp_info.set_property("cmake_target_name", "paramcount::paramcount")
        self.cpp_info.libs = ["paramcount"]
        if self.settings.os == "Linux":
            self.cpp_info.system_libs = ["pthread"]
