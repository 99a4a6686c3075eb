#!/bin/sh
# Runs one of the tests that need other programs. Usage: run.sh NAME FOLDER_OF_PARAMCOUNT, from the source folder.
# A missing tool is said loudly and counts as skipped (77).
set -eu
name=$1
PATH=$2:$PATH
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PATH XDG_CONFIG_HOME="$work" NO_COLOR=1 LC_ALL=C.UTF-8
for variable in $(env | sed -n 's/^\(PARAMCOUNT_[A-Z_]*\)=.*/\1/p'); do unset "$variable"; done

needs() {
  for tool in "$@"; do
    command -v "$tool" >/dev/null && continue
    echo "SKIPPED: $name needs $tool, which is not installed" >&2
    exit 77
  done
}

case $name in
bash)
  needs bash
  paramcount generate bash >"$work/paramcount"
  bash "$here/completion.bash" "$work/paramcount"
  ;;
zsh)
  needs zsh
  paramcount generate zsh >"$work/_paramcount"
  zsh -f "$here/completion.zsh" "$work"
  ;;
fish)
  needs fish
  paramcount generate fish >"$work/paramcount.fish"
  HOME=$work fish --no-config "$here/completion.fish" "$work/paramcount.fish"
  ;;
man)
  needs mandoc col
  paramcount generate man >"$work/paramcount.1"
  mandoc -Tlint -W warning "$work/paramcount.1"
  mandoc -Tutf8 "$work/paramcount.1" | grep -q 'Count a language model'
  # Every option of every command is on the page.
  mandoc -Tascii "$work/paramcount.1" | col -b >"$work/page"
  paramcount generate bash | grep -o "options='[^']*'" | tr "' " '\n\n' | grep '^--' | sort -u >"$work/options"
  test "$(wc -l <"$work/options")" -gt 20
  while read -r option; do
    grep -q -e "$option" "$work/page" || { echo "$option is not on the manual page"; exit 1; }
  done <"$work/options"
  ;;
schema)
  needs python3
  python3 "$here/schema.py" "$(command -v paramcount)" .
  ;;
html)
  needs python3
  python3 "$here/pages.py" "$(command -v paramcount)"
  ;;
report)
  needs python3 java chromium
  python3 "$here/report.py" "$(command -v paramcount)"
  ;;
recipes)
  needs bash jq sqlite3 make xargs parallel
  bash "$here/recipes.sh"
  ;;
*)
  echo "no such test: $name" >&2
  exit 2
  ;;
esac
