"""Folders as Python saves them: saved.py MODEL_FOLDERS OUTPUT

The tiny models of model.py in half precision, in bfloat16 and in shards, each with the logits of its weights in float32.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForQuestionAnswering

KINDS = {
    "float16": {"dtype": torch.float16},
    "bfloat16": {"dtype": torch.bfloat16},
    "sharded": {"max_shard_size": "6KB"},
}


def main(models, output):
    ids = torch.tensor([[1, 7, 3, 44, 9, 12], [1, 30, 2, 0, 0, 0]])
    mask = (ids > 0).long()
    for name in ("bert", "distilbert", "electra"):
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


main(*sys.argv[1:])
