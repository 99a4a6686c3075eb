"""The recipes of package managers name the version and the dependencies that CMake does: packages.py SOURCE"""
import json
import re
import sys
from pathlib import Path

source = Path(sys.argv[1])
version = re.search(r"project\(paramcount VERSION ([\d.]+)", (source / "CMakeLists.txt").read_text()).group(1)
found = dict(re.findall(r"find_package\((\w+) ([\d.]+) CONFIG", (source / "src/dependencies.cmake").read_text()))
# CMake tries Catch2 3 and then 2.13: the last one written is the least that works.
names = {"CLI11": "cli11", "fmt": "fmt", "nlohmann_json": "nlohmann_json", "Catch2": "catch2"}
assert set(found) == set(names), f"dependencies.cmake looks for {sorted(found)}: name new ones in the recipes and here"
least = {names[name]: number for name, number in found.items()}

conan = (source / "scripts/conanfile.py").read_text()
assert f'version = "{version}"' in conan, f"conanfile.py: the version is not {version}"
required = dict(re.findall(r'requires\("(\w+)/\[>=([\d.]+)', conan))
assert required == least, f"conanfile.py: {required}, CMake has {least}"

vcpkg = json.loads((source / "scripts/vcpkg.json").read_text())
assert vcpkg["version"] == version, f"vcpkg.json: the version is not {version}"
listed = set(vcpkg["dependencies"]) | set(vcpkg["features"]["tests"]["dependencies"])
assert listed == {name.replace("_", "-") for name in least}, f"vcpkg.json: {sorted(listed)}"
assert "catch2" not in vcpkg["dependencies"], "vcpkg.json: only tests need Catch2"
print(f"version {version}, {len(least)} dependencies")
