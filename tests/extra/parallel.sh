#!/bin/sh
# paramcount batch under GNU parallel gives what one process gives: parallel.sh PROGRAM SOURCE
set -eu
program=$1 source=$2
if ! parallel --version 2>/dev/null | grep -q '^GNU parallel'; then
  echo "no GNU parallel: skipped" >&2
  exit 77
fi
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
python3 - "$source/tests/truth/configs.jsonl" >"$temporary/in" <<'END'
import json, sys
for line in open(sys.argv[1]):
    model = json.loads(line)
    print(json.dumps({"id": model["name"], "config": model["config"]}))
END
"$program" batch <"$temporary/in" >"$temporary/one" || true
parallel --will-cite --pipe --keep-order --block 50k "$program" batch --jobs 1 <"$temporary/in" >"$temporary/many" || true
# Lines are numbered within each process: only the ids of errors are the same.
sed 's/"line":[0-9]*/"line":0/' "$temporary/one" >"$temporary/one.0"
sed 's/"line":[0-9]*/"line":0/' "$temporary/many" >"$temporary/many.0"
cmp "$temporary/one.0" "$temporary/many.0"
[ "$(wc -l <"$temporary/many")" -gt 300 ]
