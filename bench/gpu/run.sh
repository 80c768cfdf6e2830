#!/bin/sh
# Measures: run.sh RESULTS [OPTION…], those of measure.ts. PYTHON names the Python that has PyTorch.
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/src/env.sh"
exec "$here/node" "$here/src/measure.cjs" "$here/plan.json" "$@" --python "$python"
