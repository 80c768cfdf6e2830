"""Unpacks what spanlab needs out of a Python wheel: unpack.py WHEEL FOLDER SCRATCH.

Two libraries and the C headers of TensorFlow's wheel; the libraries of NVIDIA's wheels, and of its compiler package the
assembler and the device library that TensorFlow calls. Every file appears under its name only when it is whole.
"""

import os
import re
import shutil
import sys
import zipfile

RULES = [
    (r"tensorflow/(libtensorflow_(?:cc|framework)\.(?:so\.2|2\.dylib))$", r"tensorflow/\1"),
    (r"tensorflow/include/((?:tensorflow/c|xla/tsl/c)/.*\.h)$", r"include/\1"),
    (r"tensorflow/include/((?:tensorflow/core|tsl|xla/tsl|tensorflow/tsl)/platform/ctstring.*\.h)$", r"include/\1"),
    (r"(nvidia/[^/]+/lib/.*[^/])$", r"\1"),
    (r"(nvidia/cuda_nvcc/(?:bin|nvvm)/.*[^/])$", r"\1"),
]


def place(name):
    for pattern, target in RULES:
        match = re.match(pattern, name)
        if match:
            return match.expand(target)
    return None


def main(wheel, folder, scratch):
    with zipfile.ZipFile(wheel) as files:
        for entry in files.infolist():
            name = place(entry.filename)
            if not name:
                continue
            target = os.path.join(folder, name)
            partial = os.path.join(scratch, "partial")
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with files.open(entry) as source, open(partial, "wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
            os.chmod(partial, (entry.external_attr >> 16) & 0o777 or 0o644)
            os.replace(partial, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
