"""Folders as Python saves them: saved.py MODEL_FOLDERS OUTPUT [FAMILY ...]

The tiny models of model.py in half precision, in bfloat16 and in shards, each with the logits of its weights in float32.
And types.safetensors, with a tensor of each type that torch has and names that need care.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForQuestionAnswering

from model import FAMILIES

KINDS = {
    "float16": {"dtype": torch.float16},
    "bfloat16": {"dtype": torch.bfloat16},
    "sharded": {"max_shard_size": "6KB"},
}

TYPES = (
    "bool uint8 int8 uint16 int16 uint32 int32 uint64 int64 float16 bfloat16 float32 float64 complex64 "
    "float8_e4m3fn float8_e5m2 float8_e8m0fnu float8_e4m3fnuz float8_e5m2fnuz float4_e2m1fn_x2"
).split()
NAMES = ["2", "10", 'a "quote" and a \\', "tab\there", "\x7f\x01", "\u2028/é", "\uffee", "\U0001f600", ""]


def save_types(file):
    tensors = {name: torch.arange(8, dtype=torch.uint8).view(getattr(torch, name)) for name in TYPES}
    tensors.update({name: torch.full((1, 2), float(i)) for i, name in enumerate(NAMES)})
    tensors.update({"scalar": torch.tensor(0.5), "nothing": torch.zeros(0, 3)})
    save_file(tensors, file, metadata={"note": "one\nkey: serde's map has no order"})


def save_bin_shards(sharded, folder):
    """The shards as older versions of transformers wrote them: pytorch_model-*.bin, and one in torch's old form."""
    Path(folder).mkdir(exist_ok=True)
    name = lambda shard: shard.replace("model-", "pytorch_model-").replace(".safetensors", ".bin")
    for i, shard in enumerate(sorted(Path(sharded).glob("model-*.safetensors"))):
        torch.save(load_file(shard), Path(folder) / name(shard.name), _use_new_zipfile_serialization=i > 0)
    index = json.loads((Path(sharded) / "model.safetensors.index.json").read_text())
    index["weight_map"] = {key: name(shard) for key, shard in index["weight_map"].items()}
    (Path(folder) / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    (Path(folder) / "config.json").write_text((Path(sharded) / "config.json").read_text())
    again = AutoModelForQuestionAnswering.from_pretrained(folder, dtype=torch.float32).eval()
    expected = json.loads((Path(sharded) / "expected.json").read_text())
    with torch.no_grad():
        logits = again(
            input_ids=torch.tensor(expected["inputIds"]), attention_mask=torch.tensor(expected["attentionMask"])
        )
    expected.update(startLogits=logits.start_logits.tolist(), endLogits=logits.end_logits.tolist())
    (Path(folder) / "expected.json").write_text(json.dumps(expected))


def main(models, output, *names):
    Path(output).mkdir(parents=True, exist_ok=True)
    save_types(Path(output) / "types.safetensors")
    ids = torch.tensor([[1, 7, 3, 44, 9, 12], [1, 30, 2, 0, 0, 0]])
    mask = (ids > 0).long()
    for name in names or FAMILIES:
        for kind, options in KINDS.items():
            folder = Path(output) / f"{name}-{kind}"
            model = AutoModelForQuestionAnswering.from_pretrained(f"{models}/{name}", dtype=torch.float32)
            model.to(options.get("dtype", torch.float32)).save_pretrained(
                folder, max_shard_size=options.get("max_shard_size", "1GB")
            )
            again = AutoModelForQuestionAnswering.from_pretrained(folder, dtype=torch.float32).eval()
            with torch.no_grad():
                logits = again(input_ids=ids, attention_mask=mask)
            expected = {
                "inputIds": ids.tolist(),
                "attentionMask": mask.tolist(),
                "startLogits": logits.start_logits.tolist(),
                "endLogits": logits.end_logits.tolist(),
            }
            (folder / "expected.json").write_text(json.dumps(expected))
            print(folder, sorted(path.name for path in folder.iterdir()))
    if not names or "bert" in names:
        save_bin_shards(Path(output) / "bert-sharded", Path(output) / "bert-bin")


if __name__ == "__main__":
    main(*sys.argv[1:])
