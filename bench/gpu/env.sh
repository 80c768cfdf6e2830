# Sourced by run.sh and profile.sh: where TensorFlow finds NVIDIA's libraries, those of the machine's PyTorch. `here` is the folder of
# all that was unpacked.
python=${PYTHON:-python3}
site=$("$python" -c 'import nvidia; print(list(nvidia.__path__)[0])')
link() { # PACKAGE NAME PATTERN: the name that TensorFlow asks for, and what the machine has
    found=$(find -L "$site" /usr/local/cuda*/ -name "$3" 2>/dev/null | grep -v stubs | sort | head -1)
    mkdir -p "$here/nvidia/$1/lib"
    if [ -n "$found" ]; then ln -sf "$found" "$here/nvidia/$1/lib/$2"; fi
    echo "$2 -> ${found:-nothing}"
    case ":$folders:" in *":${found%/*}:"*) ;; *) folders="$folders:${found%/*}" ;; esac
}
link cublas libcublas.so.12 'libcublas.so.1?'
link cublas libcublasLt.so.12 'libcublasLt.so.1?'
link cudnn libcudnn.so.9 'libcudnn.so.9'
link cufft libcufft.so.11 'libcufft.so.1?'
link cusolver libcusolver.so.11 'libcusolver.so.1?'
link cusparse libcusparse.so.12 'libcusparse.so.1?'
SPANLAB_LIBRARIES=$(for folder in "$here"/nvidia/*/lib; do printf '%s:' "$folder"; done)$folders
TF_CPP_MIN_LOG_LEVEL=${TF_CPP_MIN_LOG_LEVEL:-0}
XLA_FLAGS="--xla_gpu_cuda_data_dir=$here/nvidia/cuda_nvcc $SPANLAB_XLA_FLAGS"
HF_HUB_OFFLINE=1
export SPANLAB_LIBRARIES TF_CPP_MIN_LOG_LEVEL XLA_FLAGS HF_HUB_OFFLINE
