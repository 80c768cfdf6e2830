"""Checkpoints as torch.save writes them, and what torch reads from them: checkpoints.py OUTPUT

Both forms of the file, half precision, transposed and shared tensors, a wrapped state dictionary, and a module that needs code.
"""

import collections
import json
import sys
from pathlib import Path

import torch
from torch import nn


def tensors():
    torch.manual_seed(1)
    state = collections.OrderedDict()
    state["a.weight"] = torch.randn(5, 7)
    state["a.bias"] = torch.randn(7).half()
    state["b"] = torch.randn(3, 4).bfloat16()
    state["t"] = torch.randn(6, 4).t()
    state["slice"] = torch.randn(10, 10)[2:5, 1:9]
    state["d"] = torch.randn(4).double()
    state["ids"] = torch.arange(12).reshape(1, 12)
    state["s"] = torch.tensor(3.5)
    state["e"] = torch.zeros(0, 3)
    state["x"] = torch.randn(2, 3).expand(4, 2, 3)
    state["shared1"] = state["a.weight"]
    state["p"] = nn.Parameter(torch.randn(3))
    return state


def main(output):
    folder = Path(output)
    folder.mkdir(exist_ok=True)
    state = tensors()
    module = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4))
    old = {"_use_new_zipfile_serialization": False}
    torch.save(state, folder / "zip.bin")
    torch.save(state, folder / "old.bin", **old)
    torch.save(module.state_dict(), folder / "module.bin")
    torch.save(module.state_dict(), folder / "module-old.bin", **old)
    torch.save({"epoch": 3, "lr": 0.5, "state_dict": module.state_dict()}, folder / "wrapped.bin")
    torch.save(module, folder / "code.bin")
    expected = {}
    for name in ["zip", "old", "module", "module-old", "wrapped"]:
        read = torch.load(folder / f"{name}.bin", weights_only=True)
        read = read.get("state_dict", read)
        expected[name] = {
            key: [list(value.shape), value.float().flatten().tolist() if value.is_floating_point() else None]
            for key, value in read.items()
        }
    (folder / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main(sys.argv[1])
