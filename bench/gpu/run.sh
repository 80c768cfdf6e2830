#!/bin/sh
# Puts NVIDIA's libraries where TensorFlow looks for them, those of the machine's PyTorch, and measures: run.sh RESULTS [OPTION…], those of measure.ts
here=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
site=$("$python" -c 'import nvidia, os; print(list(nvidia.__path__)[0])')
link() { # PACKAGE NAME PATTERN: the name that TensorFlow asks for, and what the machine has
    found=$(find -L "$site" /usr/local/cuda*/ -name "$3" 2>/dev/null | grep -v stubs | sort | head -1)
    mkdir -p "$here/nvidia/$1/lib"
    if [ -n "$found" ] && [ ! -e "$here/nvidia/$1/lib/$2" ]; then ln -s "$found" "$here/nvidia/$1/lib/$2"; fi
    echo "$2 -> ${found:-nothing}"
    case ":$folders:" in *":${found%/*}:"*) ;; *) folders="$folders:${found%/*}" ;; esac
}
link cublas libcublas.so.12 'libcublas.so.1?'
link cublas libcublasLt.so.12 'libcublasLt.so.1?'
link cudnn libcudnn.so.9 'libcudnn.so.9'
link cufft libcufft.so.11 'libcufft.so.1?'
link cusolver libcusolver.so.11 'libcusolver.so.1?'
link cusparse libcusparse.so.12 'libcusparse.so.1?'
link nccl libnccl.so.2 'libnccl.so.2'
libraries=$(for folder in "$here"/nvidia/*/lib; do printf '%s:' "$folder"; done)$folders
export TF_FORCE_GPU_ALLOW_GROWTH=true TF_CPP_MIN_LOG_LEVEL=${TF_CPP_MIN_LOG_LEVEL:-0}
export XLA_FLAGS="--xla_gpu_cuda_data_dir=$here/nvidia/cuda_nvcc ${SPANLAB_XLA_FLAGS}"
export SPANLAB_LIBRARIES="$libraries" HF_HUB_OFFLINE=1
exec "$here/node" "$here/src/measure.cjs" "$here/plan.json" "$@" --python "$python"
