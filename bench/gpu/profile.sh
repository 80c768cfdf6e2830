#!/bin/sh
# What each side has the GPU do in the plan's steps, by kernel: profile.sh FOLDER MODEL SHAPE PRECISION. Needs g++ and CUDA's headers.
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/src/env.sh"
if [ ! -e "$here/profile.so" ]; then
    cupti=$(find -L "$site" /usr/local/cuda*/ -name libcupti.so.1? 2>/dev/null | sort | head -1)
    headers=$(dirname "$(find -L "$site" /usr/local/cuda*/ -name cupti.h 2>/dev/null | head -1)")
    g++ -std=c++17 -O2 -fPIC -shared -I "$headers" "$here/src/profile.cc" "$cupti" -o "$here/profile.so"
fi
ask() { # KIND
    config="\"model\":\"$model\",\"shape\":\"$shape\",\"precision\":\"$precision\",\"kind\":\"$1\""
    printf '{"do":"prepare",%s}\n{"do":"time",%s}\n{"do":"time",%s}\n' "$config" "$config" "$config"
}
target=$1 model=$2 shape=$3 precision=$4
export CUDA_INJECTION64_PATH="$here/profile.so" LD_LIBRARY_PATH="$SPANLAB_LIBRARIES"
ask compiled | SPANLAB_PROFILE="$target/spanlab-$model-$shape-$precision" "$here/node" "$here/src/spanlab-side.cjs" "$here/plan.json" "$model" 2>/dev/null | cut -c1-300
ask sdpa | SPANLAB_PROFILE="$target/torch-$model-$shape-$precision" "$python" "$here/src/torch_side.py" "$here/plan.json" 2>/dev/null | cut -c1-300
