#!/bin/sh
# Installs a build, builds tests/package against the installation, and packs it:
# install.sh BUILD SOURCE COMPILER GENERATOR FLAGS
set -eu
build=$1 source=$2 compiler=$3 generator=$4 flags=$5
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
fail() {
  echo "$*" >&2
  exit 1
}

cmake --install "$build" --prefix "$temporary/usr" >/dev/null
[ "$("$temporary/usr/bin/paramcount" llama-3.1-8b --get params.total)" = 8030261248 ] || fail "the installed program miscounts"
if grep -rl -e "$build" -e "$source" "$temporary/usr/lib"*/cmake "$temporary/usr/lib"*/*/cmake 2>/dev/null; then
  fail "the CMake package names a path of this machine"
fi
cmake -S "$source/tests/package" -B "$temporary/example" -G "$generator" -DCMAKE_CXX_COMPILER="$compiler" \
  -DCMAKE_CXX_FLAGS="$flags" \
  -DCMAKE_PREFIX_PATH="$temporary/usr" >/dev/null
cmake --build "$temporary/example" >/dev/null
[ "$("$temporary/example/example")" = 8030261248 ] || fail "the example on the installed library miscounts"

(cd "$build" && cpack -G TGZ -B "$temporary/packages" >/dev/null)
tar -xzf "$temporary"/packages/*.tar.gz -C "$temporary"
"$temporary"/paramcount-*/bin/paramcount --version >/dev/null || fail "the program of the .tar.gz does not run"
for tool in dpkg-deb dpkg-shlibdeps file; do
  command -v $tool >/dev/null && continue
  echo "no $tool: the .deb is left out" >&2
  exit 0
done
(cd "$build" && cpack -G DEB -B "$temporary/packages" >/dev/null)
dpkg-deb -c "$temporary"/packages/paramcount_*.deb | grep -q '/usr/bin/paramcount$' || fail "the .deb lacks the program"
dpkg-deb -c "$temporary"/packages/libparamcount-dev_*.deb | grep -q 'paramcount-config.cmake$' || fail "the -dev lacks its package"
