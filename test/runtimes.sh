#!/usr/bin/env bash
# The same log gives the same roots on every supported runtime, in every time zone and language.
# Runs test/runtimes.ts, which prints the roots that it computes, under the project's own Node and
# under Node 24 from npm, and fails unless all of them print the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."

script=test/runtimes.ts
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
npm install --prefix "$place" --no-save --no-package-lock --silent node@24

run() {
  local node=$1 zone=$2 language=$3
  local version
  version=$("$node" --version)
  TZ=$zone LANG=$language LC_ALL=$language "$node" "$script" >"$place/roots"
  if [ ! -e "$place/first" ]; then cp "$place/roots" "$place/first"; fi
  if ! [ -s "$place/roots" ] || ! cmp "$place/first" "$place/roots"; then
    echo "$version under $zone and $language computes other roots:" >&2
    diff "$place/first" "$place/roots" >&2 || true
    exit 1
  fi
  echo "$version $zone $language: equal"
}

for node in node_modules/.bin/node "$place/node_modules/.bin/node"; do
  run "$node" UTC C
  run "$node" Asia/Shanghai zh_CN.UTF-8
  run "$node" America/St_Johns tr_TR.UTF-8
done
cat "$place/first"
