#!/bin/sh
# Runs a script of package.json without npm and without a network: ./offline.sh lab | start | test
# or a command of spanlab: ./offline.sh spanlab ask --model models/workshop-qa
cd "$(dirname "$0")" || exit 1
PATH="$PWD/.spanlab/bundle/bin:$PATH"
HF_HUB_OFFLINE=1
export PATH HF_HUB_OFFLINE
if [ $# -eq 0 ]; then
  echo "usage: ./offline.sh lab | start | test | spanlab COMMAND ..." >&2
  exit 2
fi
if ! command -v node >/dev/null; then
  echo "error: E_BUNDLE: Node.js is not in this bundle and not on this machine; install Node.js 20 or newer" >&2
  exit 1
fi
name=$1
shift
if [ "$name" = spanlab ]; then
  exec node src/cli/bin.cjs "$@"
fi
script=$(node -p "require('./package.json').scripts[process.argv[1]] || ''" "$name")
if [ -z "$script" ]; then
  echo "error: E_USAGE: there is no script \"$name\" in package.json" >&2
  exit 2
fi
exec sh -c "$script \"\$@\"" "$name" "$@"
