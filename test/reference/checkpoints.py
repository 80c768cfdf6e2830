"""Checkpoints as torch.save writes them, and what torch reads from them: checkpoints.py OUTPUT

Both forms of the file, half precision, transposed and shared tensors, a wrapped state dictionary, further protocols of pickle,
a module that needs code, and tensors that are no plain ones.
"""

import collections
import json
import sys
from pathlib import Path

import numpy
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


def refused():
    """What torch opens and weights are not: each under its name."""
    dense = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    return {
        "meta": torch.empty(2, 2, device="meta"),
        "sparse": dense.to_sparse(),
        "sparse-csr": dense.to_sparse_csr(),
        "quantized": torch.quantize_per_tensor(dense, 0.1, 0, torch.qint8),
        "float8": dense.to(torch.float8_e4m3fn),
        "complex": dense.to(torch.complex64),
        "nested": torch.nested.nested_tensor([dense[0], dense[0, :1]]),
        "numpy": numpy.float64(3.5),
        "set": {1, 2},
    }


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
    for protocol in [3, 4, 5]:
        torch.save(state, folder / f"protocol-{protocol}.bin", pickle_protocol=protocol)
    torch.save(module.state_dict(), folder / "protocol-4-old.bin", pickle_protocol=4, **old)
    torch.save(module, folder / "code-4.bin", pickle_protocol=4)
    for name, tensor in refused().items():
        torch.save({"a.weight": tensor}, folder / f"refused-{name}.bin")
    expected = {}
    for name in ["zip", "old", "module", "module-old", "wrapped", "protocol-3", "protocol-4", "protocol-5", "protocol-4-old"]:
        # torch's own careful reader knows protocol 2 alone
        read = torch.load(folder / f"{name}.bin", weights_only=name not in ["protocol-4", "protocol-5", "protocol-4-old"])
        read = read.get("state_dict", read)
        expected[name] = {
            key: [list(value.shape), value.float().flatten().tolist() if value.is_floating_point() else None]
            for key, value in read.items()
        }
    (folder / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main(sys.argv[1])
