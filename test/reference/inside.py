"""Hidden states and attention weights of the tiny models that model.py wrote: inside.py TINY_DIR OUTPUT_FILE [FAMILY ...].

With families named, what the file has of others stays.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForQuestionAnswering

from model import FAMILIES, batch

DIGITS = 7


def rounded(tensor):
    return [round(x, DIGITS) for x in tensor.flatten().tolist()]


def main(tiny, target, *names):
    record = json.loads(Path(target).read_text()) if names else {}
    record["versions"] = {"torch": torch.__version__, "transformers": transformers.__version__}
    for name in names or FAMILIES:
        # only the eager implementation forms the attention weights
        model = AutoModelForQuestionAnswering.from_pretrained(Path(tiny) / name, attn_implementation="eager").eval()
        with torch.no_grad():
            outputs = model(**batch(name)[0], output_hidden_states=True, output_attentions=True)
        record[name] = {
            "hiddenStates": [rounded(state) for state in outputs.hidden_states],
            "attentions": [rounded(attention) for attention in outputs.attentions],
            "shape": list(outputs.hidden_states[0].shape),
        }
    Path(target).write_text(json.dumps(record))


if __name__ == "__main__":
    main(*sys.argv[1:])
